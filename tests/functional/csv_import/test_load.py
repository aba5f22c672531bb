"""The stage `load`, its own entry and real HTTP, against moto's S3 and DynamoDB."""

from __future__ import annotations

from pathlib import Path

import pytest

from csv_import.stages.attempt import Attempt
from csv_import.stages.part_loader import PartLoader
from csv_import.stages.part_rows import PartRows
from csv_import.writing.bucket import Bucket
from tests.functional.csv_import.conftest import World
from tests.oracle import naive_table

SAMPLES = Path(__file__).parents[3] / "samples"


def test_the_sample_becomes_six_items(world: World) -> None:
    world.table()
    import_id = world.drop((SAMPLES / "sample.csv").read_bytes(), key="sample.csv")

    assert world.load(import_id) == 0

    assert world.counters(import_id) == {
        "rows_read": 6,
        "rows_accepted": 6,
        "rows_written": 6,
        "rows_superseded": 0,
        "rows_skipped": 0,
        "rows_rejected": 0,
        "items_accepted": 6,
        "items_written": 6,
        "items_superseded": 0,
        "items_skipped": 0,
        "bytes_read": (SAMPLES / "sample.csv").stat().st_size,
        "bytes_records": (SAMPLES / "sample.csv").stat().st_size - 41,
        "bytes_ignored": 41,
        "requests": world.counters(import_id)["requests"],
        "throttles": 0,
        "retries": 0,
    }
    item = world.items()["P00001"]
    assert item["ProductDescription"] == {"S": "Traditional Voice Phone"}
    assert item["Filename"] == {"S": "sample.csv"}


def test_a_messy_file_leaves_what_the_naive_loop_leaves(world: World) -> None:
    world.table()
    content = b"\n".join((SAMPLES / "catalogue.csv").read_bytes().split(b"\n")[:400])
    import_id = world.drop(content, key="catalogue.csv")

    assert world.load(import_id) == 0

    expected = naive_table(content, bucket_key="catalogue.csv", last_modified=world.last_modified[import_id])
    assert world.items() == {key[0]: item for key, item in expected.items.items()}
    counters = world.counters(import_id)
    for name in ("rows_read", "rows_written", "rows_superseded", "rows_rejected"):
        assert counters[name] == getattr(expected, name), name


def test_a_write_budget_is_shared_by_way_of_the_ledger(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    world.table()
    key = {"pk": {"S": "table#items"}, "sk": {"S": "budget"}}
    import_id = world.drop(b"ProductId,A\n" + b"".join(b"%d,x\n" % row for row in range(100)))
    alive: list[set[str]] = []
    take = PartLoader.take

    def taking(self: PartLoader, rows: PartRows) -> None:
        item = world.dynamodb.get_item(TableName="ledger", Key=key, ConsistentRead=True)["Item"]
        alive.append(set(item["writers"]["M"]))
        take(self, rows)

    monkeypatch.setattr(PartLoader, "take", taking)
    assert world.load(import_id, WRITE_BUDGET="100000") == 0
    assert alive == [{"job-1:0#1"}]
    assert len(world.items()) == 100
    left = world.dynamodb.get_item(TableName="ledger", Key=key, ConsistentRead=True)["Item"]
    assert left["writers"] == {"M": {}}, "who is done takes its entry away"


@pytest.mark.parametrize(
    ("deployment", "said", "share"),
    [("", "250", 250.0), ("100", "", 100.0), ("100", "250", 100.0), ("250", "100", 100.0), ("", "", None)],
)
def test_the_smaller_of_the_specs_and_the_deployments_write_budget_holds(
    world: World, monkeypatch: pytest.MonkeyPatch, deployment: str, said: str, share: float | None
) -> None:
    world.table()
    spec = f"write_budget: {said}\n" if said else "mode: put\n"
    world.s3.put_object(Bucket="input", Key="_import.yaml", Body=spec.encode())
    shares: list[float | None] = []
    write_to = Attempt.write_to

    def writing_to(self: Attempt, table_name: str, budget: int | None) -> Bucket:
        bucket = write_to(self, table_name, budget)
        shares.append(bucket.units_per_s)
        return bucket

    monkeypatch.setattr(Attempt, "write_to", writing_to)
    assert world.load(world.drop(b"ProductId,A\n1,x\n"), WRITE_BUDGET=deployment) == 0
    assert shares == [share]


def test_without_a_write_budget_the_ledger_has_no_list_of_writers(world: World) -> None:
    world.table()
    assert world.load(world.drop(b"ProductId,A\n1,x\n")) == 0
    key = {"pk": {"S": "table#items"}, "sk": {"S": "budget"}}
    assert "Item" not in world.dynamodb.get_item(TableName="ledger", Key=key, ConsistentRead=True)
