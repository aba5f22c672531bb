import threading

import pytest

from csv_import.errors import Interrupted
from csv_import.waiting import Backoff, StopSign


class Watch:
    """A clock on which a pause takes the time it is given, and a request takes `request_s`."""

    def __init__(self, request_s: float = 0.0) -> None:
        self.seconds = 1000.0
        self.request_s = request_s
        self.pauses: list[float] = []

    def clock(self) -> float:
        self.seconds += self.request_s
        return self.seconds

    def pause(self, seconds: float) -> None:
        self.pauses.append(seconds)
        self.seconds += seconds


def longest(_: float, ceiling: float) -> float:
    return ceiling


def backoff(watch: Watch, *, base_s: float = 1, cap_s: float = 8, budget_s: float = 1e9) -> Backoff:
    return Backoff(base_s, cap_s, budget_s, clock=watch.clock, pause=watch.pause, draw=longest)


def test_pauses_double_up_to_the_cap() -> None:
    watch = Watch()
    waiting = backoff(watch)
    assert all(waiting.wait() for _ in range(6))
    assert watch.pauses == [1, 2, 4, 8, 8, 8]


def test_a_pause_is_drawn_from_nothing_to_its_ceiling() -> None:
    drawn: list[tuple[float, float]] = []

    def draw(low: float, high: float) -> float:
        drawn.append((low, high))
        return 0.25

    watch = Watch()
    waiting = Backoff(1, 8, 100, clock=watch.clock, pause=watch.pause, draw=draw)
    waiting.wait()
    waiting.wait()
    assert drawn == [(0.0, 1), (0.0, 2)]
    assert watch.pauses == [0.25, 0.25]


def test_the_budget_counts_from_the_first_failure() -> None:
    watch = Watch()
    waiting = backoff(watch, budget_s=15)
    watch.seconds += 10_000  # a long life without a failure costs nothing
    assert [waiting.wait() for _ in range(5)] == [True, True, True, True, False]
    assert watch.pauses == [1, 2, 4, 8]


def test_when_the_budget_is_spent_it_says_so_at_once_and_goes_on_saying_so() -> None:
    watch = Watch()
    waiting = backoff(watch, budget_s=1)
    waiting.wait()
    assert [waiting.wait(), waiting.wait()] == [False, False]
    assert watch.pauses == [1]


def test_time_spent_in_requests_counts_against_the_budget() -> None:
    waiting = backoff(Watch(request_s=30), base_s=0, cap_s=0, budget_s=60)
    assert [waiting.wait() for _ in range(4)] == [True, True, False, False]


def test_no_budget_is_no_repetition() -> None:
    assert not backoff(Watch(), budget_s=0).wait()


def test_progress_starts_both_anew() -> None:
    watch = Watch()
    waiting = backoff(watch, budget_s=5)
    for _ in range(20):
        waiting.progress()
        assert waiting.wait()
        assert waiting.wait()
    assert watch.pauses == [1, 2] * 20


def test_thousands_of_failures_overflow_nothing() -> None:
    waiting = backoff(Watch(), base_s=1e-300, cap_s=1e-290)
    assert all(waiting.wait() for _ in range(5000))


def test_a_stop_sign_is_set_once_and_for_all() -> None:
    stop = StopSign()
    assert not stop.is_set()
    stop.pause(0)
    stop.set()
    stop.set()
    assert stop.is_set()


def test_a_stop_sign_ends_a_pause_at_once() -> None:
    stop = StopSign()
    stop.set()
    with pytest.raises(Interrupted):
        stop.pause(3600)


def test_a_stop_sign_wakes_who_is_pausing() -> None:
    stop, woken = StopSign(), threading.Event()

    def pausing() -> None:
        try:
            stop.pause(3600)
        except Interrupted:
            woken.set()

    thread = threading.Thread(target=pausing)
    thread.start()
    stop.set()
    thread.join(timeout=30)
    assert woken.is_set()
