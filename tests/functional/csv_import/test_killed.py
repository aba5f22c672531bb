"""Real processes are killed, stopped, or halted until their lease is gone: it ends as if nothing had happened."""

from __future__ import annotations

import random
import re
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from tests.functional.csv_import.conftest import World
from tests.functional.csv_import.processes.attempts import JobProcess
from tests.functional.csv_import.processes.gate import Gate, Moment, serving
from tests.functional.csv_import.processes.small_job import IN_FLIGHT, SEGMENT
from tests.functional.csv_import.test_resuming import FILE, MODES, outcome, prepare

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="looks into /proc")

TROUBLED_ATTEMPTS = 4
MOST_ATTEMPTS = 20
MOST_REPEATED = 3 * SEGMENT + IN_FLIGHT
"""The segment under way, the one that waits to be kept and the one that is being kept; and what was in flight."""

WITH_LEASE = 4
"""The first request of an attempt that waited a lease out: it has claimed, and asked for the part in vain and again."""

DONE, TRY_AGAIN = 0, 75
_ROW = re.compile(rb'"S":\s*"row\\n(\d+)"')


@pytest.fixture(scope="module")
def gate() -> Gate:
    return Gate("items")


@pytest.fixture(scope="module")
def moto_endpoint(gate: Gate) -> Iterator[str]:
    with serving(gate) as endpoint:
        yield endpoint


class Part:
    """A part that is loaded by one process after the other."""

    def __init__(self, world: World, gate: Gate, import_id: str, draw: random.Random) -> None:
        self.world, self.gate, self.import_id, self.draw = world, gate, import_id, draw
        self.attempts = 0
        self.ends: list[str] = []
        self.latest = 1
        self.processes: list[JobProcess] = []

    def start(self, moment: Moment, hit: int | None = None) -> JobProcess:
        self.attempts += 1
        assert self.attempts < MOST_ATTEMPTS, self.ends
        environment = {
            **self.world.environment,
            "AWS_ENDPOINT_URL": self.world.s3.meta.endpoint_url,
            "AWS_ACCESS_KEY_ID": f"{self.import_id}x{self.attempts}",
            "AWS_SECRET_ACCESS_KEY": "testing",
            "AWS_DEFAULT_REGION": self.world.s3.meta.region_name,
            "AWS_CONFIG_FILE": "/dev/null",
            "AWS_SHARED_CREDENTIALS_FILE": "/dev/null",
            "AWS_BATCH_JOB_ATTEMPT": str(self.attempts),
            "ALLOWED_MODES": ",".join(MODES),
        }
        self.processes.append(JobProcess(self.gate, moment, environment, import_id=self.import_id, hit=hit))
        return self.processes[-1]

    def end(self) -> None:
        """Leave no process behind, however the test ended."""
        for process in self.processes:
            process.leave()

    def load(self) -> None:
        """Attempt after attempt, the first few of them troubled."""
        troubles = [self.killed, self.told_to_stop, self.halted]
        self.draw.shuffle(troubles)
        done = False
        while not done:
            trouble = troubles[len(self.ends) % 3] if len(self.ends) < TROUBLED_ATTEMPTS else self.undisturbed
            self.ends.append(trouble.__name__)
            done = trouble()

    def undisturbed(self) -> bool:
        return self.finished(self.start(Moment(at=0)))

    def killed(self) -> bool:
        process = self.start(self.moment(before=self.draw.random() < 0.5), hit=signal.SIGKILL)
        return self.finished(process, -signal.SIGKILL)

    def told_to_stop(self) -> bool:
        """SIGTERM: the part is free at once, with nothing to wait out."""
        process = self.start(self.moment(), hit=signal.SIGTERM)
        done = self.finished(process)
        assert done or not self.held_by(self.attempts)
        return done

    def halted(self) -> bool:
        """SIGSTOP, and SIGCONT while the next attempt is at work (and may be killed then): no write follows."""
        halted = self.start(self.moment(holds=True))
        if not halted.until_its_moment():
            return self.finished(halted)
        halted.until_it_waits()
        halted.signal(signal.SIGSTOP)
        held_the_part = self.held_by(self.attempts)
        written = self.written_by(halted)
        halted.moment.release()

        successor = self.start(self.moment())
        successor.moment.acts.append(lambda: halted.signal(signal.SIGCONT))
        if not successor.until_its_moment():
            halted.signal(signal.SIGCONT)
        done = self.finished(halted)
        taken_over = held_the_part and successor.moment.at >= WITH_LEASE
        assert self.written_by(halted) == written or not taken_over
        if self.draw.random() < 0.5:
            successor.signal(signal.SIGKILL)
        return self.finished(successor, -signal.SIGKILL) or done

    def held_by(self, attempt: int) -> bool:
        """Tell whether an attempt has the lease on the part, be it that it has run out."""
        return str(self.world.part(self.import_id).get("lease_owner", "")).endswith(f"#{attempt}")

    def moment(self, **more: Any) -> Moment:
        return Moment(at=self.draw.randint(1, self.latest), **more)

    def finished(self, process: JobProcess, *other_ends: int) -> bool:
        """Wait for the process; tells whether the part is done."""
        code = process.ended()
        assert code in (DONE, TRY_AGAIN, *other_ends), process.said()
        return code == DONE

    def written_by(self, process: JobProcess) -> int:
        return sum(write.who == process.who for write in self.gate.writes)


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


def check(world: World, gate: Gate, mode: str, seed: int) -> None:
    gate.forget()
    world.table()
    with closing_part(world, gate, mode, random.Random()) as undisturbed:
        assert undisturbed.undisturbed()
    expected = outcome(world, undisturbed.import_id)
    assert expected["rows"]["rows_read"] == 150

    with closing_part(world, gate, mode, random.Random(f"{mode}{seed}")) as part:
        part.latest = gate.asked[undisturbed.processes[0].who] * 2 // 5
        part.load()
    assert part.attempts > 1, part.ends
    assert outcome(world, part.import_id) == expected, part.ends
    assert max(repeated(gate, part.import_id), default=0) <= MOST_REPEATED, part.ends


@contextmanager
def closing_part(world: World, gate: Gate, mode: str, draw: random.Random) -> Iterator[Part]:
    part = Part(world, gate, prepare(world, mode, FILE), draw)
    try:
        yield part
    finally:
        part.end()


@pytest.mark.parametrize("mode", MODES)
def test_it_ends_as_if_nothing_had_happened(world: World, gate: Gate, mode: str) -> None:
    check(world, gate, mode, 0)


@pytest.mark.slow
@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("seed", range(1, 21))
def test_it_ends_so_whatever_the_moments(world: World, gate: Gate, mode: str, seed: int) -> None:
    check(world, gate, mode, seed)
