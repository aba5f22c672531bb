"""Giving up a job that never starts: Batch itself cancels it for a few reasons only, and on Fargate for fewer still."""

from collections.abc import Iterable, Iterator
from datetime import timedelta

from imports import Import
from wiring import Application


def give_up(app: Application) -> str | None:
    """Cancel the job that has waited longest for its start, and too long; gives its id, None if there is none.

    One at a time, and only while no job is at work: what waits behind others is not stuck, and what waited behind the
    stuck one has its turn before the next call. A job that begins meanwhile is not cancelled; of the end of one that
    is, Batch tells the tracker, which closes the import. Raises botocore's errors.
    """
    now, limit_s = app.clock(), app.settings.cancel_after_s
    stuck = next(_waiting(app.ledger.open_imports(until=now - timedelta(seconds=limit_s))), None)
    if stuck is None or app.jobs.any_at_work(_job_ids(app.ledger.open_imports(until=now))):
        return None
    job_id = str(stuck.submitted_job)
    app.jobs.cancel(job_id, reason=f"it did not start within {limit_s} s, while no other job was at work")
    app.logger.warning("gave up a job that does not start", extra={"job_id": job_id, "limit_s": limit_s})
    return job_id


def _waiting(imports: Iterable[Import]) -> Iterator[Import]:
    """Choose the imports whose job has not begun; nobody touches them while they wait."""
    return (one for one in imports if one.submitted_job and not one.claimant and not one.state.closed)


def _job_ids(imports: Iterable[Import]) -> Iterator[str]:
    for import_ in imports:
        job_id = import_.claimant or import_.submitted_job
        if job_id and not import_.state.closed:
            yield job_id
