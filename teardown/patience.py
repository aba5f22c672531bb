"""Looks again until something is so, or for long enough."""

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Patience:
    """How often to look, and for how long; `sleep` takes seconds."""

    poll_s: float
    limit_s: float
    sleep: Callable[[float], object]

    def until(self, done: Callable[[], bool]) -> bool:
        """Look until `done` says so; False where it never did."""
        for look in range(max(1, int(self.limit_s / self.poll_s))):
            if look:
                self.sleep(self.poll_s)
            if done():
                return True
        return False
