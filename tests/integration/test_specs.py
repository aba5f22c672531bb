"""Whole items by specs of all kinds: DynamoDB takes what shaping lets through, in batches, and keeps it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from csv_import.errors import JobStop
from csv_import.shaping.block_plan import BlockPlan
from csv_import.shaping.key_schema import KeySchema, key_schema_from
from csv_import.shaping.spec import Mode
from csv_import.writing.modes.insert import same_item
from csv_import.writing.modes.rule import rule_for
from tests.integration.conftest import DynamoDBLocal
from tests.integration.test_types import unwire, wire
from tests.property.csv_import.spec_cases import cases, plan

pytestmark = pytest.mark.java

TABLE = "specs"
FEW = settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
    derandomize=True,
)


@pytest.fixture(scope="module")
def schema(dynamodb_local: DynamoDBLocal) -> Iterator[KeySchema]:
    """Of a table with an index on what templates and columns give."""
    described = dynamodb_local.client.create_table(
        TableName=TABLE,
        KeySchema=[{"AttributeName": "Id", "KeyType": "HASH"}],
        AttributeDefinitions=[
            {"AttributeName": name, "AttributeType": "S"} for name in ("Id", "K", "CreatedTime")
        ],
        GlobalSecondaryIndexes=[
            {
                "IndexName": "by-k",
                "KeySchema": [
                    {"AttributeName": "K", "KeyType": "HASH"},
                    {"AttributeName": "CreatedTime", "KeyType": "RANGE"},
                ],
                "Projection": {"ProjectionType": "ALL"},
            }
        ],
        BillingMode="PAY_PER_REQUEST",
    )
    yield key_schema_from(described["TableDescription"])
    dynamodb_local.client.delete_table(TableName=TABLE)


def key_of(item: dict[str, Any]) -> dict[str, Any]:
    return {"Id": item["Id"]}


@FEW
@given(case=cases())
def test_what_is_let_through_is_taken_in_batches_and_kept(
    dynamodb_local: DynamoDBLocal, schema: KeySchema, case: tuple[str, list[list[str]]]
) -> None:
    spec, rows = case
    if "mode:" in spec:
        return
    try:
        shaped = BlockPlan(plan(spec, schema)).shape(rows, range(1, 1 + len(rows)))
    except JobStop:
        return
    last = list(dict(zip(shaped.keys, shaped.bodies, strict=True)).values())
    for at in range(0, len(last), 25):
        puts = [{"PutRequest": {"Item": wire(json.loads(body))}} for body in last[at : at + 25]]
        answer = dynamodb_local.client.batch_write_item(RequestItems={TABLE: puts})
        assert not answer["UnprocessedItems"]
    for body in last:
        key = key_of(json.loads(body))
        found = dynamodb_local.client.get_item(TableName=TABLE, Key=key, ConsistentRead=True)["Item"]
        assert same_item(body, unwire(found))


@FEW
@given(
    cells=st.lists(
        st.tuples(st.sampled_from("ab"), st.sampled_from(["", "-", "1", "2"])), min_size=1, max_size=6
    )
)
def test_an_update_sets_and_removes(
    dynamodb_local: DynamoDBLocal, schema: KeySchema, cells: list[tuple[str, str]]
) -> None:
    """Merged as far as the rule allows, rows leave what they leave one by one: the last one's."""
    spec = (
        "mode: update\ncolumns: {A: {type: N, empty: remove}, B: {nulls: '-', nulls_as: remove}, C: drop}\n"
    )
    rows = [[key, cell.strip("-"), cell, ""] for key, cell in cells]
    shaped = BlockPlan(plan(spec, schema)).shape(rows, range(1, 1 + len(rows)))
    rule = rule_for(Mode.UPDATE, TABLE, schema)
    for key in "ab":
        dynamodb_local.client.delete_item(TableName=TABLE, Key={"Id": {"S": key}})
    held: dict[bytes, bytes] = {}
    for digest, body in zip(shaped.keys, shaped.bodies, strict=True):
        merged = rule.merge(held[digest], body) if digest in held else body
        if merged is None:
            send(dynamodb_local, rule.request_of, held[digest])
        held[digest] = body if merged is None else merged
    for body in held.values():
        send(dynamodb_local, rule.request_of, body)
    for key in {key for key, _ in cells}:
        found = dynamodb_local.client.get_item(TableName=TABLE, Key={"Id": {"S": key}})["Item"]
        mine = [cell for other, cell in cells if other == key]
        number = mine[-1].strip("-")
        assert found.get("A") == ({"N": number} if number else None)
        text = next((cell for cell in reversed(mine) if cell), "-")
        assert found.get("B") == (None if text == "-" else {"S": text})


def send(local: DynamoDBLocal, request_of: Any, body: bytes) -> None:
    local.client.update_item(**json.loads(request_of(body)))
