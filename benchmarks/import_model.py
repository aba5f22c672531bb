"""How long an import takes and what it costs on AWS, from measured CPU and list prices; `make bench-model` prints it.

A model, not a measurement: what a row costs is `benchmarks/results.json`'s figure of narrow rows with TLS, made on one
core; prices are those of docs/deploy.md. What AWS takes to start a job is an assumption that can be set.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil
from pathlib import Path

RESULTS = Path(__file__).with_name("results.json")

VCPU_HOUR_USD, GB_HOUR_USD, ADDRESS_HOUR_USD = 0.04048, 0.004445, 0.005
MILLION_UNITS_USD = 0.625
BILLED_AT_LEAST_S = 60
"""https://aws.amazon.com/fargate/pricing/: a task is billed for a minute at least."""


@dataclass(frozen=True, slots=True)
class Assumed:
    """What the model is told.

    Attributes:
        row_bytes: of a row; an item of up to 1 KB is one write unit.
        cpu_us_per_row: of loading.
        plan_us_per_row: CPU of planning.
        units_per_s: what the table takes; 40,000 is the default quota of an on-demand table.
        vcpu, memory_gb: of a job.
        max_vcpus: of all jobs at once.
        start_s: from a submission to the first row.
        split_threshold_bytes, part_bytes, max_parts: parameters of the deployment.
    """

    row_bytes: int = 100
    cpu_us_per_row: float = 0.0
    plan_us_per_row: float = 4.0
    units_per_s: int = 40_000
    vcpu: float = 1.0
    memory_gb: float = 2.0
    max_vcpus: int = 6
    start_s: float = 60.0
    split_threshold_bytes: int = 512 << 20
    part_bytes: int = 256 << 20
    max_parts: int = 1_000


@dataclass(frozen=True, slots=True)
class Estimate:
    """What comes out.

    Attributes:
        duration_s: from the event to the closed import.
        compute_usd, writes_usd: what it costs.
        bound: what it waits for.
    """

    duration_s: float
    compute_usd: float
    writes_usd: float
    bound: str


def one_file(size_bytes: int, assumed: Assumed) -> Estimate:
    """An import of one file."""
    rows = size_bytes / assumed.row_bytes
    units = rows * ceil(assumed.row_bytes / 1024)
    by_cpu = 1e6 / assumed.cpu_us_per_row * assumed.vcpu
    planned = size_bytes >= assumed.split_threshold_bytes
    part_bytes = max(assumed.part_bytes, ceil(size_bytes / (assumed.max_parts * 3 // 4)))
    parts = ceil(size_bytes / part_bytes) if planned else 1
    at_once = max(1, min(parts, int(assumed.max_vcpus / assumed.vcpu)))
    rows_per_s = min(at_once * by_cpu, assumed.units_per_s * rows / units)
    load_s = rows / rows_per_s
    plan_s = rows * assumed.plan_us_per_row / 1e6 / min(1.0, assumed.vcpu) if planned else 0.0
    starts = (2 if planned else 1) * assumed.start_s
    busy_s = max(load_s, BILLED_AT_LEAST_S) * at_once + (max(plan_s, BILLED_AT_LEAST_S) if planned else 0)
    bound = "table" if rows_per_s < at_once * by_cpu else "CPU"
    return Estimate(
        starts + plan_s + load_s, _compute_usd(busy_s, assumed), units / 1e6 * MILLION_UNITS_USD, bound
    )


def many_files(files: int, size_bytes: int, assumed: Assumed) -> Estimate:
    """Imports of many small files, which all arrive at once."""
    each = one_file(size_bytes, assumed)
    at_once = max(1, int(assumed.max_vcpus / assumed.vcpu))
    rounds = ceil(files / at_once)
    return Estimate(
        rounds * each.duration_s, each.compute_usd * files, each.writes_usd * files, "starts of jobs"
    )


def _compute_usd(busy_s: float, assumed: Assumed) -> float:
    hourly = assumed.vcpu * VCPU_HOUR_USD + assumed.memory_gb * GB_HOUR_USD + ADDRESS_HOUR_USD
    return busy_s / 3600 * hourly


def table(assumed: Assumed) -> list[Sequence[str]]:
    """The lines that docs/operations.md shows."""
    gb = 10**9
    cases = [
        ("1 GB", one_file(gb, assumed)),
        ("100 GB", one_file(100 * gb, assumed)),
        ("1 TB", one_file(1000 * gb, assumed)),
        ("10,000 files of 100 KB", many_files(10_000, 100_000, assumed)),
    ]
    return [
        (
            name,
            _shown(each.duration_s),
            each.bound,
            f"{each.compute_usd:,.2f}",
            f"{each.writes_usd:,.2f}",
        )
        for name, each in cases
    ]


def _shown(seconds: float) -> str:
    if seconds < 3600:
        return f"{ceil(seconds / 60)} min"
    return f"{seconds / 3600:.1f} h"


def _measured_us_per_row() -> float:
    figures = json.loads(RESULTS.read_text(encoding="utf-8"))["figures"]
    (found,) = (
        each["cpu_us_per_row"]
        for each in figures
        if (each["shape"], each["tls"], each["client"]) == ("narrow", True, "csv_import")
    )
    return float(found)


def main() -> int:
    """Print the table; returns the exit code."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--row-bytes", type=int, default=100)
    parser.add_argument("--units-per-s", type=int, default=40_000)
    parser.add_argument("--vcpu", type=float, default=1.0)
    parser.add_argument("--memory-gb", type=float, default=2.0)
    parser.add_argument("--max-vcpus", type=int, default=6)
    parser.add_argument("--start-s", type=float, default=60.0)
    options = parser.parse_args()
    assumed = Assumed(cpu_us_per_row=_measured_us_per_row(), **vars(options))
    print(f"CPU of a row: {assumed.cpu_us_per_row:.1f} µs loading, {assumed.plan_us_per_row:.1f} µs planning")
    print("| file | about | waits for | compute, USD | writes, USD |\n|---|---|---|---|---|")
    for line in table(assumed):
        print(f"| {' | '.join(line)} |")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
