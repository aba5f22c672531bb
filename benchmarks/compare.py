"""One file, one sink, several clients: CPU per row, rows per second and memory of ours and of what people use today.

`python -m benchmarks.compare` prints a table and writes `benchmarks/results.json`, where shapes that were not measured
this time keep their figures. Every figure is the best of some
repeats, clients taking turns, for what else the machine does only adds. Our job reads its file from a stand-in for S3
and keeps its ledger; its start, which a run with an empty file shows, is left out of its CPU per row and
given by itself. Its items carry three attributes more than the others'.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import signal
import subprocess
import sys
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from benchmarks import job
from benchmarks.nginx_sink import NginxSink, nginx_sink
from benchmarks.row_shapes import SHAPES, Shape

RESULTS = Path(__file__).with_name("results.json")
OURS = "csv_import"
ROWS = {OURS: 400_000, "batch_writer": 20_000, "threads": 20_000, "put_item": 2_000, "replay": 50_000}
"""Rows for each client: enough for seconds of CPU."""

SMALLER = {"narrow": 1, "typed": 1, "wide": 5, "large": 10}
TIMEOUT_S = 600


@dataclass(frozen=True, slots=True)
class Figure:
    """What one client took for one shape."""

    shape: str
    tls: bool
    client: str
    rows: int
    cpu_us_per_row: float
    rows_per_s: float
    peak_mib: float
    start_cpu_s: float = 0.0


def compare(shapes: list[Shape], repeats: int, scale: float) -> list[Figure]:
    """Measure every client on every shape, plain and with TLS."""
    figures: list[Figure] = []
    for shape in shapes:
        for tls in (False, True):
            best: dict[str, Figure] = {}
            for _ in range(repeats):
                for client, most in ROWS.items():
                    rows = max(100, round(most * scale / SMALLER[shape.name]))
                    figure = _ours(shape, tls, rows) if client == OURS else _theirs(client, shape, tls, rows)
                    known = best.setdefault(client, figure)
                    if figure.cpu_us_per_row < known.cpu_us_per_row:
                        best[client] = figure
            figures += best.values()
            _print(shape, tls, best)
    return figures


def _ours(shape: Shape, tls: bool, rows: int) -> Figure:
    full, start = (_run_job(shape, tls, count) for count in (rows, 0))
    if start.wall_s >= full.wall_s:
        raise SystemExit("the machine is too busy: an empty file took longer than a full one")
    return Figure(
        shape=shape.name,
        tls=tls,
        client=OURS,
        rows=rows,
        cpu_us_per_row=(full.cpu_s - start.cpu_s) / rows * 1e6,
        rows_per_s=rows / (full.wall_s - start.wall_s),
        peak_mib=full.peak_mib,
        start_cpu_s=start.cpu_s,
    )


def _run_job(shape: Shape, tls: bool, rows: int) -> job.Run:
    file = shape.file(rows)
    with (
        job.emulator() as emulator_url,
        job.sink(file, emulator_url, *shape.sink_options()) as s3_url,
        nginx_sink(s3_url) as table,
    ):
        dynamodb = job.client(s3_url)
        job.make_tables(dynamodb)
        import_id = job.register(dynamodb, file)
        endpoint, bundle = _endpoint(table, tls)
        run = job.load(
            import_id,
            s3_url,
            TIMEOUT_S,
            {"AWS_ENDPOINT_URL_DYNAMODB": endpoint, **({"AWS_CA_BUNDLE": bundle} if bundle else {})},
        )
        key = {"pk": {"S": f"import#{import_id}"}, "sk": {"S": "run#0001#part#00000"}}
        part = dynamodb.get_item(TableName=job.LEDGER, Key=key)["Item"]
    if run.exit_code or int(part["counters"]["M"]["rows_written"]["N"]) != rows:
        raise SystemExit(f"the job ended with exit code {run.exit_code}, {part}")
    return run


def _theirs(client: str, shape: Shape, tls: bool, rows: int) -> Figure:
    with nginx_sink("http://127.0.0.1:9") as table:
        endpoint, bundle = _endpoint(table, tls)
        command = [
            *(sys.executable, "-m", "benchmarks.clients", client, str(shape.file(rows))),
            *("--endpoint", endpoint),
            *(("--ca-bundle", bundle) if bundle else ()),
            *(f"--number={name}" for name in shape.numbers),
            *(f"--truth={name}" for name in shape.truths),
        ]
        environment = {
            "PATH": os.environ["PATH"],
            "PYTHONPATH": str(job.PROJECT / "batch_job"),
            **job.SDK,
            "NO_PROXY": "127.0.0.1",
        }
        told = subprocess.run(
            command, cwd=job.PROJECT, env=environment, stdout=subprocess.PIPE, check=True, timeout=TIMEOUT_S
        )
    took: dict[str, Any] = json.loads(told.stdout)
    assert took["rows"] == rows
    return Figure(
        shape=shape.name,
        tls=tls,
        client=client,
        rows=rows,
        cpu_us_per_row=took["cpu_s"] / rows * 1e6,
        rows_per_s=rows / took["wall_s"],
        peak_mib=took["peak_mib"],
    )


def _endpoint(table: NginxSink, tls: bool) -> tuple[str, str | None]:
    return (table.tls_url, str(table.ca_bundle)) if tls else (table.plain_url, None)


def _print(shape: Shape, tls: bool, best: dict[str, Figure]) -> None:
    ours = best[OURS].cpu_us_per_row
    print(f"\n{shape.name}: {shape.about}{', TLS' if tls else ''}")
    print(f"{'client':<14}{'CPU µs/row':>12}{'to ours':>10}{'rows/s':>12}{'peak MiB':>10}{'rows':>10}")
    for client, figure in best.items():
        print(
            f"{client:<14}{figure.cpu_us_per_row:>12.2f}{figure.cpu_us_per_row / ours:>10.2f}"
            f"{figure.rows_per_s:>12,.0f}{figure.peak_mib:>10.0f}{figure.rows:>10,}",
            flush=True,
        )


def main() -> None:
    """Compare, print, write."""
    parser = argparse.ArgumentParser(
        description="Compare what clients take to put a file's rows into a sink."
    )
    parser.add_argument("--shape", action="append", choices=[shape.name for shape in SHAPES])
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--scale", type=float, default=1.0, help="times the rows of each client")
    parser.add_argument("--no-results", action="store_true", help="leave results.json as it is")
    options = parser.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # unwinds, and so ends the processes started here
    shapes = [shape for shape in SHAPES if not options.shape or shape.name in options.shape]
    figures = compare(shapes, options.repeats, options.scale)
    if not options.no_results:
        measured = {shape.name for shape in shapes}
        kept = json.loads(RESULTS.read_text())["figures"] if RESULTS.exists() else []
        everything = [each for each in kept if each["shape"] not in measured] + [
            asdict(each) for each in figures
        ]
        everything.sort(key=lambda each: [shape.name for shape in SHAPES].index(each["shape"]))
        machine = f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}"
        RESULTS.write_text(json.dumps({"machine": machine, "figures": everything}, indent=1) + "\n")


if __name__ == "__main__":
    main()
