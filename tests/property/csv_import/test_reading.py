"""Whatever the bytes, and wherever a connection cuts them, the same records are read at the same places."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from csv_import.errors import BadData
from csv_import.reading.blocks import INVALID_UTF8, UNCLOSED_QUOTE, Place, RecordBlock, read_blocks
from csv_import.reading.header import BYTE_ORDER_MARK, open_table
from tests.property.csv_import.reference_reader import NOT_UTF8, UNCLOSED, Found, Reading, lines_of, read

AMPLE = 1 << 20

csv.field_size_limit(AMPLE)

# What a parser can stumble over, more often than chance would have it.
_PIECES = st.sampled_from(
    ['"', '""', ",", "\r", "\n", "\r\n", "\0", "end,block", "\u2028", "\x1c", "é", "😀", "\ufeff", " "]
)
cells = st.lists(_PIECES | st.text(st.characters(codec="utf-8"), max_size=3), max_size=5).map("".join)
tables = st.integers(1, 4).flatmap(
    lambda width: st.lists(st.lists(cells, min_size=width, max_size=width), min_size=1, max_size=8)
)
_BYTES = st.sampled_from(
    [b'"', b'"', b'""', b",", b"\r", b"\n", b"\n", b"\r\n", b"a", b"bc", b"\xff", b"\xc3\xa9", b"\xe2", b"\0"]
)
any_bytes = st.lists(_BYTES | st.binary(max_size=3), max_size=40).map(b"".join)
cut_sizes = st.lists(st.integers(1, 40), min_size=1, max_size=12)


def cut(data: bytes, sizes: Iterable[int]) -> list[bytes]:
    """Cut into chunks of the given sizes; the last size goes for all that is left."""
    chunks, rest = [], data
    todo = list(sizes)
    while rest:
        size = todo.pop(0) if len(todo) > 1 else todo[0]
        chunks.append(rest[:size])
        rest = rest[size:]
    return chunks


def found_in(blocks: Iterable[RecordBlock]) -> Iterator[Found]:
    """The records of blocks, each with all that a block tells about it."""
    for block in blocks:
        for index, row in enumerate(block.rows):
            at = block.location(index)
            shown: tuple[str, ...] | str = tuple(row)
            if row is UNCLOSED_QUOTE:
                shown = UNCLOSED
            elif row is INVALID_UTF8:
                shown = NOT_UTF8
            yield Found(at.line, at.record, at.offset, block.raw(index), shown)


def reading_of(data: bytes, sizes: Iterable[int], max_record_bytes: int) -> Reading:
    records: list[Found] = []
    try:
        for each in found_in(read_blocks(cut(data, sizes), max_record_bytes=max_record_bytes)):
            records.append(each)
    except BadData as error:
        assert error.code == "line_too_long"
        return Reading(records, too_long=int(error.message.split()[1]))
    return Reading(records)


@given(
    tables,
    st.sampled_from(["\n", "\r\n", "\r"]),
    st.sampled_from([csv.QUOTE_MINIMAL, csv.QUOTE_ALL, csv.QUOTE_NONNUMERIC]),
    st.booleans(),
    cut_sizes,
)
@settings(max_examples=400, deadline=None)
def test_a_table_is_read_as_csv_reads_it(
    table: list[list[str]], line_end: str, quoting: int, ended: bool, sizes: list[int]
) -> None:
    out = io.StringIO()
    csv.writer(out, lineterminator=line_end, quoting=quoting).writerows(table)  # type: ignore[arg-type]
    text = out.getvalue() if ended else out.getvalue().removesuffix(line_end)
    data = text.encode()

    records = list(found_in(read_blocks(cut(data, sizes), max_record_bytes=AMPLE)))

    expected = [tuple(row) for row in csv.reader(io.StringIO(text, newline="")) if row]
    assert [each.cells for each in records] == expected
    assert [each.record for each in records] == list(range(1, len(expected) + 1))


@given(any_bytes, cut_sizes)
@settings(max_examples=500, deadline=None)
def test_each_record_of_any_bytes_is_at_its_place(data: bytes, sizes: list[int]) -> None:
    for each in found_in(read_blocks(cut(data, sizes), max_record_bytes=AMPLE)):
        assert data[each.offset : each.offset + len(each.raw)] == each.raw
        assert each.line == len(lines_of(data[: each.offset])) + 1


@given(any_bytes, cut_sizes, st.sampled_from([3, 6, 12, 30, AMPLE]))
@settings(max_examples=1500, deadline=None)
def test_any_bytes_are_read_as_one_character_at_a_time_reads_them(
    data: bytes, sizes: list[int], max_record_bytes: int
) -> None:
    assert reading_of(data, sizes, max_record_bytes) == read(data, max_record_bytes)


@given(any_bytes, cut_sizes, cut_sizes, st.sampled_from([4, 9, 25, AMPLE]))
@settings(max_examples=500, deadline=None)
def test_where_the_chunks_are_cut_makes_no_difference(
    data: bytes, some: list[int], others: list[int], max_record_bytes: int
) -> None:
    assert reading_of(data, some, max_record_bytes) == reading_of(data, others, max_record_bytes)
    assert reading_of(data, some, max_record_bytes) == reading_of(data, [len(data) or 1], max_record_bytes)


@given(any_bytes, cut_sizes, st.sampled_from([20, AMPLE]))
@settings(max_examples=500, deadline=None)
def test_every_byte_is_in_one_block_and_in_one_account(
    data: bytes, sizes: list[int], max_record_bytes: int
) -> None:
    offset, line, record, seen = 7, 3, 5, b""
    try:
        for block in read_blocks(
            cut(data, sizes), max_record_bytes=max_record_bytes, start=Place(line, record, offset)
        ):
            assert block.start == Place(line, record, offset)
            content = block.text.encode("utf-8", "surrogateescape")
            assert len(content) == block.size > 0
            assert block.lines == len(lines_of(content))
            assert block.bytes_records == sum(len(block.raw(index)) for index in range(len(block.rows)))
            assert block.bytes_records + block.bytes_blank == block.size
            seen += content
            offset, line, record = offset + block.size, line + block.lines, record + len(block.rows)
            assert block.end() == Place(line, record, offset)
    except BadData:
        assert data.startswith(seen)
    else:
        assert seen == data


@given(tables, st.booleans(), st.integers(0, 3), st.sampled_from(["\n", "\r\n", "\r"]), cut_sizes)
@settings(max_examples=300, deadline=None)
def test_header_and_records_share_the_file_without_a_gap(
    table: list[list[str]], marked: bool, blank: int, line_end: str, sizes: list[int]
) -> None:
    names = [f"n{column}" for column in range(len(table[0]))]
    out = io.StringIO()
    csv.writer(out, lineterminator=line_end, quoting=csv.QUOTE_ALL).writerows([names, *table])
    data = BYTE_ORDER_MARK * marked + (line_end * blank + out.getvalue()).encode()

    header, blocks = open_table(cut(data, sizes), max_record_bytes=AMPLE)
    kept = list(blocks)

    assert header.names == names
    assert header.mark == 3 * marked
    assert data[header.mark + blank * len(line_end) :].startswith(header.raw[: header.size])
    assert header.mark + sum(block.size for block in kept) == len(data)
    assert sum(block.bytes_header for block in kept) == header.size
    records = list(found_in(kept))
    assert [each.cells for each in records] == [tuple(row) for row in table]
    for number, each in enumerate(records, start=1):
        assert each.record == number
        assert data[each.offset : each.offset + len(each.raw)] == each.raw
        before = data[header.mark : each.offset]
        assert each.line == len(lines_of(before)) + 1


@given(any_bytes, cut_sizes, st.sampled_from([10, AMPLE]))
@settings(max_examples=500, deadline=None)
def test_any_bytes_are_a_table_or_bad_data(data: bytes, sizes: list[int], max_record_bytes: int) -> None:
    def outcome(chunks: list[bytes]) -> tuple[object, ...]:
        try:
            header, blocks = open_table(chunks, max_record_bytes=max_record_bytes)
        except BadData as error:
            return (error.code, error.message)
        try:
            return (header, sum(len(block.rows) for block in blocks))
        except BadData as error:
            return (header, error.code, error.message)

    assert outcome(cut(data, sizes)) == outcome([data])


@pytest.mark.parametrize("size", [1, 2, 3, 7, 1000])
def test_a_long_quoted_cell_is_read_whole_wherever_it_is_cut(size: int) -> None:
    cell = "\r\n".join(f'line {number}, ""quoted""' for number in range(50))
    data = f'a,"{cell}"\r\nb,c\r\n'.encode()

    records = list(found_in(read_blocks(cut(data, [size]), max_record_bytes=len(data))))

    assert [each.line for each in records] == [1, 51]
    assert records[0].cells == ("a", cell.replace('""', '"'))
    assert records[1].raw == b"b,c\r\n"
