"""What the container tests need of this machine: an engine, base images, a registry; installed where that can be."""

import contextlib
import os
import shutil
import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path

BASE = "public.ecr.aws/docker/library/python:3.13-slim"
LAMBDA = "public.ecr.aws/lambda/python:3.13"
_PATIENCE_S = 60.0
_POLL_S = 0.1


class Unavailable(Exception):
    """Something that is needed cannot be had here; the message is one line that says what."""


def ensure_engine(log: Path) -> None:
    """Have a Docker engine that answers; as root on Debian it is installed and started."""
    if _succeeds("docker", "info"):
        return
    if not shutil.which("dockerd"):
        install("docker.io")
    if os.geteuid() != 0:
        raise Unavailable("no Docker engine answers, and only root can start one")
    if not os.path.ismount("/sys/fs/cgroup"):
        _succeeds("cgroupfs-mount")
    with log.open("ab") as output:
        # It outlives the tests, as an engine does.
        subprocess.run(
            ["setsid", "--fork", "dockerd"],
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            check=True,
        )
    if not _becomes_true(lambda: _succeeds("docker", "info")):
        raise Unavailable(f"dockerd does not start: see {log}")


def ensure_image(name: str) -> None:
    """Have an image that is not ours."""
    if _succeeds("docker", "image", "inspect", name) or _succeeds("docker", "pull", "--quiet", name):
        return
    raise Unavailable(f"the image {name} is not here and cannot be pulled")


def install(package: str) -> None:
    """Install a Debian package."""
    if os.geteuid() != 0 or not shutil.which("apt-get"):
        raise Unavailable(f"{package} is not installed, and only root on Debian can install it here")
    quiet = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    if not _succeeds("apt-get", "install", "--yes", "--no-install-recommends", package, environment=quiet):
        raise Unavailable(f"apt-get cannot install {package}")


@contextlib.contextmanager
def registry(folder: Path) -> Iterator[str]:
    """Run a registry on loopback for the length of a `with` block; gives its address."""
    if not shutil.which("docker-registry"):
        install("docker-registry")
    with socket.create_server(("127.0.0.1", 0)) as free:
        address = f"127.0.0.1:{free.getsockname()[1]}"
    configuration = folder / "registry.yml"
    configuration.write_text(
        f"version: 0.1\nhttp: {{addr: '{address}'}}\n"
        f"storage: {{filesystem: {{rootdirectory: {folder / 'registry'}}}}}\n"
    )
    with (folder / "registry.log").open("wb") as log:
        process = subprocess.Popen(
            ["docker-registry", "serve", str(configuration)], stdin=subprocess.DEVNULL, stdout=log, stderr=log
        )
    try:
        if not _becomes_true(lambda: _listens(address)):
            raise Unavailable(f"docker-registry does not start: see {folder / 'registry.log'}")
        yield address
    finally:
        process.kill()
        process.wait()


def _listens(address: str) -> bool:
    host, _, port = address.partition(":")
    try:
        socket.create_connection((host, int(port)), timeout=1).close()
    except OSError:
        return False
    return True


def _becomes_true(condition: Callable[[], bool]) -> bool:
    deadline = time.monotonic() + _PATIENCE_S
    while not (true := condition()) and time.monotonic() < deadline:
        time.sleep(_POLL_S)
    return true


def _succeeds(*words: str, environment: dict[str, str] | None = None) -> bool:
    try:
        return subprocess.run(words, capture_output=True, env=environment, check=False).returncode == 0
    except FileNotFoundError:
        return False
