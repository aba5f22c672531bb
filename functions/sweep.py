"""On a schedule: look after every open import that events may have missed."""

from datetime import datetime, timedelta
from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

import metrics
import times
from advance import advance
from errors import ImportsFailedError
from giving_up import give_up
from imports import Import
from wiring import Application, invoke

_RESERVE_MS = 15_000
"""No import is begun with less time left: closing one takes seconds."""


def handler(event: dict[str, Any], context: LambdaContext, app: Application | None = None) -> dict[str, Any]:
    """Handle a tick of the schedule; the event's content does not matter."""
    return invoke(handle, event, context, app)


def handle(event: dict[str, Any], context: LambdaContext, app: Application) -> dict[str, Any]:
    """Advance open imports, longest untouched first, and give up a job that never starts.

    Raises `ImportsFailedError` once all had their turn.
    """
    advanced: list[dict[str, str]] = []
    failed: list[str] = []
    complete = True
    for import_id in _measure(app):
        if context.get_remaining_time_in_millis() < _RESERVE_MS:
            app.logger.warning("out of time, the next sweep goes on")
            complete = False
            break
        with app.logger.append_context_keys(import_id=import_id):
            try:
                advanced.append(advance(import_id, app).as_dict())
            except Exception:
                app.logger.exception("this import failed, the others go on")
                failed.append(import_id)
    if complete:
        give_up(app)
    if failed:
        raise ImportsFailedError(failed)
    return {"imports": advanced, "ignored": [], "failed": 0, "complete": complete}


def _measure(app: Application) -> list[str]:
    """Measure all open imports; gives the ids of those that nobody touched lately, longest untouched first.

    Young ones are left to their events, but they are open and wait like the others.
    """
    now = app.clock()
    touched_before = times.stamp(now - timedelta(seconds=app.settings.submit_grace_s))
    waits: dict[tuple[str, str], timedelta] = {}
    untouched: list[str] = []
    count = 0
    for import_ in app.ledger.open_imports(until=now):
        count += 1
        _note_wait(import_, now, waits)
        if import_.updated_at <= touched_before:
            untouched.append(import_.import_id)
    if count:  # an idle deployment puts out nothing: metrics are paid for by the hour
        app.measure(metrics.of_sweep(count, max(waits.values())))
    return untouched


def _note_wait(import_: Import, now: datetime, waits: dict[tuple[str, str], timedelta]) -> None:
    """Note how long the import of an object has waited for a job to begin; nothing where one has.

    Of the versions of an object one is under way, and the others wait for it rather than for a job.
    """
    key = (import_.object.bucket, import_.object.key)
    if import_.claimant or import_.state.closed:
        waits[key] = timedelta()
    elif import_.submitted_at:
        waits[key] = now - times.parse(import_.submitted_at)
    elif key not in waits:
        waits[key] = now - times.parse(import_.updated_at)
