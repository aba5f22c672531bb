"""The best reading of a damaged record: as few quotes as can be are taken for text, so that the cells come out right.

A quoted cell ends at the first quote that is not doubled and has a delimiter or a line end behind it. What may be read
in two ways is each opening quote (it opens a cell, or is text), and each run of doubled quotes before a delimiter
(all doubled, or one is text and the last closes). All these readings are followed at once, and of those that stand
alike only the cheapest.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from enum import Enum, auto
from typing import NamedTuple

from csv_import.reading.dialect import Escape
from csv_import.reading.grammar import Grammar

MAX_STEPS = 100_000
"""How many steps may be spent on reading a record so that its cells come out right."""


@dataclass(frozen=True, slots=True)
class Repair:
    """A reading of a damaged record: its cells, its lines, and how many quotes were taken for text."""

    cells: list[str]
    lines: int
    cost: int


class _In(Enum):
    BARE = auto()
    TEXT = auto()
    """In a bare cell whose opening quote is taken for text, and so is every other quote in it."""
    CLEAN = auto()
    """In a quoted cell, no quote taken for text in it."""
    MENDED = auto()
    """In a quoted cell with such a quote: it must end on its line."""
    SPREAD = auto()
    """In a quoted cell that holds a line end: no quote may be taken for text in it."""
    CLOSED = auto()
    """Behind a quoted cell."""


_MAY_END = (_In.BARE, _In.TEXT, _In.CLOSED)


class _Cell(NamedTuple):
    """A cell that has ended, and those before it."""

    before: _Cell | None
    start: int
    end: int
    quoted: bool


class _Way(NamedTuple):
    """One reading so far. Of two that stand alike, the lower one in `cost`, then in `texts`, goes on.

    `cost` counts the quotes that are taken for text, `texts` those of them that would have opened a cell. `start` and
    `end` are those of the present cell.
    """

    cost: int
    texts: int
    cells: _Cell | None
    start: int
    end: int = -1

    def ended(self, at: int) -> _Way:
        """With the present cell ended: a bare one ends here, a quoted one did so at its quote."""
        bare = self.end < 0
        cell = _Cell(self.cells, self.start, at if bare else self.end, not bare)
        return self._replace(cells=cell, start=-1, end=-1)


_Ways = dict[tuple[int, _In], _Way]
"""By the number of cells before the present one (0 where they are not counted), and by where the reading stands."""


def repair(
    grammar: Grammar, text: str, start: int, *, stop: int, max_lines: int, ends: bool
) -> Repair | None:
    """Read the damaged record at `start` as the fewest lines that can have `columns` cells, at the lowest cost.

    Args:
        stop: where the lines end that may be looked at.
        max_lines: how many lines the record may take.
        ends: whether the file ends at `stop`, so that a record does, too.

    Returns:
        None where no reading has `columns` cells, or where it takes too many steps to find one.
    """
    columns = grammar.dialect.columns
    return None if columns is None else _Search(grammar, text, stop, columns).run(start, max_lines, ends=ends)


def cheapest(grammar: Grammar, text: str, start: int, *, stop: int) -> Repair:
    """The cheapest reading of one line, whatever the number of its cells; `stop` is where its line end begins."""
    found = _Search(grammar, text, stop, None).run(start, max_lines=1, ends=True)
    assert found is not None, "every quote may be text"
    return found


class _Search:
    """All readings of one record at once, from left to right."""

    def __init__(self, grammar: Grammar, text: str, stop: int, columns: int | None) -> None:
        self._grammar = grammar
        self._text = text
        self._stop = stop
        self._columns = columns
        self._quote = len(grammar.dialect.quote or "")
        self._doubles = grammar.dialect.escape is Escape.DOUBLED
        self._ways: _Ways = {}
        self._opened: _Ways = {}
        """Those whose present cell begins with the quotes that come next."""

    def run(self, start: int, max_lines: int, *, ends: bool) -> Repair | None:
        self._start_cells([(0, _Way(0, 0, None, start))], start)
        lines = steps = line_start = 0
        for token in self._grammar.damage.finditer(self._text, start, self._stop):
            steps += len(self._ways)
            if self._columns is not None and steps > MAX_STEPS:
                return None
            match token.lastgroup:
                case "quotes":
                    self._take_quotes(token)
                case "delimiter":
                    self._start_cells(self._end_cells(token.start()), token.end())
                case "escape" if token["escaped_line_end"]:
                    lines, line_start = lines + 1, token.end()
                case "line_end":
                    lines += 1
                    found = self._whole(token.start(), lines)
                    if found or lines == max_lines:
                        return found
                    self._go_on_behind_line()
            if not self._ways:
                return None
        return self._whole(self._stop, lines + (line_start < self._stop)) if ends else None

    def _start_cells(self, before: Iterable[tuple[int, _Way]], at: int) -> None:
        """Begin a cell at `at` in each reading that has room for one."""
        opening = self._grammar.opening.match(self._text, at, self._stop)
        for count, way in before:
            bare = way._replace(start=at)
            if opening is None:
                self._keep(self._ways, count, _In.BARE, bare)
            else:
                self._keep(self._opened, count, _In.CLEAN, way._replace(start=opening.end()))
                self._keep(self._ways, count, _In.TEXT, bare._replace(texts=way.texts + 1))

    def _take_quotes(self, token: re.Match[str]) -> None:
        quotes = (token.end() - token.start()) // self._quote
        closes = self._grammar.before_end.match(self._text, token.end(), self._stop) is not None
        ways: _Ways = {}
        for opened, before in ((0, self._ways), (1, self._opened)):
            for (count, where), way in before.items():
                if where is _In.BARE or quotes == opened:
                    self._keep(ways, count, where, way)
                    continue
                if where is _In.TEXT:
                    self._keep(ways, count, where, way._replace(cost=way.cost + quotes))
                    continue
                odd = (quotes - opened) % 2 == 1 or not self._doubles
                if odd and closes:
                    self._keep(ways, count, _In.CLOSED, way._replace(end=token.end() - self._quote))
                    continue
                if not odd:
                    self._keep(ways, count, where, way)
                if (odd or closes) and where is not _In.SPREAD:
                    mended = way._replace(cost=way.cost + 1)
                    if odd:
                        self._keep(ways, count, _In.MENDED, mended)
                    else:
                        self._keep(ways, count, _In.CLOSED, mended._replace(end=token.end() - self._quote))
        self._ways, self._opened = ways, {}

    def _end_cells(self, at: int) -> list[tuple[int, _Way]]:
        """Take a delimiter: the readings that stand behind a cell then, with the number of their cells."""
        ways: _Ways = {}
        ended: _Ways = {}
        for (count, where), way in self._ways.items():
            if where not in _MAY_END:
                ways[count, where] = way
            elif self._columns is None:
                self._keep(ended, 0, _In.CLOSED, way.ended(at))
            elif count + 2 <= self._columns:
                self._keep(ended, count + 1, _In.CLOSED, way.ended(at))
        self._ways = ways
        return [(count, way) for (count, _), way in ended.items()]

    def _whole(self, at: int, lines: int) -> Repair | None:
        """The best reading that is a whole record if the line ends at `at`."""
        best: _Way | None = None
        for (count, where), way in self._ways.items():
            if where in _MAY_END and self._columns in (None, count + 1):
                best = way.ended(at) if best is None or _rank(way) < _rank(best) else best
        return None if best is None else Repair(self._cells(best.cells), lines, best.cost)

    def _go_on_behind_line(self) -> None:
        ways: _Ways = {}
        for (count, where), way in (*self._ways.items(), *self._opened.items()):
            if where in (_In.CLEAN, _In.SPREAD):
                self._keep(ways, count, _In.SPREAD, way)
        self._ways, self._opened = ways, {}

    def _cells(self, last: _Cell | None) -> list[str]:
        cells = []
        while last is not None:
            read = self._grammar.mended_text if last.quoted else self._grammar.bare_text
            cells.append(read(self._text[last.start : last.end]))
            last = last.before
        return cells[::-1]

    @staticmethod
    def _keep(ways: _Ways, count: int, where: _In, way: _Way) -> None:
        other = ways.get((count, where))
        if other is None or _rank(way) < _rank(other):
            ways[count, where] = way


def _rank(way: _Way) -> tuple[int, int]:
    return way.cost, way.texts
