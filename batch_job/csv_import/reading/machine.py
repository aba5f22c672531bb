"""Read text record by record in any dialect, each with its place, and what is wrong with it.

A record is read strictly: a cell that begins with a quote ends at the quote that is not doubled (or escaped) and has a
delimiter, a line end or the end of the text behind it; every other cell ends at the next delimiter or line end. Where
that fails the record is damaged, and so it is where it takes several lines and has just the cells that these lines
have as records of their own: then a quote has swallowed them. What a damaged record
is read as depends on nothing but the text from its start on, and no further than `max_record_chars`.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from csv_import.reading.damage import Damage
from csv_import.reading.dialect import Dialect, LineEnd
from csv_import.reading.grammar import grammar_of
from csv_import.reading.lookahead import Fate, Lookahead, Within
from csv_import.reading.repair import Repair, cheapest, repair
from csv_import.rejects import RejectCode

MAX_REPAIR_LINES = 64
"""How many lines a damaged record is read over."""

MAX_REPAIR_CHARS = 64 * 1024
"""How far a damaged record is read if it takes several lines."""


class Ignored(StrEnum):
    """Why a line is no record."""

    BLANK_LINE = "blank_line"
    COMMENT_LINE = "comment_line"


@dataclass(slots=True)
class Read:
    """A record, or a line that is none.

    Attributes:
        cells: of the record; of a damaged one, its best reading.
        start, end: where in the text it stands, its line end included.
        lines: how many lines it takes.
        damage: what is wrong with it.
        ignored: why it is no record.
    """

    cells: list[str]
    start: int
    end: int
    lines: int = 1
    damage: Damage | None = None
    ignored: Ignored | None = None


def read_text(
    text: str, dialect: Dialect, *, final: bool = True, max_record_chars: int = 1 << 22
) -> Iterator[Read]:
    """Yield the records and the ignored lines of a text, in order and without a gap.

    Args:
        text: begins at a record's start.
        dialect: `encoding`, `skipped_lines` and `header_records` play no part: every record is a record.
        final: whether the file ends with the text. If not, it ends before the first record that what follows may
            change: a line without its end, a quoted cell that is open, damage whose look-ahead is not there.
        max_record_chars: the longest record with its line end.
    """
    machine = Machine(text, dialect, final=final, max_record_chars=max_record_chars)
    line = 0
    while read := machine.read(line):
        yield read
        line += read.lines


class Machine:
    """Reads any record of a text by the number of its first line, counted from 0; for its arguments see `read_text`.

    Records are asked for from front to back.
    """

    def __init__(self, text: str, dialect: Dialect, *, final: bool, max_record_chars: int) -> None:
        self._text = text
        self._grammar = grammar_of(dialect)
        self._columns = dialect.columns
        self._comment = dialect.comment or None
        self._final = final
        self._max_chars = max_record_chars
        ends = [each.span() for each in self._grammar.line_end.finditer(text)]
        if not final and dialect.line_end is LineEnd.ANY and text.endswith("\r"):
            ends.pop()  # it may be half of a CRLF
        if final and (ends[-1][1] if ends else 0) < len(text):
            ends.append((len(text), len(text)))
        self._content_ends = [start for start, _ in ends]
        self._ends = [end for _, end in ends]
        self._lookahead = Lookahead(self._step)

    @property
    def lines(self) -> int:
        """How many whole lines the text has."""
        return len(self._ends)

    def end_of(self, line: int) -> int:
        """Where a line ends, its line end included; of line -1, where the text begins."""
        return self._ends[line] if line >= 0 else 0

    def read(self, line: int) -> Read | None:
        """The record or ignored line that begins with `line`; None where there is none or it is not decided."""
        if line >= len(self._ends):
            return None
        start, end = self.end_of(line - 1), self._ends[line]
        if end - start > self._max_chars:
            return Read([], start, end, damage=_too_long(end - start, self._max_chars))
        if ignored := self._ignored(start, self._content_ends[line]):
            return Read([], start, end, ignored=ignored)
        cells: list[str] = []
        within = self._read_cells(start, end, cells)
        return Read(cells, start, end) if within is Within.ENDED else self._read_on(line, within, len(cells))

    def _read_on(self, line: int, within: Within, cells: int) -> Read | None:
        """The record that is not whole after its first line, on which so many cells ended."""
        start = self.end_of(line - 1)
        stop = bisect_right(self._ends, start + self._max_chars)
        fate = Fate(within, line + 1, 0)
        if within.goes_on:
            fate = self._lookahead.fate(line + 1, within, stop=stop)
        if fate.within.goes_on and not self._final and len(self._text) - start <= self._max_chars:
            return None
        if fate.within is Within.ENDED:
            return self._read_several_lines(line, fate, cells + fate.cells)
        return self._read_damaged(line, stop, fate.within)

    def _ignored(self, start: int, content_end: int) -> Ignored | None:
        if self._grammar.blank.fullmatch(self._text, start, content_end):
            return Ignored.BLANK_LINE
        if self._comment and self._text.startswith(self._comment, start, content_end):
            delimiters = self._text.count(self._grammar.dialect.delimiter, start, content_end)
            if not (self._grammar.dialect.spares_records and delimiters + 1 == self._columns):
                return Ignored.COMMENT_LINE
        return None

    def _read_cells(self, at: int, stop: int, cells: list[str]) -> Within:
        """Gather the cells from `at` on until a line ends outside quotes, and no further than `stop`."""
        text, match = self._text, self._grammar.cell.match
        bare_text, quoted_text = self._grammar.bare_text, self._grammar.quoted_text
        while cell := match(text, at, stop):
            quoted, bare, delimiter, line_end = cell.groups()
            at = cell.end()
            if delimiter is None and line_end is None and self._goes_on(stop):
                return Within.BARE
            cells.append(bare_text(bare) if quoted is None else quoted_text(quoted))
            if delimiter is None:
                return Within.ENDED
        return self._unread(at, stop)

    def _unread(self, at: int, stop: int) -> Within:
        """What the cell at `at` is that is not closed on its line."""
        opening = self._grammar.opening.match(self._text, at, stop)
        assert opening is not None, "a bare cell can be read"
        inside = self._grammar.inside.match(self._text, opening.end(), stop)
        return Within.QUOTED if inside is None or inside.end() == stop else Within.STRAY

    def _goes_on(self, stop: int) -> bool:
        """Whether there is something behind `stop`, where a bare cell reached it: its line end is escaped."""
        return stop < len(self._text) or not self._final

    def _step(self, line: int, within: Within) -> tuple[Within, int]:
        """Go over one line of a record that began before it, for the `Lookahead`."""
        at, stop = self._ends[line - 1], self._ends[line]
        if within is Within.QUOTED:
            inside = self._grammar.inside.match(self._text, at, stop)
            at = inside.end() if inside else at
            if at == stop:
                return Within.QUOTED, 0
            rest = self._grammar.closing.match(self._text, at, stop)
        else:
            rest = self._grammar.bare.match(self._text, at, stop)
        cells = 0
        while rest is not None:
            at, delimiter, line_end = rest.end(), rest[rest.re.groups - 1], rest[rest.re.groups]
            if delimiter is None:
                escaped = line_end is None and within is not Within.QUOTED and self._goes_on(stop)
                return (Within.BARE, cells) if escaped else (Within.ENDED, cells + 1)
            cells += 1
            within = Within.BARE
            rest = self._grammar.cell.match(self._text, at, stop)
        return (self._unread(at, stop), cells) if cells else (Within.STRAY, 0)

    def _read_several_lines(self, line: int, fate: Fate, count: int) -> Read:
        start, lines = self.end_of(line - 1), fate.line - line
        if self._has_swallowed(lines, count) and (found := self._repair(line, line + 1, 1)):
            return self._mended(line, found, Within.QUOTED)
        end = self._ends[fate.line - 1]
        cells: list[str] = []
        self._read_cells(start, end, cells)
        return Read(cells, start, end, lines)

    def _has_swallowed(self, lines: int, count: int) -> bool:
        """Whether a record of so many lines and cells is what a quote makes of whole records, one a line.

        Each line end that it takes joins two cells. In two lines of a table of two columns that is a
        surplus cell as well, and so no evidence.
        """
        columns = self._columns
        if columns is None or columns < 2 or lines + columns < 5:
            return False
        return count == lines * columns - (lines - 1)

    def _read_damaged(self, line: int, stop: int, within: Within) -> Read | None:
        start = self.end_of(line - 1)
        found = self._repair(line, stop, MAX_REPAIR_LINES)
        if found is None and self._columns is not None and not self._final:
            seen = len(self._text) - start
            if len(self._ends) < line + MAX_REPAIR_LINES and seen <= min(MAX_REPAIR_CHARS, self._max_chars):
                return None
        return self._mended(
            line, found or cheapest(self._grammar, self._text, start, stop=self._content_ends[line]), within
        )

    def _repair(self, line: int, stop: int, max_lines: int) -> Repair | None:
        """Read a damaged record so that it has as many cells as there are columns; its lines end before `stop`."""
        start = self.end_of(line - 1)
        stop = max(min(stop, line + max_lines, bisect_right(self._ends, start + MAX_REPAIR_CHARS)), line + 1)
        end = self._ends[stop - 1]
        ends = self._final and end == len(self._text)
        return repair(self._grammar, self._text, start, stop=end, max_lines=max_lines, ends=ends)

    def _mended(self, line: int, found: Repair, within: Within) -> Read:
        end = self._ends[line + found.lines - 1]
        return Read(found.cells, self.end_of(line - 1), end, found.lines, _damage(within, found.cost))


def _damage(within: Within, cost: int) -> Damage:
    if within is Within.STRAY:
        message = "a quote in a quoted cell is not doubled, and is not the cell's end"
        return Damage(RejectCode.STRAY_QUOTE, message, cost)
    message = "a quote opens a cell, and is not closed where the record must end"
    return Damage(RejectCode.UNCLOSED_QUOTE, message, cost)


def _too_long(size: int, limit: int) -> Damage:
    return Damage(RejectCode.RECORD_TOO_LONG, f"a line of {size} characters; a record has at most {limit}")
