"""The judge of the reader: one character at a time, the whole text in memory, none of the reader's code.

What a record is, strictly, is written out here plainly. Of a damaged record's reading it says how many lines, cells and
quotes-taken-as-text the best one has; two readings may be equally good.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

from csv_import.reading.dialect import Dialect, Escape, LineEnd

REPAIR_LINES = 64
REPAIR_CHARS = 64 * 1024

_ENDS = {
    LineEnd.ANY: ("\r\n", "\r", "\n"),
    LineEnd.LF: ("\n",),
    LineEnd.CRLF: ("\r\n",),
    LineEnd.CR: ("\r",),
}


@dataclass(frozen=True)
class Found:
    """A record or an ignored line: its place, and its cells or what is wrong with it."""

    start: int
    end: int
    line: int
    lines: int
    cells: tuple[str, ...] = ()
    ignored: str = ""
    damage: str = ""
    cost: int = 0
    width: int = 0
    """Cells of a damaged record, where their number is what it was read for."""


@dataclass(frozen=True)
class Strict:
    """How the strict reading of a record went: where it ended, or why it failed."""

    end: int
    cells: tuple[str, ...] = ()
    failure: str = ""


class Reference:
    """Reads one text in one dialect."""

    def __init__(self, text: str, dialect: Dialect, max_record: int) -> None:
        self.text, self.dialect, self.max_record = text, dialect, max_record
        blanks = " \t" if dialect.padded_quotes else ""
        self.padding = {each for each in blanks if each not in dialect.delimiter}

    def read(self) -> Iterator[Found]:
        """The records and ignored lines, in order."""
        at, line = 0, 1
        while at < len(self.text):
            found = self.record(at, line)
            yield found
            at, line = found.end, line + found.lines

    def record(self, at: int, line: int) -> Found:
        end = self.behind_line(at)
        if end - at > self.max_record:
            return Found(at, end, line, 1, damage="record_too_long")
        if ignored := self.ignored(at):
            return Found(at, end, line, 1, ignored=ignored)
        strict = self.strict(at)
        columns = self.dialect.columns
        lines = self.lines_between(at, strict.end)
        as_it_stands = Found(at, strict.end, line, lines, strict.cells)
        swallowed = (
            columns is not None
            and columns >= 2
            and lines + columns >= 5
            and len(strict.cells) == lines * columns - (lines - 1)
        )
        if not strict.failure and (lines == 1 or not swallowed):
            return as_it_stands
        most = REPAIR_LINES if strict.failure else 1
        if columns is not None and (found := self.mended(at, line, most, strict.failure or "unclosed_quote")):
            return found
        if not strict.failure:
            return as_it_stands
        alone = Reference(self.content(at), self.dialect, self.max_record)
        cost = min(alone.readings(0, len(alone.text)).values())
        return Found(at, end, line, 1, damage=strict.failure, cost=cost)

    def ignored(self, at: int) -> str:
        content = self.content(at)
        blank = all(each in " \t" and each not in self.dialect.delimiter for each in content)
        if not content or (blank and self.dialect.columns != 1):
            return "blank_line"
        return "comment_line" if self.dialect.comment and content.startswith(self.dialect.comment) else ""

    def mended(self, at: int, line: int, most: int, failure: str) -> Found | None:
        end = at
        for lines in range(1, most + 1):
            start_of_last, end = end, self.behind_line(end)
            if end - at > self.max_record or (lines > 1 and end - at > REPAIR_CHARS) or end == start_of_last:
                return None
            stop = start_of_last + len(self.content(start_of_last))
            cost = self.readings(at, stop).get(self.dialect.columns or 0)
            if cost is not None:
                return Found(at, end, line, lines, damage=failure, cost=cost, width=self.dialect.columns or 0)
        return None

    # The strict reading.

    def strict(self, start: int) -> Strict:
        at, cells = start, []
        while True:
            if opening := self.opening(at):
                at, cell, closed = self.quoted(opening, start + self.max_record)
                if not closed:
                    return Strict(at, failure="unclosed_quote")
                at = self.behind_padding(at + 1)
                if not self.cell_may_end(at):
                    within = self.end_of_line_of(at) - start <= self.max_record
                    return Strict(at, failure="stray_quote" if within else "unclosed_quote")
            else:
                at, cell = self.bare(at)
            cells.append(cell)
            if self.text.startswith(self.dialect.delimiter, at):
                at += len(self.dialect.delimiter)
                continue
            end = at + len(self.line_end(at))
            return Strict(end, tuple(cells), "unclosed_quote" if end - start > self.max_record else "")

    def quoted(self, at: int, stop: int) -> tuple[int, str, bool]:
        """Where the quote stands that would close the cell, what is in the cell, and whether there is one."""
        cell = ""
        while at < min(len(self.text), stop):
            if escaped := self.escaped(at):
                cell, at = cell + escaped, at + 1 + len(escaped)
            elif not self.at_quote(at):
                cell, at = cell + self.text[at], at + 1
            elif self.dialect.escape is Escape.DOUBLED and self.at_quote(at + 1):
                cell, at = cell + self.text[at], at + 2
            else:
                return at, cell, True
        return at, cell, False

    def bare(self, at: int) -> tuple[int, str]:
        cell = ""
        while not self.cell_may_end(at):
            if escaped := self.escaped(at):
                cell, at = cell + escaped, at + 1 + len(escaped)
            else:
                cell, at = cell + self.text[at], at + 1
        return at, cell

    # The readings of a damaged record.

    def readings(self, start: int, stop: int) -> dict[int, int]:
        """For each number of cells that `start` to `stop` may have as one record, the lowest cost."""

        @cache
        def best(at: int) -> dict[int, int]:
            found: dict[int, int] = {}
            for end, cost in self.cell_ends(at, stop):
                if end == stop:
                    found[1] = min(cost, found.get(1, cost))
                    continue
                for width, rest in best(end + len(self.dialect.delimiter)).items():
                    found[width + 1] = min(cost + rest, found.get(width + 1, cost + rest))
            return found

        return best(start)

    def cell_ends(self, at: int, stop: int) -> Iterator[tuple[int, int]]:
        """Where the cell at `at` may end, and how many quotes are text then."""
        opening = self.opening(at)
        end, quotes = at, 0
        while end < stop and not self.text.startswith(self.dialect.delimiter, end) and not self.line_end(end):
            quotes += self.at_quote(end)
            end += 1 + len(self.escaped(end))
        if self.is_end(end, stop):
            yield end, quotes if opening else 0
        if opening:
            yield from self.quoted_ends(opening, stop)

    def quoted_ends(self, at: int, stop: int) -> Iterator[tuple[int, int]]:
        cost, spread = 0, False
        while at < stop:
            if escaped := self.escaped(at):
                at += 1 + len(escaped)
                continue
            if line_end := self.line_end(at):
                if cost:
                    return
                spread, at = True, at + len(line_end)
                continue
            run = 0
            while (
                at + run < stop
                and self.at_quote(at + run)
                and (not run or self.dialect.escape is Escape.DOUBLED)
            ):
                run += 1
            at += run or 1
            end = self.behind_padding(at)
            closes = run > 0 and self.is_end(end, stop)
            if closes and (run % 2 or not spread):
                yield end, cost + (run + 1) % 2
            if run % 2 and (spread or closes or self.line_end(end)):
                return
            cost += run % 2

    def is_end(self, at: int, stop: int) -> bool:
        return at == stop or (at < stop and self.text.startswith(self.dialect.delimiter, at))

    # What stands somewhere.

    def line_end(self, at: int) -> str:
        return next((each for each in _ENDS[self.dialect.line_end] if self.text.startswith(each, at)), "")

    def content(self, at: int) -> str:
        end = at
        while end < len(self.text) and not self.line_end(end):
            end += 1
        return self.text[at:end]

    def behind_line(self, at: int) -> int:
        end = at + len(self.content(at))
        return end + len(self.line_end(end))

    def end_of_line_of(self, at: int) -> int:
        """Behind the line that `at` stands on."""
        line = 0
        while True:
            line = self.behind_line(line)
            if at < line or line == len(self.text):
                return line

    def lines_between(self, at: int, end: int) -> int:
        lines = 0
        while at < end:
            at, lines = self.behind_line(at), lines + 1
        return lines

    def at_quote(self, at: int) -> bool:
        return self.dialect.quote is not None and self.text.startswith(self.dialect.quote, at)

    def behind_padding(self, at: int) -> int:
        while at < len(self.text) and self.text[at] in self.padding:
            at += 1
        return at

    def opening(self, at: int) -> int:
        """Behind the quote that opens the cell at `at`; 0 where none does."""
        at = self.behind_padding(at)
        return at + 1 if self.at_quote(at) else 0

    def escaped(self, at: int) -> str:
        """What the backslash at `at` takes the meaning from."""
        if self.dialect.escape is not Escape.BACKSLASH or not self.text.startswith("\\", at):
            return ""
        quotes = (self.dialect.quote,) if self.dialect.quote else ()
        possible = (*quotes, self.dialect.delimiter, *_ENDS[self.dialect.line_end], "\\")
        return next((each for each in possible if self.text.startswith(each, at + 1)), "")

    def cell_may_end(self, at: int) -> bool:
        return (
            at >= len(self.text)
            or self.text.startswith(self.dialect.delimiter, at)
            or bool(self.line_end(at))
        )
