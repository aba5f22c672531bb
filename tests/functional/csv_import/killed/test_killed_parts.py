"""A file in parts, with keys that occur in several: plan and parts are killed, stopped and halted side by side."""

from __future__ import annotations

import random
import sys
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from typing import Any

import pytest

from tests.functional.csv_import.conftest import World
from tests.functional.csv_import.processes.gate import Gate
from tests.functional.csv_import.processes.troubled_part import TroubledPart, processes_of
from tests.functional.csv_import.test_resuming import MODES, outcome, prepare

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="looks into /proc")


def rows(count: int) -> bytes:
    """Rows of which every third has a key that comes again and again, some are rejects, some lines are none."""
    lines = [b"ProductId,A,N\n"]
    for row in range(count):
        key = b"%d" % (row % 41) if row % 3 == 0 else b"only-%d" % row
        lines.append(b"\n" * (row % 13 == 0) + b"# a comment\n" * (row % 17 == 0))
        lines.append(b'%b,"row\n%d",%d.50%b\n' % (key, row, row, b",too many" * (row % 11 == 0)))
    return b"".join(lines)


FILE = rows(160)


class Run:
    """An import from its plan to its last part.

    Args:
        seed: draws what befalls its processes, and when; `latest` is the latest of their requests that it may draw.
        troubles: attempts at each part, and at the plan, that are troubled.
    """

    def __init__(
        self, world: World, gate: Gate, mode: str, *, seed: str = "", latest: int = 1, troubles: int = 0
    ) -> None:
        self.world, self.gate, self.seed, self.latest, self.troubles = world, gate, seed, latest, troubles
        self.import_id = prepare(world, mode, FILE)

    def run(self) -> None:
        with ExitStack() as stack:
            self.become("PLANNING")
            plan = stack.enter_context(processes_of(self.stage("plan", 0)))
            plan.work()
            count = int(self.world.record(self.import_id)["plan"]["parts"])
            self.become("LOADING", parts=count)
            parts = [stack.enter_context(processes_of(self.stage("load", index))) for index in range(count)]
            with ThreadPoolExecutor(2) as two:
                for _ in two.map(TroubledPart.work, parts):
                    pass

    def stage(self, stage: str, index: int) -> TroubledPart:
        draw = random.Random(f"{self.seed}{stage}{index}")
        part = TroubledPart(
            self.world, self.gate, self.import_id, draw, stage=stage, index=index, troubles=self.troubles
        )
        part.latest = self.latest
        return part

    def become(self, state: str, parts: int = 1) -> None:
        """Move the import on, as functions/ does."""
        self.world.dynamodb.update_item(
            TableName="ledger",
            Key={"pk": {"S": f"import#{self.import_id}"}, "sk": {"S": "import"}},
            UpdateExpression="SET #state = :state, parts = :parts",
            ExpressionAttributeNames={"#state": "state"},
            ExpressionAttributeValues={":state": {"S": state}, ":parts": {"N": str(parts)}},
        )


def outcome_of_all(world: World, import_id: str) -> dict[str, Any]:
    """All that must not depend on trouble: the table, the plan, each part's counters, rejects and the like."""
    record = world.record(import_id)
    parts = [world.item(import_id, f"run#0001#part#{index:05d}") for index in range(int(record["parts"]))]
    effort = ("requests", "throttles", "retries")
    told = ("status", "range", "shared", "ignored", "rejects_by_code", "mended", "notices")
    kept = [name for name in world.artifacts(import_id) if not name.startswith("checkpoints/")]
    prefix = f"imports/{import_id}/"
    return {
        "items": world.items(),
        "plan": record["plan"],
        "parts": [{name: str(part.get(name)).replace(prefix, "") for name in told} for part in parts],
        "counters": [
            {name: n for name, n in part["counters"].items() if name not in effort} for part in parts
        ],
        "artifacts": {name: world.artifact(import_id, name) for name in kept},
    }


def check(world: World, gate: Gate, mode: str, seed: int, *, troubles: int) -> None:
    gate.forget()
    world.table()
    whole = prepare(world, mode, FILE)
    assert world.load(whole, ALLOWED_MODES=",".join(MODES)) == 0
    sequential = outcome(world, whole)

    undisturbed = Run(world, gate, mode)
    undisturbed.run()
    expected = outcome_of_all(world, undisturbed.import_id)
    assert len(expected["parts"]) >= 4
    assert expected["plan"]["shared_parts"] >= 1
    assert expected["items"] == sequential["items"]
    for name, count in sequential["rows"].items():
        assert sum(counters[name] for counters in expected["counters"]) == count, name

    most = max(
        gate.asked[f"{undisturbed.import_id}-load-{index}x1"] for index in range(len(expected["parts"]))
    )
    troubled = Run(world, gate, mode, seed=f"{mode}{seed}", latest=most * 2 // 5, troubles=troubles)
    troubled.run()
    assert outcome_of_all(world, troubled.import_id) == expected


@pytest.mark.parametrize("mode", ["update"])
def test_it_ends_as_the_sequential_loop_does(world: World, gate: Gate, mode: str) -> None:
    check(world, gate, mode, 0, troubles=1)


@pytest.mark.slow
@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("seed", range(1, 6))
def test_it_ends_so_whatever_the_moments(world: World, gate: Gate, mode: str, seed: int) -> None:
    check(world, gate, mode, seed, troubles=3)
