"""One attempt of a Batch job as a Docker container, with what its definition says of one."""

import uuid
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from local_aws.batch_process import JobProcess
from local_aws.batch_retries import End
from local_aws.docker_engine import Engine

_NOT_STARTED = 125
"""What `docker run` exits with where the engine could not start the container."""
_LIMITS = {"MEMORY": ("--memory={}m", "--memory-swap={}m"), "VCPU": ("--cpus={}",)}


class JobContainer(JobProcess):
    """A running attempt: `docker run` stands for it, and hands on the signals that it gets."""

    def __init__(
        self,
        argv: Sequence[str],
        *,
        environment: Mapping[str, str],
        folder: Path,
        log: Path,
        stop_timeout_s: float,
        container: Mapping[str, Any],
        engine: Engine,
    ) -> None:
        self._engine, self._log = engine, log
        self._name = f"job-{uuid.uuid4().hex[:16]}"
        flags = ["--rm", "--name", self._name, *flags_of(container)]
        super().__init__(
            engine.run_command(flags, environment, [container["image"], *argv]),
            environment=engine.environment(environment),
            folder=folder,
            log=log,
            stop_timeout_s=stop_timeout_s,
        )

    def wait(self, *, timeout_s: float | None) -> End:
        """Wait as for a process; a container that could not start has no exit code."""
        end = super().wait(timeout_s=timeout_s)
        if end.exit_code != _NOT_STARTED:
            return end
        lines = self._log.read_text(encoding="utf-8", errors="replace").splitlines()
        return replace(
            end, exit_code=None, status_reason="Task failed to start", reason=lines[0] if lines else ""
        )

    def _kill(self) -> None:
        self._engine.kill(self._name)


def flags_of(container: Mapping[str, Any]) -> list[str]:
    """Give the flags of `docker run` that do what a job definition says of its container.

    Memory is a hard limit, as on Fargate, without swap. Volumes are the attempt's own and vanish with it.
    """
    return [*_limits(container), *_privileges(container), *_mounts(container)]


def _limits(container: Mapping[str, Any]) -> Iterator[str]:
    for one in container.get("resourceRequirements") or ():
        for flag in _LIMITS[one["type"]]:
            yield flag.format(one["value"])


def _privileges(container: Mapping[str, Any]) -> Iterator[str]:
    if container.get("readonlyRootFilesystem"):
        yield "--read-only"
    if container.get("privileged"):
        yield "--privileged"
    if user := container.get("user"):
        yield f"--user={user}"


def _mounts(container: Mapping[str, Any]) -> Iterator[str]:
    for mount in container.get("mountPoints") or ():
        options = ",readonly" if mount.get("readOnly") else ""
        yield f"--mount=type=volume,target={mount['containerPath']}{options}"
