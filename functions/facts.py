"""What a decision about an import depends on, and what follows from it by counting; pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import times
from imports import Import, Part, PartStatus, State
from jobs import Job

ROW_COUNTERS = ("rows_read", "rows_written", "rows_superseded", "rows_rejected", "rows_skipped")


@dataclass(frozen=True, kw_only=True)
class Facts:
    """All that a decision depends on.

    `parts` are those of the import's present run, while it is PLANNING what stands for its plan; `jobs` holds at least
    the job in question, by id, read *before* import and parts were; `ahead` is the import of an older version of
    the object that is not over; `grace` is how long a submission may go unanswered, and a closed import untold.
    """

    import_: Import
    parts: Sequence[Part] = ()
    jobs: Mapping[str, Job] = field(default_factory=dict)
    ahead: str | None = None
    now: datetime
    grace: timedelta
    split_threshold_bytes: int

    @property
    def in_grace(self) -> bool:
        """Tell whether the present submission may still go unanswered."""
        submitted_at = self.import_.submitted_at
        return submitted_at is not None and self.now < times.parse(submitted_at) + self.grace

    @property
    def leased_until(self) -> datetime | None:
        """Give the time until which an attempt may write rows, if there may be one that lives."""
        ends = [part.leased_until for part in self.parts if part.leased_until is not None]
        last = max(ends, default=None)
        return last if last is not None and last >= self.now else None


def equation_holds(counters: Mapping[str, int]) -> bool:
    """Check read = written + superseded + rejected + skipped."""
    read, *outcomes = (counters.get(name, 0) for name in ROW_COUNTERS)
    return read == sum(outcomes)


def settled_records(parts: Sequence[Part]) -> int:
    """Count what no attempt does again."""
    return sum(part.settled_records for part in parts)


def remaining_work(import_: Import, parts: Sequence[Part]) -> tuple[int, ...] | None:
    """Number the parts that are not done; None where that is all of them."""
    done = {part.part for part in parts if part.status is PartStatus.DONE}
    return tuple(number for number in range(import_.parts) if number not in done) if done else None


def job_in_question(import_: Import, parts: Sequence[Part]) -> str | None:
    """Name the job whose status the decision depends on; None if it depends on none."""
    if import_.state is State.PLANNING and not import_.has_plan:
        return import_.claimant or import_.submitted_job
    if import_.state is State.LOADING and not all_done(import_, parts):
        return import_.claimant or import_.submitted_job
    return None


def all_done(import_: Import, parts: Sequence[Part]) -> bool:
    """Tell whether every part of the present run is done."""
    mine = own_parts(import_, parts)
    return len(mine) == import_.parts and all(part.status is PartStatus.DONE for part in mine)


def own_parts(import_: Import, parts: Sequence[Part]) -> list[Part]:
    """Leave out parts that an unfinished plan of the run had made, and the finished one has not."""
    return [part for part in parts if part.part < import_.parts]
