from __future__ import annotations

import gzip
from collections.abc import Iterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from csv_import.errors import BadData
from csv_import.reading.dialect import Given
from csv_import.reading.opening import SAMPLE_BYTES, OpenedFile, open_file
from csv_import.settings import ReadLimits

LIMITS = ReadLimits()
ROWS = [[f"P{number:05}", f"name, {number}", str(number / 4)] for number in range(12_000)]
LONG = "Id,Name,Price\n" + "".join(f'{id_},"{name}",{price}\n' for id_, name, price in ROWS)
FOOTER = "\n12000 rows\n"


class Source:
    """Bytes that come in chunks of one size, and what was asked of them."""

    def __init__(self, content: bytes, chunk_bytes: int = 100_000) -> None:
        self._content = content
        self._chunk_bytes = chunk_bytes
        self.size = len(content)
        self.tails: list[int] = []

    def chunks(self) -> Iterator[bytes]:
        for start in range(0, self.size, self._chunk_bytes):
            yield self._content[start : start + self._chunk_bytes]

    def tail(self, n_bytes: int) -> bytes:
        self.tails.append(n_bytes)
        return self._content[-n_bytes:]


def opened(content: bytes | Source, **parts: object) -> OpenedFile:
    source = content if isinstance(content, Source) else Source(content)
    return open_file(source, given=Given(**parts), limits=LIMITS)  # type: ignore[arg-type]


def read(file: OpenedFile) -> tuple[list[list[str]], dict[str, int], int]:
    """All rows, the bytes that are in none by reason, and the bytes accounted for."""
    rows: list[list[str]] = []
    ignored = {reason: each.size for reason, each in file.header.ignored.items()}
    size = 0
    for block in file.blocks:
        rows += block.rows
        size += block.bytes_records
        for reason, each in block.ignored.items():
            ignored[reason] = ignored.get(reason, 0) + each.size
    return rows, ignored, size + sum(ignored.values())


def rows_of(file: OpenedFile) -> list[list[str]]:
    return read(file)[0]


def accounted_for(file: OpenedFile) -> int:
    return read(file)[2]


def test_a_file_says_how_it_is_read_and_what_its_columns_are() -> None:
    file = opened("\ufeffId;Name\n1;a\n2;b\n".encode())
    assert file.compression is None
    assert file.detection.dialect.delimiter == ";"
    assert file.header.names == ["Id", "Name"]
    rows, ignored, _ = read(file)
    assert rows == [["1", "a"], ["2", "b"]]
    assert ignored == {"byte_order_mark": 3, "header": 8}


def test_what_is_given_wins() -> None:
    file = opened(b"Id;Name\n1;a\n2;b\n", delimiter=",", header_records=0)
    assert rows_of(file) == [["Id;Name"], ["1;a"], ["2;b"]]


@pytest.mark.parametrize("chunk_bytes", [1 << 16, SAMPLE_BYTES - 1, SAMPLE_BYTES, SAMPLE_BYTES + 1, 1 << 24])
def test_where_chunks_end_makes_no_difference(chunk_bytes: int) -> None:
    content = (LONG + FOOTER).encode()
    rows, ignored, size = read(opened(Source(content, chunk_bytes)))
    assert ignored == {"header": 14, "blank_line": 1, "footer": len(FOOTER) - 1}
    assert rows == ROWS
    assert size == len(content)


def test_the_end_is_looked_at_only_where_it_is_not_in_the_sample_and_can_be_had() -> None:
    short, long, packed = (
        Source(content)
        for content in (b"a,b\n1,2\n", LONG.encode(), gzip.compress(LONG.encode(), compresslevel=0))
    )
    for source in (short, long, packed):
        opened(source)
    assert [len(source.tails) for source in (short, long, packed)] == [0, 1, 0]


def test_a_compressed_file_keeps_what_may_be_a_footer_unless_it_is_in_the_sample_whole() -> None:
    rows, ignored, _ = read(opened(gzip.compress((LONG + FOOTER).encode())))
    assert "footer" not in ignored
    assert rows[-1] == ["12000 rows"]
    lines = LONG.splitlines(keepends=True)[:100]
    rows, ignored, _ = read(opened(gzip.compress(("".join(lines) + "\n99 rows\n").encode())))
    assert "footer" in ignored
    assert rows[-1] == ROWS[98]


def test_the_content_is_counted_as_it_is_read() -> None:
    file = opened(gzip.compress(LONG.encode()))
    assert file.compression == "gzip"
    assert accounted_for(file) == file.content.size == len(LONG.encode())


@pytest.mark.parametrize(
    "content",
    [
        b"title\n\nId,Name,Price\n1,a,2\n2,b,3\n3,c,4\n\n3 rows\n",
        b'Id,Name\r\n#1\r\n\r\n1,a\r\n  \r\n2,"b\r\n"\r\n',
        "\ufeffId\tName\n1\té\n2\t😀\n".encode("utf-16-le"),
        "sep=;\nId;Name\n1;a\n".encode("cp1252"),
        b'Id,Name\n1,"a\n2,b\n3,\xff\n4',
    ],
    ids=["preamble and footer", "comments, blanks, quotes", "UTF-16", "sep", "damage"],
)
@pytest.mark.parametrize("compressed", [False, True], ids=["plain", "gzip"])
def test_every_byte_is_in_a_record_or_an_ignored_span(content: bytes, compressed: bool) -> None:
    assert accounted_for(opened(gzip.compress(content) if compressed else content)) == len(content)


pieces = st.sampled_from(
    [
        b"a",
        b"1",
        b"b c",
        b",",
        b";",
        b"\t",
        b"\n",
        b"\n",
        b"\r\n",
        b"\r",
        b'"',
        b"'",
        b"\\",
        b"#",
        b"\xff",
        b"\0",
        b"\xc3\xa9",
    ]
)


@settings(max_examples=300, deadline=None)
@given(st.lists(pieces, max_size=60).map(b"".join), st.integers(1, 20))
def test_any_bytes_at_all_add_up_or_are_refused(content: bytes, chunk_bytes: int) -> None:
    try:
        file = opened(Source(content, chunk_bytes))
    except BadData:
        return
    assert accounted_for(file) == len(content)


@pytest.mark.parametrize(
    "content",
    [b"", b"\n", b"\r\n \n", gzip.compress(b"")],
    ids=["empty", "a blank line", "blank lines", "compressed nothing"],
)
def test_a_file_without_a_record_has_no_header(content: bytes) -> None:
    with pytest.raises(BadData) as caught:
        opened(content)
    assert caught.value.code == "no_header"
