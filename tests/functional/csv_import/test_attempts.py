"""Crashes, signals, rivals: the table and the rows' counters are those of an undisturbed import."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from typing import Any

import pytest

from csv_import.accounting.ledger import Ledger
from csv_import.errors import ServiceAway
from csv_import.reading.object_stream import ObjectStream
from csv_import.settings import ReadLimits, WriteLimits
from csv_import.stages.attempt import Attempt
from csv_import.stages.part_loader import PartLoader
from csv_import.writing.lanes import Lanes
from tests.functional.csv_import.conftest import Clock, World

ROWS = 120
FILE = b"ProductId,A\n" + b"".join(
    b"%d,row %d%b\n" % (row % 37, row, b",too many" * (row % 11 == 0)) for row in range(ROWS)
)
SMALL = {
    "read": ReadLimits(chunk_bytes=200),
    "write": WriteLimits(lanes=3, max_batch_items=4),
    "segment_records": 25,
}


class Crash(BaseException):
    """The process is gone: nobody tidies up."""


def undisturbed(world: World) -> tuple[dict[str, Any], dict[str, int]]:
    """What one attempt without any trouble leaves."""
    import_id = world.drop(FILE)
    assert world.attempt(import_id, **SMALL) is None  # type: ignore[arg-type]
    left = world.items(), world.rows(import_id)
    for item in world.scan():
        world.dynamodb.delete_item(TableName="items", Key={"ProductId": item["ProductId"]})
    return left


def without_times(items: dict[str, Any]) -> dict[str, Any]:
    times = {"CreatedTime", "LastModified"}
    return {
        key: {name: value for name, value in item.items() if name not in times} for key, item in items.items()
    }


def assert_as_undisturbed(
    world: World, import_id: str, expected: tuple[dict[str, Any], dict[str, int]]
) -> None:
    items, rows = expected
    assert without_times(world.items()) == without_times(items)
    assert world.rows(import_id) == rows
    assert world.part(import_id)["status"] == "DONE"
    assert "lease_owner" not in world.part(import_id)
    assert "error" not in world.part(import_id)
    assert rows["rows_read"] == ROWS
    assert rows["rows_superseded"] > 0


class TestTheClaim:
    def test_a_job_that_is_not_the_claimant_changes_nothing(self, world: World) -> None:
        world.table()
        import_id = world.drop(FILE)
        Ledger(world.dynamodb, "ledger", Clock().now).claim(import_id, 1, "another-job")
        before = world.record(import_id)
        assert world.load(import_id) == 0
        assert world.record(import_id) == before
        assert world.part(import_id) == {}
        assert world.scan() == []
        assert world.artifacts(import_id) == []

    @pytest.mark.parametrize("state", ["RECEIVED", "DONE", "FAILED", "CANCELLED"])
    def test_an_import_that_is_not_loading_is_left_alone(self, world: World, state: str) -> None:
        world.table()
        import_id = world.drop(FILE)
        world.dynamodb.update_item(
            TableName="ledger",
            Key={"pk": {"S": f"import#{import_id}"}, "sk": {"S": "import"}},
            UpdateExpression="SET #state = :state",
            ExpressionAttributeNames={"#state": "state"},
            ExpressionAttributeValues={":state": {"S": state}},
        )
        assert world.load(import_id) == 0
        assert "load_job" not in world.record(import_id)
        assert world.scan() == []

    def test_a_job_of_another_run_is_not_the_claimant(self, world: World) -> None:
        world.table()
        import_id = world.drop(FILE, run=2)
        assert world.load(import_id) == 0
        assert world.scan() == []

    def test_an_array_child_claims_with_its_parents_id(self, world: World) -> None:
        world.table()
        import_id = world.drop(b"ProductId,A\n1,x\n")
        assert world.load(import_id, AWS_BATCH_JOB_ID="job-9:0", AWS_BATCH_JOB_ARRAY_INDEX="0") == 0
        assert world.record(import_id)["load_job"] == "job-9"
        assert world.part(import_id)["status"] == "DONE"

    def test_a_part_that_is_done_is_not_loaded_again(self, world: World) -> None:
        world.table()
        import_id = world.drop(b"ProductId,A\n1,x\n")
        assert world.load(import_id) == 0
        before = world.part(import_id)
        world.dynamodb.delete_item(TableName="items", Key={"ProductId": {"S": "1"}})
        assert world.load(import_id, AWS_BATCH_JOB_ATTEMPT="2") == 0
        assert world.part(import_id) == before
        assert world.scan() == []


def kept_for_people(world: World, import_id: str) -> dict[str, bytes]:
    """All artifacts but what an attempt leaves for the next one."""
    names = [name for name in world.artifacts(import_id) if not name.startswith("checkpoints/")]
    return {name: world.artifact(import_id, name) for name in names}


class TestCrashes:
    @pytest.mark.parametrize("after_records", [0, 30, 119])
    def test_while_loading(self, world: World, monkeypatch: pytest.MonkeyPatch, after_records: int) -> None:
        world.table()
        expected = undisturbed(world)
        import_id = world.drop(FILE)
        take = PartLoader.take

        def crashing(self: Any, block: Any) -> None:
            take(self, block)
            if self._counters.rows_read > after_records:
                raise Crash

        with monkeypatch.context() as patch:
            patch.setattr(PartLoader, "take", crashing)
            patch.setattr(Ledger, "give_up", lambda *_, **__: None)
            with pytest.raises(Crash):
                world.attempt(import_id, **SMALL)  # type: ignore[arg-type]
        assert world.part(import_id)["lease_owner"] == "job-1:0#1"

        clock = Clock()
        assert world.attempt(import_id, 2, clock=clock, **SMALL) is None  # type: ignore[arg-type]
        assert clock.passed_s >= 60, "the lease of the first attempt is waited out"
        assert world.part(import_id)["attempt"] == 2
        assert_as_undisturbed(world, import_id, expected)

    def test_between_writing_and_finishing(self, world: World, monkeypatch: pytest.MonkeyPatch) -> None:
        world.table()
        expected = undisturbed(world)
        import_id = world.drop(FILE)

        def crash(*_: object, **__: object) -> None:
            raise Crash

        with monkeypatch.context() as patch:
            patch.setattr(Ledger, "finish", crash)
            with pytest.raises(Crash):
                world.attempt(import_id, **SMALL)  # type: ignore[arg-type]
        assert world.part(import_id)["status"] == "RUNNING"
        kept = kept_for_people(world, import_id)

        assert world.attempt(import_id, 2, **SMALL) is None  # type: ignore[arg-type]
        assert_as_undisturbed(world, import_id, expected)
        assert kept_for_people(world, import_id) == kept

    def test_an_attempt_that_is_started_again_need_not_wait_for_itself(
        self, world: World, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        world.table()
        import_id = world.drop(FILE)
        with monkeypatch.context() as patch:
            patch.setattr(Ledger, "finish", lambda *_, **__: None)
            assert world.attempt(import_id) is None
        clock = Clock()
        assert world.attempt(import_id, clock=clock) is None
        assert clock.passed_s == 0

    def test_a_rival_that_keeps_its_lease_is_left_to_it(
        self, world: World, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        world.table()
        import_id = world.drop(FILE)
        clock = Clock()
        take_part = Ledger.take_part

        def renewed_meanwhile(self: Ledger, part: Any, **arguments: Any) -> Any:
            """The first attempt beats once more each time that the second asks."""
            if arguments["owner"] != "job-1:0#1":
                take_part(self, part, **{**arguments, "owner": "job-1:0#1", "attempt": 1})
            return take_part(self, part, **arguments)

        monkeypatch.setattr(Ledger, "take_part", renewed_meanwhile)
        stop = world.attempt(import_id, 2, clock=clock)
        assert stop is not None
        assert (stop.code, stop.exit_code) == ("lease_held", 75)
        assert world.scan() == []
        assert world.part(import_id)["lease_owner"] == "job-1:0#1"

    def test_an_attempt_that_was_overtaken_writes_nothing_more(
        self, world: World, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        world.table()
        import_id = world.drop(FILE)
        clock = Clock()
        slept: list[bool] = []
        chunks = ObjectStream.chunks

        def sleeping(self: ObjectStream) -> Iterator[bytes]:
            """The host stands still for two minutes in the middle of the file; meanwhile another attempt loads it."""
            for number, chunk in enumerate(chunks(self)):
                if number == 3 and not slept:
                    slept.append(True)
                    clock.passed_s += 120
                    later = Clock()
                    later.passed_s = clock.passed_s
                    assert world.attempt(import_id, 2, clock=later, **SMALL) is None  # type: ignore[arg-type]
                    for item in world.scan():  # to see whether anything is written from now on
                        world.dynamodb.delete_item(TableName="items", Key={"ProductId": item["ProductId"]})
                yield chunk

        monkeypatch.setattr(ObjectStream, "chunks", sleeping)
        stop = world.attempt(import_id, 1, clock=clock, **SMALL)  # type: ignore[arg-type]
        assert stop is not None
        assert (stop.code, stop.exit_code) == ("lease_expired", 75)
        assert world.scan() == []
        assert (world.part(import_id)["status"], world.part(import_id)["attempt"]) == ("DONE", 2)


class TestSigterm:
    def test_in_the_middle_of_a_file(self, world: World, monkeypatch: pytest.MonkeyPatch) -> None:
        world.table()
        content = b"ProductId,A\n" + b"".join(b"%d,%b\n" % (row, b"x" * 60_000) for row in range(30))
        import_id = world.drop(content)
        chunks = ObjectStream.chunks

        def terminated(self: ObjectStream) -> Iterator[bytes]:
            for number, chunk in enumerate(chunks(self)):
                if number == 8:  # behind what the dialect is found out from
                    signal.raise_signal(signal.SIGTERM)
                yield chunk

        with monkeypatch.context() as patch:
            patch.setattr(ObjectStream, "chunks", terminated)
            assert world.load(import_id) == 75
        part = world.part(import_id)
        assert (part["status"], part["error"]["code"], part["error"]["exit_code"]) == (
            "RUNNING",
            "interrupted",
            75,
        )
        assert "lease_owner" not in part
        assert "finished_at" not in part
        assert 0 < world.counters(import_id)["rows_read"] < 30

        assert world.load(import_id, AWS_BATCH_JOB_ATTEMPT="2") == 0
        part = world.part(import_id)
        assert (part["status"], part["attempt"]) == ("DONE", 2)
        assert "error" not in part
        assert len(world.items()) == world.counters(import_id)["rows_written"] == 30

    def test_while_waiting_for_another_attempt(self, world: World, monkeypatch: pytest.MonkeyPatch) -> None:
        world.table()
        import_id = world.drop(FILE)
        with monkeypatch.context() as patch:
            patch.setattr(Ledger, "finish", lambda *_, **__: None)
            assert world.attempt(import_id) is None
        take_part = Ledger.take_part

        def terminated(self: Ledger, *arguments: Any, **named: Any) -> Any:
            signal.raise_signal(signal.SIGTERM)
            return take_part(self, *arguments, **named)

        monkeypatch.setattr(Ledger, "take_part", terminated)
        lease_ends = world.part(import_id)["lease_until_epoch_s"]
        world.dynamodb.update_item(
            TableName="ledger",
            Key={"pk": {"S": f"import#{import_id}"}, "sk": {"S": "run#0001#part#00000"}},
            UpdateExpression="SET lease_until_epoch_s = :far",
            ExpressionAttributeValues={":far": {"N": str(lease_ends + 10**9)}},
        )
        assert world.load(import_id, AWS_BATCH_JOB_ATTEMPT="2") == 75
        assert world.part(import_id)["attempt"] == 1


def test_a_bug_fails_the_part_and_says_so(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    world.table()
    import_id = world.drop(FILE)

    def bug(*_: object) -> None:
        raise RuntimeError("a cell: secret")

    monkeypatch.setattr(PartLoader, "take", bug)
    assert world.load(import_id) == 1
    part = world.part(import_id)
    assert part["status"] == "FAILED"
    assert part["error"] == {"code": "internal_error", "message": "RuntimeError", "exit_code": 1}


def test_while_it_runs_the_ledger_tells_how_far_it_is(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Rows written, while the part is running, are the rows acknowledged so far."""
    world.table()
    import_id = world.drop(FILE)
    seen: list[tuple[int, int]] = []
    take, on_exit = PartLoader.take, Lanes.drain
    attempts: list[Any] = []
    enter = Attempt.__enter__

    def entering(self: Any) -> Any:
        attempts.append(self)
        return enter(self)

    def taking(self: Any, block: Any) -> None:
        on_exit(self._lanes)  # so that all that was put is acknowledged
        take(self, block)
        attempts[0]._heartbeat.once()
        counters = world.counters(import_id)
        seen.append((counters["rows_read"], counters["rows_written"]))

    monkeypatch.setattr(Attempt, "__enter__", entering)
    monkeypatch.setattr(PartLoader, "take", taking)
    assert world.attempt(import_id, **SMALL) is None  # type: ignore[arg-type]
    assert len(seen) > 3
    assert all(written <= read for read, written in seen)
    assert seen[-1][1] > 0


def test_a_ledger_that_is_away_at_the_end_leaves_the_part_to_the_next_attempt(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.table()
    expected = undisturbed(world)
    import_id = world.drop(FILE)

    def away(*_: object, **__: object) -> None:
        raise ServiceAway("ledger_unavailable", "away")

    with monkeypatch.context() as patch:
        patch.setattr(Ledger, "finish", away)
        stop = world.attempt(import_id, **SMALL)  # type: ignore[arg-type]
    assert stop is not None
    assert stop.exit_code == 75
    assert world.attempt(import_id, 2, **SMALL) is None  # type: ignore[arg-type]
    assert_as_undisturbed(world, import_id, expected)
