"""How many requests may be in flight: one more a round while all goes well, fewer by what the table refuses."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass, field

_SMALLEST = 1 / 64
_DECREASE = 0.5
_PATIENCE = 5  # below one, so many refusals undo what one request that was taken has added
_MEMORY = 0.8  # how much of the round trip's average an answer leaves as it was


@dataclass(slots=True)
class Window:
    """Additive increase, multiplicative decrease (RFC 5681's idea, with requests for bytes), both by shares.

    An answer widens the window by the share of its batch that was taken, and narrows it by the share that was refused:
    a request that is refused whole halves it, one that is refused by a tenth takes off a twentieth. Many requests
    that were under way when the table began to throttle tell the same news, so only those that began after the last
    decrease count for another one.

    Below one the window is a share of the time: a window of 1/4 means a pause of about three round trips
    between two requests, drawn evenly from 0 to twice that, so that the parts of an import don't march in step.
    There a request that is taken doubles the window, and one that is refused takes off a fifth of that step: a table
    that takes one item of five whatever the pace would be asked ever more rarely otherwise. So where even one request
    in flight is too much, five items may be refused for each that is taken
    (docs/decisions/0024-the-window-goes-by-shares.md).

    Args:
        most: the most requests in flight, one for each lane.
        first: how many to begin with.
        draw: a random number from the range it is given.

    Attributes:
        size: requests in flight that the table is thought to bear.
    """

    most: int
    first: float = 4.0
    draw: Callable[[float, float], float] = random.uniform
    size: float = field(init=False)
    _opening: bool = field(default=True, init=False)
    _decreased_at: float = field(default=float("-inf"), init=False)
    _not_before: float = field(default=float("-inf"), init=False)
    _round_trip_s: float = field(default=0.05, init=False)

    def __post_init__(self) -> None:
        self.size = min(self.first, float(self.most))

    def wait_s(self, in_flight: int, now: float) -> float:
        """Seconds until another request may start: 0 for now, infinity while an answer has to come first."""
        if self.size >= 1.0:
            return 0.0 if in_flight < int(self.size) else float("inf")
        if in_flight:
            return float("inf")
        return max(0.0, self._not_before - now)

    def answered(self, started: float, now: float, taken: float = 1.0, refused: float = 0.0) -> None:
        """The table has answered a request.

        Args:
            started: when it began.
            now: when the answer came.
            taken, refused: the shares of its batch that the table took in this request, and that it refused for want of
                capacity. Where only a rest of the batch was sent again, both are less than that.
        """
        self._measure(now - started)
        if refused:
            self._opening = False
        if self.size < 1.0:
            self.size *= 2 ** (taken - refused / _PATIENCE)
        else:
            self.size += taken if self._opening else taken / self.size  # the first rounds double
            if refused and started >= self._decreased_at:
                self._decreased_at = now
                self.size *= 1 - _DECREASE * refused
        self.size = min(float(self.most), max(_SMALLEST, self.size))
        self._rest(now)

    def _measure(self, round_trip_s: float) -> None:
        self._round_trip_s += (1 - _MEMORY) * (max(round_trip_s, 0.001) - self._round_trip_s)

    def _rest(self, now: float) -> None:
        if self.size < 1.0:
            self._not_before = now + self.draw(0.0, 2 * self._round_trip_s * (1 / self.size - 1))
