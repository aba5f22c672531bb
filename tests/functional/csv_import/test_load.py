"""The stage `load`, its own entry and real HTTP, against moto's S3 and DynamoDB."""

from __future__ import annotations

from pathlib import Path

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
