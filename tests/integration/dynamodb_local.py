"""DynamoDB Local, AWS's own emulator: fetched once with Maven, run on a free port, stopped by its process id."""

from __future__ import annotations

import hashlib
import os
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

PROJECT = Path(__file__).parents[2]
POM = Path(__file__).with_name("dynamodb-local") / "pom.xml"
CACHE = PROJECT / ".cache" / "dynamodb-local"
SERVER = "software.amazon.dynamodb.services.local.main.ServerRunner"
MIN_JAVA = 17
FETCH_TIMEOUT_S = 300
START_TIMEOUT_S = 60
STOP_TIMEOUT_S = 10


class Unavailable(Exception):
    """DynamoDB Local can't be had on this machine; the message is one line that says why."""


@contextmanager
def running() -> Iterator[str]:
    """Run DynamoDB Local, in memory and without telemetry, and give its endpoint's URL.

    Raises:
        Unavailable: no Java, no Maven, nothing to download from, or it does not start.
    """
    require_tools()
    jars = fetch()
    port = free_port()
    command = [
        "java",
        "-Xmx512m",
        f"-Djava.library.path={jars}",
        *("-cp", f"{jars}/*", SERVER),
        *("-port", str(port), "-inMemory", "-sharedDb", "-disableTelemetry"),
    ]
    with tempfile.TemporaryFile() as log:
        process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=log, stderr=subprocess.STDOUT)
        try:
            endpoint_url = f"http://127.0.0.1:{port}"
            if not _answers(endpoint_url, process):
                log.seek(0)
                raise Unavailable(f"DynamoDB Local did not start: {_last_line(log.read())}")
            yield endpoint_url
        finally:
            process.terminate()
            try:
                process.wait(STOP_TIMEOUT_S)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def client(endpoint_url: str) -> Any:
    """A DynamoDB client of the emulator that repeats nothing."""
    return boto3.client(
        "dynamodb",
        endpoint_url=endpoint_url,
        region_name="eu-west-1",
        aws_access_key_id="local",
        aws_secret_access_key="local",
        config=Config(retries={"total_max_attempts": 1}, connect_timeout=2, read_timeout=30),
    )


def require_tools() -> None:
    """See that a recent Java and Maven are there; root on Debian installs what is missing."""
    missing = [tool for tool in ("java", "mvn") if shutil.which(tool) is None]
    if missing and os.geteuid() == 0 and Path("/etc/debian_version").exists() and shutil.which("apt-get"):
        _run(["apt-get", "update", "-qq"], "apt-get update failed")
        packages = ["maven", "default-jre-headless"]
        _run(["apt-get", "install", "-y", "-qq", "--no-install-recommends", *packages], "apt-get failed")
        missing = [tool for tool in ("java", "mvn") if shutil.which(tool) is None]
    if missing:
        raise Unavailable(f"DynamoDB Local needs {' and '.join(missing)}, which are not on PATH")
    version = java_version()
    if version < MIN_JAVA:
        raise Unavailable(f"DynamoDB Local needs Java {MIN_JAVA} or newer; java on PATH is {version}")


def java_version() -> int:
    """The feature release of the `java` on PATH, such as 17."""
    settings = _run(["java", "-XshowSettings:properties", "-version"], "java does not run")
    for line in settings.splitlines():
        name, _, value = line.partition("=")
        if name.strip() == "java.specification.version":
            return int(value.strip().removeprefix("1."))
    raise Unavailable("java does not tell its version")


def fetch() -> Path:
    """Give the folder with the emulator's jars and native libraries; download them if this pom is a new one."""
    folder = CACHE / hashlib.sha256(POM.read_bytes()).hexdigest()[:16]
    if folder.is_dir():
        return folder
    CACHE.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=CACHE) as unfinished:
        jars = Path(unfinished) / "jars"
        _run(
            [
                *("mvn", "--batch-mode", "--quiet", "--no-transfer-progress", f"--file={POM}"),
                f"-Dmaven.repo.local={CACHE.parent / 'maven'}",
                *("dependency:copy-dependencies", f"-DoutputDirectory={jars}"),
            ],
            "Maven could not fetch DynamoDB Local",
        )
        try:
            jars.rename(folder)
        except OSError:
            if not folder.is_dir():  # else another run was faster
                raise
    return folder


def free_port() -> int:
    """A port that nobody listens on right now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _answers(endpoint_url: str, process: subprocess.Popen[bytes]) -> bool:
    deadline = time.monotonic() + START_TIMEOUT_S
    dynamodb = client(endpoint_url)
    while process.poll() is None and time.monotonic() < deadline:
        try:
            dynamodb.list_tables()
        except (BotoCoreError, ClientError):
            time.sleep(0.1)
        else:
            return True
    return False


def _run(command: list[str], complaint: str) -> str:
    try:
        done = subprocess.run(
            command,
            check=True,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            timeout=FETCH_TIMEOUT_S,
            env={**os.environ, "DEBIAN_FRONTEND": "noninteractive"},
        )
    except subprocess.TimeoutExpired as slow:
        raise Unavailable(f"{complaint}: not done after {FETCH_TIMEOUT_S} s") from slow
    except subprocess.CalledProcessError as failed:
        raise Unavailable(f"{complaint}: {_last_line(failed.output)}") from failed
    return done.stdout.decode(errors="replace")


def _last_line(output: bytes) -> str:
    lines = [line.strip() for line in output.decode(errors="replace").splitlines() if line.strip()]
    return lines[-1] if lines else "it said nothing"
