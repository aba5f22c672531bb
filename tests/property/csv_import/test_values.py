"""Numbers and times in any spelling keep their value or are refused; an item's JSON is never shorter than its size."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from csv_import.shaping.sizes import item_bytes
from csv_import.shaping.spec import Column, Form, Type
from csv_import.shaping.templates import parse_path, parse_template
from csv_import.shaping.values.conversion import conversion
from csv_import.shaping.values.document import document
from csv_import.shaping.values.value import Notice, Refused, Value, tell_nobody

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MOMENTS = st.datetimes(
    min_value=datetime.fromisoformat("1000-01-02"), max_value=datetime.fromisoformat("9998-12-30")
)
OFFSETS = st.integers(-14 * 60, 14 * 60).map(lambda minutes: timezone(timedelta(minutes=minutes)))


def converted(said: Column, cell: str, told: list[Notice] | None = None) -> Value:
    assert said.type is not None
    return conversion(said, said.type, tell_nobody if told is None else told.append)(cell)


@given(
    st.integers(-(10**12), 10**12),
    st.integers(0, 6),
    st.sampled_from(",."),
    st.sampled_from([".", ",", " ", "'", None]),
)
def test_a_number_keeps_its_value_whatever_its_marks(
    digits: int, places: int, decimal: str, thousands: str | None
) -> None:
    if decimal == thousands:
        return
    number = Decimal(digits).scaleb(-places)
    text = f"{number:,.{places}f}".replace(",", "T").replace(".", decimal).replace("T", thousands or "")
    value = converted(Column(type=Type.N, decimal=decimal, thousands=thousands), text)
    assert Decimal(value["N"]) == number


@given(st.text(alphabet="0123456789.,-+e", max_size=12))
@settings(max_examples=500)
def test_a_text_is_a_number_with_a_comma_if_and_only_if_it_is_one_with_a_point(text: str) -> None:
    swapped = text.translate(str.maketrans(".,", ",."))
    answers = []
    for said, cell in ((Column(type=Type.N), text), (Column(type=Type.N, decimal=","), swapped)):
        try:
            answers.append(converted(said, cell))
        except Refused:
            answers.append({})
    assert answers[0] == answers[1]


@given(MOMENTS, OFFSETS)
@settings(deadline=None)
def test_a_time_with_an_offset_is_stored_in_utc(moment: datetime, offset: timezone) -> None:
    local = moment.replace(tzinfo=offset)
    stored = converted(Column(type=Type.TIMESTAMP, as_=Form.ISO_US), local.isoformat())
    assert datetime.fromisoformat(stored["S"]) == local
    assert len(stored["S"]) == len("2026-11-23T10:00:00.000000Z"), "all have one length, so they sort by time"


@pytest.mark.parametrize(
    "format_",
    [
        "%d.%m.%Y %H:%M:%S",
        "%Y%m%d%H%M%S",
        "%b %d, %Y %I:%M:%S %p",
        "%B %d %Y, %H:%M:%S",
        "%m/%d/%Y %H:%M:%S.%f",
        "%Y-%m-%dT%H:%M:%S%z",
    ],
)
@given(moment=MOMENTS)
@settings(max_examples=40, deadline=None)
def test_a_time_in_any_format_is_the_time_that_pythons_reading_gives(format_: str, moment: datetime) -> None:
    moment = moment.replace(microsecond=0, tzinfo=UTC if "%z" in format_ else None)
    stored = converted(
        Column(type=Type.TIMESTAMP, formats=(format_,), as_=Form.EPOCH_S), moment.strftime(format_)
    )
    assert EPOCH + timedelta(seconds=int(stored["N"])) == moment.replace(tzinfo=UTC)


@given(
    st.datetimes(
        min_value=datetime.fromisoformat("1980-01-01"), max_value=datetime.fromisoformat("2037-01-01")
    ).map(lambda at: at.replace(microsecond=0)),
    st.sampled_from(
        ["Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Asia/Kathmandu", "America/Sao_Paulo"]
    ),
)
@settings(max_examples=300, deadline=None)
def test_a_local_time_is_found_back_or_never_was(moment: datetime, zone: str) -> None:
    told: list[Notice] = []
    said = Column(type=Type.TIMESTAMP, time_zone=zone, as_=Form.EPOCH_S)
    try:
        stored = converted(said, moment.isoformat(), told)
    except Refused:
        there = moment.replace(tzinfo=ZoneInfo(zone)).astimezone(UTC).astimezone(ZoneInfo(zone))
        assert there.replace(tzinfo=None) != moment
        return
    found = (EPOCH + timedelta(seconds=int(stored["N"]))).astimezone(ZoneInfo(zone))
    assert found.replace(tzinfo=None) == moment
    assert found.fold == 0
    twice = found.utcoffset() != found.replace(fold=1).utcoffset()
    assert told == ([Notice.AMBIGUOUS_TIME] if twice else [])


NUMBERS = st.integers(-(10**37), 10**37) | st.decimals(-1000, 1000, places=3).map(float)
DOCUMENTS = st.recursive(
    st.none() | st.booleans() | NUMBERS | st.text(st.characters(exclude_categories=["Cs"]), max_size=4),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=3), inner, max_size=3
        )
    ),
)


@given(DOCUMENTS)
@settings(max_examples=200, deadline=None)
def test_an_items_json_is_never_shorter_than_what_dynamodb_counts(thing: Any) -> None:
    try:
        value = document(tell_nobody)(orjson.dumps(thing, option=orjson.OPT_NON_STR_KEYS).decode())
    except (Refused, TypeError):  # orjson takes no integer of more than 64 bits
        return
    item = {"A": value}
    assert len(orjson.dumps(item)) >= item_bytes(item)


@given(
    st.lists(
        st.tuples(
            st.text(max_size=4), st.text(st.characters(exclude_characters="{}"), min_size=1, max_size=4)
        ),
        max_size=3,
    ),
    st.text(max_size=4),
)
def test_a_template_is_read_back(pairs: list[tuple[str, str]], end: str) -> None:
    def escaped(literal: str) -> str:
        return literal.replace("{", "{{").replace("}", "}}")

    text = "".join(escaped(literal) + "{" + column + "}" for literal, column in pairs) + escaped(end)
    template = parse_template(text)
    assert template.literals == (*(literal for literal, _ in pairs), end)
    assert template.columns == tuple(column for _, column in pairs)


@given(
    st.lists(
        st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=4), min_size=1, max_size=4
    )
)
def test_a_path_is_read_back(names: list[str]) -> None:
    escaped = [name.replace("\\", "\\\\").replace(".", "\\.") for name in names]
    assert parse_path(".".join(escaped)) == tuple(names)
