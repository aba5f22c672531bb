from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

import pytest

import times
from decision import Close, Decision, Submit, Wait, decide, equation_holds, job_in_question
from imports import Failure, Part, PartStatus, State
from jobs import FAILED, LOST, SUCCEEDED, Job
from tests.unit.functions.builders import NOW, a_part, an_import, rows

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


CASES: list[tuple[str, Mapping[str, Any], Sequence[Part], Mapping[str, Job], str]] = [
    # name, what the ledger says of the import, its parts, what Batch says, the decision
    ("received", {"state": State.RECEIVED}, NO_PARTS, {}, "Submit"),
    ("closed DONE", {"state": State.DONE, "open": False}, DONE, {}, "Nothing"),
    ("closed just now", {"state": State.DONE, "closed_at": JUST_NOW}, DONE, {}, "Nothing"),
    ("closed, nobody told", {"state": State.DONE, "closed_at": LONG_AGO}, DONE, {}, "Announce"),
    ("failed, nobody told", {"state": State.FAILED, "closed_at": LONG_AGO}, DONE, {}, "Announce"),
    ("closed, told", {"state": State.DONE, "closed_at": LONG_AGO, "open": False}, DONE, {}, "Nothing"),
    ("closed FAILED, parts done since", {"state": State.FAILED}, DONE, {}, "Nothing"),
    ("cancelled", {"state": State.CANCELLED}, RUNNING, {}, "Nothing"),
    ("planning, which is to come", {"state": State.PLANNING}, NO_PARTS, {}, "Wait"),
    # nobody has claimed, no job id is recorded
    ("submission under way", UNANSWERED_IN_GRACE, NO_PARTS, {}, "Wait"),
    ("submission unanswered", UNANSWERED, NO_PARTS, {}, "Submit"),
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
        case _:
            return type(decision).__name__


@pytest.mark.parametrize(
    ("import_", "parts", "jobs", "expected"), [case[1:] for case in CASES], ids=[case[0] for case in CASES]
)
def test_decision(
    import_: Mapping[str, Any], parts: Sequence[Part], jobs: Mapping[str, Job], expected: str
) -> None:
    assert summary(decide(an_import(**import_), parts, jobs, now=NOW, grace=GRACE)) == expected


@pytest.mark.parametrize("name", [case[0] for case in CASES])
def test_every_decision_says_why(name: str) -> None:
    _, import_, parts, jobs, _ = next(case for case in CASES if case[0] == name)
    assert decide(an_import(**import_), parts, jobs, now=NOW, grace=GRACE).reason


def test_a_failed_job_is_quoted_with_its_reason_and_exit_code() -> None:
    jobs = job("claimant", FAILED, reason="Host EC2 (instance i-1) terminated.", exit_code=137)
    decision = decide(an_import(**CLAIMED), RUNNING, jobs, now=NOW, grace=GRACE)
    assert isinstance(decision, Close)
    assert decision.failure == Failure(
        "job_failed", "job claimant is FAILED, exit code 137: Host EC2 (instance i-1) terminated."
    )


def test_a_job_that_never_started_is_quoted_with_its_reason() -> None:
    jobs = job("recorded", FAILED, reason="CannotPullContainerError: no such image")
    decision = decide(an_import(**RECORDED), NO_PARTS, jobs, now=NOW, grace=GRACE)
    assert isinstance(decision, Close)
    assert decision.failure is not None
    assert "CannotPullContainerError" in decision.failure.message


def test_rows_that_do_not_add_up_are_listed() -> None:
    decision = decide(an_import(**CLAIMED), BROKEN, {}, now=NOW, grace=GRACE)
    assert isinstance(decision, Close)
    assert decision.failure is not None
    assert "rows_read 6, rows_written 5" in decision.failure.message


@pytest.mark.parametrize(
    ("import_", "parts", "expected"),
    [
        ({"state": State.RECEIVED}, NO_PARTS, None),
        ({"state": State.DONE, **CLAIMED}, DONE, None),
        (UNANSWERED, NO_PARTS, None),
        (RECORDED, NO_PARTS, "recorded"),
        (CLAIMED, RUNNING, "claimant"),
        (CLAIMED, DONE, None),
    ],
)
def test_the_job_in_question_is_the_claimant_or_else_the_recorded_one(
    import_: Mapping[str, Any], parts: Sequence[Part], expected: str | None
) -> None:
    assert job_in_question(an_import(**import_), parts) == expected


@pytest.mark.parametrize("outcome", ["written", "superseded", "rejected", "skipped"])
def test_each_outcome_counts_in_the_equation(outcome: str) -> None:
    assert equation_holds(rows(3, **{outcome: 3}))
    assert not equation_holds(rows(3, **{outcome: 2}))
    assert not equation_holds(rows(3, **{outcome: 4}))


def test_grace_ends_at_the_second() -> None:
    last = datetime.fromisoformat(JUST_NOW)
    import_ = an_import(submitted_at=times.stamp(last))
    assert isinstance(decide(import_, [], {}, now=last + GRACE - timedelta(seconds=1), grace=GRACE), Wait)
    assert isinstance(decide(import_, [], {}, now=last + GRACE, grace=GRACE), Submit)
