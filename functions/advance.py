"""The one way forward for an import: gather, decide, apply; idempotent, and safe when two do it at once."""

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import timedelta

import closing
import submission
from decision import Announce, Close, Decision, Submit, decide, job_in_question
from errors import UnknownImportError
from imports import Import, Part, State
from jobs import Job
from wiring import Application

_ROUNDS = 3
"""A write is lost only to somebody who moved the import on; after so many losses that somebody goes on."""


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """What one call of `advance` came to; a plain summary for logs and answers."""

    import_id: str
    state: str
    decision: str
    reason: str

    def as_dict(self) -> dict[str, str]:
        """Give the summary as JSON takes it."""
        return asdict(self)


def advance(import_id: str, app: Application, *, known: Iterable[Job] = ()) -> Outcome:
    """Move an import as far as it goes now.

    `known` are jobs whose end an event has told, so that Batch need not be asked.
    Raises `UnknownImportError`, `SubmissionRefusedError`, `EventRefusedError` and botocore's errors; after any but
    the first, calling again goes on, and so does the sweep.
    """
    jobs = {job.job_id: job for job in known}
    for _ in range(_ROUNDS):
        import_, parts = _gather(import_id, jobs, app)
        now = app.clock()
        grace = timedelta(seconds=app.settings.submit_grace_s)
        decision = decide(import_, parts, jobs, now=now, grace=grace)
        name = type(decision).__name__
        app.logger.info(
            f"decision: {name.lower()}", extra={"state": import_.state, "reason": decision.reason}
        )
        if (state := _apply(decision, import_, parts, app)) is not None:
            return Outcome(import_id=import_id, state=state, decision=name, reason=decision.reason)
        app.logger.info("somebody else was first, reading again", extra={"decision": name})
    return Outcome(import_id=import_id, state=import_.state, decision="Wait", reason="others are at it")


def _gather(import_id: str, jobs: dict[str, Job], app: Application) -> tuple[Import, list[Part]]:
    """Read the import and its parts, and learn (into `jobs`) what the decision depends on.

    The ledger is read again after each job that was asked for: a job's end tells something only about
    what the ledger says afterwards.
    """
    while True:
        found = app.ledger.read(import_id)
        if found is None:
            raise UnknownImportError(import_id)
        job_id = job_in_question(*found)
        if job_id is None or job_id in jobs:
            return found
        jobs[job_id] = app.jobs.describe(job_id)


def _apply(decision: Decision, import_: Import, parts: list[Part], app: Application) -> str | None:
    """Do what was decided; gives the import's state then, None if somebody else was first."""
    match decision:
        case Submit():
            return _submit(import_, app)
        case Close():
            return closing.close(import_, parts, decision, app)
        case Announce():
            closing.announce(import_, parts, app)
            return import_.state
        case _:
            return import_.state


def _submit(import_: Import, app: Application) -> str | None:
    submitted_at = app.ledger.begin_submission(import_, at=app.clock())
    if submitted_at is None:
        return None
    job_id = app.jobs.submit(submission.load_job(import_, app.settings))
    recorded = app.ledger.record_submission(import_.import_id, submitted_at=submitted_at, job_id=job_id)
    app.logger.info("submitted", extra={"job_id": job_id, "recorded": recorded})
    return State.LOADING
