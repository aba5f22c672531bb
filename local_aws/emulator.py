"""The emulator as a child process: started on a free loopback port, and never left behind."""

import contextlib
import errno
import http.client
import os
import signal
import socket
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from local_aws import environments
from local_aws.docker_engine import Engine

PROJECT = Path(__file__).resolve().parent.parent
_START_TIMEOUT_S = 60.0
_HEALTH = "/_ministack/health"


class EmulatorError(Exception):
    """The emulator did not start, or is not installed."""


@dataclass(frozen=True, kw_only=True)
class Emulator:
    """A running emulator; `log` is the file that it and the functions write to."""

    port: int
    log: Path
    process: subprocess.Popen[bytes]
    engine: Engine | None = None

    @property
    def endpoint(self) -> str:
        """Give the URL of all its services."""
        return f"http://127.0.0.1:{self.port}"

    def alive(self) -> bool:
        """Tell whether the process still runs."""
        return self.process.poll() is None


@contextlib.contextmanager
def started(
    run_folder: Path,
    *,
    project_python: str,
    container_address: str | None = None,
    runs_containers: bool = False,
) -> Iterator[Emulator]:
    """Run the emulator for the length of a `with` block; raises `EmulatorError`.

    With `container_address`, at which containers find this machine, they find the emulator too; with
    `runs_containers` functions and jobs are containers themselves.

    Functions and jobs run with the interpreter `project_python` and stay in the emulator's process group,
    which is killed at the end: all its state is for this block only.
    """
    (run_folder / "logs").mkdir(parents=True, exist_ok=True)
    for name in ("home", "tmp"):
        (run_folder / name).mkdir(exist_ok=True)
    emulator = _start(run_folder, project_python, container_address, runs_containers)
    try:
        _wait_until_healthy(emulator)
        yield emulator
    except Exception as error:
        if emulator.alive() or isinstance(error, EmulatorError):
            raise
        raise EmulatorError(f"the emulator has died: {error}") from error
    finally:
        _stop(emulator.process)
        if emulator.engine:
            emulator.engine.remove_all()


def _start(
    run_folder: Path, project_python: str, container_address: str | None, runs_containers: bool
) -> Emulator:
    log = run_folder / "logs" / "emulator.log"
    with contextlib.ExitStack() as opened:
        # Listening before the process exists: no port to race for, and who connects early waits.
        listeners = [opened.enter_context(one) for one in _listeners(container_address)]
        output = opened.enter_context(log.open("ab"))
        port = listeners[0].getsockname()[1]
        engine = _engine(port) if container_address and runs_containers else None
        process = subprocess.Popen(
            [
                str(_interpreter()),
                *("-m", "local_aws.emulator_process"),
                *("--socket", *(str(listener.fileno()) for listener in listeners)),
                *("--project-python", project_python),
                *("--dockerfile", str(PROJECT / "batch_job" / "Dockerfile")),
                *("--run-folder", str(run_folder)),
                *(_container_options(engine, f"http://{container_address}:{port}") if engine else ()),
            ],
            cwd=PROJECT,
            env=environments.emulator(
                port=port, run_folder=run_folder, path=os.environ.get("PATH", os.defpath)
            ),
            # Never written to: it closes when this process is gone, and the emulator ends with it.
            stdin=subprocess.PIPE,
            stdout=output,
            stderr=subprocess.STDOUT,
            pass_fds=[listener.fileno() for listener in listeners],
            start_new_session=True,
        )
    return Emulator(port=port, log=log, process=process, engine=engine)


def _engine(port: int) -> Engine:
    return Engine(run=f"{os.getpid()}-{port}", host=os.environ.get("DOCKER_HOST", ""))


def _container_options(engine: Engine, endpoint: str) -> list[str]:
    return [
        *("--container-endpoint", endpoint),
        *("--container-run", engine.run),
        *("--docker-host", engine.host),
    ]


def _listeners(container_address: str | None) -> Iterator[socket.socket]:
    """Listen on loopback and, where there is one, on the same port of the bridge to the containers."""
    loopback = socket.create_server(("127.0.0.1", 0))
    yield loopback
    if not container_address:
        return
    port = loopback.getsockname()[1]
    try:
        yield socket.create_server((container_address, port))
    except OSError as error:
        # An engine that runs elsewhere leads its containers to loopback by itself.
        if error.errno != errno.EADDRNOTAVAIL:
            raise EmulatorError(f"port {port} of {container_address} is taken: {error}") from error


def _interpreter() -> Path:
    python = PROJECT / ".venv-emulator" / "bin" / "python"
    if not python.exists():
        raise EmulatorError("the emulator is not installed in .venv-emulator: `make run` installs it")
    return python


def _wait_until_healthy(emulator: Emulator) -> None:
    deadline = time.monotonic() + _START_TIMEOUT_S
    while time.monotonic() < deadline and emulator.alive():
        connection = http.client.HTTPConnection("127.0.0.1", emulator.port, timeout=1)
        try:
            connection.request("GET", _HEALTH)
            if connection.getresponse().status == http.client.OK:
                return
        except (OSError, http.client.HTTPException):
            continue
        finally:
            connection.close()
    lines = emulator.log.read_text(encoding="utf-8", errors="replace").splitlines()
    raise EmulatorError(f"the emulator did not start: {lines[-1] if lines else 'it said nothing'}")


def _stop(process: subprocess.Popen[bytes]) -> None:
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    if process.stdin:
        process.stdin.close()
