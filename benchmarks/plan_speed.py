"""What planning costs: MB/s of a pass that only cuts, CPU per row of one that finds keys, and peak memory.

`PYTHONPATH=batch_job python -m benchmarks.plan_speed` measures on local files, without S3 and ledger; the fastest
of several repeats counts. Beside the row with its key stands what a load takes for it: up to the lanes (reading,
shaping, exact counts), and up to a signed request (`benchmarks.steps`, where rows are read by bare `csv.reader`). It
exits with 1 when one of the bounds below does not hold.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

from benchmarks.planned_files import BY_PRODUCT, BY_TIME, Writing, source_of
from benchmarks.steps import steps
from csv_import.accounting.counters import Counters
from csv_import.accounting.tally import Tally
from csv_import.planning.stretches import stretch_bytes
from csv_import.planning.survey import KeyReader
from csv_import.settings import PlanLimits
from csv_import.shaping.block_keys import BlockKeys
from csv_import.shaping.block_plan import BlockPlan
from csv_import.shaping.key_schema import KeySchema
from csv_import.stages.cutting import cut
from csv_import.stages.file_to_plan import FileToPlan

CUTTING = {
    Writing("plain"): 400,
    Writing("quotes rare", quoted_every=1000): 400,
    Writing("all quoted", all_quoted=True): 150,
}
"""Bounds in MB/s."""

PLAIN = Writing("plain")
SHARED = Writing("shared", copies=4)
MAX_SHARE_OF_LOAD = 0.5
MAX_PEAK_MIB = 200
PARTS = 16
STEPS_ROWS = 50_000


def plan(path: Path, keys: KeySchema) -> tuple[int, int]:
    """Cut a file, and take out what its ranges share; gives how many records, and how many of them are shared."""
    source = source_of(path, keys)
    fitting, plan = source.new_shaping()
    part_bytes = -(-source.stream.size // PARTS)
    limits = PlanLimits(part_bytes=part_bytes)
    file = FileToPlan(source, limits, stretch_bytes(source.stream.size, part_bytes))
    first = next(block.location(0) for block in source.opened.blocks if block.rows)
    reader = KeyReader(fitting, BlockKeys(plan))
    with cut(file, first, reader, part_bytes=part_bytes, limits=limits, tell=lambda *_: None) as found:
        assert len(found.ranges) == PARTS
        return found.records, found.sharing.records


def load(path: Path) -> int:
    """What a load does with each row before it goes to a lane; gives how many."""
    source = source_of(path, BY_PRODUCT)
    fitting, plan = source.new_shaping()
    shape = BlockPlan(plan)
    rows, counters = 0, Counters()
    with Tally(16 << 20, several=False) as tally:
        for block in source.opened.blocks:
            fitted = fitting.rows(block.rows)
            first = block.start.record
            records = range(first, first + len(block.rows))
            shaped = (
                shape.shape(block.rows, records)
                if fitted is block.rows
                else shape.shape_fitted(list(fitted), records)
            )
            tally.add(shaped.rows, shaped.keys)
            rows += len(shaped.rows)
        tally.settle(counters)
    return rows


def fastest_s(repeats: int, *runs: Callable[[], object]) -> list[float]:
    """Seconds of CPU that each takes, measured in turn."""
    best = [float("inf")] * len(runs)
    for _ in range(repeats):
        for number, run in enumerate(runs):
            began = time.process_time()
            run()
            best[number] = min(best[number], time.process_time() - began)
    return best


def speeds(rows: int, repeats: int) -> list[str]:
    """Measure and print; gives what is too slow."""
    wrong = []
    for writing, bound in CUTTING.items():
        path = writing.file(rows)
        (taken_s,) = fastest_s(repeats, lambda path=path: plan(path, BY_TIME))  # type: ignore[misc]
        mb_per_s = path.stat().st_size / taken_s / 1e6
        print(f"cut, {writing.name:<20}{mb_per_s:>8,.0f} MB/s (at least {bound})", flush=True)
        if mb_per_s < bound:
            wrong.append(f"{writing.name}: {mb_per_s:.0f} MB/s")
    path = PLAIN.file(rows)
    signing = steps(STEPS_ROWS)
    plan_s, lanes_s, signed_s = fastest_s(
        repeats,
        lambda: plan(path, BY_PRODUCT),
        lambda: load(path),
        lambda: [step() for step in signing.values()],
    )
    plan_us, lanes_us, signed_us = plan_s / rows * 1e6, lanes_s / rows * 1e6, signed_s / STEPS_ROWS * 1e6
    print(f"with keys               {plan_us:>8.2f} µs a row")
    print(f"load, up to the lanes   {lanes_us:>8.2f} µs a row: planning takes {plan_us / lanes_us:.2f} of it")
    share = plan_us / signed_us
    print(
        f"load, up to a request   {signed_us:>8.2f} µs a row: {share:.2f} of it (at most {MAX_SHARE_OF_LOAD})"
    )
    return [*wrong, f"with keys: {share:.2f} of a load"] if share > MAX_SHARE_OF_LOAD else wrong


def memory(rows: int) -> list[str]:
    """Plan a file with many shared keys in a process of its own; gives what is too much."""
    path = SHARED.file(rows)
    command = [sys.executable, "-m", "benchmarks.plan_speed", "--child", str(path)]
    told = subprocess.run(command, check=True, capture_output=True, text=True).stdout.split()
    peak_mib, cpu_s, shared = float(told[0]), float(told[1]), int(told[2])
    size = path.stat().st_size / 1e6
    print(
        f"shared keys             {cpu_s / rows * 1e6:>8.2f} µs a row: {shared:,} of {rows:,} rows are shared"
    )
    print(f"peak RSS                {peak_mib:>8.1f} MiB on {size:,.0f} MB (below {MAX_PEAK_MIB})")
    return [f"peak RSS {peak_mib:.1f} MiB"] if peak_mib >= MAX_PEAK_MIB else []


def child(path: Path) -> None:
    """Plan, and print peak memory in MiB, seconds of CPU, and how many rows are shared."""
    _, shared = plan(path, BY_PRODUCT)
    status = Path("/proc/self/status").read_text(encoding="ascii")
    (peak_kib,) = (line.split()[1] for line in status.splitlines() if line.startswith("VmHWM"))
    print(int(peak_kib) / 1024, time.process_time(), shared)


def main() -> int:
    """Run the benchmark; returns the exit code."""
    parser = argparse.ArgumentParser(description="Speed and memory of planning.")
    parser.add_argument("--rows", type=int, default=400_000, help="of the files that speed is measured on")
    parser.add_argument(
        "--shared-rows", type=int, default=2_600_000, help="of the file that memory is measured on"
    )
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--child", type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.child:
        child(options.child)
        return 0
    wrong = speeds(options.rows, options.repeats) + memory(options.shared_rows)
    for complaint in wrong:
        print(f"WRONG: {complaint}", file=sys.stderr)
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
