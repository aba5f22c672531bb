"""The file's first record: the names of the columns."""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from csv_import.errors import BadData
from csv_import.reading.blocks import INVALID_UTF8, UNCLOSED_QUOTE, Place, RecordBlock, read_blocks

BYTE_ORDER_MARK = b"\xef\xbb\xbf"
_UTF_16_MARKS = (b"\xff\xfe", b"\xfe\xff")


@dataclass(frozen=True, slots=True)
class Header:
    """The columns of a file.

    Attributes:
        names: one a column, in the file's order, unique and not empty.
        raw: the record's bytes, always with a line end.
        size: bytes of the record in the file, its line end included where it has one.
        mark: bytes of the byte order mark before it, 0 or 3.
        line: where it stands; blank lines may come before it.
    """

    names: list[str]
    raw: bytes
    size: int
    mark: int
    line: int


def open_table(chunks: Iterable[bytes], *, max_record_bytes: int) -> tuple[Header, Iterator[RecordBlock]]:
    """Read the header, and give the blocks of records that follow it.

    Args:
        chunks: the object's bytes from its first on.
        max_record_bytes: the longest record, in bytes with its line end.

    Raises:
        BadData: `no_header`, `not_text`, `empty_column_name`, `duplicate_column` (and later, from the
            blocks, what `read_blocks` raises).
    """
    mark, text = _after_mark(iter(chunks))
    blocks = read_blocks(text, max_record_bytes=max_record_bytes, start=Place(record=0, offset=mark))
    skipped: list[RecordBlock] = []
    for block in blocks:
        if block.rows:
            header = _header(block, mark)
            return header, itertools.chain(skipped, (block.without_first(),), blocks)
        skipped.append(block)
    raise BadData("no_header", "the file holds no record: its first line must name the columns")


def _after_mark(chunks: Iterator[bytes]) -> tuple[int, Iterator[bytes]]:
    front = b""
    for chunk in chunks:
        front += chunk
        if len(front) >= len(BYTE_ORDER_MARK):
            break
    if front.startswith(_UTF_16_MARKS):
        raise BadData("not_text", "the file is UTF-16 text; save it as UTF-8 and drop it again")
    mark = len(BYTE_ORDER_MARK) if front.startswith(BYTE_ORDER_MARK) else 0
    return mark, itertools.chain((front[mark:],), chunks)


def _header(block: RecordBlock, mark: int) -> Header:
    names = block.rows[0]
    where = f"line {block.location(0).line}"
    if names is INVALID_UTF8 or any("\0" in name for name in names):
        raise BadData(
            "not_text",
            f"{where}: the header is no UTF-8 text; is this a CSV file? Save it as UTF-8 and drop it again",
        )
    if names is UNCLOSED_QUOTE:
        raise BadData("unclosed_quote", f"{where}: a quote in the header is never closed")
    for column, name in enumerate(names, start=1):
        if not name:
            raise BadData("empty_column_name", f"{where}: column {column} of the header has no name")
    twice = [name for name, times in Counter(names).items() if times > 1]
    if twice:
        raise BadData(
            "duplicate_column", f"{where}: the header names a column more than once", f": {twice[0]!r}"
        )
    raw = block.raw(0)
    ended = raw if raw.endswith((b"\n", b"\r")) else raw + b"\n"
    return Header(names=names, raw=ended, size=len(raw), mark=mark, line=block.location(0).line)
