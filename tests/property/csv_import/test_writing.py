"""However requests fail, the table is in the end what a loop of single writes would have left."""

from __future__ import annotations

import random
import threading
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

from hypothesis import given, settings
from hypothesis import strategies as st

from csv_import.settings import WriteLimits
from csv_import.shaping.item import key_digest
from csv_import.writing.delivery import Answer, Delivery, Trouble
from csv_import.writing.lanes import Lanes
from tests.unit.csv_import.writing.fakes import Table, backoff, item


@dataclass(frozen=True)
class Faults:
    """What a service does to a request, decided by its content and a seed: so a failing case fails again."""

    seed: int
    throttled: float
    applied_but_failed: float
    partly: float

    def send_to(self, table: Table) -> FaultySend:
        return FaultySend(self, table)


class FaultySend:
    """Applies all of a request, some of it or nothing, and does not always say so."""

    def __init__(self, faults: Faults, table: Table) -> None:
        self.faults = faults
        self.table = table
        self.asked: Counter[frozenset[bytes]] = Counter()
        self.lock = threading.Lock()

    def __call__(self, items: Mapping[bytes, bytes]) -> Answer:
        keys = frozenset(items)
        with self.lock:
            self.asked[keys] += 1
            times = self.asked[keys]
        chance = random.Random(f"{self.faults.seed} {times} {sorted(items.values())}")
        if chance.random() < self.faults.throttled:
            return Answer(keys, Trouble.THROTTLED, "throttled")
        if chance.random() < self.faults.applied_but_failed:
            self.table.write(items)
            return Answer(keys, Trouble.UNAVAILABLE, "the answer was lost")
        if chance.random() < self.faults.partly:
            left = frozenset(key for key in sorted(items) if chance.random() < 0.5)
            self.table.write({key: body for key, body in items.items() if key not in left})
            return Answer(left, Trouble.THROTTLED if left else None, "partly")
        self.table.write(items)
        return Answer(frozenset())


faults = st.builds(
    Faults,
    seed=st.integers(0, 1 << 16),
    throttled=st.sampled_from([0.0, 0.3, 0.7]),
    applied_but_failed=st.sampled_from([0.0, 0.3, 0.6]),
    partly=st.sampled_from([0.0, 0.4, 0.8]),
)
bounds = st.builds(
    WriteLimits,
    lanes=st.integers(1, 8),
    max_batch_items=st.integers(1, 5),
    max_batch_bytes=st.sampled_from([1, 20, 10_000]),
    max_unacknowledged_bytes=st.sampled_from([1, 50, 100_000]),
)


@given(st.lists(st.integers(0, 9), max_size=120), st.integers(1, 50), bounds, faults)
@settings(max_examples=150, deadline=None)
def test_the_table_ends_as_the_sequential_loop_leaves_it(
    keys: list[int], segment_rows: int, limits: WriteLimits, faults: Faults
) -> None:
    table, expected = Table(), {}
    sealed: Counter[int] = Counter()
    acknowledged: Counter[int] = Counter()
    items = 0
    lock = threading.Lock()

    def on_acknowledged(segment: int, count: int) -> None:
        nonlocal items
        with lock:
            acknowledged[segment] += 1
            items += count

    send = faults.send_to(table)
    with Lanes(
        lambda: Delivery(send, backoff(), lambda: None),
        limits,
        on_sealed=lambda segment: sealed.update([segment]),
        on_acknowledged=on_acknowledged,
    ) as lanes:
        for row, key in enumerate(keys):
            if row and row % segment_rows == 0:
                lanes.end_segment()
            body = f"row {row}".encode()
            lanes.put(item(str(key), body), row // segment_rows)
            expected[key_digest([str(key)])] = body
        lanes.drain()

        assert table.items == expected
        assert acknowledged == sealed
        assert items + lanes.merged == len(keys)
        effort = lanes.effort()
        assert effort.requests == send.asked.total() == sealed.total() + effort.retries
    assert not [thread for thread in threading.enumerate() if thread.name == "lane"]
