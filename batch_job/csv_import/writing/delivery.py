"""Deliver one batch: repeat what was left unprocessed until all of it is in the table."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from csv_import.errors import ServiceAway
from csv_import.waiting import Backoff
from csv_import.writing.batch import Batch


class Trouble(StrEnum):
    """Why items were left unprocessed."""

    THROTTLED = "throttled"
    UNAVAILABLE = "unavailable"


@dataclass(frozen=True, slots=True)
class Answer:
    """What one request came to.

    Args:
        unprocessed: digests of the keys that are not known to be in the table.
        trouble: why, or None where there are none.
        detail: the service's own word for it.
        requests: how many requests it took.
    """

    unprocessed: frozenset[bytes]
    trouble: Trouble | None = None
    detail: str = ""
    requests: int = 1


Send = Callable[[Mapping[bytes, bytes]], Answer]


@dataclass(slots=True)
class Effort:
    """What a delivery took: requests sent, answers that said to slow down, requests repeated."""

    requests: int = 0
    throttles: int = 0
    retries: int = 0

    def __iadd__(self, other: Effort) -> Effort:
        self.requests += other.requests
        self.throttles += other.throttles
        self.retries += other.retries
        return self


@dataclass(slots=True)
class Delivery:
    """Delivers the batches of one lane, one request in flight at a time.

    Args:
        send: sends items once.
        backoff: paces the repetitions; a new one per batch.
        before_send: called ahead of every request; raises where this attempt may no longer write.
    """

    send: Send
    backoff: Callable[[], Backoff]
    before_send: Callable[[], None]
    effort: Effort = field(default_factory=Effort)

    def deliver(self, batch: Batch, before_repeat: Callable[[], None] = lambda: None) -> None:
        """Return when every item of the batch is in the table.

        Args:
            batch: what to deliver.
            before_repeat: called ahead of every repetition; raises where another lane has failed.

        Raises:
            ServiceAway: nothing got through for as long as the backoff's budget lasts.
            JobStop: what `send`, `before_send` and `before_repeat` raise.
        """
        remaining: Mapping[bytes, bytes] = batch.items
        pauses = self.backoff()
        while True:
            self.before_send()
            answer = self.send(remaining)
            self.effort.requests += answer.requests
            if not answer.unprocessed:
                return
            self.effort.retries += 1
            self.effort.throttles += answer.trouble is Trouble.THROTTLED
            if len(answer.unprocessed) < len(remaining):
                pauses.progress()
            remaining = {key: body for key, body in remaining.items() if key in answer.unprocessed}
            if not pauses.wait():
                raise ServiceAway(
                    f"table_{answer.trouble or Trouble.UNAVAILABLE}",
                    f"DynamoDB took nothing for {pauses.budget_s:.0f} s: {answer.detail}",
                )
            before_repeat()
