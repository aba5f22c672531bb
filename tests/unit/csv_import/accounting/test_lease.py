import threading
from collections.abc import Callable
from contextlib import nullcontext

import pytest

from csv_import.accounting.lease import SAFE_SHARE, Heartbeat, Lease
from csv_import.errors import BadConfiguration, Interrupted, JobStop, LeaseLost, ServiceAway
from csv_import.waiting import StopSign


class Clock:
    def __init__(self) -> None:
        self.seconds = 500.0

    def __call__(self) -> float:
        return self.seconds


def a_lease(clock: Clock, stop: StopSign | None = None, lease_s: float = 60) -> Lease:
    return Lease(lease_s, stop or StopSign(), clock)


def state_of(lease: Lease) -> str:
    try:
        lease.check()
    except JobStop as stop:
        return stop.code
    return "ours"


def test_a_lease_lets_requests_through_for_its_safe_share() -> None:
    clock = Clock()
    lease = a_lease(clock)
    clock.seconds += 60 * SAFE_SHARE - 0.001
    assert state_of(lease) == "ours"
    clock.seconds += 0.001
    assert state_of(lease) == "lease_expired"


def test_a_renewal_counts_from_when_it_was_asked_for() -> None:
    clock = Clock()
    lease = a_lease(clock)
    clock.seconds += 40
    asked_at = clock()
    clock.seconds += 7  # the answer takes its time
    lease.renewed(asked_at)
    clock.seconds = asked_at + 47.9
    assert state_of(lease) == "ours"
    clock.seconds = asked_at + 48
    assert state_of(lease) == "lease_expired"


def test_a_renewal_in_the_ledger_that_was_answered_late_revives_the_lease() -> None:
    clock = Clock()
    lease = a_lease(clock)
    clock.seconds += 50
    assert state_of(lease) == "lease_expired"
    lease.renewed(clock() - 1)
    assert state_of(lease) == "ours"


def test_a_lost_lease_stays_lost_for_its_reason() -> None:
    clock, stop = Clock(), StopSign()
    lease = a_lease(clock, stop)
    lease.lose(LeaseLost("lease_lost", "taken over"))
    lease.renewed(clock())
    stop.set()
    assert state_of(lease) == "lease_lost"


def test_sigterm_ends_the_right_to_write() -> None:
    stop = StopSign()
    lease = a_lease(Clock(), stop)
    stop.set()
    with pytest.raises(Interrupted):
        lease.check()


@pytest.mark.parametrize(
    ("outcome", "state"),
    [
        (None, "ours"),
        (ServiceAway("ledger_unavailable", ""), "ours"),
        (LeaseLost("lease_lost", ""), "lease_lost"),
        (BadConfiguration("ledger_refused", ""), "ledger_refused"),
        (RuntimeError("a bug"), "heartbeat_failed"),
    ],
)
def test_a_beat_tells_the_lease_what_it_must_know(outcome: Exception | None, state: str) -> None:
    def beat() -> None:
        if outcome is not None:
            raise outcome

    lease = a_lease(Clock())
    Heartbeat(1, beat, lease).once()
    assert state_of(lease) == state


def test_a_ledger_that_stays_away_lets_the_lease_run_out() -> None:
    def away() -> None:
        raise ServiceAway("ledger_unavailable", "")

    clock = Clock()
    lease = a_lease(clock)
    for _ in range(24):
        Heartbeat(2, away, lease).once()
        clock.seconds += 2
    assert state_of(lease) == "lease_expired"


@pytest.mark.parametrize("fails", [False, True])
def test_the_heartbeat_ends_with_its_block(fails: bool) -> None:
    beat: Callable[[], None] = lambda: None  # noqa: E731
    heartbeat = Heartbeat(3600, beat, a_lease(Clock()))
    with pytest.raises(KeyError) if fails else nullcontext(), heartbeat:
        assert heartbeat._thread.is_alive()
        if fails:
            raise KeyError
    assert not heartbeat._thread.is_alive()


def test_a_heartbeat_that_is_woken_beats_at_once() -> None:
    beaten = threading.Event()
    with Heartbeat(3600, beaten.set, a_lease(Clock())) as heartbeat:
        assert not beaten.is_set()
        heartbeat.wake()
        assert beaten.wait(30)


def test_who_is_in_a_hurry_ends_the_rest() -> None:
    beats = threading.Semaphore(0)
    with Heartbeat(3600, beats.release, a_lease(Clock()), rest_s=3600) as heartbeat:
        for _ in range(3):
            heartbeat.hurry()
            assert beats.acquire(timeout=30)


def test_what_only_wakes_it_waits_for_the_rest() -> None:
    beats = threading.Semaphore(0)
    with Heartbeat(3600, beats.release, a_lease(Clock()), rest_s=3600) as heartbeat:
        heartbeat.wake()
        assert not beats.acquire(timeout=0.05)
