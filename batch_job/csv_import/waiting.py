"""Waiting between repetitions: exponential backoff with full jitter under a budget of time."""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field

from csv_import.errors import Interrupted


@dataclass(slots=True)
class Backoff:
    """Paces the repetitions of one failing thing.

    The n-th pause is drawn evenly from 0 to `min(cap_s, base_s * 2**n)` ("full jitter",
    https://aws.amazon.com/builders-library/timeouts-retries-and-backoff-with-jitter/).

    Args:
        base_s, cap_s: bounds of a pause, in seconds.
        budget_s: seconds from the first failure (or the last `progress`) after which `wait` says no.
        clock: seconds that only grow.
        pause: sleeps for the seconds it is given.
        draw: a random number from the range it is given.
    """

    base_s: float
    cap_s: float
    budget_s: float
    clock: Callable[[], float] = time.monotonic
    pause: Callable[[float], object] = time.sleep
    draw: Callable[[float, float], float] = random.uniform
    _failures: int = field(default=0, init=False)
    _since: float | None = field(default=None, init=False)

    def wait(self) -> bool:
        """Pause before the next repetition; False, at once, when the budget is spent."""
        seconds = self.next_pause()
        if seconds is None:
            return False
        self.pause(seconds)
        return True

    def next_pause(self) -> float | None:
        """Seconds to pause before the next repetition; None when the budget is spent."""
        now = self.clock()
        if self._since is None:
            self._since = now
        if now - self._since >= self.budget_s:
            return None
        ceiling = min(self.cap_s, self.base_s * 2 ** min(self._failures, 32))
        self._failures += 1
        return self.draw(0.0, ceiling)

    def progress(self) -> None:
        """Something got through: the budget starts anew, and so do the pauses."""
        self._failures = 0
        self._since = None


class StopSign:
    """Set by SIGTERM: ends pauses and what they wait for, and is looked at between blocks of rows."""

    def __init__(self) -> None:
        self._event = threading.Event()

    def set(self) -> None:
        """Ask the job to stop."""
        self._event.set()

    def is_set(self) -> bool:
        """Whether the job was asked to stop."""
        return self._event.is_set()

    def pause(self, seconds: float) -> None:
        """Sleep for `seconds`.

        Raises:
            Interrupted: as soon as the job is asked to stop.
        """
        if self._event.wait(seconds):
            raise Interrupted
