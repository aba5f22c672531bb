"""The stage `plan`: one job does it, any attempt may die, and what it leaves is what every attempt would leave."""

from __future__ import annotations

import errno
import gzip
import json
import random
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from csv_import.__main__ import main
from csv_import.accounting.ledger import Ledger, Stage
from csv_import.planning.survey import Survey
from csv_import.services import Services
from csv_import.waiting import StopSign
from tests.functional.csv_import.conftest import Clock, World
from tests.functional.csv_import.planned import part_items, plan_and_load, plan_it, state, together
from tests.functional.csv_import.test_planned import FILE, SEVERAL, SMALL, limits, whole
from tests.functional.csv_import.test_refused import refusing
from tests.functional.csv_import.test_resuming import Gone, dies, prepare, rows
from tests.unit.contracts.page import names_in, quoted, table

LIMITS = limits(1300)
SHORT = rows(70)

pytestmark = [  # what dies leaves its thread and its files as they are
    pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning"),
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
]


def planning(world: World, content: bytes = FILE) -> str:
    import_id = prepare(world, "put", content)
    state(world, import_id, "PLANNING")
    return import_id


def plan_item(world: World, import_id: str) -> dict[str, Any]:
    return world.item(import_id, "run#0001#plan")


def left(world: World, import_id: str) -> tuple[Any, ...]:
    """What the plan leaves, without times and the import's name."""
    parts = [
        {name: value for name, value in part.items() if name not in ("pk", "import_id", "updated_at")}
        for part in part_items(world, import_id)
    ]
    told = json.loads(json.dumps(parts, default=int).replace(import_id, "<import>"))
    artifacts = {name: world.artifact(import_id, name) for name in world.artifacts(import_id)}
    return told, artifacts, world.record(import_id)["plan"]


class TestTheClaim:
    def test_another_job_changes_nothing(self, world: World) -> None:
        world.table()
        import_id = planning(world)
        Ledger(world.dynamodb, "ledger", Clock().now, Stage.PLAN).claim(import_id, 1, "another-job")
        before = world.record(import_id)
        arguments = ["plan", "--import-id", import_id, "--run", "1"]
        assert main(arguments, {**world.environment, "PART_BYTES": "1300"}) == 0
        assert world.record(import_id) == before
        assert (plan_item(world, import_id), part_items(world, import_id)) == ({}, [])
        assert world.artifacts(import_id) == []

    @pytest.mark.parametrize("other", ["RECEIVED", "LOADING", "DONE"])
    def test_an_import_at_another_stage_is_left_alone(self, world: World, other: str) -> None:
        world.table()
        import_id = planning(world)
        state(world, import_id, other)
        assert plan_it(world, import_id, limits=LIMITS) is None
        assert "plan_job" not in world.record(import_id)
        assert plan_item(world, import_id) == {}

    def test_a_plan_that_is_there_is_not_made_again(self, world: World) -> None:
        world.table()
        import_id = planning(world)
        assert plan_it(world, import_id, limits=LIMITS) is None
        before, parts = plan_item(world, import_id), part_items(world, import_id)
        assert plan_it(world, import_id, attempt=2, limits=LIMITS) is None
        assert (plan_item(world, import_id), part_items(world, import_id)) == (before, parts)

    def test_the_command(self, world: World) -> None:
        world.table()
        import_id = planning(world)
        arguments = ["plan", "--import-id", import_id, "--run", "1"]
        assert main(arguments, {**world.environment, "PART_BYTES": "1300", "MAX_PARTS": "40"}) == 0
        assert world.record(import_id)["plan_job"] == "job-1"
        assert world.record(import_id)["plan"]["part_bytes"] == 1300
        done = plan_item(world, import_id)
        assert (done["status"], done["counters"]["rows_read"]) == ("DONE", 150)
        assert "lease_owner" not in done

    def test_what_it_writes_is_of_the_contract(self, world: World) -> None:
        world.table()
        import_id = planning(world)
        assert plan_it(world, import_id, limits=LIMITS) is None
        (meaning,) = (row[2] for row in table("Import**") if quoted(row[0]) == ["plan"])
        assert world.record(import_id)["plan"].keys() == set(quoted(meaning)) - {"plan"}
        assert plan_item(world, import_id).keys() - {"pk", "sk"} <= names_in("Part**") - {"range", "shared"}


class TestAttempts:
    def test_an_attempt_waits_for_the_lease_of_the_one_before(self, world: World) -> None:
        world.table()
        import_id, clock = planning(world), Clock()
        with dying(world, 8), pytest.raises(Gone):
            plan_it(world, import_id, limits=LIMITS, clock=clock)
        assert plan_item(world, import_id)["status"] == "RUNNING"
        assert plan_it(world, import_id, attempt=2, limits=LIMITS, clock=clock) is None
        assert clock.passed_s > 10
        assert plan_item(world, import_id)["status"] == "DONE"

    def test_one_that_dies_at_any_write_leaves_no_trace(self, world: World) -> None:
        world.table()
        import_id = planning(world, SHORT)
        with dying(world, 1000) as writes:
            assert plan_it(world, import_id, limits=limits(1000)) is None
        expected, count = left(world, import_id), len(writes)
        assert count > 10
        assert expected[2]["shared_parts"]
        for after in range(count):
            import_id, clock = planning(world, SHORT), Clock()
            with dying(world, after), pytest.raises(Gone):
                plan_it(world, import_id, limits=limits(1000), clock=clock)
            clock.passed_s += 120
            assert plan_it(world, import_id, attempt=2, limits=limits(1000), clock=clock) is None
            assert left(world, import_id) == expected, after

    def test_sigterm_frees_the_plan(self, world: World, monkeypatch: pytest.MonkeyPatch) -> None:
        world.table()
        import_id = planning(world)
        stops: list[StopSign] = []
        services, take = World.services, Survey.take

        def watched_services(self: World, stop: StopSign) -> Services:
            stops.append(stop)
            return services(self, stop)

        def told_to_stop(self: Survey, block: Any) -> None:
            take(self, block)
            if self.records > 70:
                stops[0].set()

        with monkeypatch.context() as patch:
            patch.setattr(World, "services", watched_services)
            patch.setattr(Survey, "take", told_to_stop)
            stopped = plan_it(world, import_id, limits=LIMITS)
        assert stopped is not None
        assert (stopped.code, stopped.exit_code) == ("interrupted", 75)
        part = plan_item(world, import_id)
        assert (part["status"], part["error"]["exit_code"]) == ("RUNNING", 75)
        assert "lease_owner" not in part
        clock = Clock()
        assert plan_it(world, import_id, attempt=2, limits=LIMITS, clock=clock) is None
        assert clock.passed_s == 0, "there is no lease to wait out"

    def test_temporary_files_that_do_not_fit(self, world: World, monkeypatch: pytest.MonkeyPatch) -> None:
        world.table()
        import_id = planning(world)

        def full(*_: Any, **__: Any) -> Any:
            raise OSError(errno.ENOSPC, "No space left on device")

        monkeypatch.setattr(tempfile, "TemporaryFile", full)
        stopped = plan_it(world, import_id, limits=LIMITS)
        assert stopped is not None
        assert (stopped.code, stopped.exit_code) == ("temporary_space", 78)
        told = plan_item(world, import_id)
        assert (told["status"], told["error"]["code"]) == ("FAILED", "temporary_space")
        assert "plan" not in world.record(import_id)


class TestOnePart:
    @pytest.mark.parametrize(
        ("content", "part_bytes"),
        [
            pytest.param(gzip.compress(SHORT), 100, id="compressed"),
            pytest.param(SHORT.decode().encode("utf-16"), 100, id="UTF-16"),
            pytest.param(SHORT, len(SHORT), id="no larger than a part"),
            pytest.param(b"ProductId,A,N\n", 3, id="no record"),
        ],
    )
    def test_what_is_not_cut_is_loaded_as_if_there_were_no_plan(
        self, world: World, content: bytes, part_bytes: int
    ) -> None:
        world.table()
        expected = whole(world, prepare(world, "put", content))
        import_id = prepare(world, "put", content)
        assert plan_and_load(world, import_id, limits(part_bytes), **SMALL) == 1
        assert together(world, import_id) == expected
        (part,) = part_items(world, import_id)
        assert not {"range", "shared"} & part.keys()
        assert not [name for name in world.artifacts(import_id) if name.startswith("plan/")]


def test_there_are_no_more_parts_than_there_may_be(world: World) -> None:
    world.table()
    for most in (1, 2, 3, 4, 9):
        import_id = planning(world)
        assert plan_it(world, import_id, limits=limits(1, max_parts=most)) is None
        plan = world.record(import_id)["plan"]
        assert 1 <= plan["parts"] <= most
        assert len(part_items(world, import_id)) == (plan["parts"] if plan["parts"] > 1 else 0)
        if most > 3:
            assert plan["parts"] > most // 2
            assert plan["shared_parts"] > 0


def test_a_work_list_tells_which_parts_are_loaded(world: World) -> None:
    world.table()
    import_id = planning(world)
    assert plan_it(world, import_id, limits=LIMITS) is None
    state(world, import_id, "LOADING", int(world.record(import_id)["plan"]["parts"]))
    world.dynamodb.update_item(
        TableName="ledger",
        Key={"pk": {"S": f"import#{import_id}"}, "sk": {"S": "import"}},
        UpdateExpression="SET #work = :work",
        ExpressionAttributeNames={"#work": "work"},
        ExpressionAttributeValues={":work": {"L": [{"N": "3"}, {"N": "1"}]}},
    )
    for index in range(3):
        assert world.attempt(import_id, AWS_BATCH_JOB_ARRAY_INDEX=str(index), **SMALL) is None
    done = [int(part["part"]) for part in part_items(world, import_id) if part["status"] == "DONE"]
    assert done == [1, 3]


@pytest.mark.parametrize("mode", ["put", "insert"])
def test_parts_that_are_broken_off_at_any_point_end_as_if_nothing_had_happened(
    world: World, monkeypatch: pytest.MonkeyPatch, mode: str
) -> None:
    """Ranges, those with rows left out among them, and shared parts."""
    world.table()
    expected = whole(world, prepare(world, mode, FILE))
    import_id = prepare(world, mode, FILE)
    state(world, import_id, "PLANNING")
    modes = SMALL["ALLOWED_MODES"]
    assert plan_it(world, import_id, limits=LIMITS, segment_records=5, ALLOWED_MODES=modes) is None
    parts = int(world.record(import_id)["plan"]["parts"])
    state(world, import_id, "LOADING", parts)
    draw, clock = random.Random(mode), Clock()
    ends: list[Any] = []
    for part in range(parts):
        number = 0
        while not ends or ends[-1] != part:
            number += 1
            after = draw.randint(0, 15) if number < 4 else 10_000
            with dies(monkeypatch, after):
                ends.append(attempt(world, import_id, number, clock, part))
    assert ends.count("gone") >= parts
    assert together(world, import_id) == expected
    resumed = [name for name in world.artifacts(import_id) if name.startswith("checkpoints/")]
    assert {name.split("/")[1] for name in resumed} > {"part-00000", f"part-{parts - 1:05d}"}


def attempt(world: World, import_id: str, number: int, clock: Clock, part: int) -> Any:
    """Gives the part, if it is done then."""
    how: Any = {**SMALL, "checkpoint_rest_s": 0.0, "clock": clock}
    try:
        assert world.attempt(import_id, number, AWS_BATCH_JOB_ARRAY_INDEX=str(part), **how) is None
    except Gone:
        return "gone"
    finally:
        clock.passed_s += 120  # the lease of one that died runs out
    return part


class TestRowsThatDynamoDBRefuses:
    def test_in_ranges_that_leave_rows_out_and_in_shared_parts(
        self, world: World, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        world.table()
        lines = [b"%d,x,%d\n" % (row if row % 3 else row % 12, row) for row in range(160)]
        content = b"ProductId,A,N\n" + b"".join(lines)
        refusing(monkeypatch, "6", "7", "100")
        expected = whole(world, prepare(world, "put", content))
        assert expected["rejects_by_code"]["refused_by_dynamodb"] > 2
        import_id = prepare(world, "put", content)
        plan_and_load(world, import_id, limits(500), **SMALL)
        assert together(world, import_id) == expected
        refused = [
            part for part in part_items(world, import_id) if "refused_by_dynamodb" in part["rejects_by_code"]
        ]
        assert any("shared" in part for part in refused)
        assert any("range" in part and part["range"]["rows_left_out"] for part in refused)

    def test_one_item_of_a_row_that_another_part_counts(
        self, world: World, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """The row is kept with the rejects where the item is, and counts by what became of its first item."""
        world.table()
        world.s3.put_object(Bucket="input", Key="_import.yaml", Body=SEVERAL.format(mode="put").encode())
        content = b"ProductId,A,N\n" + b"".join(b"%d,%d,%d\n" % (row, row % 7, row) for row in range(100))
        refusing(monkeypatch, "n#3", "row#50")
        import_id = world.drop(content)
        plan_and_load(world, import_id, limits(400), **SMALL)
        found = together(world, import_id)
        counters, rejects = found["counters"], found["rejects"]
        assert "n#3" not in found["items"]
        assert counters["rows_read"] == 100
        assert counters["rows_rejected"] == found["rejects_by_code"]["refused_by_dynamodb"] == 1, "row#50"
        assert counters["rows_written"] == 99
        parts = [part["counters"] for part in part_items(world, import_id)]
        assert all(count >= 0 for part in parts for count in part.values())
        records = {json.loads(line)["record"] for line in rejects}
        assert records >= {51}
        assert records - {51} <= {row + 1 for row in range(100) if row % 7 == 3}
        assert len(found["items"]) == counters["items_written"] == 99 + 6


@contextmanager
def dying(world: World, after: int) -> Iterator[list[str]]:
    """The process dies at one of its next writes, and makes no other; gives those that it made."""
    services = world.services()
    made: list[str] = []
    writers = [(services.dynamodb, "update_item"), (services.s3, "put_object")]
    with pytest.MonkeyPatch.context() as patch:

        def mortal(client: Any, name: str) -> None:
            call = getattr(client, name)

            def write(**request: Any) -> Any:
                if len(made) >= after:
                    raise Gone
                made.append(name)
                return call(**request)

            patch.setattr(client, name, write)

        for client, name in writers:
            mortal(client, name)
        yield made
