"""Threads take part, and yet nothing here depends on how fast they are: where order matters, an event decides it."""

import threading
from collections import Counter
from collections.abc import Callable, Mapping

import pytest

from csv_import.errors import BadConfiguration, BadData, ServiceAway
from csv_import.settings import WriteLimits
from csv_import.writing.delivery import Answer, Delivery
from csv_import.writing.lanes import Lanes
from tests.unit.csv_import.writing.fakes import PLENTY, Table, backoff, item, limits, throttled

PATIENCE_S = 30
"""How long an event is waited for before a test fails: never waited out when all is well."""

Send = Callable[[Mapping[bytes, bytes]], Answer]


class Log:
    """What the lanes reported."""

    def __init__(self) -> None:
        self.sealed: list[int] = []
        self.acknowledged: list[tuple[int, int]] = []


def lanes_to(send: Send, bounds: WriteLimits, log: Log | None = None) -> Lanes:
    log = log or Log()
    return Lanes(
        lambda: Delivery(send, backoff(), lambda: None),
        bounds,
        on_sealed=log.sealed.append,
        on_acknowledged=lambda segment, items: log.acknowledged.append((segment, items)),
    )


def test_rows_that_must_not_be_merged_go_one_after_the_other() -> None:
    table, log = Table(), Log()
    bounds = limits(lanes=1)

    def merge(earlier: bytes, later: bytes) -> bytes | None:
        return earlier + later if len(earlier + later) <= 3 else None

    with Lanes(
        lambda: Delivery(table, backoff(), lambda: None),
        bounds,
        on_sealed=log.sealed.append,
        on_acknowledged=lambda segment, items: log.acknowledged.append((segment, items)),
        merge=merge,
    ) as lanes:
        for body in (b"ab", b"c", b"d", b"e"):
            lanes.put(item("k", body), segment=0)
        lanes.drain()
        assert [list(sent.values()) for sent in table.sent] == [[b"abc"], [b"de"]]
        assert lanes.merged == 2
        assert log.acknowledged == [(0, 1), (0, 1)]


def running() -> list[threading.Thread]:
    return [thread for thread in threading.enumerate() if thread.name == "lane"]


def key_in(lane: int, of: int, avoid: str = "") -> str:
    """A key that takes the given lane."""
    return next(
        key
        for key in (f"k{number}" for number in range(10_000))
        if key != avoid and int.from_bytes(item(key).key[:4], "big") % of == lane
    )


def test_what_is_put_is_in_the_table_when_it_is_drained() -> None:
    table, log = Table(), Log()
    with lanes_to(table, limits(), log) as lanes:
        for number in range(100):
            lanes.put(item(str(number), str(number).encode()), segment=0)
        lanes.drain()
        assert sorted(map(int, table.items.values())) == list(range(100))
        assert sum(items for _, items in log.acknowledged) == 100
    assert lanes.effort().requests == len(table.sent) == len(log.sealed)


@pytest.mark.parametrize("ends_by", ["leaving", "failing"])
def test_the_threads_are_gone_afterwards(ends_by: str) -> None:
    with lanes_to(Table(), limits(lanes=8)) as lanes:
        assert len(running()) == 8
        lanes.put(item("a"), 0)
        lanes.drain()
    assert running() == []
    with pytest.raises(BadData), lanes_to(Table(), limits(lanes=8)):
        raise BadData("no_header", "")
    assert running() == []


@pytest.mark.parametrize(
    ("bounds", "bodies", "sizes"),
    [
        (limits(lanes=1, max_batch_items=3), [1] * 7, [3, 3, 1]),
        (limits(lanes=1, max_batch_items=25, max_batch_bytes=10), [4, 4, 4, 4, 4], [3, 2]),
        (limits(lanes=1, max_batch_items=25, max_batch_bytes=10), [10, 11, 1], [1, 1, 1]),
        (limits(lanes=1, max_batch_items=1), [1, 1], [1, 1]),
    ],
)
def test_a_batch_is_bounded_in_items_and_bytes(
    bounds: WriteLimits, bodies: list[int], sizes: list[int]
) -> None:
    table = Table()
    with lanes_to(table, bounds) as lanes:
        for number, size in enumerate(bodies):
            lanes.put(item(str(number), b"x" * size), 0)
        lanes.drain()
    assert [len(batch) for batch in table.sent] == sizes


def test_a_batch_never_spans_two_segments() -> None:
    table, log = Table(), Log()
    with lanes_to(table, limits(lanes=2, max_batch_items=100), log) as lanes:
        for segment in range(5):
            for number in range(7):
                lanes.put(item(f"{number}", f"{segment}".encode()), segment)
            lanes.end_segment()
        lanes.drain()
    assert all(len(set(batch.values())) == 1 for batch in table.sent)
    per_segment: Counter[int] = Counter()
    for segment, items in log.acknowledged:
        per_segment[segment] += items
    assert per_segment == dict.fromkeys(range(5), 7)
    assert Counter(log.sealed) == Counter(segment for segment, _ in log.acknowledged)


def test_a_key_replaced_before_it_was_sent_is_counted_as_merged() -> None:
    table = Table()
    with lanes_to(table, limits(max_batch_items=25)) as lanes:
        for number in range(10):
            lanes.put(item("a", str(number).encode()), 0)
        lanes.drain()
        assert lanes.merged == 9
    assert table.sent == [{item("a").key: b"9"}]


def test_a_lane_has_one_request_in_flight() -> None:
    in_flight: Counter[int] = Counter()
    worst: Counter[int] = Counter()
    lock = threading.Lock()

    def send(items: Mapping[bytes, bytes]) -> Answer:
        thread = {int.from_bytes(key[:4], "big") % 3 for key in items}
        assert len(thread) == 1, "all of a batch belong to its lane"
        (lane,) = thread
        with lock:
            in_flight[lane] += 1
            worst[lane] = max(worst[lane], in_flight[lane])
        with lock:
            in_flight[lane] -= 1
        return Answer(frozenset())

    with lanes_to(send, limits(lanes=3, max_batch_items=1)) as lanes:
        for number in range(300):
            lanes.put(item(str(number)), 0)
        lanes.drain()
    assert set(worst.values()) == {1}


def test_one_slow_lane_does_not_hold_up_the_others() -> None:
    slow, quick = key_in(0, of=2), key_in(1, of=2)
    quick_done = threading.Event()

    def send(items: Mapping[bytes, bytes]) -> Answer:
        if item(slow).key in items:
            assert quick_done.wait(PATIENCE_S)
        else:
            quick_done.set()
        return Answer(frozenset())

    with lanes_to(send, limits(lanes=2, max_batch_items=1)) as lanes:
        lanes.put(item(slow), 0)
        lanes.put(item(quick), 0)
        lanes.drain()


def test_what_is_unacknowledged_is_bounded_in_bytes() -> None:
    bounds = limits(lanes=3, max_batch_items=2, max_unacknowledged_bytes=1000)
    open_bytes = worst = 0
    lock = threading.Lock()

    def send(items: Mapping[bytes, bytes]) -> Answer:
        return Answer(frozenset())

    def acknowledged(_: int, items: int) -> None:
        nonlocal open_bytes
        with lock:
            open_bytes -= items * 100

    with Lanes(
        lambda: Delivery(send, backoff(), lambda: None),
        bounds,
        on_sealed=lambda _: None,
        on_acknowledged=acknowledged,
    ) as lanes:
        for number in range(2000):
            lanes.put(item(str(number), b"x" * 100), 0)
            with lock:
                open_bytes += 100
                worst = max(worst, open_bytes)
        lanes.drain()
    one_batch = bounds.max_batch_items * 100
    assert worst <= bounds.max_unacknowledged_bytes + (bounds.lanes + 1) * one_batch


def test_put_waits_while_too_much_is_unacknowledged() -> None:
    release, third_put = threading.Event(), threading.Event()

    def send(_: Mapping[bytes, bytes]) -> Answer:
        assert release.wait(PATIENCE_S)
        return Answer(frozenset())

    bounds = limits(lanes=1, max_batch_items=1, max_unacknowledged_bytes=150)
    with lanes_to(send, bounds) as lanes:
        lanes.put(item("a", b"x" * 100), 0)
        lanes.put(item("b", b"x" * 100), 0)

        def put_third() -> None:
            lanes.put(item("c", b"x" * 100), 0)
            third_put.set()

        putting = threading.Thread(target=put_third)
        putting.start()
        assert not third_put.is_set()
        release.set()
        assert third_put.wait(PATIENCE_S)
        putting.join()
        lanes.drain()


def test_an_item_larger_than_the_bound_goes_through_alone() -> None:
    table = Table()
    with lanes_to(table, limits(lanes=2, max_unacknowledged_bytes=10, max_batch_bytes=10)) as lanes:
        for number in range(20):
            lanes.put(item(str(number), b"x" * 5000), 0)
        lanes.drain()
    assert len(table.items) == 20


class FailsFor:
    """Refuses one key for good; the lanes of other keys work."""

    def __init__(self, key: str, error: BaseException) -> None:
        self.table = Table()
        self.key = item(key).key
        self.error = error
        self.failed = threading.Event()

    def __call__(self, items: Mapping[bytes, bytes]) -> Answer:
        if self.key in items:
            self.failed.set()
            raise self.error
        return self.table(items)


@pytest.mark.parametrize("error", [BadConfiguration("table_missing", "gone"), RuntimeError("a bug")])
def test_a_lanes_failure_reaches_drain(error: Exception) -> None:
    send = FailsFor("bad", error)
    log = Log()
    with pytest.raises(type(error)) as caught, lanes_to(send, limits(), log) as lanes:
        lanes.put(item("bad"), 7)
        lanes.drain()
    assert caught.value is error
    assert running() == []
    assert log.acknowledged == []


def test_a_lanes_failure_reaches_put() -> None:
    send = FailsFor("bad", BadConfiguration("table_missing", "gone"))
    put = 0
    with pytest.raises(BadConfiguration), lanes_to(send, limits(max_batch_items=1)) as lanes:
        lanes.put(item("bad"), 0)
        assert send.failed.wait(PATIENCE_S)
        for number in range(100_000):
            lanes.put(item(str(number)), 0)
            put += 1
    assert put < 100_000
    assert running() == []


def test_a_failure_reaches_a_put_that_waits_for_room() -> None:
    bad, stuck = key_in(0, of=2), key_in(1, of=2)
    fail = threading.Event()

    def send(items: Mapping[bytes, bytes]) -> Answer:
        if item(bad).key in items:
            assert fail.wait(PATIENCE_S)
            raise BadConfiguration("table_missing", "gone")
        return throttled(items)

    bounds = limits(lanes=2, max_batch_items=1, max_unacknowledged_bytes=150)
    with pytest.raises(BadConfiguration), lanes_to(send, bounds) as lanes:
        lanes.put(item(bad, b"x" * 100), 0)
        lanes.put(item(stuck, b"x" * 100), 0)
        fail.set()
        lanes.put(item(stuck, b"x" * 100), 0)
        lanes.drain()
    assert running() == []


def test_a_failure_stops_a_lane_that_is_being_throttled() -> None:
    """A lane that repeats would otherwise go on for its whole budget, a quarter of an hour, for nothing."""
    bad, stuck = key_in(0, of=2), key_in(1, of=2)
    throttling = threading.Event()

    def send(items: Mapping[bytes, bytes]) -> Answer:
        if item(bad).key in items:
            assert throttling.wait(PATIENCE_S)
            raise ServiceAway("table_unavailable", "away")
        throttling.set()
        return throttled(items)

    with pytest.raises(ServiceAway), lanes_to(send, limits(lanes=2, max_batch_items=1)) as lanes:
        lanes.put(item(stuck), 0)
        lanes.put(item(bad), 0)
        lanes.drain()
    assert running() == []
    assert lanes.effort().requests < PLENTY


def test_a_reader_that_fails_stops_a_lane_that_is_being_throttled() -> None:
    throttling = threading.Event()

    def send(items: Mapping[bytes, bytes]) -> Answer:
        throttling.set()
        return throttled(items)

    with pytest.raises(ServiceAway), lanes_to(send, limits(max_batch_items=1)) as lanes:
        lanes.put(item("a"), 0)
        assert throttling.wait(PATIENCE_S)
        raise ServiceAway("s3_unavailable", "the reader's")
    assert running() == []
    assert lanes.effort().requests < PLENTY


def test_nothing_queued_is_sent_after_a_failure() -> None:
    first, second = key_in(0, of=1), key_in(0, of=1, avoid=key_in(0, of=1))
    go_on = threading.Event()
    sent = []

    def send(items: Mapping[bytes, bytes]) -> Answer:
        sent.append(dict(items))
        assert go_on.wait(PATIENCE_S)
        raise BadConfiguration("table_missing", "gone")

    with pytest.raises(BadConfiguration), lanes_to(send, limits(lanes=1, max_batch_items=1)) as lanes:
        lanes.put(item(first), 0)
        lanes.put(item(second), 0)
        go_on.set()
        lanes.drain()
    assert len(sent) == 1
