"""Wherever a file is cut, each of its records, bytes and keys is one part's, as if it had not been cut."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from csv_import.accounting.scope import Range, SharedRows
from csv_import.planning.met_keys import SHORT_BYTES
from csv_import.reading.dialect import Given
from csv_import.settings import Mode, PlanLimits
from csv_import.shaping.key_schema import KeySchema
from tests.property.csv_import.planned_file import (
    KEYS,
    TIMED,
    Planned,
    Row,
    Seen,
    digests_by_record,
    in_parts,
    keys_by_record,
    whole,
)

ORDINARY = Given(encoding="utf-8", delimiter=",", quote='"', comment="#", skipped_lines=0, header_records=1)
PREAMBLE = Given(encoding="utf-8", delimiter=",", quote='"', comment="#", skipped_lines=2, header_records=1)
SEVERAL = (
    "provenance: off\ncolumns: {A: drop, Id: drop, N: {type: N}}\n"
    "items: [{attributes: {Id: 'row#{Id}'}}, {attributes: {Id: 'n#{A}'}, optional: true},"
    " {attributes: {Id: '{A}#{Id}'}}]\n"
)
NUMBERED = "provenance: off\ncolumns: {N: {type: N}}\n"
FILES = {
    "one key in every other row": b"Id,A,N\n" + b"".join(b"%d,x,%d\n" % (at % 2 * at, at) for at in range(9)),
    "no key twice": b"Id,A,N\n" + b"".join(b"%d,x,1\n" % at for at in range(12)),
    "newlines and doubled quotes": b'Id,A,N\n1,"a\nb",1\n2,"""\n""",2\n1,"\n\n",3\n2,"""""",4\n"1","a",5\n3,b,6\n',
    "line ends of all kinds": b'Id,A,N\r\n1,a,1\n2,b,2\r\n1,"c\r\nd",3\r3,d,4\n2,e,5\r\n\r\n1,f,6\r\n',
    "text of many bytes": "\ufeffId,A,N\né,🔥,1\nü,ä,2\né,€,3\nü,🔥🔥,4\nß,,5\né,ß,6\n".encode(),
    "damaged quotes": b'Id,A,N\n4,a,1\n1,"a,1\n2,b"c,2\n4,a,2\n"1"x,d,3\n2,e,"4\n1,f,5\n3,g"",6\n1,j,"8\n4,k,5\n',
    "a quote that stays open": b'Id,A,N\n1,a,1\n2,b,2\n1,"c,3\n2,d,4\n3,e,5\n2,f,6\n1,g,7\n',
    "blank lines and comments": b'Id,A,N\n\n#c\n1,a,1\n \n#"\n2,b,2\n\n\n1,c,3\n#\n2,"#\n\n",4\n#1,x,5\n\n2,f,6\n\n#\n',
    "rows that do not fit": b"Id,A,N\n1,a\n1,b,2,x\n,c,3\n1,d,x\n2\n2,f,6,\n2,g,7\n1,h,8\n",
    "no line end at the end": b"Id,A,N\n1,a,1\n2,b,2\n1,c,3\n2,d",
    "bytes that are no text": b"Id,A,N\n1,\xff,1\n2,b,2\n\xfe,c,3\n1,d,4\n\xfe,e,5\n2,f,6\n",
}
FOOTER = b"Id;A;N\n" + b"".join(b"%d;a%d;%d\n" % (at % 7, at, at) for at in range(40)) + b"\nTotal: 40 rows\n"


def limits(
    part_bytes: int, *, piece: int = 5, request: int = 9, held: int = 40, parts: int = 1000
) -> PlanLimits:
    return PlanLimits(
        part_bytes=part_bytes,
        max_parts=parts,
        piece_bytes=piece,
        request_bytes=request,
        requests=2,
        max_held_bytes=held,
    )


def check(data: bytes, at_most: PlanLimits, *, stretch_bytes: int, **how: Any) -> Planned:
    """Hold the parts of a file together against the file as one part."""
    planned = in_parts(data, at_most, stretch_bytes=stretch_bytes, **how)
    expected, keys = whole(data, **how), keys_by_record(data, **how)
    rows = {row.record: row for row in expected.rows}
    range_of = every_record_is_of_one_range(planned, expected)
    every_byte_counts_once(planned, expected)
    every_row_counts_once(planned, rows)
    every_item_is_one_parts(planned, keys)
    every_key_is_one_parts(planned, keys)
    only_what_several_ranges_have_is_shared(planned, digests_by_record(data, **how), range_of)
    return planned


def every_record_is_of_one_range(planned: Planned, expected: Seen) -> dict[int, int]:
    ranges = [scope for scope in planned.scopes if isinstance(scope, Range)]
    assert [isinstance(scope, Range) for scope in planned.scopes] == sorted(
        (isinstance(scope, Range) for scope in planned.scopes), reverse=True
    )
    rows, range_of = iter(expected.rows), {}
    for part, range_ in enumerate(ranges):
        assert range_.records > 0
        for number in range(range_.records):
            row = next(rows)
            if not number:
                assert (row.line, row.record, row.offset) == (
                    range_.start.line,
                    range_.start.record,
                    range_.start.offset,
                )
            assert range_.start.offset <= row.offset < range_.end_offset
            range_of[row.record] = part
    assert next(rows, None) is None
    return range_of


def every_byte_counts_once(planned: Planned, expected: Seen) -> None:
    assert sum(part.bytes_read for part in planned.parts) == expected.bytes_read
    assert sum(part.bytes_records for part in planned.parts) == expected.bytes_records
    assert sum((part.ignored for part in planned.parts), Counter()) == expected.ignored


def every_row_counts_once(planned: Planned, rows: dict[int, Row]) -> None:
    for part in planned.parts:
        records = [row.record for row in part.rows]
        assert records == sorted(set(records)), "in file order"
        assert all(row == rows[row.record] for row in part.rows)
    counted = [record for part in planned.parts for record in part.counted]
    assert sorted(counted) == sorted(rows)


def every_item_is_one_parts(planned: Planned, keys: dict[int, list[bytes]]) -> None:
    for record, items in keys.items():
        owned = [
            item
            for part in planned.parts
            if record in part.items
            for item in (
                range(len(items)) if part.items[record] is None else sorted(part.items[record] or ())
            )
        ]
        assert sorted(owned) == list(range(len(items)))


def every_key_is_one_parts(planned: Planned, keys: dict[int, list[bytes]]) -> None:
    part_of: dict[bytes, int] = {}
    for number, part in enumerate(planned.parts):
        for record, owned in part.items.items():
            for item, key in enumerate(keys.get(record, [])):
                if owned is None or item in owned:
                    assert part_of.setdefault(key, number) == number


def only_what_several_ranges_have_is_shared(
    planned: Planned, keys: dict[int, tuple[bytes, ...]], range_of: dict[int, int]
) -> None:
    ranges_of: dict[bytes, set[int]] = {}
    for record, items in keys.items():
        for key in items:
            ranges_of.setdefault(key[:SHORT_BYTES], set()).add(range_of[record])
    shared: set[int] = set()
    for scope, part in zip(planned.scopes, planned.parts, strict=True):
        if not isinstance(scope, SharedRows):
            continue
        assert scope.records == len(part.rows)
        for record, owned in part.items.items():
            shared.add(record)
            for item, key in enumerate(keys[record]):
                if owned is None or item in owned:
                    assert len(ranges_of[key[:SHORT_BYTES]]) > 1
    assert planned.rows_shared == len(shared)
    left_out = [scope.rows_left_out for scope in planned.scopes if isinstance(scope, Range)]
    assert left_out == [
        sum(range_of[record] == number for record in shared) for number in range(len(left_out))
    ]


@pytest.mark.parametrize("spec", ["", NUMBERED, SEVERAL], ids=["no spec", "one item", "several items"])
@pytest.mark.parametrize("mode", list(Mode))
@pytest.mark.parametrize("name", FILES)
def test_at_every_offset(name: str, mode: Mode, spec: str) -> None:
    data = FILES[name]
    shared = 0
    for part_bytes in range(1, len(data) + 1):
        stretch_bytes, piece = ((1, 1), (part_bytes, 5), (part_bytes // 3 + 1, 64))[part_bytes % 3]
        at_most = limits(part_bytes, piece=piece)
        planned = check(data, at_most, stretch_bytes=stretch_bytes, given=ORDINARY, mode=mode, spec=spec)
        shared += planned.rows_shared
    assert shared > 0 or (name == "no key twice" and spec != SEVERAL)


@pytest.mark.parametrize("name", FILES)
def test_records_that_are_counted(name: str) -> None:
    data = FILES[name]
    for part_bytes in range(1, len(data) + 1):
        at_most = limits(part_bytes, piece=(1, 7, 64)[part_bytes % 3])
        planned = check(data, at_most, stretch_bytes=part_bytes, given=ORDINARY, keys=TIMED)
        assert planned.rows_shared == 0


def test_a_preamble_is_the_first_parts_and_a_footer_the_last_ones() -> None:
    preamble = b'of "us\n' + b"2026\n"
    for part_bytes in range(1, 90):
        check(preamble + FILES["damaged quotes"], limits(part_bytes), stretch_bytes=4, given=PREAMBLE)
    for part_bytes in range(1, len(FOOTER), 3):
        planned = check(FOOTER, limits(part_bytes), stretch_bytes=9)
        ranges = [each for each in planned.scopes if isinstance(each, Range)]
        assert ranges[-1].end_offset == len(FOOTER)
        assert sum(each.records for each in ranges) == 40, "the footer is no record"


def test_a_part_ends_at_the_first_record_behind_a_multiple_of_its_size() -> None:
    data = FILES["no key twice"]
    planned = check(data, limits(20, piece=1), stretch_bytes=1, given=ORDINARY)
    starts = [each.start.offset for each in planned.scopes if isinstance(each, Range)]
    records = [row.offset for row in whole(data, given=ORDINARY).rows]
    wanted = {min(at for at in records if at >= multiple) for multiple in range(0, records[-1], 20)}
    assert starts == sorted(wanted)


def test_records_that_are_too_long_are_cut_around() -> None:
    data = b"Id,A,N\n1,a,1\n2," + b"b" * 60 + b',2\n1,"' + b"c" * 70 + b'",3\n2,d,4\n1,e,5\n'
    for part_bytes in range(1, len(data)):
        check(data, limits(part_bytes), stretch_bytes=8, given=ORDINARY, max_record_bytes=40)


pieces = st.sampled_from(
    [
        *'"",,,\n\n\n\r',
        '""',
        "\r\n",
        "#",
        " ",
        "\\",
        "é",
        "🔥",
        "1",
        "2",
        "3",
        "a",
        "\n1,",
        "\n2,",
        "1,a,1\n",
        "2,b,1\n",
        '"1","""\n",2\n',
    ]
)
cases = st.builds(
    lambda texts, spec, mode: ("Id,A,N\n" + "".join(texts) + "\n0,a,1\n", spec, mode),
    st.lists(pieces, max_size=40),
    st.sampled_from(["", NUMBERED, SEVERAL]),
    st.sampled_from(Mode),
)
sizes = st.builds(
    limits,
    st.integers(1, 60),
    piece=st.integers(1, 30),
    request=st.integers(1, 30),
    held=st.sampled_from([0, 40, 1 << 20]),
    parts=st.sampled_from([1, 2, 3, 7, 1000]),
)


@given(cases, sizes, st.integers(1, 60), st.sampled_from([12, 1 << 20]), st.sampled_from([KEYS, KEYS, TIMED]))
@settings(max_examples=400, deadline=None)
def test_any_text(
    case: tuple[str, str, Mode], at_most: PlanLimits, stretch_bytes: int, longest: int, keys: KeySchema
) -> None:
    text, spec, mode = case
    check(
        text.encode(),
        at_most,
        stretch_bytes=stretch_bytes,
        given=ORDINARY,
        spec="" if keys is TIMED else spec,
        mode=mode,
        max_record_bytes=longest,
        keys=keys,
    )
