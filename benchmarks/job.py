"""Runs the job as AWS Batch would, against stand-ins on loopback, and measures its process."""

from __future__ import annotations

import hashlib
import os
import re
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import boto3

from benchmarks.static_sink import VERSION_ID, etag_of

PROJECT = Path(__file__).parents[1]
START_TIMEOUT_S = 30
BUCKET, LEDGER, TABLE, ARTIFACTS = "input", "ledger", "items", "artifacts"
SDK = {
    "AWS_ACCESS_KEY_ID": "benchmark",
    "AWS_SECRET_ACCESS_KEY": "benchmark",
    "AWS_DEFAULT_REGION": "eu-west-1",
    "AWS_REGION": "eu-west-1",
    "AWS_EC2_METADATA_DISABLED": "true",
}


@dataclass(frozen=True, slots=True)
class Run:
    """What the job's process took."""

    exit_code: int
    wall_s: float
    cpu_s: float
    peak_mib: float


def make_tables(dynamodb: Any) -> None:
    """Make the ledger and the target."""
    for name, keys in {LEDGER: ("pk", "sk"), TABLE: ("ProductId",)}.items():
        dynamodb.create_table(
            TableName=name,
            BillingMode="PAY_PER_REQUEST",
            AttributeDefinitions=[{"AttributeName": key, "AttributeType": "S"} for key in keys],
            KeySchema=[
                {"AttributeName": key, "KeyType": kind}
                for key, kind in zip(keys, ("HASH", "RANGE"), strict=False)
            ],
        )


def register(dynamodb: Any, file: Path) -> str:
    """Put an import of the file into the ledger as the functions leave it: LOADING, run 1."""
    digest = hashlib.sha256("\0".join((BUCKET, file.name, VERSION_ID)).encode()).hexdigest()[:20]
    slug = re.sub("[^a-z0-9]+", "-", file.name.lower()).strip("-")[:40]
    import_id = f"{slug}-{digest}"
    now = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
    texts = {
        "pk": f"import#{import_id}",
        "sk": "import",
        "import_id": import_id,
        "bucket": BUCKET,
        "key": file.name,
        "version_id": VERSION_ID,
        "sequencer": "0055AED6DCD90281E5",
        "etag": etag_of(file),
        "state": "LOADING",
        "open": "yes",
        **dict.fromkeys(("event_time", "received_at", "updated_at", "submitted_at"), now),
    }
    numbers = {"size": file.stat().st_size, "run": 1, "parts": 1}
    dynamodb.put_item(
        TableName=LEDGER,
        Item={name: {"S": text} for name, text in texts.items()}
        | {name: {"N": str(number)} for name, number in numbers.items()},
    )
    dynamodb.delete_item(TableName=LEDGER, Key={"pk": {"S": texts["pk"]}, "sk": {"S": "run#0001#part#00000"}})
    return import_id


def load(import_id: str, sink_url: str, timeout_s: float, extra: Mapping[str, str] | None = None) -> Run:
    """Run the stage `load` as Batch would, with more in its environment perhaps, and measure its process."""
    return run_stage("load", import_id, sink_url, timeout_s, extra)


def run_stage(
    stage: str, import_id: str, sink_url: str, timeout_s: float, extra: Mapping[str, str] | None = None
) -> Run:
    """Run a stage as Batch would, and measure its process."""
    environment = {
        "PATH": os.environ["PATH"],
        "PYTHONPATH": str(PROJECT / "batch_job"),
        **SDK,
        "AWS_ENDPOINT_URL": sink_url,
        "LEDGER_TABLE": LEDGER,
        "ARTIFACTS_BUCKET": ARTIFACTS,
        "TABLE_NAME": TABLE,
        "LOG_LEVEL": "WARNING",
        "AWS_BATCH_JOB_ID": "00000000-0000-4000-8000-000000000001",
        "AWS_BATCH_JOB_ATTEMPT": "1",
        **(extra or {}),
    }
    command = [sys.executable, "-m", "csv_import", stage, "--import-id", import_id, "--run", "1"]
    started = time.monotonic()
    job = subprocess.Popen(command, env=environment, stdin=subprocess.DEVNULL)
    too_late = threading.Timer(timeout_s, job.kill)
    too_late.start()
    try:
        _, status, usage = os.wait4(
            job.pid, 0
        )  # this child's usage, where RUSAGE_CHILDREN mixes in the others'
    except BaseException:
        job.kill()
        raise
    finally:
        too_late.cancel()
    job.returncode = os.waitstatus_to_exitcode(status)
    to_mib = 1024 if sys.platform != "darwin" else 1024 * 1024
    return Run(
        exit_code=job.returncode,
        wall_s=time.monotonic() - started,
        cpu_s=usage.ru_utime + usage.ru_stime,
        peak_mib=usage.ru_maxrss / to_mib,
    )


@contextmanager
def emulator() -> Iterator[str]:
    """A moto server for the ledger, in a process of its own."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    server = subprocess.Popen(
        [sys.executable, "-m", "moto.server", "-H", "127.0.0.1", "-p", str(port)],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        deadline = time.monotonic() + START_TIMEOUT_S
        while True:
            try:
                socket.create_connection(("127.0.0.1", port), timeout=1).close()
                break
            except OSError:
                if server.poll() is not None or time.monotonic() > deadline:
                    raise SystemExit("the emulator for the ledger did not start") from None
                time.sleep(0.1)
        yield f"http://127.0.0.1:{port}"
    finally:
        server.terminate()
        server.wait(10)


@contextmanager
def sink(file: Path, emulator_url: str, *options: str) -> Iterator[str]:
    """The static sink for a file, in a process of its own and with options; gives its URL."""
    command = [sys.executable, "-m", "benchmarks.static_sink", f"--file={file}", f"--bucket={BUCKET}"]
    sink = subprocess.Popen(
        [*command, f"--key={file.name}", f"--forward={emulator_url}", *options],
        cwd=PROJECT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert sink.stdin is not None
    assert sink.stdout is not None
    try:
        yield sink.stdout.readline().strip()
    finally:
        sink.stdin.close()
        sink.stdout.close()
        sink.terminate()
        sink.wait(10)


def client(endpoint_url: str) -> Any:
    """A low-level client of DynamoDB for setting up."""
    return boto3.client(
        "dynamodb",
        endpoint_url=endpoint_url,
        region_name=SDK["AWS_REGION"],
        aws_access_key_id=SDK["AWS_ACCESS_KEY_ID"],
        aws_secret_access_key=SDK["AWS_SECRET_ACCESS_KEY"],
    )
