import json

import pytest

from csv_import.shaping.key_schema import KeyAttribute, KeySchema
from csv_import.shaping.spec import Mode
from csv_import.writing.answers import RequestKind
from csv_import.writing.batch import Entries
from csv_import.writing.kind import kind_of
from csv_import.writing.modes.rule import rule_for
from tests.unit.csv_import.writing.fakes import key_of

KEYS = KeySchema((KeyAttribute("Id", "S", 2048),))
ITEM = {"Id": {"S": "a"}, "A": {"S": "x"}}
ENTRIES: Entries = {b"k": (json.dumps(ITEM).encode(), 1)}


def kind(mode: Mode) -> RequestKind:
    return kind_of(rule_for(mode, "items", KEYS), "items", key_of)


@pytest.mark.parametrize(
    ("mode", "operation", "max_items"),
    [
        (Mode.PUT, "BatchWriteItem", 25),
        (Mode.DELETE, "BatchWriteItem", 25),
        (Mode.INSERT, "PutItem", 1),
        (Mode.UPDATE, "UpdateItem", 1),
    ],
)
def test_each_mode_has_its_operation(mode: Mode, operation: str, max_items: int) -> None:
    assert (kind(mode).target, kind(mode).max_items) == (f"DynamoDB_20120810.{operation}", max_items)


def test_batches_put_or_delete() -> None:
    put, delete = (json.loads(kind(mode).body(ENTRIES)) for mode in (Mode.PUT, Mode.DELETE))
    assert put["RequestItems"] == {"items": [{"PutRequest": {"Item": ITEM}}]}
    assert delete["RequestItems"] == {"items": [{"DeleteRequest": {"Key": ITEM}}]}


def test_only_an_insert_leaves_an_item_alone() -> None:
    assert kind(Mode.INSERT).condition_failed({"Item": {"Id": {"S": "a"}}}, ENTRIES).left_alone is True
    assert kind(Mode.INSERT).condition_failed({"Item": ITEM}, ENTRIES).left_alone is False
    assert kind(Mode.UPDATE).done({}, ENTRIES).left_alone is None
