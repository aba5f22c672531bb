"""Load a large generated file through the job against a static sink: peak memory, CPU per row, exact counts.

`python -m benchmarks.load_memory --mib 1024` exits with 1 when the peak is 200 MiB or more, when the counters
in the ledger are not the file's, or when the job fails. All processes listen on loopback and end with it.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import re
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import boto3

from benchmarks.generated_file import Truth, generated_file
from benchmarks.static_sink import VERSION_ID, etag_of

PROJECT = Path(__file__).parents[1]
MAX_PEAK_MIB = 200
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


def benchmark(mib: int, timeout_s: float) -> list[str]:
    """Run once, print the figures, and give what is wrong with them."""
    file, truth = generated_file(mib)
    with _emulator() as emulator_url, _sink(file, emulator_url) as sink_url:
        dynamodb = _client(sink_url)
        import_id = _register(dynamodb, file)
        run = _load(import_id, sink_url, timeout_s)
        key = {"pk": {"S": f"import#{import_id}"}, "sk": {"S": "run#0001#part#00000"}}
        part = dynamodb.get_item(TableName=LEDGER, Key=key, ConsistentRead=True).get("Item", {})
        with urllib.request.urlopen(f"{sink_url}/-/counts", timeout=10) as answer:
            sunk = json.load(answer)
    counters = {name: int(count["N"]) for name, count in part.get("counters", {"M": {}})["M"].items()}
    _print(file, truth, run, sunk)
    return _complaints(truth, run, part.get("status", {}).get("S"), counters, sunk)


def _print(file: Path, truth: Truth, run: Run, sunk: dict[str, int]) -> None:
    rows = truth.rows_read
    print(f"file        {file.stat().st_size / 2**20:,.0f} MiB, {rows:,} rows")
    print(f"wall        {run.wall_s:.1f} s, {rows / run.wall_s:,.0f} rows/s")
    print(f"CPU         {run.cpu_s:.1f} s, {run.cpu_s / rows * 1e6:.2f} µs per row")
    print(f"peak RSS    {run.peak_mib:.1f} MiB (limit {MAX_PEAK_MIB})")
    print(f"requests    {sunk['batches']:,} BatchWriteItem, {sunk['items']:,} items")


def _complaints(
    truth: Truth, run: Run, status: str | None, counters: dict[str, int], sunk: dict[str, int]
) -> list[str]:
    wrong = []
    if run.exit_code:
        wrong.append(f"the job ended with exit code {run.exit_code}")
    if status != "DONE":
        wrong.append(f"the part is {status}, not DONE")
    if run.peak_mib >= MAX_PEAK_MIB:
        wrong.append(f"peak RSS is {run.peak_mib:.1f} MiB")
    for name, count in {**asdict(truth), "rows_skipped": 0}.items():
        if counters.get(name) != count:
            wrong.append(f"{name} is {counters.get(name)} in the ledger, {count} in the file")
    if not truth.rows_written <= sunk["items"] <= truth.rows_written + truth.rows_superseded:
        wrong.append(f"{sunk['items']} items arrived")
    return wrong


def _register(dynamodb: Any, file: Path) -> str:
    """Make the tables, and put the import into the ledger as the functions leave it: LOADING, run 1."""
    for name, keys in ((LEDGER, ("pk", "sk")), (TABLE, ("ProductId",))):
        dynamodb.create_table(
            TableName=name,
            BillingMode="PAY_PER_REQUEST",
            AttributeDefinitions=[{"AttributeName": key, "AttributeType": "S"} for key in keys],
            KeySchema=[
                {"AttributeName": key, "KeyType": kind}
                for key, kind in zip(keys, ("HASH", "RANGE"), strict=False)
            ],
        )
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
    return import_id


def _load(import_id: str, sink_url: str, timeout_s: float) -> Run:
    """Run the job as Batch would, and measure its process."""
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
    }
    command = [sys.executable, "-m", "csv_import", "load", "--import-id", import_id, "--run", "1"]
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
def _emulator() -> Iterator[str]:
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
def _sink(file: Path, emulator_url: str) -> Iterator[str]:
    command = [sys.executable, "-m", "benchmarks.static_sink", f"--file={file}", f"--bucket={BUCKET}"]
    sink = subprocess.Popen(
        [*command, f"--key={file.name}", f"--forward={emulator_url}"],
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


def _client(endpoint_url: str) -> Any:
    return boto3.client(
        "dynamodb",
        endpoint_url=endpoint_url,
        region_name=SDK["AWS_REGION"],
        aws_access_key_id=SDK["AWS_ACCESS_KEY_ID"],
        aws_secret_access_key=SDK["AWS_SECRET_ACCESS_KEY"],
    )


def main() -> int:
    """Run the benchmark; returns the exit code."""
    parser = argparse.ArgumentParser(description="Peak memory and CPU of a load against a static sink.")
    parser.add_argument("--mib", type=int, default=1024, help="size of the generated file (default: 1024)")
    parser.add_argument("--timeout", type=float, default=1800, help="seconds until the job is stopped")
    options = parser.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # unwinds, and so ends the processes started here
    wrong = benchmark(options.mib, options.timeout)
    for complaint in wrong:
        print(f"WRONG: {complaint}", file=sys.stderr)
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
