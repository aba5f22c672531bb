"""Keys that DynamoDB holds to be one key are one key here, and no others."""

from __future__ import annotations

import base64
import json
from datetime import UTC, datetime, timedelta
from decimal import Context, Decimal

from hypothesis import assume, given, settings
from hypothesis import strategies as st

from csv_import.rejects import Reason, RejectCode
from csv_import.shaping.block_plan import BlockPlan
from csv_import.shaping.item import Item, Items, digest_of, key_text
from csv_import.shaping.key_schema import KeyAttribute, KeySchema
from csv_import.shaping.numbers import canonical_number
from csv_import.shaping.plan import plan_for
from csv_import.shaping.provenance import Provenance
from csv_import.shaping.row_plan import RowPlan
from csv_import.shaping.spec_reader import ReadSpec, read_spec

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

_digits = st.text("0123456789", min_size=1, max_size=6) | st.text("09", max_size=45)


@st.composite
def numbers(draw: st.DrawFn) -> str:
    """What Python's decimal reads as a finite number, in any spelling."""
    whole, fraction = draw(_digits), draw(_digits)
    point = draw(st.sampled_from(["", "."]))
    text = draw(st.sampled_from(["", "+", "-"])) + whole + (point + fraction if point else "")
    if not whole and not (point and fraction):
        text += "0"
    if draw(st.booleans()):
        text += draw(st.sampled_from("eE")) + draw(st.sampled_from(["", "+", "-", "-0", "00"]))
        text += str(
            draw(st.integers(0, 20) | st.integers(80, 180) | st.sampled_from([125, 126, 130, 131, 999_999]))
        )
    return text


def is_dynamodbs(number: Decimal) -> bool:
    """At most 38 significant digits, and 0 or a magnitude of 1E-130 to 9.99…E+125."""
    if number == 0:
        return True
    exact = number.normalize(Context(prec=200, Emin=-(10**7), Emax=10**7))
    return len(exact.as_tuple().digits) <= 38 and -130 <= exact.adjusted() <= 125


@given(numbers())
@settings(max_examples=1000, deadline=None)
def test_a_number_is_refused_or_keeps_its_value_exactly(text: str) -> None:
    canonical = canonical_number(text)
    assert (canonical is not None) == is_dynamodbs(Decimal(text))
    if canonical is not None:
        assert Decimal(canonical) == Decimal(text)
        assert canonical_number(canonical) == canonical


@given(numbers(), st.integers(0, 5), st.sampled_from(["", "+"]))
@settings(max_examples=500, deadline=None)
def test_equal_numbers_are_equal_text(text: str, zeros: int, plus: str) -> None:
    canonical = canonical_number(text)
    if canonical is None:
        return
    number = Decimal(text)
    sign, digits, exponent = number.as_tuple()
    assert isinstance(exponent, int)
    assume(abs(exponent) < 900_000)  # seven digits of exponent are refused, even of a zero
    padded = "".join(map(str, digits)) + "0" * zeros
    other = ("-" if sign else plus) + "0" * zeros + padded + f"e{exponent - zeros}"
    assert Decimal(other) == number
    assert canonical_number(other) == canonical


@given(numbers(), numbers())
@settings(max_examples=300, deadline=None)
def test_equal_text_is_equal_numbers(one: str, other: str) -> None:
    if (first := canonical_number(one)) is not None and first == canonical_number(other):
        assert Decimal(one) == Decimal(other)


@given(st.text(max_size=12))
@settings(max_examples=500, deadline=None)
def test_any_text_is_a_number_or_refused(text: str) -> None:
    canonical = canonical_number(text)
    assert canonical is None or (text.isascii() and Decimal(canonical) == Decimal(text))


@given(st.lists(st.tuples(st.text(max_size=6), st.text(max_size=6)), min_size=2, max_size=6))
def test_keys_are_equal_if_and_only_if_their_texts_are(keys: list[tuple[str, str]]) -> None:
    texts = {key_text(key) for key in keys}
    assert len(texts) == len(set(keys))
    assert len(set(map(digest_of, texts))) == len(texts)


@given(
    st.integers(-2_000_000_000, 6_000_000_000).map(lambda at_s: EPOCH + timedelta(seconds=at_s)),
    st.lists(st.integers(0, 5_000_000) | st.integers(0, 10**12), min_size=1, max_size=8),
)
@settings(deadline=None)
def test_created_time_is_the_files_time_and_the_records_number(at: datetime, records: list[int]) -> None:
    provenance = Provenance("a", at)
    for record in records:
        assert datetime.fromisoformat(provenance.created_time(record)) == at + timedelta(microseconds=record)


@given(st.binary(max_size=2100))
@settings(max_examples=100, deadline=None)
def test_a_binary_key_is_kept_byte_for_byte(data: bytes) -> None:
    plan = RowPlan(
        ["Id"], KeySchema((KeyAttribute("Id", "B", 2048),)), Provenance("a", datetime(2026, 1, 1, tzinfo=UTC))
    )
    item = plan.shape([base64.b64encode(data).decode()], 1)
    assert isinstance(item, Item) == (0 < len(data) <= 2048)


SCHEMAS = [
    KeySchema((KeyAttribute("a", "S", 2048),)),
    KeySchema((KeyAttribute("a", "S", 20),), (KeyAttribute("b", "N", 2048), KeyAttribute("c", "S", 1024))),
    KeySchema((KeyAttribute("b", "N", 2048), KeyAttribute("a", "S", 1024)), (KeyAttribute("c", "B", 20),)),
    KeySchema((KeyAttribute("a", "S", 2048), KeyAttribute("CreatedTime", "S", 1024))),
]
cells = st.sampled_from(
    ["", "7", "7.0", "x", '"', '",', ",", "\\", '\\","', "é🔥", "\x7f", "\ufdd0", "\n", "\0", "YQ=="]
) | st.text(max_size=30)
table_rows = st.lists(st.lists(cells, min_size=3, max_size=3) | st.lists(cells, max_size=4), max_size=30)
headers = st.sampled_from(
    [["a", "b", "c"], ["b", "a", 'c"'], ["c", "a", "b"], ["a", "b", "CreatedTime"], ["Filename", "a", "b"]]
)


@given(headers, st.sampled_from(SCHEMAS), table_rows, st.integers(1, 10**7))
@settings(max_examples=600, deadline=None)
def test_many_rows_at_once_come_to_what_each_comes_to(
    names: list[str], schema: KeySchema, rows: list[list[str]], first: int
) -> None:
    when = datetime(2026, 1, 1, 23, 59, 59, 990_000, tzinfo=UTC)
    plan = RowPlan(names, schema, Provenance('in/"a".csv', when))
    shaped = BlockPlan(plan).shape(rows, range(first, first + len(rows)))
    expected = [plan.shape(row, record) for record, row in enumerate(rows, first)]
    assert shaped.rejects == [
        (index, each) for index, each in enumerate(expected) if isinstance(each, Reason)
    ]
    items = [(record, each) for record, each in enumerate(expected, first) if isinstance(each, Item)]
    assert shaped.records == [record for record, _ in items]
    assert shaped.keys == [item.key for _, item in items]
    assert [json.loads(body) for body in shaped.bodies] == [json.loads(item.body) for _, item in items]
    assert all(b"\n" not in body for body in shaped.bodies)


SPEC = (
    "columns: {a: drop}\nprovenance: off\n"
    "items: [{attributes: {a: '{a}'}}, {attributes: {a: 'x{b}'}, optional: true}]\n"
)
KNOWN = Reason(RejectCode.STRAY_QUOTE, "known before")


@given(
    st.lists(st.just(KNOWN) | st.lists(cells, min_size=2, max_size=3), max_size=30),
    st.booleans(),
)
@settings(max_examples=300, deadline=None)
def test_rows_among_rejected_ones_come_to_what_each_comes_to(
    rows: list[list[str] | Reason], several: bool
) -> None:
    schema = KeySchema((KeyAttribute("a", "S", 20),))
    read = read_spec(SPEC) if several else ReadSpec()
    plan = plan_for(read, ["a", "b", "c"], schema, Provenance("a.csv", datetime(2026, 1, 1, tzinfo=UTC)))
    expected = [row if isinstance(row, Reason) else plan.shape(row, at) for at, row in enumerate(rows, 5)]
    accepted = [
        (at, each.items if isinstance(each, Items) else (each,))
        for at, each in enumerate(expected, 5)
        if not isinstance(each, Reason)
    ]

    shaped = BlockPlan(plan).shape_fitted(rows, range(5, 5 + len(rows)))

    assert shaped.rejects == [(at, each) for at, each in enumerate(expected) if isinstance(each, Reason)]
    assert list(shaped.rows) == [items[0].key for _, items in accepted]
    wanted = [(item, at) for at, items in accepted for item in items]
    assert list(zip(shaped.keys, shaped.records, strict=True)) == [(item.key, at) for item, at in wanted]
    assert [json.loads(body) for body in shaped.bodies] == [json.loads(item.body) for item, _ in wanted]
