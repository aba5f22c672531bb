"""S3 says that objects were created: register an import for each and send it on its way."""

from typing import Any

from aws_lambda_powertools.utilities.data_classes.s3_event import S3EventRecord
from aws_lambda_powertools.utilities.idempotency import idempotent_function
from aws_lambda_powertools.utilities.typing import LambdaContext

import times
from advance import Outcome, advance
from errors import ImportsFailedError
from imports import Import, received
from objects import Ignored, is_test_event, read_record, records_of
from versions import register
from wiring import Application, invoke

_KEY_PREFIX = "trigger"


def handler(event: dict[str, Any], context: LambdaContext, app: Application | None = None) -> dict[str, Any]:
    """Handle an S3 event notification (docs.aws.amazon.com/lambda/latest/dg/with-s3.html)."""
    return invoke(handle, event, context, app)


def handle(event: dict[str, Any], context: LambdaContext, app: Application) -> dict[str, Any]:
    """Start an import for every record; raises `ImportsFailedError` once all records had their turn."""
    app.idempotency.register_lambda_context(context)
    started: list[dict[str, str]] = []
    ignored: list[dict[str, str]] = []
    failed: list[str] = []
    if is_test_event(event):
        ignored.append(_ignore(Ignored(key="", reason="s3:TestEvent names no object"), app))
    for record in records_of(event):
        name = _raw_key(record)
        try:
            found = read_record(record)
            if isinstance(found, Ignored):
                ignored.append(_ignore(found, app))
                continue
            import_ = received(found, at=times.stamp(app.clock()))
            name = import_.import_id
            with app.logger.append_context_keys(import_id=import_.import_id, key=found.key):
                started.append(_start_once(import_, app))
        except Exception:
            app.logger.exception("this record failed, the others go on", extra={"record": name})
            failed.append(name)
    if failed:
        raise ImportsFailedError(failed)
    return {"imports": started, "ignored": ignored, "failed": 0}


def _start_once(import_: Import, app: Application) -> dict[str, str]:
    """Start an import unless an earlier invocation did; then its answer is given again."""

    def start(*, record: Import) -> dict[str, str]:
        return start_import(record, app)

    once = idempotent_function(
        start,
        data_keyword_argument="record",
        persistence_store=app.idempotency_store,
        config=app.idempotency,
        key_prefix=_KEY_PREFIX,
    )
    answer: dict[str, str] = once(record=import_)
    return answer


def start_import(import_: Import, app: Application) -> dict[str, str]:
    """Register an import, and advance the one whose turn it is of its key; safe to do again at any time."""
    turn = register(import_, app)
    if turn is None:
        return _left_behind(import_, app)
    if turn != import_.import_id:
        advance(turn, app)
    return advance(import_.import_id, app).as_dict()


def _left_behind(import_: Import, app: Application) -> dict[str, str]:
    reason = "an older version than what its key's queue has had, and the ledger has forgotten it"
    app.logger.warning("ignored", extra={"reason": reason})
    return Outcome(import_id=import_.import_id, state="", decision="Nothing", reason=reason).as_dict()


def _ignore(ignored: Ignored, app: Application) -> dict[str, str]:
    app.logger.info("ignored", extra={"key": ignored.key, "reason": ignored.reason})
    return {"key": ignored.key, "reason": ignored.reason}


def _raw_key(record: S3EventRecord) -> str:
    try:
        return record.s3.get_object.key
    except (AttributeError, KeyError, TypeError):
        return "(a record without a key)"
