"""Batch says that a job has ended: the import that it worked for goes on, or closes."""

from typing import Any

from aws_lambda_powertools.utilities.data_classes import EventBridgeEvent
from aws_lambda_powertools.utilities.typing import LambdaContext

from advance import advance
from errors import UnexpectedEventError, UnknownImportError
from jobs import FAILED, SUCCEEDED, read_job
from submission import import_of_job
from wiring import Application, invoke

_DETAIL_TYPE = "Batch Job State Change"


def handler(event: dict[str, Any], context: LambdaContext, app: Application | None = None) -> dict[str, Any]:
    """Handle a state change of a job (docs.aws.amazon.com/batch/latest/userguide/batch_job_events.html)."""
    return invoke(handle, event, context, app)


def handle(event: dict[str, Any], context: LambdaContext, app: Application) -> dict[str, Any]:
    """Advance the import of a job that has ended."""
    change = EventBridgeEvent(event)
    if change.get("detail-type") != _DETAIL_TYPE or "jobId" not in (change.get("detail") or {}):
        raise UnexpectedEventError(f"this is no event of the kind {_DETAIL_TYPE!r}")
    detail = change.detail
    job_id = str(detail["jobId"])
    reason = _reason_to_ignore(detail)
    import_id = import_of_job(detail)
    if reason or import_id is None:
        return _ignored(job_id, reason or "the job works for no import", app)
    with app.logger.append_context_keys(import_id=import_id, job_id=job_id):
        try:
            outcome = advance(import_id, app, known=[read_job(detail)])
        except UnknownImportError as error:
            return _ignored(job_id, str(error), app)
    return {"imports": [outcome.as_dict()], "ignored": [], "failed": 0}


def _reason_to_ignore(detail: dict[str, Any]) -> str | None:
    if "index" in (detail.get("arrayProperties") or {}):
        return "a child of an array job: its parent's end counts"
    if detail.get("status") not in (SUCCEEDED, FAILED):
        return f"{detail.get('status')} is no end"
    return None


def _ignored(job_id: str, reason: str, app: Application) -> dict[str, Any]:
    app.logger.info("ignored", extra={"job_id": job_id, "reason": reason})
    return {"imports": [], "ignored": [{"job_id": job_id, "reason": reason}], "failed": 0}
