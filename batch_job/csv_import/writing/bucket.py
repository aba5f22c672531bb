"""A budget of write units a second, as a bucket that fills at its rate and may be overdrawn by one request."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(slots=True)
class Bucket:
    """Grants requests as long as there are units, and corrects itself by what they really consumed.

    A request is granted whenever the bucket is not empty, and its units are taken off, below zero if need be: so
    requests of any size pass, and over time no more than the rate does. It begins empty, and keeps
    at most `burst_s` seconds' worth, so that a slow second is not made up for by a stormy one.

    Args:
        units_per_s: the rate; None for no limit. It may be changed from another thread.
        burst_s: how much of the unused rate is kept, in seconds.
        at: the time on the clock that all calls go by.
        until: the time from which on the rate is 0, unless it has been put off.
    """

    units_per_s: float | None
    at: float
    burst_s: float = 0.25
    until: float = float("inf")
    _units: float = field(default=0.0, init=False)

    def wait_s(self, now: float) -> float:
        """Seconds until a request may start; infinity while the rate is 0."""
        rate = self._fill(now)
        if rate is None or self._units > 0:
            return 0.0
        if rate <= 0:
            return float("inf")
        return -self._units / rate + 1e-6

    def take(self, units: float) -> None:
        """A request is sent that will consume about so many units."""
        if self.units_per_s is not None:
            self._units -= units

    def settle(self, taken: float, consumed: float) -> None:
        """A request for which `taken` units were taken has consumed `consumed`."""
        if self.units_per_s is not None:
            self._units += taken - consumed

    def _fill(self, now: float) -> float | None:
        rate = self.units_per_s
        if rate is not None:
            until = self.until
            self._units += rate * max(0.0, min(now, until) - self.at)
            rate = rate if now < until else 0.0
            self._units = min(self._units, rate * self.burst_s)
        self.at = now
        return rate
