"""One attempt of a Batch job as a child process of this machine."""

import contextlib
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from local_aws.batch_jobs import TASK_EXITED
from local_aws.batch_retries import End

_TIMED_OUT = "Job attempt duration exceeded timeout"


@dataclass(frozen=True, kw_only=True)
class Loss:
    """How an attempt loses the machine under it.

    `status_reason` is what Batch then says; where there is `notice`, the process hears of it by SIGTERM and has
    its stop timeout.
    """

    status_reason: str
    notice: bool


LOSSES = {
    "HOST_LOST": Loss(status_reason="Host EC2 (instance i-00000000000000000) terminated.", notice=False),
    "SPOT_RECLAIMED": Loss(status_reason="Your Spot Task was interrupted.", notice=True),
}
"""The ends that retry strategies know by their first words: of a host of one's own, and of a task on Fargate Spot."""


class JobProcess:
    """A running attempt; it stays in the emulator's process group, so that it ends with the emulator."""

    def __init__(
        self,
        argv: Sequence[str],
        *,
        environment: Mapping[str, str],
        folder: Path,
        log: Path,
        stop_timeout_s: float,
    ) -> None:
        self._stop_timeout_s = stop_timeout_s
        self._lost: Loss | None = None
        folder.mkdir(parents=True, exist_ok=True)
        log.parent.mkdir(parents=True, exist_ok=True)
        with log.open("wb") as output:
            self._process = subprocess.Popen(
                list(argv),
                env=dict(environment),
                cwd=folder,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
            )

    def wait(self, *, timeout_s: float | None) -> End:
        """Wait for the process to end, for at most `timeout_s`; then it is stopped."""
        try:
            return self._ended(self._process.wait(timeout_s))
        except subprocess.TimeoutExpired:
            self.stop()
            code = self._ended(self._process.wait()).exit_code
            return End(exit_code=code, status_reason=_TIMED_OUT)

    def stop(self) -> None:
        """Send SIGTERM, and SIGKILL where that does not end the process in time."""
        self._process.terminate()
        try:
            self._process.wait(self._stop_timeout_s)
        except subprocess.TimeoutExpired:
            self._kill()

    def lose(self, loss: Loss) -> None:
        """Take the machine away from under the process."""
        self._lost = loss
        if loss.notice:
            self.stop()
        else:
            self._kill()

    def _kill(self) -> None:
        with contextlib.suppress(ProcessLookupError):
            self._process.kill()

    def _ended(self, returncode: int) -> End:
        """Read a return code: a process that a signal ended has 128 and the signal's number, as in a container.

        Of a host that is lost nobody hears a code.
        """
        code = returncode if returncode >= 0 else 128 - returncode
        if self._lost is None:
            return End(exit_code=code, status_reason=TASK_EXITED)
        return End(exit_code=code if self._lost.notice else None, status_reason=self._lost.status_reason)


def timed_out(end: End) -> bool:
    """Tell whether an attempt ended because its time was over; such a job is not tried again."""
    return end.status_reason == _TIMED_OUT
