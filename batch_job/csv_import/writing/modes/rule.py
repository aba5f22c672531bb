"""The rule of a mode: everything that an engine must know about it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

from csv_import.shaping.key_schema import KeySchema
from csv_import.shaping.spec import Mode
from csv_import.writing.modes.insert import insert_request, same_item
from csv_import.writing.modes.update import merging_updates, update_request

Found = dict[str, dict[str, Any]]
"""An item in DynamoDB's JSON, as an answer has it."""


def later_stays(_earlier: bytes, later: bytes) -> bytes:
    """Of two rows with one key the later one is sent: mode `put`."""
    return later


def earlier_stays(earlier: bytes, _later: bytes) -> bytes:
    """Of two rows with one key the earlier one is sent: modes `insert`, and `delete`, where they are alike."""
    return earlier


@dataclass(frozen=True, slots=True)
class Rule:
    """How items of one mode are written.

    Attributes:
        mode: which.
        operation: DynamoDB's. `BatchWriteItem` takes up to 25 items, the others one.
        verb: of an entry of a batch: `Put` with an `Item`, `Delete` with a `Key`.
        merge: what the bodies of an earlier and a later row with one key come to while neither is sent; None where
            they must be sent one after the other.
        request_of: the whole request from an item's body, for operations that take one.
        wrote: whether the item that made a condition fail is the one that was to be written: then it counts as
            written, for an answer that got lost may have written it; otherwise the item was left alone.
    """

    mode: Mode
    operation: Literal["BatchWriteItem", "PutItem", "UpdateItem"]
    merge: Callable[[bytes, bytes], bytes | None]
    verb: Literal["Put", "Delete"] = "Put"
    request_of: Callable[[bytes], bytes] | None = None
    wrote: Callable[[bytes, Found], bool] | None = None


def rule_for(mode: Mode, table_name: str, schema: KeySchema) -> Rule:
    """The rule of a mode for one table."""
    keys = [attribute.name for attribute in schema.table]
    if mode is Mode.INSERT:
        return Rule(
            mode,
            "PutItem",
            earlier_stays,
            request_of=insert_request(table_name, keys[0]),
            wrote=same_item,
        )
    if mode is Mode.UPDATE:
        return Rule(
            mode, "UpdateItem", merging_updates(len(keys)), request_of=update_request(table_name, keys)
        )
    if mode is Mode.DELETE:
        return Rule(mode, "BatchWriteItem", earlier_stays, verb="Delete")
    return Rule(mode, "BatchWriteItem", later_stays)
