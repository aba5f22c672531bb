"""Load large generated files through the job against a static sink: peak memory, CPU per row, exact counts.

`python -m benchmarks.load_memory` loads 1 and 10 million rows. It exits with 1 when a peak is 150 MiB or more, when
the counters in the ledger are not the file's, or when a job fails. All processes listen on loopback and end with it.
"""

from __future__ import annotations

import argparse
import json
import signal
import sys
import urllib.request
from dataclasses import asdict
from pathlib import Path

from benchmarks.generated_file import Truth, generated_file
from benchmarks.job import LEDGER, Run, client, emulator, load, make_tables, register, sink

MAX_PEAK_MIB = 150


def benchmark(rows: int, timeout_s: float) -> list[str]:
    """Run once, print the figures, and give what is wrong with them."""
    file, truth = generated_file(rows)
    with emulator() as emulator_url, sink(file, emulator_url) as sink_url:
        dynamodb = client(sink_url)
        make_tables(dynamodb)
        import_id = register(dynamodb, file)
        run = load(import_id, sink_url, timeout_s)
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


def main() -> int:
    """Run the benchmark; returns the exit code."""
    parser = argparse.ArgumentParser(description="Peak memory and CPU of a load against a static sink.")
    parser.add_argument(
        "--rows",
        type=int,
        nargs="+",
        default=[1_000_000, 10_000_000],
        help="rows of each file (1 and 10 million)",
    )
    parser.add_argument("--timeout", type=float, default=1800, help="seconds until the job is stopped")
    options = parser.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # unwinds, and so ends the processes started here
    wrong = [complaint for rows in options.rows for complaint in benchmark(rows, options.timeout)]
    for complaint in wrong:
        print(f"WRONG: {complaint}", file=sys.stderr)
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
