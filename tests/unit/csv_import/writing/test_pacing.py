"""Window and bucket at work on a table with a meter, in simulated time."""

import random
from typing import Any

import pytest

from csv_import.writing.bucket import Bucket
from csv_import.writing.window import Window
from tests.unit.csv_import.accounting.test_budget import LedgerTable
from tests.unit.csv_import.accounting.test_budget import Writer as Sharing
from tests.unit.csv_import.writing.fakes import Clock
from tests.unit.csv_import.writing.metered import BATCH_ITEMS, LATENCY_S, Choosy, Meter, Writer, run

PLENTY = 1e9
MOST_ASKED = {50.0: 7.0, 200.0: 6.0, 1000.0: 3.5, 5000.0: 2.0}
"""By what a table takes a second: items sent for each that is taken. It comes near six where one request in flight is
too much already."""


def test_one_writer_keeps_its_budget_within_five_per_cent() -> None:
    clock = Clock()
    meter = Meter(PLENTY, at=clock())
    run([Writer(meter, clock, bucket=Bucket(2000.0, clock()))], clock, 10)
    for start in range(9):
        assert meter.rate(1000 + start, 1001 + start) == pytest.approx(2000, rel=0.05)
    assert meter.throttled == 0


def test_several_writers_keep_the_tables_budget_within_five_per_cent_as_they_come_and_go() -> None:
    clock = Clock()
    meter, ledger = Meter(PLENTY, at=clock()), LedgerTable()
    sharing: list[Sharing] = []
    writers: list[Writer] = []
    beats: dict[int, float] = {}
    chance = random.Random(7)

    def come() -> None:
        sharing.append(Sharing(ledger, clock, str(len(sharing))))
        sharing[-1].share.renew()
        beats[len(sharing) - 1] = clock() + 2 * chance.random()
        writers.append(Writer(meter, clock, bucket=sharing[-1].bucket, seed=len(sharing)))

    def heartbeats() -> None:
        for number, at in beats.items():
            if clock() >= at:
                sharing[number].share.renew()
                beats[number] = clock() + 2

    for _ in range(3):  # one after the other, in the middle of the others' work
        come()
        run(writers, clock, 8, heartbeats)
    began = clock()
    assert meter.rate(1000, 1008) == pytest.approx(900, rel=0.05), "one alone"
    assert meter.rate(1013, 1016) == pytest.approx(900, rel=0.05), "two"
    assert meter.rate(1021, 1024) == pytest.approx(900, rel=0.05), "three"
    for start in range(24):
        assert meter.rate(1000 + start, 1001 + start) <= 900 * 1.05, "never more, newcomers and all"

    del beats[0]
    sharing[0].share.leave()
    run(writers[1:], clock, 6, heartbeats)
    assert meter.rate(began + 3, began + 6) == pytest.approx(900, rel=0.05), "and two again"


@pytest.mark.parametrize("whole", [False, True], ids=["in part", "whole"])
@pytest.mark.parametrize("capacity", MOST_ASKED)
@pytest.mark.parametrize("count", [1, 3])
def test_a_table_is_driven_at_its_capacity_without_collapse_or_storm(
    capacity: float, count: int, whole: bool
) -> None:
    clock = Clock()
    meter = Meter(capacity, at=clock(), whole=whole)
    writers = [Writer(meter, clock, seed=number) for number in range(count)]
    run(writers, clock, 30)
    taken, asked = meter.rate(1010, 1030), meter.asked(1010, 1030)
    assert taken >= 0.95 * capacity, "no collapse"
    assert asked <= MOST_ASKED[capacity] * taken, "no storm"


def steady_sender(meter: Meter, clock: Clock, window: Window) -> float:
    """Requests of a writer whose lanes never rest, so that the window alone sets the pace; its items a second."""
    puts: list[dict[str, Any]] = [{}] * BATCH_ITEMS
    began = clock()
    while clock() < began + 100:
        clock.pause(window.wait_s(0, clock()))
        started = clock()
        meter(started, puts)
        clock.pause(LATENCY_S)
        taken = meter.taken[-1][1] / BATCH_ITEMS
        window.answered(started, clock(), taken, 1 - taken)
    return meter.rate(began + 10, began + 100)


@pytest.mark.parametrize("whole", [False, True], ids=["of the items", "of the requests"])
@pytest.mark.parametrize("capacity", [50.0, 100.0, 200.0])
def test_a_table_that_refuses_four_of_five_is_driven_near_its_capacity(capacity: float, whole: bool) -> None:
    clock = Clock()
    window = Window(32, 4, draw=lambda low, high: (low + high) / 2)
    meter = Choosy(capacity, at=clock(), whole=whole)
    assert steady_sender(meter, clock, window) >= 0.95 * capacity
    assert meter.asked(1010, 1100) <= 6.1 * capacity, "five that are refused for each that is taken"


@pytest.mark.parametrize("whole", [False, True], ids=["of the items", "of the requests"])
def test_a_writer_is_not_kept_from_a_table_that_refuses_four_of_five(whole: bool) -> None:
    """The pauses of its lanes bound it too, but not to a request every second."""
    clock = Clock()
    meter = Choosy(PLENTY, at=clock(), whole=whole)
    run([Writer(meter, clock)], clock, 30)
    assert meter.rate(1004, 1030) >= 75
    assert meter.requests / 30 <= 1 / LATENCY_S, "less than one at any time"


def test_capacity_that_comes_back_is_used() -> None:
    clock = Clock()
    meter = Meter(500.0, at=clock())
    writer = Writer(meter, clock)
    run([writer], clock, 10)
    meter.units_per_s = 5000.0
    run([writer], clock, 10)
    assert meter.rate(1015, 1020) >= 0.9 * 5000


def test_a_table_that_takes_nothing_for_a_while_is_not_stormed() -> None:
    clock = Clock()
    meter = Meter(0.0, at=clock())
    run([Writer(meter, clock)], clock, 30)
    assert sum(1 for at, _ in meter.taken if at >= 1010) / 20 <= 20, "requests a second, over all 32 lanes"
