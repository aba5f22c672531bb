"""The Docker engine of this machine, by its command line: the containers of a run, and how they reach this machine."""

import os
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

_LABEL = "csv-to-dynamodb.run"
_HOST_NAME = "host.docker.internal"


class DockerError(Exception):
    """The engine refused; the message is its own."""


@dataclass(frozen=True, kw_only=True)
class Engine:
    """The engine, and the run whose containers are spoken of.

    `host` is what DOCKER_HOST says, empty for the engine's usual place.
    """

    run: str
    host: str = ""

    def environment(self, variables: Mapping[str, str] | None = None) -> dict[str, str]:
        """Give the environment of the command line; a container takes the `variables` that its flags name."""
        own = {name: os.environ[name] for name in ("HOME", "PATH") if name in os.environ}
        return {**(variables or {}), **own, **({"DOCKER_HOST": self.host} if self.host else {})}

    def run_command(
        self, flags: Sequence[str], variables: Mapping[str, str], command: Sequence[str]
    ) -> list[str]:
        """Give the words that run a container of this run; `command` begins with the image.

        The values of variables stay out of them, for everybody can read the words of a process.
        """
        named = [word for name in sorted(variables) for word in ("--env", name)]
        return ["docker", "run", "--label", self._mark, *flags, *named, *command]

    def call(self, *words: str, variables: Mapping[str, str] | None = None) -> str:
        """Call the engine and give what it prints; raises `DockerError`."""
        done = subprocess.run(
            words,
            env=self.environment(variables),
            capture_output=True,
            text=True,
            check=False,
            stdin=subprocess.DEVNULL,
        )
        if done.returncode:
            raise DockerError(done.stderr.strip() or f"{' '.join(words[:3])} ended with {done.returncode}")
        return done.stdout.strip()

    def kill(self, name: str) -> None:
        """End a container at once; none of that name is fine."""
        subprocess.run(["docker", "kill", name], env=self.environment(), capture_output=True, check=False)

    def remove_all(self) -> None:
        """Remove every container of this run, running or not, with its volumes."""
        found = self.call("docker", "ps", "--all", "--quiet", "--filter", f"label={self._mark}").split()
        if found:
            subprocess.run(
                ["docker", "rm", "--force", "--volumes", *found],
                env=self.environment(),
                capture_output=True,
                check=False,
            )

    def host_address(self, image: str) -> str:
        """Ask a container where it finds this machine; `image` has Python. Raises `DockerError`."""
        look_up = f"import socket; print(socket.gethostbyname('{_HOST_NAME}'))"
        flags = ["--rm", "--add-host", f"{_HOST_NAME}:host-gateway", "--entrypoint", "python"]
        return self.call(*self.run_command(flags, {}, [image, "-c", look_up]))

    @property
    def _mark(self) -> str:
        return f"{_LABEL}={self.run}"
