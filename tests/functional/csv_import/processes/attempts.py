"""Attempts at a part as processes, ended or halted at a moment that a test names."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path

from local_aws.emulator import PROJECT
from tests.functional.csv_import.processes.gate import Gate, Moment

WAIT_S = 60
_POLL_S = 0.01
_QUIET_POLLS = 5


class JobProcess:
    """`small_job`, running; its access key says which attempt at which part it is.

    At its moment it gets the signal `hit`, if there is one.
    """

    def __init__(
        self,
        gate: Gate,
        moment: Moment,
        environment: Mapping[str, str],
        *,
        stage: str,
        import_id: str,
        hit: int | None = None,
    ) -> None:
        if hit is not None:
            moment.acts.append(lambda: self.signal(hit))
        self.gate = gate
        self.moment = moment
        self.who = environment["AWS_ACCESS_KEY_ID"]
        gate.expect(self.who, moment)
        self._log = tempfile.TemporaryFile()  # noqa: SIM115 - as long as the process and what is asked of it
        self.process = subprocess.Popen(
            [
                *(sys.executable, "-m", "tests.functional.csv_import.processes.small_job"),
                *(stage, "--import-id", import_id, "--run", "1"),
            ],
            cwd=PROJECT,
            env={**environment, "PYTHONPATH": os.pathsep.join(("batch_job", "."))},
            stdout=self._log,
        )

    def signal(self, number: int) -> None:
        self.process.send_signal(number)

    def ended(self) -> int:
        """Wait for the end; gives the exit code."""
        return self.process.wait(WAIT_S)

    def leave(self) -> None:
        """End it however it stands, and forget what it said."""
        self.moment.release()
        self.signal(signal.SIGKILL)
        self.ended()
        self._log.close()

    def log(self) -> str:
        """Give the end of what it logged."""
        self._log.seek(0)
        return self._log.read().decode()[-2000:]

    def said(self, code: str) -> bool:
        """Tell whether it said that it stopped for this reason."""
        return f'"code":"{code}"' in self.log()

    def until_its_moment(self) -> bool:
        """Wait until its moment comes, or its end: then it never does."""
        while not self.moment.come.wait(_POLL_S):
            if self.process.poll() is not None:
                return self.moment.come.is_set()
        return True

    def until_it_waits(self) -> None:
        """Wait until the process, whose answers are held, waits for nothing but these."""
        quiet, seen = 0, -1
        while quiet < _QUIET_POLLS:
            asked = self.gate.asked[self.who]
            still = asked == seen == self._held_from() and self._sleeps()
            quiet, seen = quiet + 1 if still else 0, asked
            time.sleep(_POLL_S)

    def _held_from(self) -> int:
        return self.moment.at - 1 + self.moment.held

    def _sleeps(self) -> bool:
        """Tell whether no thread runs or wants to (proc(5), `/proc/pid/task/tid/stat`)."""
        tasks = Path(f"/proc/{self.process.pid}/task").iterdir()
        return all((task / "stat").read_text().rpartition(") ")[2][0] == "S" for task in tasks)
