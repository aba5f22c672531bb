"""What writing took: requests, repetitions, units, and how long the answers were."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(slots=True)
class Effort:
    """Counts of one part's writing, so far.

    Attributes:
        requests: requests sent.
        throttles: answers that said to slow down.
        retries: requests that had to be repeated, whole or in part.
        units: write units consumed.
        in_flight: requests without an answer.
        answer_s, slowest_s: seconds that all answers took together, and that the slowest took since
            `forget_slowest`.
    """

    requests: int = 0
    throttles: int = 0
    retries: int = 0
    units: float = 0.0
    in_flight: int = 0
    answers: int = 0
    answer_s: float = 0.0
    slowest_s: float = field(default=0.0)

    def sent(self) -> None:
        """A request began."""
        self.requests += 1
        self.in_flight += 1

    def answered(self, took_s: float) -> None:
        """A request ended, after so many seconds."""
        self.in_flight -= 1
        self.answers += 1
        self.answer_s += took_s
        self.slowest_s = max(self.slowest_s, took_s)

    def forget_slowest(self) -> float:
        """The slowest answer since the last call, in seconds."""
        slowest, self.slowest_s = self.slowest_s, 0.0
        return slowest
