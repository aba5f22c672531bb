"""Closing an import: its rejects in one place, its report, and then the ledger's word."""

from dataclasses import replace

import artifacts
import times
from decision import Close
from imports import Import, Part
from report import build_report
from wiring import Application

_FIRST_REJECTS = 10


def close(import_: Import, parts: list[Part], decision: Close, app: Application) -> str | None:
    """Publish rejects and report, then close; gives the state, None if somebody else was first.

    The ledger comes last, so that who sees a closed import finds its report. Whoever loses the close
    may have overwritten the winner's report with a later `closed_at`, and writes the winner's again.
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
        return closed.state
    found = app.ledger.read(import_.import_id)
    if found is not None and found[0].state.closed:
        publish(*found, app)
    return None


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
