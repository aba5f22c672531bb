from collections.abc import Iterator, Sequence
from dataclasses import replace

import pytest

from csv_import.reading import lines
from csv_import.reading.blocks import RecordBlock, read_blocks
from csv_import.reading.damage import damage_of
from csv_import.reading.dialect import STANDARD, Dialect, LineEnd
from csv_import.rejects import Location, RejectCode

MAX = 1000
TWO = replace(STANDARD, columns=2)


def cut(data: bytes, size: int) -> list[bytes]:
    return [data[at : at + size] for at in range(0, len(data), size)]


def blocks_of(
    chunks: Sequence[bytes], dialect: Dialect = STANDARD, max_record_bytes: int = MAX
) -> list[RecordBlock]:
    return list(read_blocks(chunks, dialect=dialect, max_record_bytes=max_record_bytes))


def rows_of(
    chunks: Sequence[bytes], dialect: Dialect = STANDARD, max_record_bytes: int = MAX
) -> list[list[str]]:
    return [row for block in blocks_of(chunks, dialect, max_record_bytes) for row in block.rows]


def codes_of(
    chunks: Sequence[bytes], dialect: Dialect = STANDARD, max_record_bytes: int = MAX
) -> list[str | None]:
    damages = map(damage_of, rows_of(chunks, dialect, max_record_bytes))
    return [damage.code.value if damage else None for damage in damages]


def places_of(*chunks: bytes) -> list[tuple[int, int, int]]:
    return [
        (at.line, at.record, at.offset)
        for block in blocks_of(chunks)
        for at in (block.location(index) for index in range(len(block.rows)))
    ]


@pytest.mark.parametrize(
    ("data", "rows"),
    [
        pytest.param(b"a,b\nc,d\n", [["a", "b"], ["c", "d"]], id="LF"),
        pytest.param(b"a,b\r\nc,d\r\n", [["a", "b"], ["c", "d"]], id="CRLF"),
        pytest.param(b"a,b\rc,d\r", [["a", "b"], ["c", "d"]], id="CR"),
        pytest.param(b"a\nb\rc\r\nd", [["a"], ["b"], ["c"], ["d"]], id="mixed, last line without end"),
        pytest.param(b'"a,1","b\n2"\n', [["a,1", "b\n2"]], id="comma and line end in a cell"),
        pytest.param(
            b'"a\rb"\n"c\r\nd"\n', [["a\rb"], ["c\r\nd"]], id="CR and CRLF in a cell stay as they are"
        ),
        pytest.param(b'"say ""hi"""\n', [['say "hi"']], id="doubled quotes"),
        pytest.param(b'5" pipe,6"\n', [['5" pipe', '6"']], id="a quote inside a bare cell is a character"),
        pytest.param(b'"a"b,c\n', [['"a"b', "c"]], id="text behind a closing quote: both quotes are text"),
        pytest.param(b' "a",b\n', [[' "a"', "b"]], id="a blank before a quote makes it a character"),
        pytest.param(b",\n", [["", ""]], id="empty cells"),
        pytest.param(b'""\n', [[""]], id="one empty quoted cell is a record, not a blank line"),
        pytest.param(b'" "\n', [[" "]], id="so is a quoted blank"),
        pytest.param(b"\n\na\n\r\n", [["a"]], id="blank lines"),
        pytest.param(b" \n\t \na\n", [["a"]], id="a line of blanks is blank"),
        pytest.param(b"a\0b\n", [["a\0b"]], id="NUL"),
        pytest.param(
            "é,\u2028,\x85,\x0b\n".encode(), [["é", "\u2028", "\x85", "\x0b"]], id="other line separators"
        ),
        pytest.param(b"", [], id="nothing"),
    ],
)
@pytest.mark.parametrize("size", [1, 2, 3, 1000])
def test_records(data: bytes, rows: list[list[str]], size: int) -> None:
    assert rows_of(cut(data, size)) == rows


@pytest.mark.parametrize("size", [1, 2, 1000])
def test_where_there_is_one_column_a_line_of_blanks_is_a_record(size: int) -> None:
    assert rows_of(cut(b"a\n \n\nb\n", size), replace(STANDARD, columns=1)) == [["a"], [" "], ["b"]]


@pytest.mark.parametrize(
    ("encoding", "odd", "cells", "code"),
    [
        pytest.param("utf-16-le", b"", ["é", "😀"], None, id="UTF-16 LE, a pair of surrogates"),
        pytest.param("utf-16-be", b"", ["é", "😀"], None, id="UTF-16 BE"),
        pytest.param("utf-16-le", b"\0", ["\ufffd"], "invalid_encoding", id="an odd byte at the end"),
        pytest.param("utf-16-le", b"\x00\xd8", ["\ufffd"], "invalid_encoding", id="half a pair"),
    ],
)
@pytest.mark.parametrize("size", [1, 3, 1000])
def test_utf_16(encoding: str, odd: bytes, cells: list[str], code: str | None, size: int) -> None:
    data = "a,\u0a0d\r\né,😀\n".encode(encoding) + odd
    blocks = blocks_of(cut(data, size), Dialect(encoding=encoding))
    rows = [row for block in blocks for row in block.rows]
    assert rows[0] == ["a", "\u0a0d"]
    assert rows[-1] == cells
    damage = damage_of(rows[-1])
    assert (damage and damage.code) == code
    assert b"".join(block.raw(index) for block in blocks for index in range(len(block.rows))) == data


def test_one_byte_a_character() -> None:
    dialect = Dialect(encoding="cp1252", delimiter=";")
    rows = rows_of([b"\x80;\xe9\n\x81;b\n"], dialect)
    assert rows == [["€", "é"], ["\ufffd", "b"]]
    assert codes_of([b"\x80;\xe9\n\x81;b\n"], dialect) == [None, "invalid_encoding"]


@pytest.mark.parametrize(
    ("line_end", "rows"),
    [
        (LineEnd.LF, [["a\r"], ["b\rc"], ["d"]]),
        (LineEnd.CR, [["a"], ["\nb"], ["c\nd"]]),
        (LineEnd.CRLF, [["a"], ["b\rc\nd"]]),
    ],
)
@pytest.mark.parametrize("size", [1, 2, 1000])
def test_only_the_line_end_of_the_dialect_ends_a_line(
    line_end: LineEnd, rows: list[list[str]], size: int
) -> None:
    assert rows_of(cut(b"a\r\nb\rc\nd", size), Dialect(line_end=line_end)) == rows


def test_a_crlf_cut_in_two_is_one_line_end() -> None:
    assert places_of(b"a\r", b"\nb\r", b"\nc") == [(1, 1, 0), (2, 2, 3), (3, 3, 6)]


def test_lines_and_offsets_count_what_the_reader_does_not_see() -> None:
    data = 'é\n\n"x\r\ny"\nlast'.encode()
    assert places_of(data) == [(1, 1, 0), (3, 2, 4), (5, 3, 11)]


def test_an_unclosed_quote_takes_its_first_line_and_no_more() -> None:
    data = [b'a,b\nc,"d\ne,f\ng,h\n']
    assert rows_of(data) == [["a", "b"], ["c", '"d'], ["e", "f"], ["g", "h"]]
    assert codes_of(data) == [None, "unclosed_quote", None, None]


def test_a_quote_that_swallows_records_is_found_by_their_cells() -> None:
    data = [b'a,"b\nc,"d"\ne,f\n']
    assert rows_of(data, TWO) == [["a", '"b'], ["c", "d"], ["e", "f"]]
    assert codes_of(data, TWO) == ["stray_quote", None, None]


def test_a_quoted_cell_may_fill_the_longest_record_and_not_a_byte_more() -> None:
    record = b'"' + b"x\n" * 10 + b'"\n'
    assert rows_of([record], max_record_bytes=len(record)) == [["x\n" * 10]]
    assert codes_of([record], max_record_bytes=len(record) - 1)[0] == "unclosed_quote"


@pytest.mark.parametrize("size", [1, 5, 1000])
def test_reading_goes_on_behind_a_quote_that_is_closed_too_late(size: int) -> None:
    data = b'"open\n' + b"a,b\n" * 6 + b'c"\nd,e\n'
    rows = rows_of(cut(data, size), max_record_bytes=20)
    assert rows == [['"open'], *[["a", "b"]] * 6, ['c"'], ["d", "e"]]


@pytest.mark.parametrize("size", [1, 7, 1000])
@pytest.mark.parametrize(
    "long_line",
    [
        pytest.param(b"x" * 21 + b"\n", id="ended by LF"),
        pytest.param(b"x" * 20 + b"\r\n", id="ended by CRLF"),
        pytest.param(b"x" * 20 + b"\r", id="ended by CR"),
        pytest.param(b'"' + b"x" * 30 + b'"\n', id="quoted"),
    ],
)
def test_a_line_that_is_too_long_is_passed_over(long_line: bytes, size: int) -> None:
    data = b"a,b\n" + long_line + b"c,d\n"
    blocks = blocks_of(cut(data, size), max_record_bytes=20)
    (before,), (long,), (after,) = (block.rows for block in blocks)
    assert (before, list(long), after) == (["a", "b"], [], ["c", "d"])
    reason = damage_of(long)
    assert reason is not None
    assert reason.code is RejectCode.RECORD_TOO_LONG
    assert f"has {len(long_line)} bytes, and a record at most 20" in reason.message
    assert (blocks[1].size, blocks[1].raw(0), blocks[1].data) == (len(long_line), b"", b"")
    assert blocks[2].location(0) == Location(line=3, record=3, offset=4 + len(long_line))


def test_of_a_line_that_is_too_long_no_more_is_held_than_of_a_record(monkeypatch: pytest.MonkeyPatch) -> None:
    held = []
    first_end = lines.Lines.first_end

    def noted(self: lines.Lines, data: bytes, *, final: bool) -> int | None:
        held.append(len(data))
        return first_end(self, data, final=final)

    monkeypatch.setattr(lines.Lines, "first_end", noted)
    blocks = blocks_of([b"x" * 500] * 1000 + [b"\na,b\n"], max_record_bytes=1000)
    assert [block.size for block in blocks] == [500_001, 4]
    assert max(held) <= 2500


def test_only_the_record_with_bytes_that_are_no_text_is_damaged() -> None:
    data = [b'good,1\nb\xffd,2\n"a\nb\xe2",3\ngood,4\n']
    assert codes_of(data) == [None, "invalid_encoding", "invalid_encoding", None]
    assert rows_of(data)[1:3] == [["b\ufffdd", "2"], ["a\nb\ufffd", "3"]]


def block_of(data: bytes) -> RecordBlock:
    (block,) = blocks_of([data])
    return block


def test_the_place_after_a_row_is_the_next_row_or_the_next_block() -> None:
    block = block_of(b'"a\nb",1\nc,2\n\n')
    assert block.location_after(0) == Location(line=3, record=2, offset=8)
    assert block.location_after(1) == Location(line=5, record=3, offset=13)


def test_without_its_first_row_a_block_keeps_its_bytes_and_numbers_from_the_second() -> None:
    block = block_of(b"\nh1,h2\n1,2\n").without_first()
    assert block.rows == [["1", "2"]]
    assert (block.size, block.ignored["blank_line"].size, block.bytes_header, block.bytes_records) == (
        11,
        1,
        6,
        4,
    )
    assert block.location(0) == Location(line=3, record=2, offset=7)
    assert block.raw(0) == b"1,2\n"


def test_comments_and_blank_lines_are_counted_by_reason() -> None:
    (block,) = blocks_of([b"#one\n\na,b\n# two\n  \n"], replace(TWO, comment="#"))
    assert block.rows == [["a", "b"]]
    counted = {reason: (each.lines, each.size) for reason, each in block.ignored.items()}
    assert counted == {"comment_line": (2, 11), "blank_line": (2, 4)}


@pytest.mark.parametrize("data", [b"a,b\n" * 100, b'"a\nb",c\n' * 100, b'"a"b,c\n' * 100])
def test_raw_bytes_are_found_without_splitting_the_block_again(
    monkeypatch: pytest.MonkeyPatch, data: bytes
) -> None:
    """Each reject asks for its bytes: a file of nothing but rejects must not take quadratic time."""
    block = block_of(data)
    splits = []
    ends = lines.Lines.ends

    def counted(self: lines.Lines, data: bytes) -> list[int]:
        splits.append(len(data))
        return ends(self, data)

    monkeypatch.setattr(lines.Lines, "ends", counted)
    assert {block.raw(index) for index in range(100)} == {data[: len(data) // 100]}
    assert {block.location(index).record for index in range(100)} == set(range(1, 101))
    assert len(splits) <= 1


def test_a_block_is_read_before_the_next_chunk_is_asked_for() -> None:
    asked = []

    def chunks() -> Iterator[bytes]:
        for number in range(3):
            asked.append(number)
            yield b"a\n"

    blocks = read_blocks(chunks(), dialect=STANDARD, max_record_bytes=MAX)
    next(blocks)
    assert asked == [0]
