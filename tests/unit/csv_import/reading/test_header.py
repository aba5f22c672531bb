from __future__ import annotations

from dataclasses import replace

import pytest

from csv_import.errors import BadData
from csv_import.reading.column_names import Adjusted, Adjustment
from csv_import.reading.dialect import STANDARD, Detection, Dialect, LineEnd
from csv_import.reading.header import Header, open_table
from csv_import.reading.record_block import IgnoredLines, RecordBlock

MAX = 1000


def opened(
    data: bytes, dialect: Dialect = STANDARD, *, size: int = 5000, footer_bytes: int = 0
) -> tuple[Header, list[RecordBlock]]:
    chunks = [data[at : at + size] for at in range(0, len(data), size)]
    header, blocks = open_table(chunks, Detection(dialect, footer_bytes=footer_bytes), max_record_bytes=MAX)
    return header, list(blocks)


def rows_of(blocks: list[RecordBlock]) -> list[list[str]]:
    return [list(row) for block in blocks for row in block.rows]


@pytest.mark.parametrize(
    ("data", "names", "raw", "mark"),
    [
        pytest.param(b"a,b\n1,2\n", ["a", "b"], b"a,b\n", 0, id="plain"),
        pytest.param(b"\xef\xbb\xbfa,b\n", ["a", "b"], b"a,b\n", 3, id="byte order mark"),
        pytest.param(
            b'\xef\xbb\xbf"a,1",b\n', ["a,1", "b"], b'"a,1",b\n', 3, id="byte order mark before a quote"
        ),
        pytest.param(b"a,b", ["a", "b"], b"a,b\n", 0, id="no line end"),
        pytest.param(b"a,b\r\n", ["a", "b"], b"a,b\r\n", 0, id="CRLF"),
        pytest.param(b"a,b\r", ["a", "b"], b"a,b\r", 0, id="CR"),
        pytest.param(b'"a\nb",c\n', ["a\nb", "c"], b'"a\nb",c\n', 0, id="a line end in a name"),
        pytest.param(b'"a\nb",c', ["a\nb", "c"], b'"a\nb",c\n', 0, id="that, and no line end"),
        pytest.param(b"\n\r\na\n", ["a"], b"a\n", 0, id="behind blank lines"),
        pytest.param("é😀\n".encode(), ["é😀"], "é😀\n".encode(), 0, id="not ASCII"),
        pytest.param(b"a,,a\n", ["a", "column_2", "a_2"], b"a,,a\n", 0, id="names that are made up"),
    ],
)
@pytest.mark.parametrize("size", [1, 2, 5000])
def test_headers(data: bytes, names: list[str], raw: bytes, mark: int, size: int) -> None:
    header, _ = opened(data, size=size)
    assert (header.names, header.raw, header.start) == (names, raw, mark)
    assert header.ignored.get("byte_order_mark", IgnoredLines(1, 0)) == IgnoredLines(1, mark)
    assert data[-1:] not in b"\r\n" or header.ignored["header"].size == len(raw)


@pytest.mark.parametrize(
    ("data", "code"),
    [
        pytest.param(b"", "no_header", id="empty"),
        pytest.param(b"\xef\xbb\xbf", "no_header", id="a byte order mark alone"),
        pytest.param(b"\n\r\n\n", "no_header", id="blank lines alone"),
        pytest.param(b" \n", "no_header", id="a line of blanks alone"),
        pytest.param("a,b\n".encode("utf-16"), "not_text", id="UTF-16 that was not found out"),
        pytest.param("größe\n".encode("latin-1"), "not_text", id="another encoding"),
        pytest.param(b"PK\x03\x04\x14\x00\x06\x00\n", "not_text", id="NUL bytes"),
        pytest.param(b"x" * (MAX + 1), "line_too_long", id="no line end in sight"),
        pytest.param(b'"' + b"x" * MAX + b"\n", "line_too_long", id="no line end in sight, quoted"),
    ],
)
@pytest.mark.parametrize("size", [1, 3, 5000])
def test_what_is_no_header(data: bytes, code: str, size: int) -> None:
    with pytest.raises(BadData) as caught:
        opened(data, size=size)
    assert caught.value.code == code
    assert caught.value.exit_code == 65


@pytest.mark.parametrize("size", [1, 2, 3, 5000])
@pytest.mark.parametrize("encoding", ["utf-8", "cp1252", "utf-16-le", "utf-16-be"])
def test_everything_around_the_records_is_accounted_for(encoding: str, size: int) -> None:
    mark = "\ufeff".encode(encoding) if encoding != "cp1252" else b""
    before, header = "Bericht,ä\r\n\r\n", "Price,Qty\r\nUSD,\r\n"
    after = "\r\nQuelle: ö\r\n"
    parts = [each.encode(encoding) for each in (before, header, "1,2\r\n3,4\r\n", after)]
    dialect = Dialect(encoding, skipped_lines=2, header_records=2, columns=2)
    footer_bytes = len("Quelle: ö\r\n".encode(encoding))

    found, blocks = opened(mark + b"".join(parts), dialect, size=size, footer_bytes=footer_bytes)

    assert (found.names, found.as_read, found.line) == (["Price USD", "Qty"], ["Price USD", "Qty"], 3)
    assert found.raw == parts[1]
    assert found.ignored["preamble"] == IgnoredLines(2, len(parts[0]))
    assert found.ignored["header"] == IgnoredLines(2, len(parts[1]))
    assert found.start == len(mark) + len(parts[0])
    assert rows_of(blocks) == [["1", "2"], ["3", "4"]]
    first = next(block for block in blocks if block.rows)
    assert (first.location(0).line, first.location(0).record) == (5, 1)
    assert first.location(0).offset == len(mark + parts[0] + parts[1])
    assert blocks[-1].ignored == {"footer": IgnoredLines(1, footer_bytes)}
    assert found.start + sum(block.size for block in blocks) == len(mark + b"".join(parts))
    assert sum(block.bytes_records for block in blocks) == len(parts[2])


def test_columns_without_a_header_are_numbered() -> None:
    header, blocks = opened(b"\n1,2\n3,4\n", replace(STANDARD, header_records=0))
    assert (header.names, header.as_read, header.raw) == (["column_1", "column_2"], [], b"")
    assert [change.kind for change in header.adjusted] == [Adjustment.NAMED, Adjustment.NAMED]
    assert "header" not in header.ignored
    assert rows_of(blocks) == [["1", "2"], ["3", "4"]]
    assert header.line == 2
    wider, _ = opened(b"1,2\n3,4,5\n", replace(STANDARD, header_records=0, columns=3))
    assert len(wider.names) == 3


def test_names_are_as_read_and_as_they_are_used() -> None:
    header, _ = opened(b" a ,,a\n1,2,3\n")
    assert header.as_read == [" a ", "", "a"]
    assert header.names == ["a", "column_2", "a_2"]
    assert header.adjusted == [
        Adjusted(1, Adjustment.TRIMMED),
        Adjusted(2, Adjustment.NAMED),
        Adjusted(3, Adjustment.RENAMED),
    ]


def test_a_damaged_header_is_read_at_its_best_and_that_is_told() -> None:
    header, blocks = opened(b'a,"b,c\n1,2,3\n', replace(STANDARD, columns=3))
    assert header.names == ["a", '"b', "c"]
    assert {change.kind for change in header.adjusted} == {Adjustment.MENDED}
    assert rows_of(blocks) == [["1", "2", "3"]]


def test_a_header_with_other_line_ends_gets_one_of_them() -> None:
    header, _ = opened(b"a\nb", replace(STANDARD, line_end=LineEnd.CRLF))
    assert header.raw == b"a\nb\r\n"


@pytest.mark.parametrize("data", [b"a\nb\n", b"a", b"", b"a\n"])
def test_a_file_that_ends_in_its_preamble_has_no_header(data: bytes) -> None:
    with pytest.raises(BadData) as caught:
        opened(data, replace(STANDARD, skipped_lines=2))
    assert caught.value.code == "no_header"


def test_a_long_preamble_is_not_held() -> None:
    line = b"x" * (10 * MAX) + b"\n"
    header, blocks = opened(line + b"a,b\n1,2\n", replace(STANDARD, skipped_lines=1), size=100)
    assert header.ignored["preamble"] == IgnoredLines(1, len(line))
    assert rows_of(blocks) == [["1", "2"]]
