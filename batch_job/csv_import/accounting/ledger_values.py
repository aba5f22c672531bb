"""What the job writes into the ledger and reads from it, as values; attributes as in docs/contracts.md."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from boto3.dynamodb.types import TypeDeserializer, TypeSerializer

from csv_import.accounting.counters import Counters
from csv_import.accounting.scope import Range, scope_of
from csv_import.accounting.segments import Checkpoint
from csv_import.reading.object_stream import ObjectVersion
from csv_import.rejects import Location
from csv_import.shaping.values.value import Notice

_COUNTS = (
    *("rows_read", "rows_accepted", "rows_written", "rows_superseded", "rows_skipped", "rows_rejected"),
    *("items_accepted", "items_written", "items_superseded", "items_skipped"),
    *("bytes_read", "bytes_records", "bytes_ignored", "requests", "throttles", "retries"),
)

_MAX_NOTICES, _MAX_NOTICED_NAME = 100, 255


@dataclass(frozen=True, slots=True)
class PinnedSpec:
    """The spec that a run is loaded by; `key` is None where there is none."""

    key: str | None = None
    version_id: str | None = None
    text: str | None = None


@dataclass(frozen=True, slots=True)
class Claim:
    """What a job has claimed.

    Attributes:
        version: the object.
        parts: how many there are.
        spec: what the run is loaded by, where an attempt has pinned it.
        pinned: how the import is read, where an attempt has pinned that.
        size: of the object, as its event told.
        work: the numbers of the parts that this submission loads; None where it is all.
        is_planned: whether a plan has written down what each part is.
    """

    version: ObjectVersion
    parts: int
    spec: PinnedSpec | None
    pinned: Mapping[str, Any] | None
    size: int | None = None
    work: tuple[int, ...] | None = None
    is_planned: bool = False

    def part_at(self, index: int) -> int | None:
        """The number of the part that a job of an array loads; None where there is no such entry."""
        if self.work is None:
            return index
        return self.work[index] if index < len(self.work) else None


PART_START = Location(line=1, record=1, offset=0)


def reached(record: Mapping[str, Any]) -> Checkpoint:
    """Where the next attempt at a part begins, by the part's item."""
    told = record.get("checkpoint")
    if told is None or "state" not in told:
        scope = scope_of(record)
        return Checkpoint(0, scope.start if isinstance(scope, Range) and record["part"] else PART_START)
    at = Location(int(told["line"]), int(told["record"]), int(told["offset"]))
    return Checkpoint(int(told["segment"]), at, told["state"])


def pinned_spec(record: Mapping[str, Any], run: int) -> PinnedSpec | None:
    """The spec that is pinned for this run, in the import's record."""
    spec = record.get("spec")
    if spec is None or int(spec["run"]) != run:
        return None
    return PinnedSpec(spec.get("key"), spec.get("version_id"), spec.get("text"))


def progress(counters: Counters, checkpoint: Checkpoint) -> dict[str, Any]:
    """How far a part is."""
    return {
        "counters": {name: getattr(counters, name) for name in _COUNTS},
        "ignored": {
            reason: {"spans": spans, "bytes": size}
            for reason, (spans, size) in counters.ignored.copy().items()
        },
        "rejects_by_code": dict(counters.rejects_by_code.copy()),
        "mended": dict(counters.mended.copy()),
        "notices": _notices(counters.notices),
        "checkpoint": {
            "segment": checkpoint.segment,
            "record": checkpoint.at.record,
            "line": checkpoint.at.line,
            "offset": checkpoint.at.offset,
            **({"state": checkpoint.state} if checkpoint.state else {}),
        },
    }


def _notices(counts: Mapping[tuple[str, Notice], int]) -> list[dict[str, Any]]:
    """The first so many, for a ledger item has no room for every column of a wide file."""
    return [
        {"column": column[:_MAX_NOTICED_NAME], "code": str(code), "cells": cells}
        for (column, code), cells in sorted(counts.items())[:_MAX_NOTICES]
    ]


def epoch(now: datetime, plus_s: float = 0.0) -> Decimal:
    """Seconds since 1970, to the millisecond."""
    return Decimal(str(round(now.timestamp() + plus_s, 3)))


def plain(values: Mapping[str, Any]) -> dict[str, Any]:
    """Python's values as DynamoDB's."""
    serialize = TypeSerializer().serialize
    return {name: serialize(value) for name, value in values.items()}


def rich(item: Mapping[str, Any]) -> dict[str, Any]:
    """DynamoDB's values as Python's."""
    deserialize = TypeDeserializer().deserialize
    return {name: deserialize(value) for name, value in item.items()}
