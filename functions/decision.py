"""What comes next for an import: the state machine's decisions, pure.

The ledger says how far the import is, Batch what became of the job that matters. All other jobs of the
import, such as one that was submitted a second time and lost the claim, change nothing.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import times
from imports import Failure, Import, Part, PartStatus, State, total
from jobs import FAILED, LOST, SUCCEEDED, Job

ROW_COUNTERS = ("rows_read", "rows_written", "rows_superseded", "rows_rejected", "rows_skipped")


@dataclass(frozen=True)
class Submit:
    """Submit the job that comes next."""

    reason: str


@dataclass(frozen=True)
class Close:
    """Close the import: DONE, or FAILED with a failure."""

    state: State
    reason: str
    failure: Failure | None = None


@dataclass(frozen=True)
class Announce:
    """Tell of an import that was closed by somebody who did not come to tell of it."""

    reason: str


@dataclass(frozen=True)
class Wait:
    """Something is under way; an event or the sweep will look again."""

    reason: str


@dataclass(frozen=True)
class Nothing:
    """The import needs nothing any more."""

    reason: str


Decision = Submit | Close | Announce | Wait | Nothing


def equation_holds(counters: Mapping[str, int]) -> bool:
    """Check read = written + superseded + rejected + skipped."""
    read, *outcomes = (counters.get(name, 0) for name in ROW_COUNTERS)
    return read == sum(outcomes)


def job_in_question(import_: Import, parts: Sequence[Part]) -> str | None:
    """Name the job whose status the decision depends on; None if it depends on none."""
    if import_.state is not State.LOADING or _all_done(import_, parts):
        return None
    return import_.load_job or import_.submitted_job


def decide(
    import_: Import, parts: Sequence[Part], jobs: Mapping[str, Job], *, now: datetime, grace: timedelta
) -> Decision:
    """Decide what comes next.

    `parts` are those of the import's present run; `jobs` holds at least the job in question, by id, read
    *before* import and parts were; `grace` is how long a submission may go unanswered, and a closed import untold.
    """
    if import_.state.closed:
        return _closed(import_, now, grace)
    if import_.state is State.RECEIVED:
        return Submit("received")
    if import_.state is not State.LOADING:
        return Wait(f"nothing here knows the state {import_.state}")
    if _all_done(import_, parts):
        return _close_done(parts)
    return _loading(import_, parts, jobs, in_grace=_in_grace(import_, now, grace))


def _closed(import_: Import, now: datetime, grace: timedelta) -> Decision:
    if import_.open and import_.closed_at and times.parse(import_.closed_at) + grace <= now:
        return Announce(f"closed as {import_.state}, and nobody was told")
    return Nothing(f"closed as {import_.state} before")


def _loading(import_: Import, parts: Sequence[Part], jobs: Mapping[str, Job], *, in_grace: bool) -> Decision:
    """Decide for an import whose parts are not all done."""
    if import_.load_job:
        return _claimed(parts, jobs.get(import_.load_job))
    if import_.submitted_job:
        return _submitted(jobs.get(import_.submitted_job), in_grace=in_grace)
    if in_grace:
        return Wait("a submission is under way")
    return Submit("the last submission went unanswered")


def _all_done(import_: Import, parts: Sequence[Part]) -> bool:
    return len(parts) == import_.parts and all(part.status is PartStatus.DONE for part in parts)


def _in_grace(import_: Import, now: datetime, grace: timedelta) -> bool:
    return import_.submitted_at is not None and now < times.parse(import_.submitted_at) + grace


def _close_done(parts: Sequence[Part]) -> Close:
    counters = total(parts)
    uncounted = [part.part for part in parts if not set(ROW_COUNTERS) <= set(part.counters)]
    if not uncounted and equation_holds(counters):
        return Close(State.DONE, "all parts are done")
    if uncounted:
        message = f"parts without all row counters: {uncounted}"
    else:
        message = "rows do not add up: " + ", ".join(f"{name} {counters[name]}" for name in ROW_COUNTERS)
    return _failed("equation_broken", message)


def _claimed(parts: Sequence[Part], job: Job | None) -> Decision:
    """Decide for an import that a job has claimed and not finished."""
    if job is None or not job.finished:
        return Wait("the job that claimed the import is at work")
    failed = [part for part in parts if part.status is PartStatus.FAILED]
    if job.status == SUCCEEDED and not failed:
        return _failed("job_left_work", f"{job}, and not all parts are done")
    # An attempt that hoped for a next one leaves its part RUNNING, with the reason why it gave up.
    if told := failed or [part for part in parts if part.failure]:
        return _part_failed(told[0], job)
    if job.status == LOST:
        return _failed("job_lost", f"AWS Batch has no record of job {job.job_id}, and not all parts are done")
    return _failed("job_failed", str(job))


def _submitted(job: Job | None, *, in_grace: bool) -> Decision:
    """Decide for an import whose submitted job has not claimed it."""
    if job is None or not job.finished:
        return Wait("the submitted job has not begun")
    if job.status == FAILED:
        return _failed("job_never_started", str(job))
    if job.status == SUCCEEDED:
        return _failed("job_left_work", f"{job}, and it never claimed the import")
    if in_grace:
        return Wait("AWS Batch does not know the submitted job yet")
    return _failed("job_lost", f"AWS Batch has no record of job {job.job_id}, which never claimed the import")


def _part_failed(part: Part, job: Job) -> Close:
    if part.failure is None:
        return _failed("job_failed", f"part {part.part} failed without saying why; {job}")
    # Its message is for the report alone: it may hold what stands in the file.
    return Close(State.FAILED, part.failure.code, part.failure)


def _failed(code: str, message: str) -> Close:
    return Close(State.FAILED, f"{code}: {message}", Failure(code, message))
