"""The job against a table with a capacity, over real sockets: how much of it is used, and by how many requests.

`python -m benchmarks.pacing` loads a file first without a write budget into a table that throttles, and then with a
budget into one that does not. It exits with 1 when less than 90 % of the capacity is used, or the budget is passed by
5 %. The time that a job takes for an empty file is taken off.
"""

from __future__ import annotations

import argparse
import json
import sys
import urllib.request
from dataclasses import dataclass

from benchmarks import job
from benchmarks.row_shapes import SHAPES

TIMEOUT_S = 300


@dataclass(frozen=True, slots=True)
class Paced:
    """What a run came to."""

    wall_s: float
    requests: int
    throttled: int


def _run(rows: int, *options: str, budget: int = 0) -> Paced:
    file = SHAPES[0].file(rows)
    with job.emulator() as emulator_url, job.sink(file, emulator_url, *options) as sink_url:
        dynamodb = job.client(sink_url)
        job.make_tables(dynamodb)
        run = job.load(job.register(dynamodb, file), sink_url, TIMEOUT_S, {"WRITE_BUDGET": str(budget)})
        if run.exit_code:
            raise SystemExit(f"the job ended with exit code {run.exit_code}")
        with urllib.request.urlopen(f"{sink_url}/-/counts", timeout=10) as answer:
            counts = json.load(answer)
    assert counts["items"] == rows, "every row once, and none twice"
    return Paced(run.wall_s, counts["batches"], counts["throttled"])


def main() -> int:
    """Run twice and print; returns the exit code."""
    parser = argparse.ArgumentParser(description="How the job keeps to a table's capacity, and to a budget.")
    parser.add_argument("--units", type=int, default=2000, help="units a second")
    parser.add_argument("--seconds", type=int, default=20, help="about how long each run takes")
    options = parser.parse_args()
    rows, start = options.units * options.seconds, _run(0)
    throttling = _run(rows, f"--units-per-s={options.units}")
    budgeted = _run(rows, budget=options.units)
    rates = [rows / (run.wall_s - start.wall_s) for run in (throttling, budgeted)]
    for name, rate, run in zip(("table", "budget"), rates, (throttling, budgeted), strict=True):
        print(
            f"{name} of {options.units:,} units/s: {rate:,.0f} rows/s, {run.requests:,} requests,"
            f" {run.throttled:,} of them throttled"
        )
    return 0 if rates[0] >= 0.9 * options.units and rates[1] <= 1.05 * options.units else 1


if __name__ == "__main__":
    sys.exit(main())
