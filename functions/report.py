"""The report of a closed import: counters, places and reasons in one document (docs/contracts.md)."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import times
from facts import equation_holds
from imports import Import, Part, Pinned, total


def build_report(
    closed: Import,
    parts: Sequence[Part],
    *,
    table_name: str,
    first_rejects: Sequence[Mapping[str, Any]] = (),
    csv_key: str | None = None,
    jsonl_key: str | None = None,
) -> dict[str, Any]:
    """Build the report.

    `closed` has its final state, failure and `closed_at`; `table_name` is for an import that no job claimed;
    `first_rejects` are JSON lines of the rejects file.
    """
    counters = total(parts)
    count = counters.get
    started_at, finished_at = _first_start(parts), _last_end(parts)
    pinned = closed.pinned
    return {
        "import_id": closed.import_id,
        "run": closed.run,
        "state": closed.state.value,
        "rows_read": count("rows_read", 0),
        "rows_written": count("rows_written", 0),
        "rows_superseded": count("rows_superseded", 0),
        "rows_skipped": count("rows_skipped", 0),
        "rows_rejected": count("rows_rejected", 0),
        "equation_holds": equation_holds(counters),
        "object": {
            "bucket": closed.object.bucket,
            "key": closed.object.key,
            "version_id": closed.object.version_id,
            "etag": closed.object.etag,
            "size": closed.object.size,
        },
        "table_name": pinned.table_name if pinned else table_name,
        "mode": pinned.mode if pinned else None,
        "spec": {"key": closed.spec.key, "version_id": closed.spec.version_id} if closed.spec else None,
        "received_at": closed.received_at,
        "started_at": started_at,
        "finished_at": finished_at,
        "closed_at": closed.closed_at,
        "duration_s": load_seconds(parts),
        "bytes": {
            "read": count("bytes_read", 0),
            "records": count("bytes_records", 0),
            "ignored": count("bytes_ignored", 0),
        },
        "ignored": _sum_ignored(parts),
        "reading": dict(pinned.reading) if pinned else {},
        "header": _header(pinned),
        "mended": _sum_counts(part.mended for part in parts),
        "rejects": {
            "count": count("rows_rejected", 0),
            "by_code": _sum_counts(part.rejects_by_code for part in parts),
            "first": list(first_rejects),
            "csv_key": csv_key,
            "jsonl_key": jsonl_key,
        },
        "items": {name: count(f"items_{name}", 0) for name in ("written", "superseded", "skipped")},
        "notices": _sum_notices(parts),
        "writes": {name: count(name, 0) for name in ("requests", "throttles", "retries")},
        "parts": closed.parts,
        "error": {"code": closed.failure.code, "message": closed.failure.message} if closed.failure else None,
    }


def _header(pinned: Pinned | None) -> dict[str, Any]:
    if pinned is None:
        return {"columns": 0, "names": [], "adjusted": []}
    return {
        "columns": pinned.columns,
        "names": list(pinned.header),
        "adjusted": [dict(each) for each in pinned.header_adjusted],
    }


def load_seconds(parts: Sequence[Part]) -> float | None:
    """Give the seconds from the first part's start to the last part's end; None before that."""
    started_at, finished_at = _first_start(parts), _last_end(parts)
    if started_at is None or finished_at is None:
        return None
    return round((times.parse(finished_at) - times.parse(started_at)).total_seconds(), 3)


def _first_start(parts: Sequence[Part]) -> str | None:
    return min((part.started_at for part in parts if part.started_at), default=None)


def _last_end(parts: Sequence[Part]) -> str | None:
    ends = [part.finished_at for part in parts]
    known = [end for end in ends if end]
    return max(known) if known and len(known) == len(ends) else None


def _sum_counts(counts: Iterable[Mapping[str, int]]) -> dict[str, int]:
    sums: Counter[str] = Counter()
    for one in counts:
        sums.update(one)
    return dict(sorted(sums.items()))


def _sum_notices(parts: Sequence[Part]) -> list[dict[str, Any]]:
    cells: Counter[tuple[str, str]] = Counter()
    for part in parts:
        cells.update({(each["column"], each["code"]): each["cells"] for each in part.notices})
    return [
        {"column": column, "code": code, "cells": count} for (column, code), count in sorted(cells.items())
    ]


def _sum_ignored(parts: Sequence[Part]) -> dict[str, dict[str, int]]:
    reasons = sorted({reason for part in parts for reason in part.ignored})
    return {reason: _sum_counts(part.ignored.get(reason, {}) for part in parts) for reason in reasons}
