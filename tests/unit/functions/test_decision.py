from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

import pytest

import times
from decision import Close, Decision, Submit, Wait, decide
from facts import Facts
from imports import PLAN_PART, Failure, Import, Part, PartStatus, Plan, State
from jobs import FAILED, LOST, SUCCEEDED, Job
from tests.unit.functions.builders import NOW, a_part, an_import, an_object, rows

GRACE = timedelta(seconds=300)
JUST_NOW = times.stamp(NOW - GRACE + timedelta(microseconds=1))
LONG_AGO = times.stamp(NOW - GRACE)

NO_PARTS: list[Part] = []
RUNNING = [a_part(PartStatus.RUNNING)]
DONE = [a_part(PartStatus.DONE)]
BROKEN = [a_part(PartStatus.DONE, counters=rows(6, written=5))]
UNCOUNTED = [a_part(PartStatus.DONE, counters={})]
BAD_FILE = [a_part(PartStatus.FAILED, failure=Failure("NO_KEY_COLUMN", "the header has no ProductId"))]
TRY_AGAIN = [a_part(PartStatus.RUNNING, failure=Failure("THROTTLED", "the table refused for too long"))]
FAILED_SILENTLY = [a_part(PartStatus.FAILED, failure=None)]

UNANSWERED = {"submitted_at": LONG_AGO}
UNANSWERED_IN_GRACE = {"submitted_at": JUST_NOW}
RECORDED = {"submitted_at": LONG_AGO, "submitted_job": "recorded"}
RECORDED_IN_GRACE = {"submitted_at": JUST_NOW, "submitted_job": "recorded"}
CLAIMED = {"submitted_at": LONG_AGO, "submitted_job": "recorded", "load_job": "claimant"}


def job(job_id: str, status: str, reason: str = "", exit_code: int | None = None) -> Mapping[str, Job]:
    return {job_id: Job(job_id=job_id, status=status, reason=reason, exit_code=exit_code)}


def stopped(job_id: str) -> Mapping[str, Job]:
    return {job_id: Job(job_id=job_id, status=FAILED, stopped=True)}


def at(settled_records: int, **changes: Any) -> Part:
    return a_part(PartStatus.RUNNING, settled_records=settled_records, **changes)


THRESHOLD = 1_000_000
LARGE = an_object(size=THRESHOLD)
SMALL = an_object(size=THRESHOLD - 1)
PLANNING = {"state": State.PLANNING}
PLANS = PLANNING | {"submitted_at": LONG_AGO, "submitted_job": "recorded", "plan_job": "planner"}
PLANNED = {"plan": Plan(run=1, parts=3)}
COUNTED = {"plan": Plan(run=1, parts=2, records=12)}
AT_PLAN = [a_part(PartStatus.RUNNING, part=PLAN_PART)]
BAD_PLAN = [a_part(PartStatus.FAILED, part=PLAN_PART, failure=Failure("NOT_TEXT", "it is an image"))]
WEARY_PLAN = [a_part(PartStatus.RUNNING, part=PLAN_PART, failure=Failure("S3_AWAY", "for too long"))]
FAILED_PLAN = [a_part(PartStatus.FAILED, part=PLAN_PART)]


CASES: list[tuple[str, Mapping[str, Any], Sequence[Part], Mapping[str, Job], str]] = [
    # name, what the ledger says of the import, its parts, what Batch says, the decision
    ("received", {"state": State.RECEIVED}, NO_PARTS, {}, "Submit LOADING"),
    ("closed DONE", {"state": State.DONE, "open": False}, DONE, {}, "Nothing"),
    ("closed just now", {"state": State.DONE, "closed_at": JUST_NOW}, DONE, {}, "Nothing"),
    ("closed, nobody told", {"state": State.DONE, "closed_at": LONG_AGO}, DONE, {}, "Announce"),
    ("failed, nobody told", {"state": State.FAILED, "closed_at": LONG_AGO}, DONE, {}, "Announce"),
    ("closed, told", {"state": State.DONE, "closed_at": LONG_AGO, "open": False}, DONE, {}, "Nothing"),
    ("closed FAILED, parts done since", {"state": State.FAILED}, DONE, {}, "Nothing"),
    ("cancelled", {"state": State.CANCELLED}, RUNNING, {}, "Nothing"),
    # too large for one job
    ("large", {"state": State.RECEIVED, "object": LARGE}, NO_PARTS, {}, "Submit PLANNING"),
    ("small by a byte", {"state": State.RECEIVED, "object": SMALL}, NO_PARTS, {}, "Submit LOADING"),
    ("plan submission under way", PLANNING | UNANSWERED_IN_GRACE, NO_PARTS, {}, "Wait"),
    ("plan submission unanswered", PLANNING | UNANSWERED, NO_PARTS, {}, "Submit PLANNING"),
    ("plan job queued", PLANNING | RECORDED, NO_PARTS, job("recorded", "RUNNABLE"), "Wait"),
    (
        "plan job failed early",
        PLANNING | RECORDED,
        NO_PARTS,
        job("recorded", FAILED),
        "FAILED job_never_started",
    ),
    ("plan at work", PLANS, AT_PLAN, job("planner", "RUNNING"), "Wait"),
    ("plan is there", PLANS | PLANNED, AT_PLAN, {}, "Submit LOADING of 3"),
    ("plan of another run", PLANS | PLANNED | {"run": 2}, AT_PLAN, job("planner", "RUNNING"), "Wait"),
    ("plan failed for good", PLANS, BAD_PLAN, job("planner", FAILED), "FAILED NOT_TEXT"),
    ("plan gave up", PLANS, WEARY_PLAN, job("planner", FAILED), "FAILED S3_AWAY"),
    ("plan failed silently", PLANS, FAILED_PLAN, job("planner", FAILED), "FAILED job_failed"),
    ("plan lost", PLANS, AT_PLAN, job("planner", LOST), "FAILED job_lost"),
    ("plan left undone", PLANS, AT_PLAN, job("planner", SUCCEEDED), "FAILED job_left_work"),
    ("plan ended by hand", PLANS, AT_PLAN, stopped("planner"), "CANCELLED job_stopped"),
    # a job that came on, and ran out of attempts
    ("came on", CLAIMED, [at(7)], job("claimant", FAILED), "Submit LOADING"),
    (
        "came on before that submission",
        CLAIMED | {"progress_mark": 7},
        [at(7)],
        job("claimant", FAILED),
        "FAILED job_failed",
    ),
    ("came on since", CLAIMED | {"progress_mark": 6}, [at(7)], job("claimant", FAILED), "Submit LOADING"),
    ("came on, forgotten", CLAIMED, [at(7)], job("claimant", LOST), "Submit LOADING"),
    ("came on, is at work", CLAIMED, [at(7)], job("claimant", "RUNNING"), "Wait"),
    (
        "came on, gave up",
        CLAIMED,
        [at(7, failure=Failure("THROTTLED", ""))],
        job("claimant", FAILED),
        "Submit LOADING",
    ),
    ("came on, left the rest", CLAIMED, [at(7)], job("claimant", SUCCEEDED), "FAILED job_left_work"),
    ("came on, verdict", CLAIMED, [at(7), *BAD_FILE], job("claimant", FAILED), "FAILED NO_KEY_COLUMN"),
    ("came on, ended by hand", CLAIMED, [at(7)], stopped("claimant"), "CANCELLED job_stopped"),
    ("verdict, ended by hand", CLAIMED, BAD_FILE, stopped("claimant"), "FAILED NO_KEY_COLUMN"),
    ("done, ended by hand", CLAIMED, DONE, stopped("claimant"), "DONE"),
    (
        "three of five are left",
        CLAIMED | {"parts": 5, "progress_mark": 3},
        [at(9), a_part(part=1), at(0, part=3), a_part(part=4)],
        job("claimant", FAILED),
        "Submit LOADING of 5: 0, 2, 3",
    ),
    (
        "one of two is left",
        CLAIMED | {"parts": 2, "progress_mark": 3},
        [a_part(settled_records=4), at(0, part=1)],
        job("claimant", FAILED),
        "Submit LOADING of 2: 1",
    ),
    (
        "unanswered, with a work list",
        UNANSWERED | {"parts": 5, "work": (2, 4), "progress_mark": 3},
        [at(9, part=2), a_part(part=4)],
        {},
        "Submit LOADING of 5: 2, 4",
    ),
    ("opened again for what is left", {"parts": 5, "work": (2,)}, NO_PARTS, {}, "Submit LOADING of 5: 2"),
    # nobody has claimed, no job id is recorded
    ("submission under way", UNANSWERED_IN_GRACE, NO_PARTS, {}, "Wait"),
    ("submission unanswered", UNANSWERED, NO_PARTS, {}, "Submit LOADING"),
    ("an unrecorded job failed", UNANSWERED_IN_GRACE, NO_PARTS, job("other", FAILED), "Wait"),
    # nobody has claimed, a job id is recorded
    ("job queued", RECORDED, NO_PARTS, job("recorded", "RUNNABLE"), "Wait"),
    ("job unasked", RECORDED, NO_PARTS, {}, "Wait"),
    ("job failed early", RECORDED, NO_PARTS, job("recorded", FAILED), "FAILED job_never_started"),
    ("job idled", RECORDED, NO_PARTS, job("recorded", SUCCEEDED), "FAILED job_left_work"),
    ("job not known yet", RECORDED_IN_GRACE, NO_PARTS, job("recorded", LOST), "Wait"),
    ("job not known any more", RECORDED, NO_PARTS, job("recorded", LOST), "FAILED job_lost"),
    ("another job failed", RECORDED, NO_PARTS, job("other", FAILED), "Wait"),
    # a job has claimed
    ("at work", CLAIMED, RUNNING, job("claimant", "RUNNING"), "Wait"),
    ("claimed, no part yet", CLAIMED, NO_PARTS, job("claimant", "RUNNING"), "Wait"),
    ("left work", CLAIMED, RUNNING, job("claimant", SUCCEEDED), "FAILED job_left_work"),
    ("left all work", CLAIMED, NO_PARTS, job("claimant", SUCCEEDED), "FAILED job_left_work"),
    ("job failed", CLAIMED, RUNNING, job("claimant", FAILED), "FAILED job_failed"),
    ("job lost", CLAIMED, RUNNING, job("claimant", LOST), "FAILED job_lost"),
    ("bad file", CLAIMED, BAD_FILE, job("claimant", FAILED), "FAILED NO_KEY_COLUMN"),
    ("bad file, job forgotten", CLAIMED, BAD_FILE, job("claimant", LOST), "FAILED NO_KEY_COLUMN"),
    ("bad file, job exits 0", CLAIMED, BAD_FILE, job("claimant", SUCCEEDED), "FAILED NO_KEY_COLUMN"),
    ("part failed, job retries", CLAIMED, BAD_FILE, job("claimant", "RUNNABLE"), "Wait"),
    ("last attempt gave up", CLAIMED, TRY_AGAIN, job("claimant", FAILED), "FAILED THROTTLED"),
    ("gave up, job forgotten", CLAIMED, TRY_AGAIN, job("claimant", LOST), "FAILED THROTTLED"),
    ("gave up, next attempt runs", CLAIMED, TRY_AGAIN, job("claimant", "RUNNING"), "Wait"),
    ("gave up, job exits 0", CLAIMED, TRY_AGAIN, job("claimant", SUCCEEDED), "FAILED job_left_work"),
    ("part failed silently", CLAIMED, FAILED_SILENTLY, job("claimant", FAILED), "FAILED job_failed"),
    ("the loser succeeded", CLAIMED, RUNNING, job("recorded", SUCCEEDED), "Wait"),
    ("the loser failed", CLAIMED, RUNNING, job("recorded", FAILED), "Wait"),
    ("a stranger failed", CLAIMED, RUNNING, job("stranger", FAILED), "Wait"),
    # all parts are done
    ("done", CLAIMED, DONE, {}, "DONE"),
    ("done, job at work yet", CLAIMED, DONE, job("claimant", "RUNNING"), "DONE"),
    ("done, job failed on its way out", CLAIMED, DONE, job("claimant", FAILED), "DONE"),
    ("done, rows missing", CLAIMED, BROKEN, job("claimant", SUCCEEDED), "FAILED equation_broken"),
    ("done, nothing counted", CLAIMED, UNCOUNTED, job("claimant", SUCCEEDED), "FAILED equation_broken"),
    # more than one part
    ("one of two", CLAIMED | {"parts": 2}, DONE, job("claimant", "RUNNING"), "Wait"),
    (
        "one of two, job over",
        CLAIMED | {"parts": 2},
        DONE,
        job("claimant", SUCCEEDED),
        "FAILED job_left_work",
    ),
    ("two of two", CLAIMED | {"parts": 2}, [a_part(), a_part(part=1)], {}, "DONE"),
    ("all that the plan counted", CLAIMED | COUNTED | {"parts": 2}, [a_part(), a_part(part=1)], {}, "DONE"),
    (
        "fewer than the plan counted",
        CLAIMED | COUNTED | {"parts": 2},
        [a_part(), a_part(part=1, counters=rows(5, written=5))],
        {},
        "FAILED plan_mismatch",
    ),
    (
        "an earlier run's plan counted others",
        CLAIMED | COUNTED | {"run": 2},
        [a_part(run=2)],
        {},
        "DONE",
    ),
    (
        "an unfinished plan had made a part more",
        CLAIMED | COUNTED | {"parts": 2},
        [a_part(), a_part(part=1), a_part(PartStatus.PLANNED, part=2, counters={})],
        {},
        "DONE",
    ),
    (
        "parts balance only together",
        CLAIMED | {"parts": 2},
        [a_part(counters=rows(6, written=5)), a_part(part=1, counters=rows(3, written=4))],
        {},
        "DONE",
    ),
]


def summary(decision: Decision) -> str:
    match decision:
        case Close(state=state, failure=None):
            return state
        case Close(state=state, failure=failure):
            assert failure is not None
            return f"{state} {failure.code}"
        case Submit(state=state, parts=1, work=None):
            return f"Submit {state}"
        case Submit(state=state, parts=parts, work=work):
            return f"Submit {state} of {parts}" + (f": {', '.join(map(str, work))}" if work else "")
        case _:
            return type(decision).__name__


def decided(
    import_: Import, parts: Sequence[Part], jobs: Mapping[str, Job], now: datetime = NOW, **facts: Any
) -> Decision:
    return decide(
        Facts(
            import_=import_,
            parts=parts,
            jobs=jobs,
            now=now,
            grace=GRACE,
            split_threshold_bytes=THRESHOLD,
            **facts,
        )
    )


@pytest.mark.parametrize(
    ("import_", "parts", "jobs", "expected"), [case[1:] for case in CASES], ids=[case[0] for case in CASES]
)
def test_decision(
    import_: Mapping[str, Any], parts: Sequence[Part], jobs: Mapping[str, Job], expected: str
) -> None:
    assert summary(decided(an_import(**import_), parts, jobs)) == expected


@pytest.mark.parametrize("name", [case[0] for case in CASES])
def test_every_decision_says_why(name: str) -> None:
    _, import_, parts, jobs, _ = next(case for case in CASES if case[0] == name)
    assert decided(an_import(**import_), parts, jobs).reason


def test_a_failed_job_is_quoted_with_its_reason_and_exit_code() -> None:
    jobs = job("claimant", FAILED, reason="Host EC2 (instance i-1) terminated.", exit_code=137)
    decision = decided(an_import(**CLAIMED), RUNNING, jobs)
    assert isinstance(decision, Close)
    assert decision.failure == Failure(
        "job_failed", "job claimant is FAILED, exit code 137: Host EC2 (instance i-1) terminated."
    )


def test_a_job_that_never_started_is_quoted_with_its_reason() -> None:
    jobs = job("recorded", FAILED, reason="CannotPullContainerError: no such image")
    decision = decided(an_import(**RECORDED), NO_PARTS, jobs)
    assert isinstance(decision, Close)
    assert decision.failure is not None
    assert "CannotPullContainerError" in decision.failure.message


def test_rows_that_do_not_add_up_are_listed() -> None:
    decision = decided(an_import(**CLAIMED), BROKEN, {})
    assert isinstance(decision, Close)
    assert decision.failure is not None
    assert "rows_read 6, rows_written 5" in decision.failure.message


@pytest.mark.parametrize("size", [THRESHOLD - 1, THRESHOLD])
def test_an_older_version_goes_first(size: int) -> None:
    import_ = an_import(state=State.RECEIVED, object=an_object(size=size))
    decision = decided(import_, [], {}, ahead="a-csv-1")
    assert isinstance(decision, Wait)
    assert "a-csv-1" in decision.reason


@pytest.mark.parametrize(
    ("left", "ends"), [(timedelta(0), False), (timedelta(microseconds=-1), True), (None, True)]
)
def test_no_import_fails_while_an_attempt_may_write(left: timedelta | None, ends: bool) -> None:
    """Batch says that the job is over; a host that was only thought lost may know nothing of it."""
    until = None if left is None else NOW + left
    parts = [a_part(PartStatus.RUNNING, leased_to="me", leased_until=until), *BAD_FILE]
    decision = decided(an_import(**CLAIMED, parts=2), parts, job("claimant", FAILED))
    assert isinstance(decision, Close if ends else Wait)


def test_what_came_on_is_the_mark_of_the_next_submission() -> None:
    parts = [at(7), a_part(part=1, settled_records=5)]
    decision = decided(an_import(**CLAIMED, parts=2, progress_mark=11), parts, job("claimant", FAILED))
    assert isinstance(decision, Submit)
    assert decision.progress_mark == 12


def test_an_unanswered_submission_is_repeated_as_it_was() -> None:
    import_ = an_import(**UNANSWERED, parts=3, work=(1, 2), progress_mark=11)
    decision = decided(import_, [a_part(part=1, settled_records=50)], {})
    assert isinstance(decision, Submit)
    assert (decision.parts, decision.work, decision.progress_mark) == (3, (1, 2), 11)


def test_grace_ends_at_the_second() -> None:
    last = datetime.fromisoformat(JUST_NOW)
    import_ = an_import(submitted_at=times.stamp(last))
    assert isinstance(decided(import_, [], {}, last + GRACE - timedelta(seconds=1)), Wait)
    assert isinstance(decided(import_, [], {}, last + GRACE), Submit)
