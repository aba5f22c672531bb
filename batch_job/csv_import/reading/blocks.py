"""Cut a stream of bytes into blocks of whole records, and tell for each record where it stands.

The standard reading is RFC 4180 as Python's `csv` module reads it: `,` between cells, `"` around a cell that
holds commas, quotes or line ends, `""` for a quote in such a cell, records ending in LF, CRLF or CR.

Rows come in blocks because what costs time per record, its location above all, is worked out per block
and only when somebody asks for it.
"""

from __future__ import annotations

import csv
import io
import itertools
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from csv_import.errors import BadData
from csv_import.rejects import Location

UNCLOSED_QUOTE: list[str] = []
"""Stands for a record whose quoted cell never ends; it takes up its first line. Compare by identity."""

INVALID_UTF8: list[str] = []
"""Stands for a record that holds bytes which are no UTF-8. Compare by identity."""

# A line after the block's last that would be a record of two cells. Where a quoted cell is still open it becomes part
# of that cell, comma and all: then the last row does not equal `_END_ROW`, for no cell of that holds a comma.
_END_OF_BLOCK = "end,block"
_END_ROW = ["end", "block"]
_ESCAPED_BYTE = re.compile("[\udc80-\udcff]")


@dataclass(frozen=True, slots=True)
class Place:
    """A point between two records of the file: lines and records count from 1, bytes from 0.

    `record` is the number of the record that follows; 0 where that is the header.
    """

    line: int = 1
    record: int = 1
    offset: int = 0


@dataclass(slots=True)
class RecordBlock:
    """Consecutive records of the file.

    Attributes:
        rows: the cells of each record; or `UNCLOSED_QUOTE` or `INVALID_UTF8`.
        start: where the block begins; `start.record` is the number of `rows[0]`.
        text: the block's text, bytes that are no UTF-8 as lone surrogates (PEP 383).
        size, lines: how much of the file the block is, in bytes and in lines.
        blank_lines, bytes_blank, bytes_header: what of it is no record.
        spans: first line and end of each row, counted from 0 in the block; None where each row is one line.
    """

    rows: list[list[str]]
    start: Place
    text: str
    size: int
    lines: int
    blank_lines: int = 0
    bytes_blank: int = 0
    bytes_header: int = 0
    spans: list[tuple[int, int]] | None = None
    _kept_lines: list[str] | None = field(default=None, repr=False)
    _offsets: list[int] | None = field(default=None, repr=False)

    def location(self, index: int) -> Location:
        """Where `rows[index]` starts in the file."""
        first, _ = self._span(index)
        return Location(
            line=self.start.line + first,
            record=self.start.record + index,
            offset=self.start.offset + self._line_offsets()[first],
        )

    def raw(self, index: int) -> bytes:
        """The bytes of `rows[index]` as they stand in the file, line end included."""
        first, last = self._span(index)
        return "".join(self._text_lines()[first:last]).encode("utf-8", "surrogateescape")

    def without_first(self) -> RecordBlock:
        """The block without its first row, which then is no record (a header)."""
        spans = self.spans or [(line, line + 1) for line in range(len(self.rows))]
        return RecordBlock(
            rows=self.rows[1:],
            start=Place(self.start.line, self.start.record + 1, self.start.offset),
            text=self.text,
            size=self.size,
            lines=self.lines,
            blank_lines=self.blank_lines,
            bytes_blank=self.bytes_blank,
            bytes_header=len(self.raw(0)),
            spans=spans[1:],
        )

    @property
    def bytes_records(self) -> int:
        """How many of the block's bytes belong to its rows."""
        return self.size - self.bytes_blank - self.bytes_header

    def end(self) -> Place:
        """Where the next block begins."""
        return Place(
            line=self.start.line + self.lines,
            record=self.start.record + len(self.rows),
            offset=self.start.offset + self.size,
        )

    def location_after(self, index: int) -> Location:
        """Where the record after `rows[index]` starts, or the next block."""
        if index + 1 < len(self.rows):
            return self.location(index + 1)
        end = self.end()
        return Location(end.line, end.record, end.offset)

    def _span(self, index: int) -> tuple[int, int]:
        return (index, index + 1) if self.spans is None else self.spans[index]

    def _text_lines(self) -> list[str]:
        if self._kept_lines is None:
            self._kept_lines = _lines(self.text)
        return self._kept_lines

    def _line_offsets(self) -> list[int]:
        if self._offsets is None:
            lengths = (len(line.encode("utf-8", "surrogateescape")) for line in self._text_lines())
            self._offsets = list(itertools.accumulate(lengths, initial=0))
        return self._offsets


def read_blocks(
    chunks: Iterable[bytes], *, max_record_bytes: int, start: Place | None = None
) -> Iterator[RecordBlock]:
    """Yield the records of `chunks` in blocks; together the blocks hold every byte once, in order.

    A record is what `csv` reads up to its line end, if that takes at most `max_record_bytes`; otherwise its
    first line is an `UNCLOSED_QUOTE` and the next record begins after it. That depends on
    nothing but the bytes from the record's start on, so where the chunks end makes no difference.

    Args:
        chunks: the bytes from `start` on, cut anywhere.
        max_record_bytes: the longest record, in bytes with its line end.
        start: where in the file the chunks begin, between two records.

    Raises:
        BadData: `line_too_long`, when a single line is longer than `max_record_bytes`.
    """
    place = start or Place()
    pending = b""
    for chunk in chunks:
        data = pending + chunk if pending else chunk
        whole = _end_of_last_line(data)
        too_long = len(data) - whole > max_record_bytes
        pending = data
        if whole:
            for block in _blocks_of(data[:whole], place, max_record_bytes, final=too_long):
                place = block.end()
                pending = pending[block.size :]
                yield block
        if too_long:
            raise _line_too_long(place.line, max_record_bytes)
    if pending:
        for block in _blocks_of(pending, place, max_record_bytes, final=True):
            place = block.end()
            yield block


def _blocks_of(data: bytes, place: Place, max_record_bytes: int, *, final: bool) -> Iterator[RecordBlock]:
    """Parse whole lines; what an open quote leaves undecided stays unread unless `final` or too long.

    A damaged record makes a block of its own; what stands before a line that is too long is yielded first.
    """
    while data:
        block, damaged = _parse(data, place, max_record_bytes, final=final)
        if block.size:
            yield block
            place = block.end()
            data = data[block.size :]
        if not damaged:
            return
        line = data[: _end_of_first_line(data)]
        if len(line) > max_record_bytes:
            raise _line_too_long(place.line, max_record_bytes)
        block = RecordBlock(
            [UNCLOSED_QUOTE], place, line.decode("utf-8", "surrogateescape"), size=len(line), lines=1
        )
        yield block
        place = block.end()
        data = data[len(line) :]


def _parse(data: bytes, place: Place, max_record_bytes: int, *, final: bool) -> tuple[RecordBlock, bool]:
    """The records at the front of `data`, and whether what follows them is a damaged record."""
    try:
        text, all_utf8 = data.decode("utf-8"), True
    except UnicodeDecodeError:
        text, all_utf8 = data.decode("utf-8", "surrogateescape"), False
    csv.field_size_limit(max(csv.field_size_limit(), len(text) + len(_END_OF_BLOCK)))
    reader = csv.reader(itertools.chain(io.StringIO(text, newline=""), (_END_OF_BLOCK,)))
    rows = list(reader)
    complete = rows.pop() == _END_ROW
    if complete and reader.line_num == len(rows) + 1 and all(rows) and len(data) <= max_record_bytes:
        block = RecordBlock(rows, place, text, size=len(data), lines=len(rows))
        damaged = False
    else:
        block, damaged = _parse_with_spans(text, place, max_record_bytes, final=final)
    if not all_utf8:
        _mark_invalid_utf8(block)
    return block, damaged


def _parse_with_spans(
    text: str, place: Place, max_record_bytes: int, *, final: bool
) -> tuple[RecordBlock, bool]:
    """As `_parse`, for text in which a record may take several lines, or none."""
    lines = _lines(text)
    lengths = [len(line.encode("utf-8", "surrogateescape")) for line in lines]
    rows: list[list[str]] = []
    spans: list[tuple[int, int]] = []
    blank_lines = bytes_blank = 0
    first = 0
    damaged = False
    reader = csv.reader(itertools.chain(lines, (_END_OF_BLOCK,)))
    for row in reader:
        last = reader.line_num
        if last > len(lines):  # the end mark, or a record that swallowed it
            if first < len(lines):
                damaged = final or sum(lengths[first:]) > max_record_bytes
            break
        length = sum(lengths[first:last])
        if length > max_record_bytes:
            damaged = True
            break
        if row:
            rows.append(row)
            spans.append((first, last))
        else:
            blank_lines += 1
            bytes_blank += length
        first = last
    text = "".join(lines[:first])
    block = RecordBlock(
        rows=rows,
        start=place,
        text=text,
        size=sum(lengths[:first]),
        lines=first,
        blank_lines=blank_lines,
        bytes_blank=bytes_blank,
        spans=spans,
    )
    return block, damaged


def _mark_invalid_utf8(block: RecordBlock) -> None:
    for index, row in enumerate(block.rows):
        if any(_ESCAPED_BYTE.search(cell) for cell in row):
            block.rows[index] = INVALID_UTF8


def _lines(text: str) -> list[str]:
    """The text's lines with their ends: LF, CRLF or CR, and no other."""
    return list(io.StringIO(text, newline=""))


def _end_of_last_line(data: bytes) -> int:
    """How many bytes of `data` are whole lines; a CR at the very end may be half of a CRLF."""
    return max(data.rfind(b"\n"), data.rfind(b"\r", 0, -1)) + 1


def _end_of_first_line(data: bytes) -> int:
    ends = re.search(rb"\r\n|\r|\n", data)
    return ends.end() if ends else len(data)


def _line_too_long(line: int, max_record_bytes: int) -> BadData:
    return BadData(
        "line_too_long",
        f"line {line} has more than {max_record_bytes} bytes without a line end: this is no CSV file,"
        " or its line ends are lost",
    )
