"""A lane's batches on their way, piece by piece, and who hears what becomes of them."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field
from typing import Protocol

from csv_import.waiting import Backoff
from csv_import.writing.batch import Batch, Entries


class Progress(Protocol):
    """Hears what became of batches."""

    def tell(self, segment: int, key: bytes, left_alone: bool) -> None:
        """What became of an item whose request had a condition, in the order of the rows of its key."""
        ...

    def acknowledged(self, segment: int, items: int) -> None:
        """A batch is settled: so many of its items are in the table, or left alone; the others were refused."""
        ...

    def refused(self, segment: int, record: int, key: bytes, message: str) -> None:
        """DynamoDB refuses the item of this record; the rest of its batch goes on."""
        ...


PIECE_BYTES = 512
"""What a request that waits takes beside its items."""


@dataclass(slots=True)
class OpenBatch:
    """A batch some of whose items are not settled yet.

    Attributes:
        size: bytes that it takes.
        pieces: requests that are to be settled.
        settled: items that are.
    """

    batch: Batch
    size: int
    pieces: int
    settled: int = 0


@dataclass(slots=True)
class Piece:
    """Items of one batch that go out together, and how often they have failed to.

    Attributes:
        items: how many they were at first.
        backoff: paces its repetitions, once there are any.
        alone: whether it is one row of several that had become one item, which was refused.
    """

    open: OpenBatch
    entries: Entries
    items: int
    alone: bool = False
    backoff: Backoff | None = None


@dataclass(slots=True)
class Lane:
    """A lane: what waits in it, its head first, and when the head was sent, for how many units."""

    number: int
    waiting: deque[Piece] = field(default_factory=deque)
    started: float = 0.0
    units: float = 0.0
