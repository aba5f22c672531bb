"""The one way forward for an import: gather, decide, apply; idempotent, and safe when two do it at once."""

from collections.abc import Iterable
from dataclasses import asdict, dataclass, replace
from datetime import timedelta

import closing
import submission
from decision import Announce, Close, Decision, Submit, decide
from errors import UnknownImportError
from facts import Facts, job_in_question
from imports import Import, State
from jobs import FAILED, Job
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
    """Move an import as far as it goes now, and once it is over the next version of its object.

    `known` are jobs whose end an event has told, so that Batch need not be asked.
    Raises `UnknownImportError`, `SubmissionRefusedError`, `EventRefusedError`, `LedgerBusyError` and botocore's errors;
    after any but the first, calling again goes on, and so does the sweep.
    """
    jobs = {job.job_id: job for job in known}
    for _ in range(_ROUNDS):
        facts = _gather(import_id, jobs, app)
        decision = decide(facts)
        name = type(decision).__name__
        app.logger.info(
            f"decision: {name.lower()}", extra={"state": facts.import_.state, "reason": decision.reason}
        )
        if (state := _apply(decision, facts, app)) is not None:
            outcome = Outcome(import_id=import_id, state=state, decision=name, reason=decision.reason)
            if isinstance(decision, Close | Announce):
                _advance_next(facts.import_, app)
            return outcome
        app.logger.info("somebody else was first, reading again", extra={"decision": name})
    return Outcome(import_id=import_id, state=facts.import_.state, decision="Wait", reason="others are at it")


def _gather(import_id: str, jobs: dict[str, Job], app: Application) -> Facts:
    """Read the import and its parts, and learn (into `jobs`) what the decision depends on.

    The ledger is read again after each job that was asked for: a job's end tells something only about
    what the ledger says afterwards.
    """
    while True:
        found = app.ledger.read(import_id)
        if found is None:
            raise UnknownImportError(import_id)
        import_, parts = found
        job_id = job_in_question(import_, parts)
        if job_id is None or _is_known(jobs.get(job_id)):
            return Facts(
                import_=import_,
                parts=parts,
                jobs=jobs,
                ahead=_ahead(import_, app),
                now=app.clock(),
                grace=timedelta(seconds=app.settings.submit_grace_s),
                split_threshold_bytes=app.settings.split_threshold_bytes,
            )
        told, found_job = jobs.get(job_id), app.jobs.describe(job_id)
        jobs[job_id] = replace(told, stopped=found_job.stopped) if told else found_job


def _is_known(job: Job | None) -> bool:
    """An event tells that a job failed, but not whether because somebody ended it."""
    return job is not None and not (job.status == FAILED and job.stopped is None)


def _ahead(import_: Import, app: Application) -> str | None:
    """Name the import of an older version that this one waits for; what vanished from the ledger holds up none."""
    if import_.state is not State.RECEIVED:
        return None
    queue = app.ledger.queue(import_.object.bucket, import_.object.key)
    ahead = queue.ahead_of(import_.import_id)
    while ahead is not None and app.ledger.import_of(ahead) is None:
        queue = queue.without(ahead)
        ahead = queue.ahead_of(import_.import_id)
    return ahead


def _apply(decision: Decision, facts: Facts, app: Application) -> str | None:
    """Do what was decided; gives the import's state then, None if somebody else was first."""
    match decision:
        case Submit():
            return _submit(facts.import_, decision, app)
        case Close():
            return closing.close(facts.import_, decision, app)
        case Announce():
            closing.announce(facts.import_, facts.parts, app)
            return facts.import_.state
        case _:
            return facts.import_.state


def _submit(import_: Import, decision: Submit, app: Application) -> str | None:
    began = app.ledger.begin_submission(import_, decision, at=app.clock())
    if began is None:
        return None
    job_id = app.jobs.submit(submission.next_job(began, app.settings))
    recorded = app.ledger.record_submission(began, job_id=job_id)
    app.logger.info("submitted", extra={"job_id": job_id, "recorded": recorded})
    return began.state


def _advance_next(closed: Import, app: Application) -> None:
    """Begin with the next version of the object; where that fails the sweep does it."""
    try:
        head = app.ledger.queue(closed.object.bucket, closed.object.key).head
        if head is not None and head != closed.import_id:
            with app.logger.append_context_keys(import_id=head):
                advance(head, app)
    except Exception:
        app.logger.exception("the next version could not be advanced, the sweep will do it")
