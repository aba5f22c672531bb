"""Segments: which records are known to be in the table, and from where the next attempt would go on."""

from __future__ import annotations

import threading
from dataclasses import dataclass

from csv_import.rejects import Location


@dataclass(slots=True)
class _Segment:
    batches: int = 0
    acknowledged: int = 0
    end: Location | None = None

    def settled(self) -> bool:
        return self.end is not None and self.acknowledged == self.batches


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """The first segment and record that are not yet settled."""

    segment: int
    at: Location


class Segments:
    """Follows the batches of each segment; the checkpoint is the longest prefix of settled segments.

    May be called from many threads. Holds a few numbers for each segment that is not settled.

    Args:
        start: the part's first record.
    """

    def __init__(self, start: Location) -> None:
        self._lock = threading.Lock()
        self._open: dict[int, _Segment] = {}
        self._checkpoint = Checkpoint(0, start)
        self.items_acknowledged = 0

    def sealed(self, segment: int) -> None:
        """A batch of the segment is on its way."""
        with self._lock:
            self._open.setdefault(segment, _Segment()).batches += 1

    def acknowledged(self, segment: int, items: int) -> None:
        """A batch of the segment, of so many items, is in the table."""
        with self._lock:
            self._open[segment].acknowledged += 1
            self.items_acknowledged += items
            self._advance()

    def read(self, segment: int, end: Location) -> None:
        """All records of the segment are read, its batches sealed, its rejects kept; `end` is the next record."""
        with self._lock:
            self._open.setdefault(segment, _Segment()).end = end
            self._advance()

    def checkpoint(self) -> Checkpoint:
        """Where the next attempt would go on."""
        with self._lock:
            return self._checkpoint

    def _advance(self) -> None:
        while (segment := self._open.get(self._checkpoint.segment)) and segment.settled():
            assert segment.end is not None
            del self._open[self._checkpoint.segment]
            self._checkpoint = Checkpoint(self._checkpoint.segment + 1, segment.end)
