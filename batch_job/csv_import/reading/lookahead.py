"""Where a record that goes on behind its first line ends; each line is walked once, whoever asks."""

from __future__ import annotations

from array import array
from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum, auto


class Within(Enum):
    """Where the strict reading stands at the start of a line; or how it ended."""

    QUOTED = auto()
    BARE = auto()
    """In a bare cell: the line end before was escaped."""
    ENDED = auto()
    STRAY = auto()
    """A quote that should have closed a cell has neither delimiter nor line end behind it."""

    @property
    def goes_on(self) -> bool:
        """Whether the record takes another line."""
        return self in (Within.QUOTED, Within.BARE)


@dataclass(frozen=True, slots=True)
class Fate:
    """How a record goes on.

    Attributes:
        within: how it ended; or that it goes on, where the lines that could be walked gave out.
        line: the line behind the last that was walked.
        cells: how many cells ended on the lines that were walked.
    """

    within: Within
    line: int
    cells: int


class _Walk:
    """How one reading stands at the start of `first` and of each line behind it, and how many cells had ended there."""

    def __init__(self, first: int, within: Within) -> None:
        self.first = first
        self.last = first
        self.within = within
        """How it stands at the start of `last`, or how it ended on the line before."""
        self.joins: _Walk | None = None
        self._bare = bytearray([within is Within.BARE])
        self._cells = array("q", [0])

    def passes(self, line: int, within: Within) -> bool:
        """Whether it stands like that at the start of `line`."""
        if not self.first <= line <= self.last or (line == self.last and not self.within.goes_on):
            return False
        return bool(self._bare[line - self.first]) == (within is Within.BARE)

    def cells_before(self, line: int) -> int:
        """How many cells had ended at the start of `line`."""
        return self._cells[line - self.first]

    def add(self, within: Within, cells: int) -> None:
        """Take the line `last`."""
        self.last += 1
        self.within = within
        self._bare.append(within is Within.BARE)
        self._cells.append(self._cells[-1] + cells)


class Lookahead:
    """Follows records over the lines of one text.

    Two readings that stand alike at the start of a line are the same from there on. So a line is walked at most once
    for each way to stand, although every damaged line asks anew what becomes of it.

    Args:
        step: reads one line: its number and how the reading stands at its start give how it stands behind it, and
            how many cells ended on it.
    """

    def __init__(self, step: Callable[[int, Within], tuple[Within, int]]) -> None:
        self._step = step
        self._walks: list[_Walk] = []

    def fate(self, line: int, within: Within, *, stop: int) -> Fate:
        """What becomes of a record that stands `within` at the start of `line`, without walking line `stop`.

        From one call to the next neither `line` nor `stop` goes back.
        """
        self._walks = [walk for walk in self._walks if walk.last >= line]
        walk = self._walk_through(line, within)
        if walk is None:
            walk = _Walk(line, within)
            self._walks.append(walk)
        cells = -walk.cells_before(line)
        while True:
            self._go_on(walk, stop)
            cells += walk.cells_before(walk.last)
            if walk.joins is None:
                return Fate(walk.within, walk.last, cells)
            cells -= walk.joins.cells_before(walk.last)
            walk = walk.joins

    def _go_on(self, walk: _Walk, stop: int) -> None:
        while walk.within.goes_on and walk.last < stop and walk.joins is None:
            walk.add(*self._step(walk.last, walk.within))
            if walk.within.goes_on:
                walk.joins = self._walk_through(walk.last, walk.within, besides=walk)

    def _walk_through(self, line: int, within: Within, besides: _Walk | None = None) -> _Walk | None:
        found = (walk for walk in self._walks if walk is not besides and walk.passes(line, within))
        return next(found, None)
