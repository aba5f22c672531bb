"""Closing an import: its rejects in one place, its report, the ledger's word, and then everybody is told."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

import artifacts
import metrics
import times
from announcement import closed_event
from decision import Close
from errors import LedgerBusyError
from imports import Import, Part
from report import build_report
from wiring import Application

_FIRST_REJECTS = 10
_ROUNDS = 8
"""An import is settled in vain only while others change the queue of its key."""


def close(import_: Import, decision: Close, app: Application) -> str | None:
    """Publish rejects and report, then close; gives the state, None if somebody else was first.

    The ledger comes before the event and after the report, so that who sees a closed import finds its report.
    An attempt that was only thought dead must not wake up behind it: leases that have run out are ended for good.
    Whoever loses the close may have overwritten the winner's report with a later `closed_at`, and writes the
    winner's again.
    """
    closed = replace(
        import_,
        state=decision.state,
        failure=decision.failure,
        closed_at=times.stamp(app.clock()),
    )
    parts = app.ledger.parts(import_)
    if not app.ledger.end_leases(import_, parts, at=app.clock()):
        return None
    if not app.ledger.touch(import_, at=app.clock()):
        return None  # before what may take minutes
    report_key = publish(closed, parts, app)
    if app.ledger.close(closed, parts, report_key=report_key, was=import_):
        app.logger.info("closed", extra={"state": closed.state, "report_key": report_key})
        app.measure(metrics.of_closed(closed, parts))
        announce(closed, parts, app)
        return closed.state
    found = app.ledger.import_of(import_.import_id)
    if found is not None and found.state.closed:
        publish(found, app.ledger.parts(found), app)
    return None


def announce(closed: Import, parts: Sequence[Part], app: Application) -> None:
    """Say when the ledger forgets a closed import, put its event, then take it from the open ones and from its queue.

    At least once: whoever dies in between leaves an open import behind, and the sweep announces it again.
    Raises `EventRefusedError`, `LedgerBusyError` and botocore's errors.
    """
    app.ledger.expire(closed.import_id, at=forgotten_at(closed, app))
    app.event_bus.put(
        closed_event(
            closed,
            parts,
            deployment=app.settings.deployment,
            artifacts_bucket=app.settings.artifacts_bucket,
            table_name=app.settings.table_name,
        )
    )
    _settle(closed, app)


def forgotten_at(closed: Import, app: Application) -> datetime:
    """Give the time from which on the ledger may forget a closed import."""
    closed_at = times.parse(closed.closed_at) if closed.closed_at else app.clock()
    return closed_at + timedelta(days=app.settings.ledger_retention_days)


def _settle(closed: Import, app: Application) -> None:
    for _ in range(_ROUNDS):
        queue = app.ledger.queue(closed.object.bucket, closed.object.key)
        if app.ledger.settle(closed, queue, at=app.clock()):
            return
        found = app.ledger.import_of(closed.import_id)
        if found is None or not found.open or found.closed_at != closed.closed_at:
            return  # another has done it
    raise LedgerBusyError(f"the queue of import {closed.import_id} changed again and again")


def publish(closed: Import, parts: Sequence[Part], app: Application) -> str:
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
