"""A part that is loaded in spite of everything: its processes are killed, stopped and halted."""

from __future__ import annotations

import random
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from tests.functional.csv_import.conftest import World
from tests.functional.csv_import.processes.attempts import JobProcess
from tests.functional.csv_import.processes.gate import Gate, Moment
from tests.functional.csv_import.test_resuming import MODES

PART_BYTES = 1200

MOST_ATTEMPTS = 20
WITH_LEASE = 4
"""The first request of an attempt that waited a lease out: it has claimed, and asked for the part in vain and again."""

DONE, TRY_AGAIN = 0, 75


class TroubledPart:
    """A part (or, as `stage`, the plan) that one process after the other works at.

    Args:
        draw: says which trouble comes, and when.
        index: of the part.
        troubles: attempts that are troubled.
    """

    def __init__(
        self,
        world: World,
        gate: Gate,
        import_id: str,
        draw: random.Random,
        *,
        stage: str = "load",
        index: int = 0,
        troubles: int = 4,
    ) -> None:
        self.world, self.gate, self.import_id, self.draw = world, gate, import_id, draw
        self.stage, self.index, self.troubles = stage, index, troubles
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
            "AWS_ACCESS_KEY_ID": f"{self.import_id}-{self.stage}-{self.index}x{self.attempts}",
            "AWS_SECRET_ACCESS_KEY": "testing",
            "AWS_DEFAULT_REGION": self.world.s3.meta.region_name,
            "AWS_CONFIG_FILE": "/dev/null",
            "AWS_SHARED_CREDENTIALS_FILE": "/dev/null",
            "LOG_LEVEL": "ERROR",
            "AWS_BATCH_JOB_ID": f"{self.stage}-job",
            "AWS_BATCH_JOB_ARRAY_INDEX": str(self.index),
            "AWS_BATCH_JOB_ATTEMPT": str(self.attempts),
            "ALLOWED_MODES": ",".join(MODES),
            "PART_BYTES": str(PART_BYTES),
        }
        self.processes.append(
            JobProcess(self.gate, moment, environment, stage=self.stage, import_id=self.import_id, hit=hit)
        )
        return self.processes[-1]

    def end(self) -> None:
        """Leave no process behind, however the test ended."""
        for process in self.processes:
            process.leave()

    def work(self) -> None:
        """Attempt after attempt, the first few of them troubled."""
        troubles = [self.killed, self.told_to_stop, self.halted]
        self.draw.shuffle(troubles)
        done = False
        while not done:
            trouble = troubles[len(self.ends) % 3] if len(self.ends) < self.troubles else self.undisturbed
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
        if not process.said("interrupted"):
            return done  # or its lease ran out first: on a machine that is busy a second is soon over
        assert not self.held_by(self.attempts), process.log()
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
        return str(self.record().get("lease_owner", "")).endswith(f"#{attempt}")

    def record(self) -> dict[str, Any]:
        """What the ledger says of it."""
        name = "plan" if self.stage == "plan" else f"part#{self.index:05d}"
        return self.world.item(self.import_id, f"run#0001#{name}")

    def moment(self, **more: Any) -> Moment:
        return Moment(at=self.draw.randint(1, self.latest), **more)

    def finished(self, process: JobProcess, *other_ends: int) -> bool:
        """Wait for the process; tells whether the part is done."""
        code = process.ended()
        assert code in (DONE, TRY_AGAIN, *other_ends), process.log()
        return code == DONE

    def written_by(self, process: JobProcess) -> int:
        return sum(write.who == process.who for write in self.gate.writes)


@contextmanager
def processes_of(part: TroubledPart) -> Iterator[TroubledPart]:
    """Leave no process behind, however the block ends."""
    try:
        yield part
    finally:
        part.end()
