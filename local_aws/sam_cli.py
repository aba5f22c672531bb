"""The SAM command line as a person uses it: it builds the functions, and invokes or serves them in containers."""

import contextlib
import json
import os
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

_KEPT = (
    "HOME",
    "PATH",
    "LANG",
    "DOCKER_HOST",
    "TMPDIR",
    "SSL_CERT_FILE",
    "REQUESTS_CA_BUNDLE",
    "NO_PROXY",
    "no_proxy",
)
_RUNTIME = "python3.13"
_LAMBDA = "public.ecr.aws/lambda/python:3.13-x86_64"
_START_TIMEOUT_S = 120.0
_POLL_S = 0.1
_ASKED_TO_END, _PATIENCE_S = 5, 3


class SamError(Exception):
    """SAM, or the function that it invoked, failed; the message is what it said."""


@dataclass(frozen=True, kw_only=True)
class SamCli:
    """SAM in a project's folder.

    `executable` is the command line, `environment` what it finds beside this machine's: endpoint, region, credentials.
    """

    executable: Path
    folder: Path
    environment: Mapping[str, str]

    def build(self) -> None:
        """Build the functions for their runtime: with its Python, or else in SAM's build container."""
        self._run("build", *([] if _runs(_RUNTIME) else ["--use-container"]))

    def local_invoke(
        self, function: str, event: Path, *, variables: Mapping[str, str], scratch: Path
    ) -> tuple[Any, str]:
        """Invoke a built function with an event; gives its answer and its log.

        `variables` go into those that the template declares. Raises `SamError` where the handler raised: SAM itself
        ends well then.
        """
        given = scratch / "variables.json"
        given.write_text(json.dumps({function: dict(variables)}), encoding="utf-8")
        said = self._run(
            "local", "invoke", function, "--event", str(event.resolve()), "--env-vars", str(given)
        )
        answer = json.loads(said.stdout.strip().splitlines()[-1])
        if isinstance(answer, dict) and "errorType" in answer:
            raise SamError(
                f"{function}: {answer['errorType']}: {answer.get('errorMessage', '')}\n{said.stderr}"
            )
        return answer, said.stderr

    @contextlib.contextmanager
    def start_lambda(
        self, *, port: int, variables: Mapping[str, Mapping[str, str]], scratch: Path
    ) -> Iterator[str]:
        """Serve the built functions, by their logical ids, on a loopback port for the length of a `with` block.

        Gives the endpoint for clients of Lambda. `variables` go by function into those that the template declares.
        """
        given = scratch / "variables.json"
        given.write_text(json.dumps({name: dict(own) for name, own in variables.items()}), encoding="utf-8")
        with (scratch / "start-lambda.log").open("w+b") as log:
            process = subprocess.Popen(
                [self.executable, *("local", "start-lambda", "--port", str(port), "--env-vars", str(given))],
                cwd=self.folder,
                env=self._environment(),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
            )
            try:
                _wait_until_it_listens(process, port, Path(log.name))
                yield f"http://127.0.0.1:{port}"
            finally:
                _end(process)

    def _run(self, *words: str) -> subprocess.CompletedProcess[str]:
        done = subprocess.run(
            [self.executable, *words],
            cwd=self.folder,
            env=self._environment(),
            capture_output=True,
            text=True,
            stdin=subprocess.DEVNULL,
            check=False,
        )
        if done.returncode:
            raise SamError(f"sam {' '.join(words[:2])} failed:\n{done.stdout}{done.stderr}")
        return done

    def _environment(self) -> dict[str, str]:
        return {**host_environment(), **self._without_pulling(), **self.environment}

    def _without_pulling(self) -> dict[str, str]:
        """Take Lambda's image as it is on this machine, where it is."""
        found = subprocess.run(["docker", "image", "inspect", _LAMBDA], capture_output=True, check=False)
        return {"SAM_SKIP_PULL_IMAGE": "true"} if found.returncode == 0 else {}


def _wait_until_it_listens(process: subprocess.Popen[bytes], port: int, log: Path) -> None:
    deadline = time.monotonic() + _START_TIMEOUT_S
    while process.poll() is None and time.monotonic() < deadline:
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
            return
        time.sleep(_POLL_S)
    raise SamError(
        f"sam local start-lambda does not serve:\n{log.read_text(encoding='utf-8', errors='replace')}"
    )


def _end(process: subprocess.Popen[bytes]) -> None:
    """Ask SAM to end with its containers; it takes no notice while it is at a connection, so it is asked again."""
    for _ in range(_ASKED_TO_END):
        process.terminate()
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(_PATIENCE_S)
            return
    process.kill()
    process.wait()


def host_environment(environment: Mapping[str, str] = os.environ) -> dict[str, str]:
    """Pick what tools need of this machine: where things are and how the internet is reached, and nothing of AWS."""
    proxies = {
        name: value for name, value in environment.items() if name.lower() in ("http_proxy", "https_proxy")
    }
    pip = {name: value for name, value in environment.items() if name.startswith("PIP_")}
    kept = {name: environment[name] for name in _KEPT if name in environment}
    return {**kept, **proxies, **pip, "SAM_CLI_TELEMETRY": "0"}


def _runs(python: str) -> bool:
    """Tell whether an interpreter does run: some are on PATH only to say that they are not chosen."""
    words: Sequence[str] = [python, "-c", ""]
    return (
        bool(shutil.which(python)) and subprocess.run(words, capture_output=True, check=False).returncode == 0
    )
