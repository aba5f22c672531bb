"""Checkpoints of one attempt: settled segments wait here until what they came to is kept."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable

from csv_import.accounting.books import Books
from csv_import.accounting.saved_books import SavedBooks
from csv_import.accounting.segments import Checkpoint


class Checkpoints:
    """Takes the books of settled segments from the thread that loads, and keeps them from the one that beats.

    Args:
        saved: where books are kept.
        reached: the checkpoint that this attempt goes on from.
        wake: called when there is something to keep.
    """

    def __init__(
        self, saved: SavedBooks, reached: Checkpoint, wake: Callable[[], object] = lambda: None
    ) -> None:
        self.saved = saved
        self.wake = wake
        self._reached = reached
        self._settled: deque[Books] = deque()
        self._waiting: list[Books] = []
        self._end = reached
        self._settled_bytes = self._saved_bytes = 0  # each is written by one thread

    @property
    def reached(self) -> Checkpoint:
        """The last checkpoint that is kept."""
        return self._reached

    @property
    def end(self) -> Checkpoint:
        """Behind the last segment that is settled, kept or not: where a part that is done has ended."""
        return self._end

    @property
    def unsaved_bytes(self) -> int:
        """Digests of settled segments that are not kept yet."""
        return self._settled_bytes - self._saved_bytes

    def settled(self, books: Books) -> None:
        """Take in a segment's books; called in the order of segments, by one thread."""
        self._settled_bytes += books.keys.size
        self._end = Checkpoint(books.segment + 1, books.end)
        self._settled.append(books)
        self.wake()

    def make_room(self, max_bytes: int, wait: Callable[[], object]) -> None:
        """Wait, again and again, until not more than so many bytes are unsaved; raises what `wait` raises."""
        while self.unsaved_bytes > max_bytes:
            wait()

    def save(self) -> Checkpoint:
        """Keep what is settled; gives the checkpoint that the ledger may tell. One thread at a time.

        Raises:
            ServiceAway: `s3_unavailable`; what is settled waits for the next call.
            BadConfiguration: `artifacts_forbidden`.
        """
        while self._settled:
            self._waiting.append(self._settled.popleft())
        if self._waiting:
            last = self._waiting[-1]
            state = self.saved.keep(self._waiting, self._reached.state)
            self._reached = Checkpoint(last.segment + 1, last.end, state)
            self._saved_bytes += sum(books.keys.size for books in self._waiting)
            self._waiting.clear()
        return self._reached
