"""Where the CPU of a row goes between CSV and a signed request: each step alone, over the narrow rows, in one process.

`PYTHONPATH=batch_job python -m benchmarks.steps` prints µs per row; the fastest repeat of each counts. Sockets and HTTP
are what `replay` of `benchmarks.compare` takes. What both leave of a job's own figure is reading the object, finding
its records, answers, the ledger, and a job's data being less often in the processor's caches.
"""

from __future__ import annotations

import argparse
import time
from collections import deque
from collections.abc import Callable
from datetime import UTC, datetime

from botocore.credentials import Credentials

from benchmarks.row_shapes import SHAPES
from csv_import.accounting.counters import Counters
from csv_import.accounting.tally import Tally
from csv_import.reading.blocks import read_blocks
from csv_import.reading.dialect import Dialect
from csv_import.shaping.block_plan import BlockPlan
from csv_import.shaping.item import digests_of
from csv_import.shaping.key_schema import KeyAttribute, KeySchema
from csv_import.shaping.plan import plan_for
from csv_import.shaping.provenance import Provenance
from csv_import.shaping.spec_reader import read_spec
from csv_import.writing.batch_write import BatchWrite
from csv_import.writing.signing import Signer

CHUNK_BYTES, BATCH_ROWS, LANES = 128 * 1024, 25, 32
NOW = datetime(2026, 11, 23, tzinfo=UTC)


def steps(rows: int) -> dict[str, Callable[[], object]]:
    """Each step by its name, on what the steps before it gave."""
    header, _, data = SHAPES[0].file(rows).read_bytes().partition(b"\n")
    names = header.decode().split(",")
    dialect = Dialect(columns=len(names))
    chunks = [data[at : at + CHUNK_BYTES] for at in range(0, len(data), CHUNK_BYTES)]
    keys = KeySchema((KeyAttribute("ProductId", "S", 2048),))
    plan = BlockPlan(plan_for(read_spec(""), names, keys, Provenance("in/file.csv", NOW)))
    blocks = list(read_blocks(chunks, dialect=dialect, max_record_bytes=4 << 20))
    records = [range(block.start.record, block.start.record + len(block.rows)) for block in blocks]
    shaped = [plan.shape(block.rows, numbers) for block, numbers in zip(blocks, records, strict=True)]
    digests = [digests_of(each.keys) for each in shaped]
    items = [
        pair
        for block in shaped
        for pair in zip(block.keys, zip(block.bodies, block.records, strict=True), strict=True)
    ]
    kind = BatchWrite("items", lambda _: b"")
    batches = [dict(items[at : at + BATCH_ROWS]) for at in range(0, len(items), BATCH_ROWS)]
    bodies = [kind.body(batch) for batch in batches]
    signer = Signer(
        endpoint="https://dynamodb.eu-central-1.amazonaws.com",
        region="eu-central-1",
        target=kind.target,
        credentials=Credentials("key", "secret"),
        now=lambda: NOW,
    )

    def count() -> None:
        with Tally(16 << 20, several=False) as tally:
            for each in digests:
                tally.add(each, each)
            tally.settle(Counters())

    def lanes() -> None:
        gathering: list[dict[bytes, tuple[bytes, int]]] = [{} for _ in range(LANES)]
        for block, each in zip(shaped, digests, strict=True):
            numbers = bytes(digest[0] % LANES for digest in each)
            for number, key, entry in zip(
                numbers, block.keys, zip(block.bodies, block.records, strict=True), strict=True
            ):
                batch = gathering[number]
                batch[key] = entry
                if len(batch) >= BATCH_ROWS:
                    gathering[number] = {}

    return {
        "bytes to rows": lambda: deque(read_blocks(chunks, dialect=dialect, max_record_bytes=4 << 20), 0),
        "rows to items": lambda: [
            plan.shape(block.rows, numbers) for block, numbers in zip(blocks, records, strict=True)
        ],
        "digests of keys": lambda: [digests_of(each.keys) for each in shaped],
        "exact counts": count,
        "lanes": lanes,
        "bodies of requests": lambda: [kind.body(batch) for batch in batches],
        "signatures": lambda: [signer.headers(body) for body in bodies],
    }


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description="What each step from CSV to a signed request costs.")
    parser.add_argument("--rows", type=int, default=50_000)
    parser.add_argument("--repeats", type=int, default=7)
    options = parser.parse_args()
    found = dict.fromkeys(all_steps := steps(options.rows), float("inf"))
    for _ in range(options.repeats):
        for name, step in all_steps.items():
            began = time.process_time()
            step()
            found[name] = min(found[name], (time.process_time() - began) / options.rows * 1e6)
    for name, us in {**found, "together": sum(found.values())}.items():
        print(f"{name:<38}{us:>6.2f} µs per row")


if __name__ == "__main__":
    main()
