import json
from typing import Any

import pytest

from csv_import.writing.answers import Answer, NotDynamoDB, Trouble
from csv_import.writing.batch_write import BatchWrite
from tests.unit.csv_import.writing.fakes import TABLE, batch, key_of, text

BATCH = batch("one", "two")
ENTRIES = BATCH.entries


def item(key: str) -> dict[str, dict[str, str]]:
    return {"Id": {"S": key}, "Value": {"S": ""}}


def returned(*keys: str, table: str = TABLE) -> dict[str, Any]:
    return {"UnprocessedItems": {table: [{"PutRequest": {"Item": item(key)}} for key in keys]}}


@pytest.mark.parametrize("table", ["items", "arn:aws:dynamodb:eu-central-1:123456789012:table/items"])
def test_puts(table: str) -> None:
    kind = BatchWrite(table, key_of)
    assert json.loads(kind.body(ENTRIES)) == {
        "RequestItems": {table: [{"PutRequest": {"Item": item(key)}} for key in ("one", "two")]},
        "ReturnConsumedCapacity": "TOTAL",
    }
    assert (kind.target, kind.max_items) == ("DynamoDB_20120810.BatchWriteItem", 25)


def test_deletes() -> None:
    kind = BatchWrite(TABLE, key_of, "Delete")
    key = {"Id": {"S": "one"}}
    entries = {text("one"): (json.dumps(key).encode(), 1)}
    assert json.loads(kind.body(entries))["RequestItems"] == {TABLE: [{"DeleteRequest": {"Key": key}}]}
    answer = kind.done({"UnprocessedItems": {TABLE: [{"DeleteRequest": {"Key": key}}]}}, entries)
    assert answer == Answer(frozenset(entries), Trouble.THROTTLED, "UnprocessedItems")


@pytest.mark.parametrize(
    "content",
    [{}, {"UnprocessedItems": {}}, {"UnprocessedItems": None}, {"UnprocessedItems": {TABLE: []}}],
)
def test_a_batch_that_was_taken_whole(content: dict[str, Any]) -> None:
    assert BatchWrite(TABLE, key_of).done(content, ENTRIES) == Answer()


def test_items_that_came_back_are_unprocessed() -> None:
    answer = BatchWrite(TABLE, key_of).done(returned("two"), ENTRIES)
    assert answer == Answer(frozenset({text("two")}), Trouble.THROTTLED, "UnprocessedItems")


@pytest.mark.parametrize(
    "content",
    [
        pytest.param(returned("three"), id="an item that was never sent"),
        pytest.param({"UnprocessedItems": {TABLE: [{}]}}, id="no request"),
        pytest.param({"UnprocessedItems": {TABLE: [{"PutRequest": {"Item": {}}}]}}, id="no key"),
        pytest.param({"UnprocessedItems": [1]}, id="a list"),
    ],
)
def test_what_dynamodb_would_not_say(content: dict[str, Any]) -> None:
    with pytest.raises(NotDynamoDB):
        BatchWrite(TABLE, key_of).done(content, ENTRIES)


@pytest.mark.parametrize(
    ("told", "units"),
    [
        ([{"TableName": TABLE, "CapacityUnits": 3.0}], 3.0),
        ([{"CapacityUnits": 2}, {"CapacityUnits": 1.5}], 3.5),
        ({"CapacityUnits": 1.0}, 1.0),
        ([], None),
        ([{}], None),
        ("what", None),
    ],
)
def test_consumed_units_are_read_where_they_are_told(told: Any, units: float | None) -> None:
    assert BatchWrite(TABLE, key_of).done({"ConsumedCapacity": told}, ENTRIES).units == units


def test_a_batch_has_no_condition() -> None:
    with pytest.raises(NotDynamoDB):
        BatchWrite(TABLE, key_of).condition_failed({}, ENTRIES)
