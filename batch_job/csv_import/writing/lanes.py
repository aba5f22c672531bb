"""Lanes: many requests in flight, and yet the rows of one key written in file order.

A key always takes the same lane, by its digest, and a lane has one request in flight. What is handed in and
not yet acknowledged is bounded in bytes, so one slow lane holds the reader up instead of filling memory.
"""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable
from dataclasses import dataclass
from types import TracebackType

from csv_import.settings import WriteLimits
from csv_import.shaping.item import Item
from csv_import.writing.batch import Batch, Merge
from csv_import.writing.delivery import Delivery, Effort
from csv_import.writing.modes.rule import later_stays

Acknowledged = Callable[[int, int], None]


@dataclass(slots=True)
class _Lane:
    delivery: Delivery
    waiting: queue.SimpleQueue[Batch | None]
    thread: threading.Thread
    batch: Batch | None = None


class Lanes:
    """Writes items through lanes; use as a context manager, and from one thread.

    Args:
        new_delivery: makes the delivery of one lane.
        limits: number of lanes, sizes of batches, bytes unacknowledged.
        merge: what two rows with one key in an unsent batch come to.
        on_sealed: called with a segment whenever a batch of it is complete, before it is sent.
        on_acknowledged: called with a segment and a number of items when these are in the table; from the
            lanes' threads.

    Attributes:
        merged: items that were merged with another before they were sent.
    """

    def __init__(
        self,
        new_delivery: Callable[[], Delivery],
        limits: WriteLimits,
        *,
        on_sealed: Callable[[int], None],
        on_acknowledged: Acknowledged,
        merge: Merge = later_stays,
    ) -> None:
        self._limits = limits
        self._merge = merge
        self._on_sealed = on_sealed
        self._on_acknowledged = on_acknowledged
        self._changed = threading.Condition()
        self._unacknowledged_bytes = 0
        self._failure: BaseException | None = None
        self.merged = 0
        self._lanes = [self._start(new_delivery()) for _ in range(limits.lanes)]

    def put(self, item: Item, segment: int) -> None:
        """Take an item on its way; blocks while too much is unacknowledged.

        Raises:
            JobStop: what a lane failed with.
        """
        lane = self._lanes[int.from_bytes(item.key[:4], "big") % len(self._lanes)]
        batch = lane.batch
        if batch is None:
            batch = lane.batch = Batch(segment)
        merged = batch.put(item, self._merge)
        if merged is None:
            self._seal(lane)
            batch = lane.batch = Batch(segment)
            merged = batch.put(item)
        self.merged += bool(merged)
        if len(batch.items) >= self._limits.max_batch_items or batch.size >= self._limits.max_batch_bytes:
            self._seal(lane)

    def end_segment(self) -> None:
        """Send off what is in hand: a batch never spans two segments."""
        for lane in self._lanes:
            if lane.batch is not None:
                self._seal(lane)

    def drain(self) -> None:
        """Return when all that was put is in the table.

        Raises:
            JobStop: what a lane failed with.
        """
        self.end_segment()
        with self._changed:
            self._changed.wait_for(lambda: self._failure or not self._unacknowledged_bytes)
        self._raise_failure()

    def effort(self) -> Effort:
        """What the lanes have done so far."""
        total = Effort()
        for lane in self._lanes:
            total += lane.delivery.effort
        return total

    def __enter__(self) -> Lanes:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """End the threads: what is queued but not sent stays unsent, what is being sent is waited for."""
        with self._changed:
            if self._failure is None and error is not None:
                self._failure = error
        for lane in self._lanes:
            lane.waiting.put(None)
        for lane in self._lanes:
            lane.thread.join()

    def _start(self, delivery: Delivery) -> _Lane:
        waiting: queue.SimpleQueue[Batch | None] = queue.SimpleQueue()
        thread = threading.Thread(target=self._run, args=(delivery, waiting), daemon=True, name="lane")
        thread.start()
        return _Lane(delivery, waiting, thread)

    def _seal(self, lane: _Lane) -> None:
        batch, lane.batch = lane.batch, None
        assert batch is not None
        with self._changed:
            self._changed.wait_for(
                lambda: self._failure or self._unacknowledged_bytes < self._limits.max_unacknowledged_bytes
            )
            self._raise_failure()
            self._unacknowledged_bytes += batch.size
        self._on_sealed(batch.segment)
        lane.waiting.put(batch)

    def _raise_failure(self) -> None:
        if self._failure is not None:
            raise self._failure

    def _run(self, delivery: Delivery, waiting: queue.SimpleQueue[Batch | None]) -> None:
        while (batch := waiting.get()) is not None:
            if self._failure is not None:
                continue
            try:
                delivery.deliver(batch, self._raise_failure)
                self._on_acknowledged(batch.segment, len(batch.items))
            except BaseException as error:
                with self._changed:
                    self._failure = self._failure or error
                    self._changed.notify_all()
            else:
                with self._changed:
                    self._unacknowledged_bytes -= batch.size
                    self._changed.notify_all()
