from collections.abc import Iterator

import pytest

from csv_import.errors import BadData
from csv_import.reading.blocks import INVALID_UTF8, UNCLOSED_QUOTE, RecordBlock, read_blocks
from csv_import.reading.damage import damage_of
from csv_import.rejects import Location, RejectCode

MAX = 1000


def rows_of(*chunks: bytes, max_record_bytes: int = MAX) -> list[list[str]]:
    return [row for block in read_blocks(chunks, max_record_bytes=max_record_bytes) for row in block.rows]


def places_of(*chunks: bytes) -> list[tuple[int, int, int]]:
    return [
        (at.line, at.record, at.offset)
        for block in read_blocks(chunks, max_record_bytes=MAX)
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
        pytest.param(b'"a"b,c\n', [["ab", "c"]], id="text behind a closing quote"),
        pytest.param(b' "a",b\n', [[' "a"', "b"]], id="a blank before a quote makes it a character"),
        pytest.param(b",\n", [["", ""]], id="empty cells"),
        pytest.param(b'""\n', [[""]], id="one empty quoted cell is a record, not a blank line"),
        pytest.param(b"\n\na\n\r\n", [["a"]], id="blank lines"),
        pytest.param(b" \n", [[" "]], id="a line of blanks is a record"),
        pytest.param(b"a\0b\n", [["a\0b"]], id="NUL"),
        pytest.param(
            "é,\u2028,\x85,\x0b\n".encode(), [["é", "\u2028", "\x85", "\x0b"]], id="other line separators"
        ),
        pytest.param(
            b"end,block\nend,block\n", [["end", "block"]] * 2, id="the reader's own end mark as data"
        ),
        pytest.param(b"end,block", [["end", "block"]], id="the end mark as a last line without end"),
        pytest.param(b"", [], id="nothing"),
    ],
)
@pytest.mark.parametrize("size", [1, 2, 3, 1000])
def test_records(data: bytes, rows: list[list[str]], size: int) -> None:
    chunks = [data[at : at + size] for at in range(0, len(data), size)]
    assert rows_of(*chunks) == rows


def test_a_crlf_cut_in_two_is_one_line_end() -> None:
    assert places_of(b"a\r", b"\nb\r", b"\nc") == [(1, 1, 0), (2, 2, 3), (3, 3, 6)]


def test_lines_and_offsets_count_what_the_reader_does_not_see() -> None:
    data = 'é\n\n"x\r\ny"\nlast'.encode()
    assert places_of(data) == [(1, 1, 0), (3, 2, 4), (5, 3, 11)]


def test_an_unclosed_quote_takes_its_first_line_and_no_more() -> None:
    rows = rows_of(b'a,b\nc,"d\ne,f\ng,h\n')
    assert rows == [["a", "b"], [], ["e", "f"], ["g", "h"]]
    assert rows[1] is UNCLOSED_QUOTE


def test_a_quoted_cell_may_fill_the_longest_record_and_not_a_byte_more() -> None:
    record = b'"' + b"x\n" * 10 + b'"\n'
    assert rows_of(record, max_record_bytes=len(record)) == [["x\n" * 10]]
    assert rows_of(record, max_record_bytes=len(record) - 1)[0] is UNCLOSED_QUOTE


@pytest.mark.parametrize("size", [1, 5, 1000])
def test_reading_goes_on_behind_a_quote_that_is_closed_too_late(size: int) -> None:
    data = b'"open\n' + b"a,b\n" * 6 + b'c"\nd,e\n'
    chunks = [data[at : at + size] for at in range(0, len(data), size)]
    rows = rows_of(*chunks, max_record_bytes=20)
    assert rows == [[], *[["a", "b"]] * 6, ['c"'], ["d", "e"]]


@pytest.mark.parametrize("size", [1, 7, 1000])
@pytest.mark.parametrize(
    ("long_line", "case"),
    [(b"x" * 21 + b"\n", "ended"), (b"x" * 21, "not ended"), (b'"' + b"x" * 30 + b"\n", "in a quote")],
)
def test_what_stands_before_a_line_that_is_too_long_is_read(long_line: bytes, case: str, size: int) -> None:
    data = b'a,b\nc,d\n"open\n' + long_line
    blocks = read_blocks([data[at : at + size] for at in range(0, len(data), size)], max_record_bytes=20)
    rows = []
    with pytest.raises(BadData, match="line 4 has more than 20 bytes") as caught:
        for block in blocks:
            rows += block.rows
    assert caught.value.code == "line_too_long"
    assert rows == [["a", "b"], ["c", "d"], []], case


def test_only_the_record_with_bytes_that_are_no_utf8_is_damaged() -> None:
    rows = rows_of(b'good,1\nb\xffd,2\n"a\nb\xe2",3\ngood,4\n')
    assert [row is INVALID_UTF8 for row in rows] == [False, True, True, False]


def test_damage_is_named_and_other_rows_have_none() -> None:
    unclosed, invalid = damage_of(UNCLOSED_QUOTE), damage_of(INVALID_UTF8)
    assert unclosed is not None
    assert unclosed.code is RejectCode.UNCLOSED_QUOTE
    assert invalid is not None
    assert invalid.code is RejectCode.INVALID_UTF8
    assert damage_of([]) is None


def block_of(data: bytes) -> RecordBlock:
    (block,) = read_blocks([data], max_record_bytes=MAX)
    return block


def test_the_place_after_a_row_is_the_next_row_or_the_next_block() -> None:
    block = block_of(b'"a\nb"\nc\n\n')
    assert block.location_after(0) == Location(line=3, record=2, offset=6)
    assert block.location_after(1) == Location(line=5, record=3, offset=9)


def test_without_its_first_row_a_block_keeps_its_bytes_and_numbers_from_the_second() -> None:
    block = block_of(b"\nh1,h2\n1,2\n").without_first()
    assert block.rows == [["1", "2"]]
    assert (block.size, block.bytes_blank, block.bytes_header, block.bytes_records) == (11, 1, 6, 4)
    assert block.location(0) == Location(line=3, record=2, offset=7)
    assert block.raw(0) == b"1,2\n"


def test_raw_bytes_are_found_without_splitting_the_block_again(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each reject asks for its bytes: a file of nothing but rejects must not take quadratic time."""
    from csv_import.reading import blocks

    block = block_of(b"a,b\n" * 100)
    splits = []
    split = blocks._lines

    def counted(text: str) -> list[str]:
        splits.append(len(text))
        return split(text)

    monkeypatch.setattr(blocks, "_lines", counted)
    assert {block.raw(index) for index in range(100)} == {b"a,b\n"}
    assert {block.location(index).record for index in range(100)} == set(range(1, 101))
    assert len(splits) <= 1


def test_a_block_is_read_before_the_next_chunk_is_asked_for() -> None:
    asked = []

    def chunks() -> Iterator[bytes]:
        for number in range(3):
            asked.append(number)
            yield b"a\n"

    blocks = read_blocks(chunks(), max_record_bytes=MAX)
    next(blocks)
    assert asked == [0]
