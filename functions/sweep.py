"""On a schedule: look after every open import that events may have missed."""

from datetime import timedelta
from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from advance import advance
from errors import ImportsFailedError
from wiring import Application, invoke

_RESERVE_MS = 15_000
"""No import is begun with less time left: closing one takes seconds."""


def handler(event: dict[str, Any], context: LambdaContext, app: Application | None = None) -> dict[str, Any]:
    """Handle a tick of the schedule; the event's content does not matter."""
    return invoke(handle, event, context, app)


def handle(event: dict[str, Any], context: LambdaContext, app: Application) -> dict[str, Any]:
    """Advance open imports, longest untouched first; raises `ImportsFailedError` once all had their turn."""
    until = app.clock() - timedelta(seconds=app.settings.submit_grace_s)
    advanced: list[dict[str, str]] = []
    failed: list[str] = []
    complete = True
    for import_id in app.ledger.open_imports(until=until):
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
    if failed:
        raise ImportsFailedError(failed)
    return {"imports": advanced, "ignored": [], "failed": 0, "complete": complete}
