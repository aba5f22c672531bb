"""Counting records finds the boundaries that reading finds; a block ends where it is told to."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st

from csv_import.reading.blocks import Place
from csv_import.reading.boundaries import Passed, pass_over
from csv_import.reading.dialect import Dialect
from tests.property.csv_import.dialects import dialects, texts
from tests.property.csv_import.seen import AMPLE, blocks_of, cut, cut_sizes, seen_in
from tests.property.csv_import.test_reading import dialects_and_bytes, limits

PLAIN = Dialect()
cells = st.sampled_from(["", "a", "5 km", "x,y", 'say "a"', "no\nline", "é"])
simple_rows = st.lists(st.lists(cells, min_size=1, max_size=3), min_size=1, max_size=12)


@st.composite
def ordinary_files(draw: st.DrawFn) -> tuple[Dialect, bytes]:
    """Files that are mostly beyond doubt: quoted throughout, here and there or not at all, with few accidents."""
    always, end = draw(st.booleans()), draw(st.sampled_from(["\n", "\r\n"]))

    def written(cell: str) -> str:
        return f'"{cell.replace(chr(34), chr(34) * 2)}"' if always or set(cell) & set(',"\n') else cell

    text = "".join(",".join(map(written, row)) + end for row in draw(simple_rows))
    accident = draw(st.sampled_from(["", "", "", '"', '""', "\n", " ", "\r", ","]))
    at = draw(st.integers(0, len(text)))
    return replace(PLAIN, columns=draw(st.sampled_from([None, 1, 2, 3]))), (
        text[:at] + accident + text[at:]
    ).encode()


def check(data: bytes, dialect: Dialect, sizes: list[int], limit: int) -> int:
    """Hold what is counted against what is read; gives how much was counted."""
    start = Place(3, 5, 7)
    boundaries = {start: 0}
    read = list(seen_in(blocks_of(data, dialect, limit=limit, start=start)))
    at, counted = start, 0
    for block in pass_over(
        cut(data, sizes), dialect=dialect, max_record_bytes=limit, start=start, counted_bytes=2 * sizes[-1]
    ):
        assert block.start == at
        if isinstance(block, Passed):
            counted += block.size
            mine = [each for each in read if at.offset <= each.offset < at.offset + block.size]
            lines = [(each.line, each.record) for each in mine]
            assert lines == [(at.line + n, at.record + n) for n in range(block.records)]
            assert all(
                not each.damage or each.damage in ("record_too_long", "invalid_encoding") for each in mine
            )
        at = block.end()
        boundaries[at] = 0
    assert at.offset == start.offset + len(data)
    assert at.record == start.record + len(read)
    by_offset = {each.offset: each for each in read}
    for place in boundaries:
        if place.offset in by_offset:
            each = by_offset[place.offset]
            assert (each.line, each.record) == (place.line, place.record)
    return counted


@given(dialects_and_bytes(), cut_sizes, limits)
@settings(max_examples=500, deadline=None)
def test_any_bytes(case: tuple[Dialect, bytes], sizes: list[int], limit: int) -> None:
    dialect, data = case
    check(data, dialect, sizes, limit)


@given(ordinary_files(), cut_sizes | st.just([AMPLE]))
@settings(max_examples=800, deadline=None)
def test_ordinary_files(case: tuple[Dialect, bytes], sizes: list[int]) -> None:
    dialect, data = case
    check(data, dialect, sizes, AMPLE)


@given(dialects, st.data())
@settings(max_examples=300, deadline=None)
def test_texts_of_any_dialect(dialect: Dialect, draw: st.DataObject) -> None:
    data = draw.draw(texts(dialect)).encode()
    check(data, dialect, [AMPLE], AMPLE)


def test_what_is_beyond_doubt_is_counted() -> None:
    for text in (
        "a,b\n1,2\n" * 50,
        '"a","b"\n"1","2"\n' * 50,
        'a,"b, b"\n1,"say ""a"""\n' * 50,
        "a,b\r\n1,2\r\n" * 50,
        '"a","b"\r\n"1",""\r\n' * 50,
    ):
        assert check(text.encode(), PLAIN, [AMPLE], AMPLE) == len(text)


@given(dialects_and_bytes(), cut_sizes, limits)
@settings(max_examples=300, deadline=None)
def test_a_block_ends_where_it_is_told_to(case: tuple[Dialect, bytes], sizes: list[int], limit: int) -> None:
    dialect, data = case
    start = Place(3, 5, 7)
    blocks = blocks_of(data, dialect, sizes=sizes, limit=limit, start=start)
    for each in list(seen_in(blocks)):
        taken = []
        for block in blocks:
            front = block.until(each.offset)
            taken.append(front)
            if front.size < block.size:
                break
            if block.end().offset >= each.offset:
                break
        end = taken[-1].end() if taken else start
        assert (end.line, end.record, end.offset) == (each.line, each.record, each.offset)
        assert [seen.record for seen in seen_in(taken)] == list(range(5, each.record))
        for block in taken:
            ignored = sum(part.size for part in block.ignored.values())
            assert block.bytes_records + ignored == block.size
            assert block.before(len(block.rows)).size == block.size
