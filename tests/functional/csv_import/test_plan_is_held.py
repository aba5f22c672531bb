"""What a plan counted is held against what its parts find: nothing that went missing of it loses rows in silence."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from csv_import.accounting.ledger import PartKey
from csv_import.accounting.other_parts import count_others
from csv_import.errors import Interrupted, JobStop
from csv_import.settings import AccountingLimits
from csv_import.stages.load import load
from csv_import.stages.part_loader import PartLoader
from tests.functional.csv_import.conftest import Clock, Pauses, World
from tests.functional.csv_import.planned import part_items, plan_it, state
from tests.functional.csv_import.test_planned import SMALL, limits

CONTENT = b"ProductId,A\n" + b"".join(b"%d,%d\n" % (row % 100, row) for row in range(150))


def planned(world: World) -> tuple[str, int]:
    """An import with a plan; its id and the number of its parts."""
    world.table()
    import_id = world.drop(CONTENT)
    state(world, import_id, "PLANNING")
    assert plan_it(world, import_id, limits=limits(400)) is None
    parts = int(world.record(import_id)["plan"]["parts"])
    state(world, import_id, "LOADING", parts)
    return import_id, parts


def load_all(world: World, import_id: str, parts: int) -> list[JobStop | None]:
    return [world.attempt(import_id, AWS_BATCH_JOB_ARRAY_INDEX=str(part), **SMALL) for part in range(parts)]


def codes(stops: list[JobStop | None]) -> set[str]:
    return {stop.code for stop in stops if stop is not None}


def test_a_part_of_which_the_ledger_knows_nothing_is_not_taken_for_the_whole_file(world: World) -> None:
    import_id, parts = planned(world)
    key = {"pk": {"S": f"import#{import_id}"}, "sk": {"S": "run#0001#part#00001"}}
    world.dynamodb.delete_item(TableName="ledger", Key=key)
    assert codes(load_all(world, import_id, parts)) == {"part_unknown"}


@pytest.mark.parametrize("kind", ["shared", "range"])
def test_bytes_that_a_plan_wrote_and_that_are_gone(world: World, kind: str) -> None:
    import_id, parts = planned(world)
    items = [part for part in part_items(world, import_id) if kind in part]
    keys = [key for part in items for key in part[kind]["keys" if kind == "shared" else "left_out"]]
    world.s3.put_object(Bucket="artifacts", Key=keys[0], Body=b"")
    assert codes(load_all(world, import_id, parts)) == {"plan_mismatch"}


def test_an_artifact_that_a_lifecycle_rule_has_taken(world: World) -> None:
    import_id, parts = planned(world)
    shared, *_ = [part for part in part_items(world, import_id) if "shared" in part]
    world.s3.delete_object(Bucket="artifacts", Key=shared["shared"]["keys"][0])
    assert codes(load_all(world, import_id, parts)) == {"artifact_gone"}


def test_a_range_that_was_read_to_its_end_and_is_gone_on_with_there(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The records that it leaves out all stand before the checkpoint."""
    import_id, _ = planned(world)
    reckon, ends = PartLoader.check_rejects, [Interrupted(), None]

    def interrupted(self: PartLoader) -> None:
        reckon(self)
        if end := ends.pop(0):
            raise end

    monkeypatch.setattr(PartLoader, "check_rejects", interrupted)
    assert codes([world.attempt(import_id, 1, **SMALL)]) == {"interrupted"}
    (part,) = [part for part in part_items(world, import_id) if part["part"] == 0]
    assert part["range"]["rows_left_out"] > 0
    assert part["checkpoint"]["offset"] == part["range"]["end_offset"]
    assert world.attempt(import_id, 2, **SMALL) is None


def test_a_range_of_other_records_than_were_counted(world: World) -> None:
    import_id, parts = planned(world)
    world.dynamodb.update_item(
        TableName="ledger",
        Key={"pk": {"S": f"import#{import_id}"}, "sk": {"S": "run#0001#part#00000"}},
        UpdateExpression="SET #range.records = #range.records + :one",
        ExpressionAttributeNames={"#range": "range"},
        ExpressionAttributeValues={":one": {"N": "1"}},
    )
    assert codes(load_all(world, import_id, parts)) == {"plan_mismatch"}


def test_who_waits_for_a_lease_writes_nothing_behind_a_closed_import(world: World) -> None:
    world.table()
    import_id = world.drop(CONTENT)
    clock = Clock()
    key = {"pk": {"S": f"import#{import_id}"}, "sk": {"S": "run#0001#part#00000"}}
    held = {
        "status": {"S": "RUNNING"},
        "lease_owner": {"S": "job-1:0#1"},
        "lease_until_epoch_s": {"N": str(clock.now().timestamp() + 50)},
    }
    world.dynamodb.put_item(TableName="ledger", Item={**key, **held})

    class OutOfSight(Pauses):
        """While it waits the import is closed, and its leases are ended."""

        def pause(self, seconds: float) -> None:
            super().pause(seconds)
            state(world, import_id, "FAILED")
            world.dynamodb.update_item(
                TableName="ledger", Key=key, UpdateExpression="REMOVE lease_owner, lease_until_epoch_s"
            )

    settings = replace(
        world.settings(import_id, AWS_BATCH_JOB_ATTEMPT="2"), accounting=AccountingLimits(heartbeat_s=3600)
    )
    load(settings, replace(world.services(OutOfSight(clock)), now=clock.now, clock=clock.seconds))
    assert not world.items()


def test_rejects_of_parts_that_end_together_are_added_up(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """None of them had told of any when the others began; whoever looks last sees them all."""
    world.table()
    bad = b"".join(b"k%d,a,too many\n" % row if row % 10 == 0 else b"k%d,a\n" % row for row in range(200))
    world.s3.put_object(Bucket="input", Key="_import.yaml", Body=b"max_rejects: 15\n")
    import_id = world.drop(b"ProductId,A\n" + bad)
    state(world, import_id, "PLANNING")
    assert plan_it(world, import_id, limits=limits(1000)) is None
    parts = int(world.record(import_id)["plan"]["parts"])
    state(world, import_id, "LOADING", parts)
    assert parts > 1
    looked: set[int] = set()

    def count(dynamodb: Any, table: str, part: PartKey) -> tuple[int, int]:
        if part.part not in looked:
            looked.add(part.part)
            return 0, 0
        return count_others(dynamodb, table, part)

    monkeypatch.setattr("csv_import.stages.attempt.count_others", count)
    assert codes(load_all(world, import_id, parts)) == {"too_many_rejects"}
