"""Requests that fail in every way, against DynamoDB's own emulator: the table is that of the sequential loop."""

from __future__ import annotations

import json
import random
from datetime import UTC, datetime
from typing import Any

import pytest
from botocore.credentials import Credentials

from csv_import.settings import WriteLimits
from csv_import.shaping.item import digest_of
from csv_import.shaping.key_schema import KeyAttribute, KeySchema
from csv_import.shaping.spec import Mode
from csv_import.writing.answers import RequestKind
from csv_import.writing.batch import Merge
from csv_import.writing.batch_write import BatchWrite
from csv_import.writing.connections import Connections
from csv_import.writing.effort import Effort
from csv_import.writing.kind import kind_of
from csv_import.writing.lanes import Lanes
from csv_import.writing.modes.rule import rule_for
from csv_import.writing.route import Route, Sender
from csv_import.writing.signing import Signer
from tests.integration.conftest import DynamoDBLocal, MakeTable
from tests.unit.csv_import.writing.fakes import Clock, Log, body, key_of, sending_along, text
from tests.unit.csv_import.writing.flaky import Flaky

pytestmark = pytest.mark.java
KEYS = KeySchema((KeyAttribute("Id", "S", 2048),))
Rows = list[tuple[str, bytes]]


def write(  # noqa: PLR0917
    dynamodb: DynamoDBLocal,
    table: str,
    rows: Rows,
    kind: RequestKind,
    seed: int | None,
    merge: Merge | None = None,
) -> tuple[Log, Effort, int]:
    """Write rows in order, over a connection that fails by the seed, or never."""
    log, clock = Log(), Clock()
    signer = Signer(
        endpoint=dynamodb.endpoint_url,
        region="eu-west-1",
        target=kind.target,
        credentials=Credentials("local", "local"),
        now=lambda: datetime.now(UTC),
    )
    connections = Connections(dynamodb.endpoint_url, connections=4, connect_timeout_s=5, request_timeout_s=20)
    sender: Sender = connections if seed is None else Flaky(connections, seed)
    route = Route(kind, signer.headers, sender, table)
    sending = sending_along(route, lanes=4, log=log, clock=clock)
    limits = WriteLimits(lanes=4, max_batch_items=7)
    with Lanes(sending, limits, merge=merge, on_sealed=log.sealed.append) as lanes:
        for number, (key, item) in enumerate(rows, start=1):
            lanes.put([text(key)], digest_of(text(key)), [item], [number], 0)
        lanes.drain()
    sender.close()
    return log, sending.effort, lanes.merged


def scan(dynamodb: DynamoDBLocal, table: str) -> dict[str, Any]:
    pages = dynamodb.client.get_paginator("scan").paginate(TableName=table, ConsistentRead=True)
    return {item["Id"]["S"]: item for page in pages for item in page["Items"]}


def heavy_duplicates(seed: int, count: int) -> Rows:
    chance = random.Random(seed)
    keys = [str(chance.randrange(40)) for _ in range(count)]
    return [(key, body(key, f"row {row}")) for row, key in enumerate(keys)]


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_put(dynamodb_local: DynamoDBLocal, make_table: MakeTable, seed: int) -> None:
    table, rows = make_table(("Id", "S")), heavy_duplicates(seed, 400)
    log, effort, merged = write(dynamodb_local, table, rows, BatchWrite(table, key_of), seed)
    assert scan(dynamodb_local, table) == {key: json.loads(item) for key, item in rows}
    assert log.written() + merged == len(rows)
    assert effort.retries > 0


def test_what_dynamodb_says_it_consumed_is_counted(
    dynamodb_local: DynamoDBLocal, make_table: MakeTable
) -> None:
    table = make_table(("Id", "S"))
    rows = [(str(number), body(str(number), "x" * 1500)) for number in range(50)]
    _, effort, _ = write(dynamodb_local, table, rows, BatchWrite(table, key_of), seed=None)
    assert effort.units == 2 * 50


def test_delete(dynamodb_local: DynamoDBLocal, make_table: MakeTable) -> None:
    table = make_table(("Id", "S"))
    write(dynamodb_local, table, heavy_duplicates(1, 200), BatchWrite(table, key_of), 1)
    there = scan(dynamodb_local, table)
    gone = [key for number, key in enumerate(there) if number % 3 == 0]
    rows = [(key, json.dumps({"Id": {"S": key}}).encode()) for key in [*gone, *gone[::-1]]]
    write(dynamodb_local, table, rows, BatchWrite(table, key_of, "Delete"), 2)
    assert scan(dynamodb_local, table) == {key: item for key, item in there.items() if key not in gone}


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_insert(dynamodb_local: DynamoDBLocal, make_table: MakeTable, seed: int) -> None:
    table = make_table(("Id", "S"))
    before = [(str(key), body(str(key), "old")) for key in range(0, 40, 3)]
    write(dynamodb_local, table, before, BatchWrite(table, key_of), seed)
    rows = heavy_duplicates(seed, 200)

    rule = rule_for(Mode.INSERT, table, KEYS)
    kind = kind_of(rule, table, key_of)
    log, _, merged = write(dynamodb_local, table, rows, kind, seed, rule.merge)

    expected = {key: json.loads(item) for key, item in before}
    for key, item in rows:
        expected.setdefault(key, json.loads(item))
    assert scan(dynamodb_local, table) == expected
    assert log.written() == len(expected) - len(before)
    assert log.settled() + merged == len(rows)


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_update(dynamodb_local: DynamoDBLocal, make_table: MakeTable, seed: int) -> None:
    table = make_table(("Id", "S"))
    before = [(str(key), body(str(key), "old")) for key in range(0, 40, 3)]
    write(dynamodb_local, table, before, BatchWrite(table, key_of), seed)
    chance = random.Random(seed)
    rows: Rows = []
    for row in range(200):
        key, name = str(chance.randrange(40)), chance.choice(["Value", "A", "B"])
        item = {"Id": {"S": key}, **({} if row % 9 == 0 else {name: {"S": f"row {row}"}})}
        rows.append((key, json.dumps(item).encode()))
    rule = rule_for(Mode.UPDATE, table, KEYS)
    log, effort, merged = write(dynamodb_local, table, rows, kind_of(rule, table, key_of), seed, rule.merge)

    expected = {key: json.loads(item) for key, item in before}
    for key, asked in rows:
        expected[key] = {**expected.get(key, {}), **json.loads(asked)}
    assert scan(dynamodb_local, table) == expected
    assert log.settled() + merged == len(rows)
    assert (log.told, effort.retries > 0) == ([], True)


def test_a_row_that_the_table_refuses_costs_no_other(
    dynamodb_local: DynamoDBLocal, make_table: MakeTable
) -> None:
    table = make_table(("Id", "S"))
    bad = b'{"Id":{"S":"bad"},"Value":{"N":"no number"}}'
    rows = [*heavy_duplicates(1, 60), ("bad", bad), *heavy_duplicates(2, 60)]
    log, _, _ = write(dynamodb_local, table, rows, BatchWrite(table, key_of), 1)
    assert scan(dynamodb_local, table) == {key: json.loads(item) for key, item in rows if key != "bad"}
    ((segment, record, key, message),) = log.refusals
    assert (segment, record, key) == (0, 61, text("bad"))
    assert "number" in message
