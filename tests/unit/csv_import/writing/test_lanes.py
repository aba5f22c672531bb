import json
import tracemalloc
from collections import Counter

import pytest

from csv_import.errors import BadConfiguration
from csv_import.settings import WriteLimits
from csv_import.shaping.item import DIGEST_BYTES
from csv_import.writing.batch import ITEM_BYTES, Merge, sealed
from csv_import.writing.bucket import Bucket
from csv_import.writing.lane import PIECE_BYTES
from csv_import.writing.lanes import Lanes
from csv_import.writing.modes.rule import earlier_stays
from csv_import.writing.single_write import SingleWrite
from tests.unit.csv_import.writing.fakes import (
    TAKEN,
    Clock,
    Log,
    Table,
    Wire,
    body,
    key_in,
    lane_of,
    lanes_to,
    limits,
    put,
    said,
    sending_to,
    text,
)


def wire_to(table: Table) -> Wire:
    return Wire(table, Clock())


def test_what_is_put_is_in_the_table_when_it_is_drained() -> None:
    table, log = Table(), Log()
    wire = wire_to(table)
    with lanes_to(wire, limits(), log) as lanes:
        put(lanes, *[(str(number), str(number)) for number in range(100)])
        lanes.drain()
    assert sorted(int(item["Value"]["S"]) for item in table.items.values()) == list(range(100))
    assert log.written() == 100
    assert wire.requests == len(log.sealed) == len(log.acknowledgements)


@pytest.mark.parametrize(
    ("bounds", "sizes", "batches"),
    [
        (limits(lanes=1, max_batch_items=3), [50] * 7, [3, 3, 1]),
        (limits(lanes=1, max_batch_items=25, max_batch_bytes=100), [50] * 5, [2, 2, 1]),
        (limits(lanes=1, max_batch_items=25, max_batch_bytes=100), [100, 110, 50], [1, 1, 1]),
        (limits(lanes=1, max_batch_items=1), [50, 50], [1, 1]),
    ],
)
def test_a_batch_is_bounded_in_items_and_bytes(
    bounds: WriteLimits, sizes: list[int], batches: list[int]
) -> None:
    table = Table()
    with lanes_to(wire_to(table), bounds) as lanes:
        rows = [(f"{number}", "x" * (size - len(body("0")))) for number, size in enumerate(sizes)]
        put(lanes, *rows)
        lanes.drain()
    assert [len(batch) for batch in table.sent] == batches


def test_a_batch_is_never_much_larger_than_it_should_be() -> None:
    """However long and short items follow each other: with at most twice as many bytes, and one item more."""
    seen = []

    def answer(puts: list[dict[str, dict[str, str]]]) -> object:
        seen.append(sum(len(item["Value"]["S"]) for item in puts))
        return TAKEN

    bounds = limits(lanes=1, max_batch_items=25, max_batch_bytes=1000)
    with lanes_to(Wire(answer, Clock()), bounds) as lanes:  # type: ignore[arg-type]
        for number, size in enumerate([10, 400, 10, 900, 30, 3000, 10, 10, 500, 20] * 5):
            put(lanes, (str(number), "x" * size), first=number)
        lanes.drain()
    assert max(seen) <= 2 * 1000 + 3000


@pytest.mark.parametrize("merge", [None, earlier_stays])
@pytest.mark.parametrize("at", [0, 40, 99])
def test_one_long_row_makes_no_small_batches_of_its_block(at: int, merge: Merge | None) -> None:
    table = Table()
    bounds = limits(lanes=1, max_batch_items=25, max_batch_bytes=2000, max_unacknowledged_bytes=100_000)
    with lanes_to(wire_to(table), bounds, merge=merge) as lanes:
        put(lanes, *[(str(row), "x" * (1900 if row == at else 1)) for row in range(100)])
        lanes.drain()
    assert sum(map(len, table.sent)) == 100
    assert len(table.sent) <= 100 // 25 + 2, "its own batch, and the one that it cuts short"


@pytest.mark.parametrize("merge", [None, earlier_stays])
def test_a_lane_that_holds_much_is_sent_before_a_long_row_would_overfill_it(merge: Merge | None) -> None:
    table = Table()
    bounds = limits(lanes=1, max_batch_items=25, max_batch_bytes=1000)
    with lanes_to(wire_to(table), bounds, merge=merge) as lanes:
        rows = [("a", 600), ("b", 300), ("c", 600), ("a", 100), ("d", 900)]
        put(lanes, *[(key, "x" * size) for key, size in rows])
        lanes.drain()
    assert table.sent == [["a", "b"], ["c", "a"], ["d"]]
    assert table.items["a"]["Value"] == {"S": "x" * 100}


def test_a_batch_never_spans_two_segments() -> None:
    table, log = Table(), Log()
    with lanes_to(wire_to(table), limits(lanes=2, max_batch_items=100), log) as lanes:
        for segment in range(5):
            put(lanes, *[(f"{number}", f"{segment}") for number in range(7)], segment=segment)
            lanes.end_segment()
        lanes.drain()
    assert all(item["Value"]["S"] == "4" for item in table.items.values())
    written: Counter[int] = Counter()
    for segment, count in log.acknowledgements:
        written[segment] += count
    assert written == dict.fromkeys(range(5), 7)
    assert Counter(log.sealed) == Counter(segment for segment, _ in log.acknowledgements)


def test_rows_with_one_key_in_an_unsent_batch_become_one_request_and_the_later_stays() -> None:
    table = Table()
    with lanes_to(wire_to(table), limits(max_batch_items=25, max_batch_bytes=10_000)) as lanes:
        put(lanes, *[("a", str(number)) for number in range(10)])
        assert lanes.merged == 9
        lanes.drain()
        assert lanes.merged == 9
    assert table.sent == [["a"]]
    assert table.items["a"]["Value"] == {"S": "9"}


def test_rows_with_one_key_are_merged_by_the_modes_rule() -> None:
    table, log = Table(), Log()

    with lanes_to(
        wire_to(table), limits(max_batch_items=25, max_batch_bytes=10_000), log, merge=earlier_stays
    ) as lanes:
        put(lanes, *[("a", str(number)) for number in range(10)], ("b", "x"))
        lanes.drain()
        assert lanes.merged == 9
    assert table.items["a"]["Value"] == {"S": "0"}


@pytest.mark.parametrize("merge", [None, earlier_stays, lambda earlier, later: earlier[:-1] + b" }"])
def test_rows_that_became_an_item_that_is_refused_are_judged_one_by_one(merge: Merge | None) -> None:
    log = Log()
    wire = Wire(lambda puts: said("ValidationException") if puts[0]["Id"]["S"] == "a" else TAKEN, Clock())
    with lanes_to(wire, limits(lanes=2, max_batch_items=25), log, merge=merge) as lanes:
        put(lanes, ("a", "1"), ("b", "1"), ("a", "2"), ("b", "2"), ("a", "3"))
        lanes.end_segment()
        put(lanes, ("a", "4"), ("b", "3"), segment=1, first=6)
        lanes.drain()
    refused = sorted((segment, record) for segment, record, _, _ in log.refusals)
    assert refused == [(0, 1), (0, 3), (0, 5), (1, 6)]
    assert log.settled() == 2


def test_rows_that_must_not_be_merged_go_one_after_the_other() -> None:
    table, log = Table(), Log()
    bounds = limits(lanes=1, max_batch_items=25)

    def merge(earlier: bytes, later: bytes) -> bytes | None:
        both = json.loads(earlier)["Value"]["S"] + json.loads(later)["Value"]["S"]
        return body("k", both) if len(both) <= 3 else None

    with lanes_to(wire_to(table), bounds, log, merge=merge) as lanes:
        put(lanes, ("other", ""), ("k", "ab"), ("k", "c"), ("k", "d"), ("k", "e"), ("other", "x"))
        lanes.drain()
        assert lanes.merged == 2
    assert table.sent == [["other", "k"], ["k", "other"]]
    assert table.items["k"]["Value"] == {"S": "de"}
    assert log.acknowledgements == [(0, 2), (0, 2)]


def test_what_grows_by_merging_is_sealed_in_time() -> None:
    table = Table()
    bounds = limits(lanes=1, max_batch_items=25, max_batch_bytes=200)

    def merge(earlier: bytes, later: bytes) -> bytes | None:
        return body("k", json.loads(earlier)["Value"]["S"] + json.loads(later)["Value"]["S"])

    with lanes_to(wire_to(table), bounds, merge=merge) as lanes:
        put(lanes, *[("k", "x" * 40) for _ in range(20)])
        lanes.drain()
    assert len(table.sent) > 5


def test_what_is_unsettled_is_bounded_in_bytes() -> None:
    bounds = limits(lanes=3, max_batch_items=2, max_unacknowledged_bytes=1000)
    log, worst = Log(), 0
    sending = sending_to(wire_to(Table()), lanes=3, log=log)
    with Lanes(sending, bounds, on_sealed=log.sealed.append) as lanes:
        for number in range(2000):
            put(lanes, (str(number), "x" * 50), first=number)
            worst = max(worst, sending.unsettled_bytes)
        lanes.drain()
    one_batch = 2 * (len(body("2000", "x" * 50)) + ITEM_BYTES) + PIECE_BYTES
    assert 1000 <= worst <= bounds.max_unacknowledged_bytes + one_batch


@pytest.mark.parametrize("single", [False, True], ids=["batches", "single writes"])
@pytest.mark.parametrize("long", [10, 1000])
def test_what_is_unsettled_takes_no_more_memory_than_it_is_said_to(long: int, single: bool) -> None:
    clock = Clock()
    kind = SingleWrite("PutItem", lambda item: item) if single else None
    sending = sending_to(Wire(Table(), clock), lanes=32, kind=kind, bucket=Bucket(0.0, clock()))
    tracemalloc.start()
    before, _ = tracemalloc.get_traced_memory()
    for batch in range(400):
        entries = {text(f"{batch}-{row}"): (b"x" * (long + row), 1000 + row) for row in range(25)}
        sending.take(batch % 32, sealed(0, entries))
    held, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert 0.7 * sending.unsettled_bytes < held - before < sending.unsettled_bytes


def test_an_item_larger_than_the_bound_goes_through_alone() -> None:
    table = Table()
    with lanes_to(wire_to(table), limits(lanes=2, max_unacknowledged_bytes=10, max_batch_bytes=10)) as lanes:
        put(lanes, *[(str(number), "x" * 5000) for number in range(20)])
        lanes.drain()
    assert len(table.items) == 20


def test_a_failure_reaches_whoever_puts() -> None:
    wire = Wire(lambda puts: said("ResourceNotFoundException"), Clock())
    count = 0
    with pytest.raises(BadConfiguration), lanes_to(wire, limits(max_batch_items=1)) as lanes:
        for number in range(100_000):
            put(lanes, (str(number), ""))
            count += 1
    assert count < 1000
    assert not wire.under_way


def test_nothing_is_sent_after_a_failure_but_what_is_under_way_is_accounted_for() -> None:
    bad, good, later = key_in(0, of=2), key_in(1, of=2), key_in(1, of=2, avoid=key_in(1, of=2))
    table, log = Table(), Log()
    wire = Wire(
        lambda puts: said("AccessDeniedException") if puts[0]["Id"]["S"] == bad else table(puts), Clock()
    )
    with pytest.raises(BadConfiguration), lanes_to(wire, limits(lanes=2, max_batch_items=1), log) as lanes:
        put(lanes, (bad, ""), (good, ""), (later, ""))
        lanes.drain()
    assert (table.sent, log.written()) == ([[good]], 1)


def test_no_items_are_no_request() -> None:
    wire = wire_to(Table())
    with lanes_to(wire, limits()) as lanes:
        lanes.put([], b"", [], [], 0)
        lanes.drain()
    assert wire.requests == 0


def test_a_key_takes_one_lane() -> None:
    table = Table()
    wire = wire_to(table)
    with lanes_to(wire, limits(lanes=7, max_batch_items=1), None) as lanes:
        for number in range(50):
            put(lanes, ("a", str(number)), first=number)
        lanes.drain()
    assert wire.busy.keys() == {lane_of("a", 7)}
    assert table.items["a"]["Value"] == {"S": "49"}


def test_keys_with_one_digest_stay_two_rows() -> None:
    """Digests choose the lane and count; what is written goes by the keys."""
    table = Table()
    with lanes_to(wire_to(table), limits(lanes=2)) as lanes:
        keys = [text("one"), text("two")]
        lanes.put(keys, bytes(2 * DIGEST_BYTES), [body("one", "1"), body("two", "2")], [1, 2], 0)
        lanes.drain()
        assert lanes.merged == 0
    assert {key: item["Value"]["S"] for key, item in table.items.items()} == {"one": "1", "two": "2"}
