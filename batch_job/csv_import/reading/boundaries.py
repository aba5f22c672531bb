"""Where records begin, without their cells: for whoever cuts a file, at many times the speed of reading it.

What is beyond doubt is counted: a piece without a quote holds a record a line, and so does one in which every quote
opens or closes a cell, if no cell holds a line end. All else is read, so what comes out is what reading finds.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from csv_import.reading.blocks import read_by
from csv_import.reading.code_units import code_units_of
from csv_import.reading.dialect import Dialect, Escape, LineEnd
from csv_import.reading.lines import Lines
from csv_import.reading.parsing import BlockParser
from csv_import.reading.record_block import Place, RecordBlock

COUNTED_BYTES = 128 * 1024
"""How much is counted in one go."""

_MAY_BE_BLANK = re.compile(rb"\n[ \t\r\n]")


@dataclass(frozen=True, slots=True)
class Passed:
    """Consecutive records that were counted: each is one line, and no line is anything else.

    Attributes:
        start: where the first of them begins.
        size: in bytes.
        records: how many.
    """

    start: Place
    size: int
    records: int

    def end(self) -> Place:
        """Where the next record, or ignored line, begins."""
        start = self.start
        return Place(start.line + self.records, start.record + self.records, start.offset + self.size)


def pass_over(
    chunks: Iterable[bytes],
    *,
    dialect: Dialect,
    max_record_bytes: int,
    start: Place | None = None,
    counted_bytes: int = COUNTED_BYTES,
) -> Iterator[Passed | RecordBlock]:
    """Yield what `read_blocks` does, records counted in place of cells where that is beyond doubt.

    Args:
        chunks, dialect, max_record_bytes, start: as there.
        counted_bytes: how much is counted in one go, which makes a difference only to the time it takes.
    """
    parser = _Counting(BlockParser(dialect, max_record_bytes, counted_bytes), dialect, counted_bytes)
    return read_by(parser, chunks, dialect, max_record_bytes, start or Place())


class _Counting:
    """Counts records where it can, and has the others read.

    Args:
        parser: reads them.
        dialect: how they are written.
        counted_bytes: looked at in one go.
    """

    def __init__(self, parser: BlockParser, dialect: Dialect, counted_bytes: int) -> None:
        self._parser = parser
        self._lines = Lines(code_units_of(dialect.encoding), dialect.line_end)
        self._counted_bytes = counted_bytes
        self._count = _counter_of(dialect)
        self.too_long = parser.too_long

    def blocks(self, data: bytes, place: Place, *, final: bool) -> Iterator[Passed | RecordBlock]:
        """As `BlockParser.blocks`."""
        at = 0
        while at < len(data):
            piece = data[at : at + self._counted_bytes]
            end = self._lines.last_end(piece)
            records = self._count(piece[:end]) if self._count is not None and end else None
            if records is not None:
                yield (passed := Passed(place, end, records))
                at, place = at + end, passed.end()
                continue
            begin = at
            for block in self._parser.blocks(data[at:], place, final=final):
                yield block
                at, place = at + block.size, block.end()
                if at - begin >= self._counted_bytes and self._count is not None:
                    break
            else:
                return


@dataclass(frozen=True, slots=True)
class _Counter:
    """Counts the records of whole lines.

    Attributes:
        delimiter: one byte.
        quote: one byte; none where nothing is quoted.
        line_end: of the file.
        comment: what makes a comment of a line; nothing where none does.
    """

    delimiter: bytes
    quote: bytes
    line_end: LineEnd
    comment: bytes

    def __call__(self, data: bytes) -> int | None:
        """How many records; None where it takes reading to know."""
        end = self._end_of_lines(data)
        if end is None or (self.comment and self.comment in data):
            return None
        lines = data.count(end)
        if data[:1] in (b" ", b"\t", b"\r", b"\n") or _MAY_BE_BLANK.search(data):
            return None
        if not self.quote or self.quote not in data:
            return lines
        if data.startswith(self.quote) and self._is_all_quoted(data, end, lines):
            return lines
        return lines if self._is_well_quoted(data, end) else None

    def _end_of_lines(self, data: bytes) -> bytes | None:
        """What all the lines end with; None where that is not one thing."""
        if b"\r" not in data:
            return b"\n" if self.line_end in (LineEnd.ANY, LineEnd.LF) else None
        if self.line_end is LineEnd.LF or self.line_end is LineEnd.CR:
            return None
        pairs = data.count(b"\r\n")
        return b"\r\n" if data.count(b"\r") == pairs == data.count(b"\n") else None

    def _is_all_quoted(self, data: bytes, end: bytes, lines: int) -> bool:
        """Whether each cell is quoted, and holds neither quote nor line end.

        All quotes but the first and the last must stand in pairs around a delimiter or a line end. Then the one after a
        cell's opening is the first of a pair, and closes it; and each line end stands within a pair, but the last.
        """
        quote = self.quote
        if len(data) < 2 + len(end) or not data.endswith(quote + end):
            return False
        inner = data[1 : -1 - len(end)].replace(quote + self.delimiter + quote, b"\0")
        ends = inner.count(quote + end + quote)
        return ends == lines - 1 and inner.count(quote) == 2 * ends

    def _is_well_quoted(self, data: bytes, end: bytes) -> bool:
        """Whether quotes open and close cells, or are doubled within, and no cell holds a line end.

        Between quotes in turn stands what is outside and what is inside of quoted cells. What is outside must begin and
        end as a cell's neighbours do; nothing at all is a doubled quote.
        """
        pieces = data.split(self.quote)
        if len(pieces) % 2 == 0:
            return False
        outside = pieces[::2]
        begins, ends = {each[:1] for each in outside[1:]}, {each[-1:] for each in outside[:-1]}
        neighbours = {self.delimiter, b"\n", b""}
        if not begins <= neighbours | {end[:1]} or not ends <= neighbours:
            return False
        return b"\n" not in b"".join(pieces[1::2])


def _counter_of(dialect: Dialect) -> _Counter | None:
    """None for a dialect whose records are always read."""
    if code_units_of(dialect.encoding).size > 1 or dialect.escape is Escape.BACKSLASH:
        return None
    delimiter, quote = dialect.delimiter, dialect.quote or ""
    comment = dialect.comment or ""
    if not (delimiter + quote + comment).isascii() or len(delimiter) > 1 or len(quote) > 1:
        return None
    if delimiter in "\r\n \t" and delimiter != "\t":
        return None
    return _Counter(delimiter.encode(), quote.encode(), dialect.line_end, comment.encode())
