"""A large file through plan and array against a static sink: memory and CPU of each process, exact counts.

`python -m benchmarks.large_file` takes 20 million rows (2 GB) in which keys are repeated across the file, and runs as
many children at once as there are cores; the first one runs alone, for comparison. It exits with 1 when a process has
200 MiB or more, when a row costs a tenth more beside others than alone, when the parts' counters do not add up to the
file's, or when a job fails.
"""

from __future__ import annotations

import argparse
import os
import signal
import sys
from collections import Counter
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from typing import Any

from benchmarks.generated_file import Truth, generated_file
from benchmarks.job import LEDGER, Run, client, emulator, make_tables, register, run_stage, sink

MAX_PEAK_MIB = 200
MAX_BESIDE_OTHERS = 1.10


@dataclass(frozen=True, slots=True)
class Child:
    """A part, and what loading it took."""

    part: int
    rows: int
    shared: bool
    run: Run

    @property
    def us_per_row(self) -> float:
        """CPU."""
        return self.run.cpu_s / max(self.rows, 1) * 1e6


@dataclass(frozen=True, slots=True)
class Import:
    """One import in the ledger."""

    dynamodb: Any
    import_id: str

    def move_on(self, state: str, parts: int) -> None:
        """What the functions do between the stages."""
        self.dynamodb.update_item(
            TableName=LEDGER,
            Key={"pk": {"S": f"import#{self.import_id}"}, "sk": {"S": "import"}},
            UpdateExpression="SET #state = :state, parts = :parts",
            ExpressionAttributeNames={"#state": "state"},
            ExpressionAttributeValues={":state": {"S": state}, ":parts": {"N": str(parts)}},
        )

    def parts(self) -> list[dict[str, Any]]:
        """The items of its parts."""
        pages = self.dynamodb.get_paginator("query").paginate(
            TableName=LEDGER,
            ConsistentRead=True,
            KeyConditionExpression="pk = :pk AND begins_with(sk, :parts)",
            ExpressionAttributeValues={
                ":pk": {"S": f"import#{self.import_id}"},
                ":parts": {"S": "run#0001#part#"},
            },
        )
        return [item for page in pages for item in page["Items"]]


def benchmark(rows: int, timeout_s: float) -> list[str]:
    """Run once, print the figures, and give what is wrong with them."""
    file, truth = generated_file(rows, far=True)
    size_mb = file.stat().st_size / 1e6
    with emulator() as emulator_url, sink(file, emulator_url) as sink_url:
        dynamodb = client(sink_url)
        make_tables(dynamodb)
        import_ = Import(dynamodb, register(dynamodb, file))
        import_.move_on("PLANNING", 1)
        plan = run_stage("plan", import_.import_id, sink_url, timeout_s)
        if plan.exit_code:
            return [f"the plan ended with exit code {plan.exit_code}"]
        parts = import_.parts()
        import_.move_on("LOADING", len(parts))

        def load(part: int) -> Child:
            index = {"AWS_BATCH_JOB_ARRAY_INDEX": str(part)}
            run = run_stage("load", import_.import_id, sink_url, timeout_s, index)
            told = parts[part]
            scope = (told.get("range") or told["shared"])["M"]
            kept = int(scope["records"]["N"]) - int(scope.get("rows_left_out", {"N": "0"})["N"])
            return Child(part, kept, "shared" in told, run)

        print(f"file        {size_mb:,.0f} MB, {truth.rows_read:,} rows")
        print(
            f"plan        {plan.wall_s:.1f} s, CPU {plan.cpu_s / truth.rows_read * 1e6:.2f} µs per row,"
            f" {size_mb / plan.wall_s:,.0f} MB/s, peak {plan.peak_mib:.0f} MiB, {len(parts)} parts"
        )
        alone = load(0)
        with ThreadPoolExecutor(os.cpu_count() or 1) as pool:
            children = [alone, *pool.map(load, range(1, len(parts)))]
        done = import_.parts()
    _print(children)
    return _complaints(truth, plan, children, done)


def _print(children: Sequence[Child]) -> None:
    for child in children:
        kind = "shared" if child.shared else "range"
        print(
            f"part {child.part:<6} {kind}, {child.rows:,} rows, CPU {child.us_per_row:.2f} µs per row,"
            f" peak {child.run.peak_mib:.0f} MiB"
        )
    print(
        f"CPU per row with {os.cpu_count()} at once: {_beside_others(children):.2f} times that of one alone"
    )


def _beside_others(children: Sequence[Child]) -> float:
    """CPU per row of ranges that were loaded beside others, as a share of the first one's; of long ranges alone."""
    alone, *others = [child for child in children if not child.shared]
    long = [child for child in others if 2 * child.rows >= alone.rows] or [alone]
    together = sum(child.run.cpu_s for child in long) / sum(child.rows for child in long) * 1e6
    return together / alone.us_per_row


def _complaints(
    truth: Truth, plan: Run, children: Sequence[Child], done: Sequence[dict[str, Any]]
) -> list[str]:
    wrong = [
        f"part {child.part} ended with exit code {child.run.exit_code}"
        for child in children
        if child.run.exit_code
    ]
    peak = max(plan.peak_mib, *(child.run.peak_mib for child in children))
    if peak >= MAX_PEAK_MIB:
        wrong.append(f"a process had {peak:.1f} MiB")
    if (times := _beside_others(children)) > MAX_BESIDE_OTHERS:
        wrong.append(f"a row costs {times:.2f} times as much beside others as alone")
    total: Counter[str] = Counter()
    for part in done:
        total.update({name: int(count["N"]) for name, count in part["counters"]["M"].items()})
    for name, count in {**asdict(truth), "rows_skipped": 0}.items():
        if total[name] != count:
            wrong.append(f"{name} is {total[name]} in the ledger, {count} in the file")
    return wrong


def main() -> int:
    """Run the benchmark; returns the exit code."""
    parser = argparse.ArgumentParser(description="A large file through plan and array against a static sink.")
    parser.add_argument("--rows", type=int, default=20_000_000, help="rows of the file (20 million)")
    parser.add_argument(
        "--timeout", type=float, default=1800, help="seconds until a process is stopped (1800)"
    )
    options = parser.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # unwinds, and so ends the processes started here
    wrong = benchmark(options.rows, options.timeout)
    for complaint in wrong:
        print(f"WRONG: {complaint}", file=sys.stderr)
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
