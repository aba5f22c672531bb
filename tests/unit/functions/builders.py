"""Imports, parts and jobs for the tests, each with the values that most tests do not care about."""

from datetime import UTC, datetime
from typing import Any

import times
from imports import Import, Part, PartStatus, State
from objects import ObjectVersion

NOW = datetime(2026, 11, 23, 10, 0, tzinfo=UTC)
ENVIRONMENT = {
    "DEPLOYMENT": "test",
    "LEDGER_TABLE": "ledger",
    "ARTIFACTS_BUCKET": "artifacts",
    "TABLE_NAME": "items",
    "IDEMPOTENCY_TABLE": "idempotency",
    "JOB_QUEUE": "arn:queue",
    "PLAN_JOB_DEFINITION": "arn:plan-definition",
    "LOAD_JOB_DEFINITION": "arn:definition",
    "SPLIT_THRESHOLD_BYTES": "1000000",
    "SUBMIT_GRACE_SECONDS": "300",
    "CANCEL_AFTER_SECONDS": "86400",
    "LEDGER_RETENTION_DAYS": "365",
}
"""What a stack tells its functions."""

AT = times.stamp(NOW)
IMPORT_ID = "sample-csv-0123456789abcdef0123"


def an_object(**changes: Any) -> ObjectVersion:
    values: dict[str, Any] = {
        "bucket": "input",
        "key": "in/sample.csv",
        "version_id": "v1",
        "sequencer": "0055",
        "etag": "abc",
        "size": 321,
        "event_time": AT,
    }
    return ObjectVersion(**(values | changes))


def an_import(**changes: Any) -> Import:
    values: dict[str, Any] = {
        "import_id": IMPORT_ID,
        "object": an_object(),
        "state": State.LOADING,
        "run": 1,
        "parts": 1,
        "received_at": AT,
        "updated_at": AT,
    }
    return Import(**(values | changes))


def a_part(status: PartStatus = PartStatus.DONE, **changes: Any) -> Part:
    values: dict[str, Any] = {"part": 0, "run": 1, "status": status, "counters": rows(6, written=6)}
    return Part(**(values | changes))


def rows(
    read: int, *, written: int = 0, superseded: int = 0, rejected: int = 0, skipped: int = 0
) -> dict[str, int]:
    return {
        "rows_read": read,
        "rows_written": written,
        "rows_superseded": superseded,
        "rows_rejected": rejected,
        "rows_skipped": skipped,
    }
