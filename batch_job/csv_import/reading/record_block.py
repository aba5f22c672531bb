"""Consecutive records of a file, with what is needed to tell for each of them where it stands."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from csv_import.rejects import Location

Span = tuple[int, int]
"""Of a record: its first line, and the line behind its last, counted from 0 in the block."""


@dataclass(frozen=True, slots=True)
class Place:
    """A point between two records of the file: lines and records count from 1, bytes from 0.

    `record` is the number of the record that follows; 0 where that is the header.
    """

    line: int = 1
    record: int = 1
    offset: int = 0


@dataclass(frozen=True, slots=True)
class IgnoredLines:
    """How many lines, and bytes in them, are no records for one reason."""

    lines: int = 0
    size: int = 0


@dataclass(frozen=True, slots=True)
class Stretch:
    """A part of a block.

    Attributes:
        size: in bytes.
        bytes_records: how many of these belong to rows.
        ignored: what is no record, by reason.
    """

    size: int
    bytes_records: int
    ignored: dict[str, IgnoredLines]


_BLANK = b" \t\r\n\0"  # in any encoding: what a blank line holds


class Layout:
    """Where lines and records of a block begin; worked out when somebody first asks.

    Args:
        line_ends: gives where the block's lines end, in bytes from its start.
        spans: gives the lines of each record; None where each record is one line, and none is ignored.
    """

    def __init__(
        self, line_ends: Callable[[], Sequence[int]], spans: Callable[[], Sequence[Span]] | None = None
    ) -> None:
        self._line_ends = line_ends
        self._spans = spans
        self._known_line_ends: Sequence[int] | None = None
        self._known_spans: Sequence[Span] | None = None

    def offset(self, line: int) -> int:
        """Where a line begins, in bytes; the one behind the last, too."""
        if not line:
            return 0
        if self._known_line_ends is None:
            self._known_line_ends = self._line_ends()
        return self._known_line_ends[line - 1]

    def span(self, record: int) -> Span:
        """The lines of a record."""
        if self._spans is None:
            return record, record + 1
        if self._known_spans is None:
            self._known_spans = self._spans()
        return self._known_spans[record]


@dataclass(slots=True)
class RecordBlock:
    """Consecutive records of the file.

    Attributes:
        rows: the cells of each record; `DamagedRow` where it could not be read as it stands.
        start: where the block begins; `start.record` is the number of `rows[0]`.
        data: the block's bytes; none where it is a record that is too long to be kept.
        size, lines: how much of the file the block is, in bytes and in lines.
        layout: where its lines and records begin.
        ignored: what of it is no record, by reason.
        bytes_header: bytes of the rows that were taken off its front.
    """

    rows: list[list[str]]
    start: Place
    data: bytes
    size: int
    lines: int
    layout: Layout
    ignored: dict[str, IgnoredLines] = field(default_factory=dict)
    bytes_header: int = 0
    _taken_off: int = 0

    def location(self, index: int) -> Location:
        """Where `rows[index]` starts in the file."""
        first, _ = self.layout.span(index + self._taken_off)
        return Location(
            line=self.start.line + first,
            record=self.start.record + index,
            offset=self.start.offset + self.layout.offset(first),
        )

    def raw(self, index: int) -> bytes:
        """The bytes of `rows[index]` as they stand in the file, line end included; none of one that is too long."""
        first, last = self.layout.span(index + self._taken_off)
        return self.data[self.layout.offset(first) : self.layout.offset(last)]

    def without_first(self) -> RecordBlock:
        """The block without its first row, which then is no record (a header)."""
        return RecordBlock(
            rows=self.rows[1:],
            start=Place(self.start.line, self.start.record + 1, self.start.offset),
            data=self.data,
            size=self.size,
            lines=self.lines,
            layout=self.layout,
            ignored=self.ignored,
            bytes_header=self.bytes_header + len(self.raw(0)),
            _taken_off=self._taken_off + 1,
        )

    def before(self, index: int) -> Stretch:
        """What of the block stands in front of `rows[index]`; all of it where there is no such row."""
        if index == len(self.rows):
            return Stretch(self.size, self.bytes_records, self.ignored)
        first, _ = self.layout.span(index + self._taken_off)
        size = self.layout.offset(first)
        ignored = self._ignored_lines(index, first) if self.ignored else {}
        taken = sum(each.size for each in ignored.values()) + self.bytes_header
        return Stretch(size, size - taken, ignored)

    def until(self, offset: int) -> RecordBlock:
        """What of the block stands in front of a place where one of its records starts, or that is not in it."""
        if offset >= self.start.offset + self.size:
            return self
        index = bisect_left(range(len(self.rows)), offset, key=lambda each: self.location(each).offset)
        front = self.before(index)
        return RecordBlock(
            rows=self.rows[:index],
            start=self.start,
            data=self.data[: front.size],
            size=front.size,
            lines=self.layout.span(index + self._taken_off)[0],
            layout=self.layout,
            ignored=front.ignored,
            bytes_header=self.bytes_header,
            _taken_off=self._taken_off,
        )

    def _ignored_lines(self, index: int, stop: int) -> dict[str, IgnoredLines]:
        """The lines in front of line `stop`, where `rows[index]` begins, that are no record's."""
        ignored: dict[str, IgnoredLines] = {}
        line = 0
        for record in range(index + self._taken_off + 1):
            first, after = self.layout.span(record)
            for gap in range(line, min(first, stop)):
                data = self.data[self.layout.offset(gap) : self.layout.offset(gap + 1)]
                reason = "comment_line" if data.strip(_BLANK) else "blank_line"
                known = ignored.get(reason, IgnoredLines())
                ignored[reason] = IgnoredLines(known.lines + 1, known.size + len(data))
            line = after
        return ignored

    @property
    def bytes_records(self) -> int:
        """How many of the block's bytes belong to its rows."""
        return self.size - sum(each.size for each in self.ignored.values()) - self.bytes_header

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
