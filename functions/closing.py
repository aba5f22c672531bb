"""Closing an import: its rejects in one place, its report, the ledger's word, and then everybody is told."""

from dataclasses import replace
from datetime import timedelta

import artifacts
import metrics
import times
from announcement import closed_event
from decision import Close
from imports import Import, Part
from report import build_report
from wiring import Application

_FIRST_REJECTS = 10


def close(import_: Import, parts: list[Part], decision: Close, app: Application) -> str | None:
    """Publish rejects and report, then close; gives the state, None if somebody else was first.

    The ledger comes before the event and after the report, so that who sees a closed import finds its report.
    Whoever loses the close may have overwritten the winner's report with a later `closed_at`, and writes the
    winner's again.
    """
    closed = replace(
        import_,
        state=decision.state,
        failure=decision.failure,
        closed_at=times.stamp(app.clock()),
    )
    report_key = publish(closed, parts, app)
    if app.ledger.close(closed, parts, report_key=report_key, was=import_.state):
        app.logger.info("closed", extra={"state": closed.state, "report_key": report_key})
        app.measure(metrics.of_closed(closed, parts))
        announce(closed, parts, app)
        return closed.state
    found = app.ledger.read(import_.import_id)
    if found is not None and found[0].state.closed:
        publish(*found, app)
    return None


def announce(closed: Import, parts: list[Part], app: Application) -> None:
    """Say when the ledger forgets a closed import, put its event, then take it from the open ones.

    At least once: whoever dies in between leaves an open import behind, and the sweep announces it again.
    Raises `EventRefusedError` and botocore's errors.
    """
    forgotten = times.parse(closed.closed_at) if closed.closed_at else app.clock()
    app.ledger.expire(closed.import_id, at=forgotten + timedelta(days=app.settings.ledger_retention_days))
    app.event_bus.put(
        closed_event(
            closed,
            parts,
            deployment=app.settings.deployment,
            artifacts_bucket=app.settings.artifacts_bucket,
            table_name=app.settings.table_name,
        )
    )
    app.ledger.settle(closed, at=app.clock())


def publish(closed: Import, parts: list[Part], app: Application) -> str:
    """Write `rejects.csv`, `rejects.jsonl` and `report.json` of a closed import; gives the report's key.

    Depends on nothing but its arguments and the job's artifacts, so doing it again changes no byte.
    """
    root = artifacts.root(closed.import_id, closed.run)
    keys = app.artifacts.keys(root)
    header = [key for key in keys if key == f"{root}header.csv"]
    records = [key for key in keys if key.startswith(f"{root}rejects/") and key.endswith(".csv")]
    lines = [key for key in keys if key.startswith(f"{root}rejects/") and key.endswith(".jsonl")]
    if records:
        app.artifacts.join([*header, *records], f"{root}rejects.csv", content_type="text/csv")
    if lines:
        app.artifacts.join(lines, f"{root}rejects.jsonl", content_type="application/x-ndjson")
    report = build_report(
        closed,
        parts,
        table_name=app.settings.table_name,
        first_rejects=app.artifacts.first_json_lines(lines, _FIRST_REJECTS),
        csv_key=f"{root}rejects.csv" if records else None,
        jsonl_key=f"{root}rejects.jsonl" if lines else None,
    )
    app.artifacts.put_json(f"{root}report.json", report)
    return f"{root}report.json"
