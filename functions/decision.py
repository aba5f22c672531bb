"""What comes next for an import: the state machine's decisions, pure.

The ledger says how far the import is, Batch what became of the job that matters. All other jobs of the
import, such as one that was submitted a second time and lost the claim, change nothing.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import times
from facts import ROW_COUNTERS, Facts, all_done, equation_holds, own_parts, remaining_work, settled_records
from imports import PLAN_PART, Failure, Import, Part, PartStatus, State, total
from jobs import FAILED, LOST, SUCCEEDED, Job


@dataclass(frozen=True)
class Submit:
    """Submit a job: `state` is the stage that it is for."""

    state: State
    reason: str
    parts: int = 1
    work: tuple[int, ...] | None = None
    """The parts that it is for; None for all."""
    progress_mark: int = 0


@dataclass(frozen=True)
class Close:
    """Close the import: DONE, or FAILED or CANCELLED with a failure."""

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


def decide(facts: Facts) -> Decision:
    """Decide what comes next."""
    import_ = facts.import_
    if import_.state.closed:
        return _closed(facts)
    if import_.state is State.RECEIVED:
        return _received(facts)
    if import_.state is State.PLANNING:
        return _load_all(import_) if import_.has_plan else _at_work(facts)
    if all_done(import_, facts.parts):
        return _close_done(import_, own_parts(import_, facts.parts))
    decision = _at_work(facts)
    if isinstance(decision, Close) and (until := facts.leased_until) is not None:
        return Wait(f"{decision.reason}; but an attempt may still write rows until {times.stamp(until)}")
    return decision


def _closed(facts: Facts) -> Decision:
    import_ = facts.import_
    if import_.open and import_.closed_at and times.parse(import_.closed_at) + facts.grace <= facts.now:
        return Announce(f"closed as {import_.state}, and nobody was told")
    return Nothing(f"closed as {import_.state} before")


def _received(facts: Facts) -> Decision:
    if facts.ahead is not None:
        return Wait(f"behind {facts.ahead}, an older version of the object")
    if facts.import_.object.size >= facts.split_threshold_bytes:
        return Submit(State.PLANNING, "received, and large enough to be split")
    return Submit(State.LOADING, "received")


def _load_all(import_: Import) -> Submit:
    assert import_.plan is not None
    return Submit(State.LOADING, "the plan is there", parts=import_.plan.parts)


def _at_work(facts: Facts) -> Decision:
    """Decide for an import whose present stage is not through."""
    import_ = facts.import_
    if import_.claimant:
        return _claimed(facts, facts.jobs.get(import_.claimant))
    if import_.submitted_job:
        return _submitted(facts.jobs.get(import_.submitted_job), in_grace=facts.in_grace)
    if facts.in_grace:
        return Wait("a submission is under way")
    return Submit(
        import_.state,
        "the last submission went unanswered",
        parts=import_.parts,
        work=import_.work,
        progress_mark=import_.progress_mark,
    )


def _close_done(import_: Import, parts: Sequence[Part]) -> Close:
    counters = total(parts)
    planned = import_.plan.records if import_.plan and import_.has_plan else None
    if planned is not None and counters.get("rows_read") != planned:
        message = f"the plan counted {planned} records, and the parts read {counters.get('rows_read')}"
        return _failed("plan_mismatch", message)
    uncounted = [part.part for part in parts if not set(ROW_COUNTERS) <= set(part.counters)]
    if not uncounted and equation_holds(counters):
        return Close(State.DONE, "all parts are done")
    if uncounted:
        message = f"parts without all row counters: {uncounted}"
    else:
        message = "rows do not add up: " + ", ".join(f"{name} {counters[name]}" for name in ROW_COUNTERS)
    return _failed("equation_broken", message)


def _claimed(facts: Facts, job: Job | None) -> Decision:
    """Decide for an import whose stage a job has claimed and not finished."""
    if job is None or not job.finished:
        return Wait("the job that claimed the import is at work")
    failed = [part for part in facts.parts if part.status is PartStatus.FAILED]
    if failed or job.stopped or job.status == SUCCEEDED:
        return _ended_for_good(failed, job)
    if settled_records(facts.parts) > facts.import_.progress_mark:
        return _load_rest(facts.import_, facts.parts)
    return _in_vain(facts.parts, job)


def _ended_for_good(failed: Sequence[Part], job: Job) -> Close:
    """Close for a reason that another submission would not mend."""
    if failed:
        return _part_failed(failed[0], job)
    if job.stopped:
        return _failed("job_stopped", f"{job}: somebody ended it", State.CANCELLED)
    return _failed("job_left_work", f"{job}, and not all parts are done")


def _in_vain(parts: Sequence[Part], job: Job) -> Close:
    """Close because the job used up its attempts and came on nowhere."""
    # An attempt that hoped for a next one leaves its part RUNNING, with the reason why it gave up.
    if told := [part for part in parts if part.failure]:
        return _part_failed(told[0], job)
    if job.status == LOST:
        return _failed("job_lost", f"AWS Batch has no record of job {job.job_id}, and not all parts are done")
    return _failed("job_failed", str(job))


def _load_rest(import_: Import, parts: Sequence[Part]) -> Submit:
    """A job ran out of attempts, but not in vain: its successor goes on where it was."""
    return Submit(
        State.LOADING,
        "the last job ran out of attempts and had come on",
        parts=import_.parts,
        work=remaining_work(import_, parts),
        progress_mark=settled_records(parts),
    )


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
        name = "the plan" if part.part == PLAN_PART else f"part {part.part}"
        return _failed("job_failed", f"{name} failed without saying why; {job}")
    # Its message is for the report alone: it may hold what stands in the file.
    return Close(State.FAILED, part.failure.code, part.failure)


def _failed(code: str, message: str, state: State = State.FAILED) -> Close:
    return Close(state, f"{code}: {message}", Failure(code, message))
