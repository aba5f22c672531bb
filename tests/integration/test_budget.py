"""The list of writers, in expressions that DynamoDB takes."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from csv_import.accounting.budget import FORGET_AFTER_S, MAX_FORGOTTEN, WRITER_BYTES, BudgetShare
from csv_import.writing.bucket import Bucket
from tests.integration.conftest import DynamoDBLocal, MakeTable
from tests.unit.csv_import.writing.fakes import Clock

NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
KEY = {"pk": {"S": "table#items"}, "sk": {"S": "budget"}}


def test_a_renewal_is_taken_however_many_are_long_gone(
    dynamodb_local: DynamoDBLocal, make_table: MakeTable
) -> None:
    client, ledger = dynamodb_local.client, make_table(("pk", "S"), ("sk", "S"))
    gone = {"N": f"{NOW.timestamp() - FORGET_AFTER_S - 1:.3f}"}
    names = [f"0f6d9e9a-7c1e-4b53-9f0e-7d6b1c2a3e{number % 100:02}:{number}#1" for number in range(400)]
    client.put_item(TableName=ledger, Item={**KEY, "writers": {"M": dict.fromkeys(names, gone)}})
    clock, bucket = Clock(), Bucket(0.0, 1000.0)
    share = BudgetShare(
        client,
        ledger,
        "items",
        owner="a",
        units_per_s=900.0,
        lease_s=60.0,
        beat_s=2.0,
        bucket=bucket,
        now=lambda: NOW + timedelta(seconds=clock()),
        clock=clock,
    )
    for _ in range(1 + 400 // MAX_FORGOTTEN):
        share.renew()
        assert bucket.units_per_s == 900
    left = client.get_item(TableName=ledger, Key=KEY)["Item"]
    assert left["writers"]["M"].keys() == {"a"}


def test_a_renewal_takes_the_units_that_the_beats_are_reckoned_by(
    dynamodb_local: DynamoDBLocal, make_table: MakeTable
) -> None:
    client, ledger = dynamodb_local.client, make_table(("pk", "S"), ("sk", "S"))
    until = {"N": f"{NOW.timestamp():.3f}"}
    names = [f"0f6d9e9a-7c1e-4b53-9f0e-7d6b1c2a3e77:{number}#10" for number in range(300)]
    answer = client.put_item(
        TableName=ledger,
        Item={**KEY, "writers": {"M": dict.fromkeys(names, until)}},
        ReturnConsumedCapacity="TOTAL",
    )
    assert 0.7 <= answer["ConsumedCapacity"]["CapacityUnits"] / (300 * WRITER_BYTES / 1024) <= 1
