"""All four modes through the job, with heavy duplicates, against the oracle's patient loop."""

from __future__ import annotations

import random
from typing import Any

import pytest

from csv_import.settings import ReadLimits, WriteLimits
from tests.functional.csv_import.conftest import World
from tests.oracle import Item, Key, naive_modes

KEYS = 12
ROWS = 300
WIDE, NARROW = WriteLimits(), WriteLimits(lanes=1, max_batch_items=1)


def heavy_duplicates(seed: int, *, empty_names: bool = True) -> bytes:
    """Rows with few keys, some with empty cells, some that are rejected, some exactly alike."""
    draw = random.Random(seed)
    lines = ["ProductId,Name,Price"]
    for number in range(ROWS):
        key = draw.choice(["", *(f"p{each}" for each in range(KEYS))])
        name = draw.choice(["" if empty_names else "x", "same", f"n{number}"])
        price = draw.choice(["", "1", f"{number}"])
        lines.append(f"{key},{name},{price}" + (",x" if draw.random() < 0.05 else ""))
    return "\n".join(lines).encode() + b"\n"


def before() -> dict[Key, Item]:
    """What is in the table already: some keys of the file, and one that is not in it."""
    there: dict[Key, Item] = {
        (f"p{each}",): {"ProductId": {"S": f"p{each}"}, "Name": {"S": "old"}, "Kept": {"S": "yes"}}
        for each in range(0, KEYS, 3)
    }
    there["elsewhere",] = {"ProductId": {"S": "elsewhere"}}
    there["p1",] = {
        "ProductId": {"S": "p1"},
        "Name": {"S": "same"},
    }  # what a row without provenance would put
    return there


@pytest.mark.parametrize("mode", ["put", "insert", "update", "delete"])
@pytest.mark.parametrize("provenance", ["on", "off"])
@pytest.mark.parametrize(
    ("seed", "limits"), [(1, WIDE), (2, NARROW), (3, WriteLimits(lanes=3, max_batch_items=4))]
)
def test_a_mode_leaves_what_the_patient_loop_leaves(
    world: World, mode: str, provenance: str, seed: int, limits: WriteLimits
) -> None:
    world.table()
    there = before()
    for item in there.values():
        world.dynamodb.put_item(TableName="items", Item=item)
    spec = f"mode: {mode}\n" + ("provenance: off\n" if provenance == "off" else "")
    world.s3.put_object(Bucket="input", Key="_import.yaml", Body=spec.encode())
    # moto, unlike DynamoDB, fails at an update that sets nothing; tests/integration has that case.
    content = heavy_duplicates(seed, empty_names=mode != "update")
    import_id = world.drop(content, key="in/products.csv")

    stopped = world.attempt(
        import_id,
        write=limits,
        segment_records=70,
        read=ReadLimits(chunk_bytes=500),
        ALLOWED_MODES="put,insert,update,delete",
    )

    assert stopped is None
    expected = naive_modes(
        content,
        there,
        mode=mode,
        bucket_key="in/products.csv",
        last_modified=world.last_modified[import_id],
        provenance=provenance == "on",
    )
    assert world.items() == {key[0]: item for key, item in expected.items.items()}
    counters = world.counters(import_id)
    told: dict[str, Any] = {name: counters[name] for name in counters if name.startswith("rows_")}
    assert told == {
        "rows_read": ROWS,
        "rows_accepted": ROWS - expected.rows_rejected,
        "rows_written": expected.rows_written,
        "rows_superseded": expected.rows_superseded,
        "rows_skipped": expected.rows_skipped,
        "rows_rejected": expected.rows_rejected,
    }


def test_an_insert_that_is_repeated_counts_its_own_items_as_written(world: World) -> None:
    world.table()
    world.s3.put_object(Bucket="input", Key="_import.yaml", Body=b"mode: insert\n")
    import_id = world.drop(heavy_duplicates(7))
    assert world.attempt(import_id) is None
    first, items = world.rows(import_id), world.items()
    part = {"pk": {"S": f"import#{import_id}"}, "sk": {"S": "run#0001#part#00000"}}
    world.dynamodb.delete_item(TableName="ledger", Key=part)  # as if the first attempt had died unheard

    assert world.attempt(import_id, 2, write=WriteLimits(lanes=2, max_batch_items=3)) is None

    assert world.rows(import_id) == first
    assert world.items() == items
    assert first["rows_skipped"] == 0
