"""A table with a capacity, in simulated time: writers send, it takes what it has units for and refuses the rest."""

from __future__ import annotations

import heapq
import json
import random
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from csv_import.writing.batch import sealed
from csv_import.writing.bucket import Bucket
from csv_import.writing.connections import Response
from csv_import.writing.sending import Sending
from csv_import.writing.window import Window
from tests.unit.csv_import.writing.fakes import (
    TABLE,
    Clock,
    Log,
    body,
    puts_of,
    said,
    sending_to,
    text,
)

BATCH_ITEMS = 25
LATENCY_S = 0.01


@dataclass
class Meter:
    """Units come at a rate and are kept for `burst_s`; items of one unit each are taken while there are any.

    Args:
        whole: whether a request is refused whole where not all of its items can be taken.
    """

    units_per_s: float
    burst_s: float = 1.0
    at: float = 0.0
    whole: bool = False
    units: float = 0.0
    requests: int = 0
    throttled: int = 0
    sent: list[tuple[float, int]] = field(default_factory=list)
    taken: list[tuple[float, int]] = field(default_factory=list)

    def __call__(self, now: float, puts: list[dict[str, Any]]) -> Response:
        self.units = min(self.units + (now - self.at) * self.units_per_s, self.units_per_s * self.burst_s)
        self.at = now
        self.requests += 1
        count = self._count(len(puts))
        self.units -= count
        self.sent.append((now, len(puts)))
        self.taken.append((now, count))
        left = puts[count:]
        self.throttled += bool(left)
        if left and self.whole:
            return said("ProvisionedThroughputExceededException")
        told: dict[str, Any] = {
            "UnprocessedItems": {TABLE: [{"PutRequest": {"Item": put}} for put in left]} if left else {},
            "ConsumedCapacity": [{"CapacityUnits": float(count)}],
        }
        return Response(200, json.dumps(told).encode())

    def _count(self, items: int) -> int:
        """How many of a request's items are taken."""
        affordable = min(items, int(self.units))
        return 0 if self.whole and affordable < items else affordable

    def rate(self, start: float, stop: float) -> float:
        """Units a second taken between two times."""
        return sum(count for at, count in self.taken if start <= at < stop) / (stop - start)

    def asked(self, start: float, stop: float) -> float:
        """Items a second sent between two times."""
        return sum(count for at, count in self.sent if start <= at < stop) / (stop - start)


@dataclass
class Choosy(Meter):
    """Refuses four of five whatever the pace, as a table does most of whose partitions are busy: items, or requests."""

    def _count(self, items: int) -> int:
        if self.whole:
            return super()._count(items) if self.requests % 5 == 0 else 0
        return super()._count(-(-items // 5))


class Wires:
    """Carries the requests of one writer to the meter; the answer comes after a latency that varies."""

    def __init__(
        self, meter: Callable[[float, list[dict[str, Any]]], Response], clock: Clock, seed: int
    ) -> None:
        self.meter = meter
        self.clock = clock
        self.chance = random.Random(seed)
        self.under_way: list[tuple[float, int, Response]] = []

    def start(self, lane: int, headers: list[str], body: bytes) -> None:
        arrives = self.clock() + LATENCY_S * self.chance.uniform(0.5, 1.5)
        heapq.heappush(self.under_way, (arrives, lane, self.meter(self.clock(), puts_of(body))))

    def finished(self, wait_s: float) -> list[tuple[int, Response]]:
        come = []
        while self.under_way and self.under_way[0][0] <= self.clock():
            _, lane, response = heapq.heappop(self.under_way)
            come.append((lane, response))
        return come

    def close(self) -> None:
        pass


class Writer:
    """Has rows without end, and writes as fast as it may."""

    def __init__(
        self,
        meter: Meter,
        clock: Clock,
        *,
        lanes: int = 32,
        bucket: Bucket | None = None,
        seed: int = 0,
        wires: Any = None,
    ) -> None:
        chance = random.Random(seed + 1000)
        wires = wires or Wires(meter, clock, seed)
        self.log = Log()
        self.lanes = lanes
        self.next = 0
        self.sending: Sending = sending_to(
            wires,
            lanes=lanes,
            log=self.log,
            window=Window(lanes, first=4, draw=chance.uniform),
            bucket=bucket,
            draw=chance.uniform,
        )

    def step(self) -> None:
        """Keep two batches waiting in each lane, and move on."""
        while self.sending.unsettled < 2 * self.lanes:
            keys = [f"{self.next}-{each}" for each in range(BATCH_ITEMS)]
            entries = {text(key): (body(key), at) for at, key in enumerate(keys)}
            self.sending.take(self.next % self.lanes, sealed(0, entries))
            self.next += 1
        self.sending.move(0.0)


def run(
    writers: list[Writer], clock: Clock, seconds: float, each_step: Callable[[], None] = lambda: None
) -> None:
    """Let time pass in steps of a millisecond."""
    until = clock() + seconds
    while clock() < until:
        for writer in writers:
            writer.step()
        each_step()
        clock.seconds += 0.001
