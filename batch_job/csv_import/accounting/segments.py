"""Segments: which records are known to be in the table, what they came to, and from where the next attempt goes on."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from csv_import.accounting.books import Books
from csv_import.rejects import Location


@dataclass(slots=True)
class _Segment:
    batches: int = 0
    acknowledged: int = 0
    books: Books | None = None

    def settled(self) -> bool:
        return self.books is not None and self.acknowledged == self.batches


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """The first segment and record that are not yet settled.

    Attributes:
        state: key of the artifact that says what everything before came to; None at the part's start.
    """

    segment: int
    at: Location
    state: str | None = None


class Segments:
    """Follows the batches of each segment, and gives up the books of the longest prefix of settled ones.

    Holds the books of each segment that is not settled.

    Args:
        first: the segment that this attempt begins with.
        on_settled: called with the books of each segment in turn, as soon as it and all before it are settled.
    """

    def __init__(self, first: int = 0, on_settled: Callable[[Books], object] = lambda _: None) -> None:
        self._open: dict[int, _Segment] = {}
        self._on_settled = on_settled
        self.settled = first
        """How many segments from the part's start on are settled."""
        self.items_acknowledged = 0

    def sealed(self, segment: int) -> None:
        """A batch of the segment is on its way."""
        self._open.setdefault(segment, _Segment()).batches += 1

    def acknowledged(self, segment: int, items: int) -> None:
        """A batch of the segment is settled; so many of its items are in the table, or left alone."""
        self._open[segment].acknowledged += 1
        self.items_acknowledged += items
        self._advance()

    def read(self, books: Books) -> None:
        """All records of the segment are read, its batches sealed, its rejects kept."""
        self._open.setdefault(books.segment, _Segment()).books = books
        self._advance()

    def _advance(self) -> None:
        while (segment := self._open.get(self.settled)) and segment.settled():
            assert segment.books is not None
            del self._open[self.settled]
            self.settled += 1
            self._on_settled(segment.books)
