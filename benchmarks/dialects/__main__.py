"""Print how often each part of a dialect is found out, and the CPU time it takes: `python -m benchmarks.dialects`."""

from __future__ import annotations

import argparse
import sys
import time
from collections import Counter, defaultdict
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[2] / "batch_job"))

from benchmarks.dialects.corpus import Case, corpus
from benchmarks.dialects.rivals import Rival, rivals

PARTS = ("encoding", "delimiter", "quote", "escape", "skipped lines", "header", "comment", "footer")


def truth_of(case: Case) -> dict[str, Any]:
    """The parts that this file says anything about."""
    dialect = case.dialect
    text = case.data.decode(dialect.encoding, "replace")
    truth: dict[str, Any] = {
        "encoding": dialect.encoding,
        "skipped lines": dialect.skipped_lines,
        "header": dialect.header_records,
        "comment": dialect.comment,
        "footer": case.footer,
    }
    if case.data.isascii():
        del truth["encoding"]
    if any(len(row) > 1 for row in case.rows):
        truth["delimiter"] = dialect.delimiter
    if dialect.quote and dialect.quote in text and not case.damaged:
        truth["quote"] = dialect.quote
        if any(dialect.quote in cell for row in case.rows for cell in row):
            truth["escape"] = str(dialect.escape)
    return truth


def ask(rival: Rival, case: Case) -> tuple[dict[str, Any], float]:
    """Its answer, none where it gives up, and the seconds of CPU it took."""
    begin = time.process_time()
    try:
        answer = dict(rival(case))
    except Exception:  # a sniffer that gives up
        answer = {}
    return answer, time.process_time() - begin


def main() -> None:
    """Measure everybody on the same files."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--times", type=int, default=20, help="files of each sort")
    parser.add_argument("--misses", action="store_true", help="list what ours gets wrong")
    options = parser.parse_args()
    cases = list(corpus(options.seed, options.times))
    everybody = rivals()
    size = sum(len(case.data) for case in cases) / len(cases)
    print(
        f"{len(cases)} files of {len({case.sort for case in cases})} sorts, {size / 1024:.1f} KiB on average\n"
    )
    print(f"{'':20}" + "".join(f"{part:>15}" for part in (*PARTS, "CPU ms a file")))
    by_sort: dict[str, Counter[str]] = defaultdict(Counter)
    for name, rival in everybody.items():
        right: Counter[str] = Counter()
        asked: Counter[str] = Counter()
        answered: set[str] = set()
        seconds = 0.0
        for case in cases:
            answer, took = ask(rival, case)
            seconds += took
            answered |= answer.keys()
            truth = truth_of(case)
            for part, value in truth.items():
                asked[part] += 1
                right[part] += part in answer and answer[part] == value
                if name == "ours":
                    by_sort[case.sort][part] += answer[part] != value
                    if options.misses and answer[part] != value:
                        print(f"  {case.sort}: {part} is {value!r}, not {answer[part]!r} {case.data[:60]!r}")
        shares = [f"{right[part] / asked[part]:.1%}" if part in answered else "-" for part in PARTS]
        print(
            f"{name:20}"
            + "".join(f"{share:>15}" for share in (*shares, f"{1000 * seconds / len(cases):.1f}"))
        )
    print("\nWhat ours gets wrong, by sort (number of files):")
    for sort, misses in by_sort.items():
        print(
            f"  {sort:22}"
            + (", ".join(f"{part} {count}" for part, count in misses.items() if count) or "nothing")
        )


if __name__ == "__main__":
    main()
