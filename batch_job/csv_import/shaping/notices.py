"""What is told about cells that were loaded all the same, counted by column."""

from __future__ import annotations

from collections import Counter
from typing import TypeVar

from csv_import.rejects import Reason
from csv_import.shaping.values.value import Notice, Tell

_Shaped = TypeVar("_Shaped")


class Notices:
    """Counts notices by column and kind: cells of rows that were accepted, each cell once.

    What is told is kept aside until the row is accepted (`keep`), or is not (`forget`).

    Attributes:
        counts: cells by (column, notice).
    """

    def __init__(self) -> None:
        self.counts: Counter[tuple[str, Notice]] = Counter()
        self._told: list[tuple[str, Notice]] = []

    def about(self, column: str) -> Tell:
        """What takes notices about cells of one column."""

        def tell(notice: Notice) -> None:
            self._told.append((column, notice))

        return tell

    @property
    def told(self) -> int:
        """How many notices are kept aside."""
        return len(self._told)

    def keep(self) -> None:
        """Count what was told: the row is accepted."""
        if self._told:
            self.counts.update(set(self._told))
            self._told.clear()

    def forget(self, told: int = 0) -> None:
        """Drop what was told since there were so many notices."""
        if self._told:
            del self._told[told:]

    def judge(self, shaped: _Shaped) -> _Shaped:
        """Count what was told of a row that is accepted, and drop it of one that is not; gives what was given."""
        if isinstance(shaped, Reason):
            self.forget()
        else:
            self.keep()
        return shaped

    def take(self) -> frozenset[tuple[str, Notice]]:
        """What was told, each notice about a column once; it is not kept aside any more."""
        if not self._told:
            return _NOTHING
        taken = frozenset(self._told)
        self._told.clear()
        return taken


_NOTHING: frozenset[tuple[str, Notice]] = frozenset()
