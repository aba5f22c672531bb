"""An attempt's right to write: renewed by a heartbeat, checked before every request."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from types import TracebackType

from csv_import.errors import Interrupted, JobStop, LeaseLost, ServiceAway
from csv_import.waiting import StopSign

SAFE_SHARE = 0.8
"""The share of a lease that its holder uses: the rest covers a request in a socket and clocks that differ."""


class Lease:
    """Lets requests through for as long as this attempt owns its part and was not asked to stop.

    Args:
        lease_s: how long a renewal holds, in seconds.
        stop: set by SIGTERM.
        clock: seconds that only grow.
    """

    def __init__(self, lease_s: float, stop: StopSign, clock: Callable[[], float] = time.monotonic) -> None:
        self._valid_s = lease_s * SAFE_SHARE
        self._stop = stop
        self._clock = clock
        self._valid_until = clock() + self._valid_s
        self._lost: JobStop | None = None

    def renewed(self, asked_at: float) -> None:
        """The ledger took a renewal that was asked for at `asked_at` on this clock."""
        self._valid_until = asked_at + self._valid_s

    def lose(self, why: JobStop) -> None:
        """Nothing may be written any more."""
        self._lost = why

    def check(self) -> None:
        """Return if a request may be sent now.

        Raises:
            Interrupted: the job was asked to stop.
            LeaseLost: another attempt owns the part, or the lease ran out unrenewed.
            JobStop: what the renewal failed with.
        """
        if self._lost is not None:
            raise self._lost
        if self._clock() >= self._valid_until:
            raise LeaseLost("lease_expired", "the lease on this part ran out before it could be renewed")
        if self._stop.is_set():
            raise Interrupted


class Heartbeat:
    """Calls `beat` every few seconds from a thread of its own, and when it is woken, until the block is left.

    What wakes it waits for the rest after the last beat; who is in a hurry ends that, too.

    Args:
        every_s: seconds between beats.
        rest_s: seconds that it rests after a beat, however often it is woken.
        beat: renews the lease; a `ServiceAway` is tried again at the next beat, any other stop loses the lease.
        lease: to be told.
    """

    def __init__(
        self, every_s: float, beat: Callable[[], None], lease: Lease, *, rest_s: float = 0.0
    ) -> None:
        self._every_s = every_s
        self._rest_s = rest_s
        self._beat = beat
        self._lease = lease
        self._ended = threading.Event()
        self._woken = threading.Event()
        self._hurried = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True, name="heartbeat")

    def __enter__(self) -> Heartbeat:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._ended.set()
        self.hurry()
        self._thread.join()

    def wake(self) -> None:
        """Beat as soon as it has rested."""
        self._woken.set()

    def hurry(self) -> None:
        """Beat at once: somebody waits for it."""
        self._woken.set()
        self._hurried.set()

    def _run(self) -> None:
        while True:
            self._hurried.wait(self._rest_s)
            self._woken.wait(max(0.0, self._every_s - self._rest_s))
            self._hurried.clear()
            self._woken.clear()
            if self._ended.is_set():
                return
            self.once()

    def once(self) -> None:
        """One beat."""
        try:
            self._beat()
        except ServiceAway:
            return
        except JobStop as stop:
            self._lease.lose(stop)
        except Exception as bug:
            self._lease.lose(LeaseLost("heartbeat_failed", f"the heartbeat failed: {type(bug).__name__}"))
