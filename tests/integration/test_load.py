"""The stage `load` against AWS's own emulator of DynamoDB: what is in the table, compared item by item."""

from __future__ import annotations

import urllib.request
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import boto3
import pytest
from moto.server import ThreadedMotoServer

from tests.functional.csv_import.conftest import ENVIRONMENT, World, create_ledger
from tests.functional.csv_import.test_modes import before, heavy_duplicates
from tests.integration.conftest import DynamoDBLocal
from tests.oracle import naive_modes, naive_table

pytestmark = pytest.mark.java

CATALOGUE = Path(__file__).parents[2] / "samples" / "catalogue.csv"


@pytest.fixture
def world(dynamodb_local: DynamoDBLocal, monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    """S3 of moto's server, and both tables in DynamoDB Local."""
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    for name, value in {
        "AWS_ENDPOINT_URL_S3": f"http://{host}:{port}",
        "AWS_ENDPOINT_URL_DYNAMODB": dynamodb_local.endpoint_url,
        "AWS_ACCESS_KEY_ID": "testing",
        "AWS_SECRET_ACCESS_KEY": "testing",
        "AWS_DEFAULT_REGION": "us-east-1",
        "AWS_CONFIG_FILE": "/dev/null",
        "AWS_SHARED_CREDENTIALS_FILE": "/dev/null",
        "NO_PROXY": "127.0.0.1",
    }.items():
        monkeypatch.setenv(name, value)
    for name in ("AWS_PROFILE", "AWS_SESSION_TOKEN", "AWS_ENDPOINT_URL"):
        monkeypatch.delenv(name, raising=False)
    s3, dynamodb = boto3.client("s3"), boto3.client("dynamodb")
    for bucket in ("input", "artifacts"):
        s3.create_bucket(Bucket=bucket)
    s3.put_bucket_versioning(Bucket="input", VersioningConfiguration={"Status": "Enabled"})
    create_ledger(dynamodb)
    yield World(s3, dynamodb, {**ENVIRONMENT})
    for table in dynamodb.list_tables()["TableNames"]:
        if table in {"ledger", "items"}:
            dynamodb.delete_table(TableName=table)
    # moto keeps its state in the process, which other tests share.
    reset = urllib.request.Request(f"http://{host}:{port}/moto-api/reset", method="POST")
    urllib.request.urlopen(reset, timeout=10).close()
    server.stop()


def scan(dynamodb: Any) -> list[dict[str, Any]]:
    pages = dynamodb.get_paginator("scan").paginate(TableName="items", ConsistentRead=True)
    return [item for page in pages for item in page["Items"]]


def test_the_catalogue_leaves_what_the_naive_loop_leaves(world: World) -> None:
    world.table()
    import_id = world.drop(CATALOGUE.read_bytes(), key="catalogue.csv")

    assert world.load(import_id) == 0

    expected = naive_table(
        CATALOGUE, bucket_key="catalogue.csv", last_modified=world.last_modified[import_id]
    )
    assert {(item["ProductId"]["S"],): item for item in scan(world.dynamodb)} == expected.items
    counters = world.counters(import_id)
    for name in ("rows_read", "rows_written", "rows_superseded", "rows_rejected"):
        assert counters[name] == getattr(expected, name), name


def test_loading_again_changes_nothing(world: World) -> None:
    world.table()
    content = CATALOGUE.read_bytes()
    world.load(first := world.drop(content, key="catalogue.csv"))
    before = {item["ProductId"]["S"]: item for item in scan(world.dynamodb)}

    world.load(second := world.drop(content, key="catalogue.csv"))

    expected = naive_table(content, bucket_key="catalogue.csv", last_modified=world.last_modified[second])
    after = {item["ProductId"]["S"]: item for item in scan(world.dynamodb)}
    assert after.keys() == before.keys()
    assert after == {key[0]: item for key, item in expected.items.items()}
    assert world.counters(first)["rows_written"] == world.counters(second)["rows_written"]


def test_every_number_that_is_accepted_as_a_key_is_stored_as_it_was_sent(world: World) -> None:
    world.table(key={"ProductId": "N"})
    good = ["7", "7.0", "007", "-0", "1e3", "1E-130", "9.9e125", "1234567890" * 3 + "12345678", ".5", "+3"]
    bad = ["", "seven", "1e126", "1e-131", "1" * 39, "0x10", "1_000", " 7"]
    content = "ProductId,Text\n" + "".join(f"{cell},{n}\n" for n, cell in enumerate(good + bad))
    import_id = world.drop(content.encode(), key="numbers.csv")

    assert world.load(import_id) == 0

    assert {Decimal(item["ProductId"]["N"]) for item in scan(world.dynamodb)} == {
        Decimal(cell) for cell in good
    }
    counters = world.counters(import_id)
    assert (counters["rows_read"], counters["rows_rejected"]) == (len(good + bad), len(bad))
    assert (counters["rows_written"], counters["rows_superseded"]) == (8, 2)


@pytest.mark.parametrize("mode", ["put", "insert", "update", "delete"])
@pytest.mark.parametrize("provenance", [True, False])
def test_a_mode_leaves_what_the_patient_loop_leaves(world: World, mode: str, provenance: bool) -> None:
    world.table()
    there = before()
    for item in there.values():
        world.dynamodb.put_item(TableName="items", Item=item)
    spec = f"mode: {mode}\n" + ("" if provenance else "provenance: off\n")
    world.s3.put_object(Bucket="input", Key="_import.yaml", Body=spec.encode())
    content = heavy_duplicates(11)
    import_id = world.drop(content, key="products.csv")

    assert world.load(import_id, ALLOWED_MODES="put,insert,update,delete") == 0

    expected = naive_modes(
        content,
        there,
        mode=mode,
        bucket_key="products.csv",
        last_modified=world.last_modified[import_id],
        provenance=provenance,
    )
    assert {(item["ProductId"]["S"],): item for item in scan(world.dynamodb)} == expected.items
    counters = world.counters(import_id)
    for name in ("rows_read", "rows_written", "rows_superseded", "rows_skipped", "rows_rejected"):
        assert counters[name] == getattr(expected, name), name


def test_an_update_that_sets_nothing_makes_an_item_of_its_key(world: World) -> None:
    world.table()
    world.s3.put_object(Bucket="input", Key="_import.yaml", Body=b"mode: update\nprovenance: off\n")
    assert world.load(world.drop(b"ProductId,Name\na,\n")) == 0
    assert scan(world.dynamodb) == [{"ProductId": {"S": "a"}}]


def test_as_many_attributes_as_an_update_may_set(world: World) -> None:
    world.table()
    world.s3.put_object(Bucket="input", Key="_import.yaml", Body=b"mode: update\nprovenance: off\n")
    names = [f"attribute-{number}" for number in range(399)]
    content = ",".join(["ProductId", *names]) + "\n" + ",".join(["a", *["x"] * 399]) + "\n"
    assert world.load(world.drop(content.encode())) == 0
    (item,) = scan(world.dynamodb)
    assert item.keys() == {"ProductId", *names}
