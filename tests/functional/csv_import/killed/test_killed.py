"""Real processes are killed, stopped, or halted until their lease is gone: it ends as if nothing had happened."""

from __future__ import annotations

import random
import re
import sys

import pytest

from tests.functional.csv_import.conftest import World
from tests.functional.csv_import.processes.gate import Gate
from tests.functional.csv_import.processes.small_job import IN_FLIGHT, SEGMENT
from tests.functional.csv_import.processes.troubled_part import TroubledPart, processes_of
from tests.functional.csv_import.test_resuming import FILE, MODES, outcome, prepare

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="looks into /proc")

MOST_REPEATED = 3 * SEGMENT + IN_FLIGHT
"""The segment under way, the one that waits to be kept and the one that is being kept; and what was in flight."""

_ROW = re.compile(rb'"S":\s*"row\\n(\d+)"')


def repeated(gate: Gate, import_id: str) -> list[int]:
    """How many records each attempt went back behind the last that was sent before it."""
    back, reached, who = [], 0, ""
    for write in gate.writes:
        rows = [int(row) for row in _ROW.findall(write.body)]
        if not write.who.startswith(import_id) or not rows:
            continue
        if write.who != who:
            back.append(max(0, reached - min(rows)))
        who, reached = write.who, max(reached, *rows)
    return back


def check(world: World, gate: Gate, mode: str, seed: int, *, troubles: int) -> None:
    gate.forget()
    world.table()
    with processes_of(TroubledPart(world, gate, prepare(world, mode, FILE), random.Random())) as undisturbed:
        assert undisturbed.undisturbed()
    expected = outcome(world, undisturbed.import_id)
    assert expected["rows"]["rows_read"] == 150

    draw = random.Random(f"{mode}{seed}")
    import_id = prepare(world, mode, FILE)
    with processes_of(TroubledPart(world, gate, import_id, draw, troubles=troubles)) as part:
        part.latest = gate.asked[undisturbed.processes[0].who] * 2 // 5
        part.work()
    assert part.attempts > 1, part.ends
    assert outcome(world, part.import_id) == expected, part.ends
    assert max(repeated(gate, part.import_id), default=0) <= MOST_REPEATED, part.ends


@pytest.mark.parametrize("mode", MODES)
def test_it_ends_as_if_nothing_had_happened(world: World, gate: Gate, mode: str) -> None:
    check(world, gate, mode, 0, troubles=2)


@pytest.mark.slow
@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("seed", range(1, 21))
def test_it_ends_so_whatever_the_moments(world: World, gate: Gate, mode: str, seed: int) -> None:
    check(world, gate, mode, seed, troubles=4)
