"""Ledger items ↔ imports and parts: attribute names and types in one place (docs/contracts.md)."""

from collections.abc import Mapping
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from boto3.dynamodb.types import TypeDeserializer, TypeSerializer

from imports import PLAN_PART, Failure, Import, Part, PartStatus, Pinned, Plan, Spec, State
from objects import ObjectVersion

IMPORT_SORT_KEY = "import"
EXPIRES = "expires_at_epoch_s"

Item = Mapping[str, Any]


def partition_key(import_id: str) -> str:
    """Give the partition key that an import shares with its parts."""
    return f"import#{import_id}"


def import_key(import_id: str) -> dict[str, str]:
    """Give the key of an import's item."""
    return {"pk": partition_key(import_id), "sk": IMPORT_SORT_KEY}


def part_key(import_id: str, run: int, part: int) -> dict[str, str]:
    """Give the key of a part's item."""
    return {"pk": partition_key(import_id), "sk": f"run#{run:04d}#part#{part:05d}"}


def to_wire(values: Item) -> dict[str, Any]:
    """Turn plain values into DynamoDB's typed ones; None means the attribute is absent."""
    serialize = TypeSerializer().serialize
    return {name: serialize(value) for name, value in values.items() if value is not None}


def from_wire(item: Item) -> dict[str, Any]:
    """Turn DynamoDB's typed values into plain ones."""
    deserialize = TypeDeserializer().deserialize
    return {name: deserialize(value) for name, value in item.items()}


def import_to_item(import_: Import) -> dict[str, Any]:
    """Give the item of an import that is registered now."""
    found = import_.object
    return {
        **import_key(import_.import_id),
        "import_id": import_.import_id,
        "bucket": found.bucket,
        "key": found.key,
        "version_id": found.version_id,
        "sequencer": found.sequencer or None,
        "etag": found.etag,
        "size": found.size,
        "event_time": found.event_time,
        "state": import_.state.value,
        "open": "yes" if import_.open else None,
        "run": import_.run,
        "parts": import_.parts,
        "received_at": import_.received_at,
        "updated_at": import_.updated_at,
    }


def item_to_import(item: Item) -> Import:
    """Read an import."""
    return Import(
        import_id=item["import_id"],
        object=ObjectVersion(
            bucket=item["bucket"],
            key=item["key"],
            version_id=item.get("version_id"),
            sequencer=item.get("sequencer", ""),
            etag=item["etag"],
            size=int(item["size"]),
            event_time=item["event_time"],
        ),
        state=State(item["state"]),
        run=int(item["run"]),
        parts=int(item["parts"]),
        received_at=item["received_at"],
        updated_at=item["updated_at"],
        submitted_at=item.get("submitted_at"),
        submitted_job=item.get("submitted_job"),
        plan_job=item.get("plan_job"),
        plan=_plan(item.get("plan")),
        load_job=item.get("load_job"),
        work=tuple(map(int, item["work"])) if "work" in item else None,
        submissions=int(item.get("submissions", 0)),
        progress_mark=int(item.get("progress_mark", 0)),
        pinned=_pinned(item.get("pinned")),
        spec=_spec(item.get("spec")),
        closed_at=item.get("closed_at"),
        failure=_failure(item.get("error")),
        open=item.get("open") == "yes",
    )


def item_to_part(item: Item) -> Part:
    """Read a part; the job writes it bit by bit, so most attributes may be missing yet."""
    return Part(
        part=int(item.get("part", PLAN_PART)),
        run=int(item["run"]),
        status=PartStatus(item["status"]),
        settled_records=_settled(item),
        leased_to=item.get("lease_owner"),
        leased_until=_moment(item.get("lease_until_epoch_s")),
        counters=_counts(item.get("counters")),
        ignored={reason: _counts(counts) for reason, counts in (item.get("ignored") or {}).items()},
        rejects_by_code=_counts(item.get("rejects_by_code")),
        mended=_counts(item.get("mended")),
        notices=[{**each, "cells": int(each["cells"])} for each in item.get("notices") or ()],
        failure=_failure(item.get("error")),
        started_at=item.get("started_at"),
        finished_at=item.get("finished_at"),
    )


def failure_to_map(failure: Failure | None) -> dict[str, str] | None:
    """Give the attribute `error`, or None where there is none."""
    return None if failure is None else {"code": failure.code, "message": failure.message}


def _plan(value: Item | None) -> Plan | None:
    return (
        None
        if value is None
        else Plan(
            run=int(value["run"]),
            parts=int(value["parts"]),
            records=int(value["records"]) if "records" in value else None,
        )
    )


def _settled(item: Item) -> int:
    """The records between the part's first one and its checkpoint, which names the first that is not settled."""
    begin = int((item.get("range") or {}).get("record", 1))
    return max(0, int((item.get("checkpoint") or {}).get("record", begin)) - begin)


def _moment(epoch_s: Decimal | None) -> datetime | None:
    return None if epoch_s is None else datetime.fromtimestamp(float(epoch_s), UTC)


def _pinned(value: Item | None) -> Pinned | None:
    if value is None:
        return None
    header = tuple(value.get("header") or ())
    return Pinned(
        table_name=value.get("table_name", ""),
        header=header,
        columns=int(value.get("columns", len(header))),
        header_adjusted=tuple(_without_decimals(value.get("header_adjusted") or [])),
        reading=_without_decimals(value.get("reading") or {}),
        mode=value.get("mode", "put"),
    )


def _spec(value: Item | None) -> Spec | None:
    """The spec's object; the job notes too where it looked and found none."""
    return Spec(key=value["key"], version_id=value.get("version_id")) if value and "key" in value else None


def _failure(value: Item | None) -> Failure | None:
    return None if value is None else Failure(code=value.get("code", ""), message=value.get("message", ""))


def _without_decimals(value: Any) -> Any:
    """Give what JSON can hold: DynamoDB's numbers come as decimals, however deep they lie."""
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    if isinstance(value, Mapping):
        return {name: _without_decimals(each) for name, each in value.items()}
    if isinstance(value, list):
        return [_without_decimals(each) for each in value]
    return value


def _counts(value: Item | None) -> dict[str, int]:
    return {name: int(count) for name, count in (value or {}).items()}
