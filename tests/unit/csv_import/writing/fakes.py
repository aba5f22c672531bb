"""A table that a test writes to, and a backoff that never waits."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping

from csv_import.settings import WriteLimits
from csv_import.shaping.item import Item, key_digest
from csv_import.waiting import Backoff
from csv_import.writing.delivery import Answer, Trouble


def item(key: str, body: bytes = b"{}") -> Item:
    return Item(key_digest([key]), body)


PLENTY = 200_000


def backoff(repetitions: int = PLENTY) -> Callable[[], Backoff]:
    """Backoffs that say no after so many repetitions without progress, and never pause."""

    def new() -> Backoff:
        ticks = iter(range(repetitions + 1))
        return Backoff(0, 0, repetitions, clock=lambda: next(ticks, repetitions), pause=lambda _: None)

    return new


def limits(**changes: int) -> WriteLimits:
    values = {"lanes": 4, "max_batch_items": 3, "max_batch_bytes": 1000, "max_unacknowledged_bytes": 10_000}
    return WriteLimits(**(values | changes))


class Table:
    """Takes writes from many threads, as DynamoDB does; `sent` are the batches in order of arrival."""

    def __init__(self) -> None:
        self.items: dict[bytes, bytes] = {}
        self.sent: list[dict[bytes, bytes]] = []
        self._lock = threading.Lock()

    def write(self, items: Mapping[bytes, bytes]) -> None:
        with self._lock:
            self.items.update(items)

    def __call__(self, items: Mapping[bytes, bytes]) -> Answer:
        with self._lock:
            self.sent.append(dict(items))
            self.items.update(items)
        return Answer(frozenset())


def throttled(items: Mapping[bytes, bytes]) -> Answer:
    return Answer(frozenset(items), Trouble.THROTTLED, "UnprocessedItems")
