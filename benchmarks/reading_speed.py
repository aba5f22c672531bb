"""What reading costs beside Python's bare `csv.reader` over the same text: CPU per row, and the ratio of the two.

`python -m benchmarks.reading_speed` makes a file of each kind in memory, reads it both ways in turn, and takes the best
of several repeats of each. It exits with 1 when a common kind takes more than 1.3 times what `csv.reader` takes. Where
that cannot read the kind (`bare` is then another reading of the same cells), the ratio is for information.
"""

from __future__ import annotations

import argparse
import csv
import gc
import io
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field

from csv_import.reading.blocks import read_blocks
from csv_import.reading.dialect import Dialect, Escape

MAX_RATIO = 1.3
CHUNK_BYTES = 512 * 1024
MAX_RECORD_BYTES = 4 * 1024 * 1024
NAMES = ("Phone", "Internet", "Television", "Kitchen", "Garden")
PLAIN_TEXTS = (
    "Traditional voice phone with cord and dial",
    "Fiber for the whole family",
    "Free to air",
)
SPECIAL_TEXTS = {
    "quoted": ("Phone, with cord", 'The "best" of all', "Plain, and simple"),
    "multi-line": ("Two\nlines", "Three\nshort, and\nquoted lines", "One line"),
    "non-ASCII": ("Crème brûlée für zwei 🔥", "Łódź bench in oiled oak", "Ящик для инструментов"),
}


@dataclass(frozen=True)
class Kind:
    """A kind of file: what it holds and how it is written."""

    name: str
    dialect: Dialect
    texts: str = "plain"
    damage_every: int = 0
    judged: bool = True
    writer: dict[str, object] = field(default_factory=dict)


KINDS = (
    Kind("plain", Dialect(columns=6)),
    Kind("quoted", Dialect(columns=6), texts="quoted"),
    Kind("all quoted", Dialect(columns=6), texts="quoted", writer={"quoting": csv.QUOTE_ALL}),
    Kind("multi-line", Dialect(columns=6), texts="multi-line"),
    Kind("non-ASCII", Dialect(columns=6), texts="non-ASCII"),
    Kind("semicolon", Dialect(columns=6, delimiter=";"), texts="quoted", writer={"delimiter": ";"}),
    Kind(
        "tab, CRLF", Dialect(columns=6, delimiter="\t"), writer={"delimiter": "\t", "lineterminator": "\r\n"}
    ),
    Kind("Windows-1252", Dialect(columns=6, encoding="cp1252")),
    Kind("UTF-16", Dialect(columns=6, encoding="utf-16-le"), texts="non-ASCII", judged=False),
    Kind("1 % damaged", Dialect(columns=6), texts="quoted", damage_every=100, judged=False),
    Kind("two-character delimiter", Dialect(columns=6, delimiter="||"), judged=False),
    Kind(
        "backslash",
        Dialect(columns=6, escape=Escape.BACKSLASH),
        texts="quoted",
        judged=False,
        writer={"doublequote": False, "escapechar": "\\"},
    ),
)


def text_of(kind: Kind, rows: int) -> str:
    """A file of this kind."""
    texts = SPECIAL_TEXTS.get(kind.texts, PLAIN_TEXTS)
    out = io.StringIO(newline="")
    options: dict[str, object] = {"lineterminator": "\n", **kind.writer}
    writer = csv.writer(out, **options)  # type: ignore[arg-type]
    for number in range(rows):
        row = [
            f"P{number:012d}",
            NAMES[number % 5],
            texts[number % 3],
            "129.90",
            number % 977,
            "2026-11-23T10:00:00Z",
        ]
        if kind.damage_every and number % kind.damage_every == 0:
            out.write(f'{row[0]},{row[1]},"a "broken" cell, with a comma",129.90,{row[4]},{row[5]}\n')
        else:
            writer.writerow(row)
    text = out.getvalue()
    return text.replace(",", kind.dialect.delimiter) if len(kind.dialect.delimiter) > 1 else text


def read_bare(text: str, dialect: Dialect) -> int:
    """How many rows `csv.reader` reads; with the first character of a delimiter that it does not take."""
    reader = csv.reader(
        io.StringIO(text, newline=""),
        delimiter=dialect.delimiter[0],
        doublequote=dialect.escape is Escape.DOUBLED,
        escapechar="\\" if dialect.escape is Escape.BACKSLASH else None,
    )
    return sum(1 for _ in reader)


def read_blocks_of(chunks: list[bytes], dialect: Dialect) -> int:
    """How many rows the project's reader reads."""
    blocks = read_blocks(chunks, dialect=dialect, max_record_bytes=MAX_RECORD_BYTES)
    return sum(len(block.rows) for block in blocks)


def measure(kind: Kind, rows: int, repeats: int) -> tuple[float, float]:
    """Microseconds of CPU per row: bare, and ours."""
    text = text_of(kind, rows)
    data = text.encode(kind.dialect.encoding)
    chunks = [data[at : at + CHUNK_BYTES] for at in range(0, len(data), CHUNK_BYTES)]
    readings: tuple[Callable[[], int], ...] = (
        lambda: read_bare(text, kind.dialect),
        lambda: read_blocks_of(chunks, kind.dialect),
    )
    best = [float("inf")] * len(readings)
    for _ in range(repeats):
        for number, read in enumerate(readings):
            gc.collect()
            started = time.process_time()
            count = read()
            best[number] = min(best[number], time.process_time() - started)
            assert count == rows or kind.damage_every, (kind.name, count)
    return best[0] / rows * 1e6, best[1] / rows * 1e6


def main() -> int:
    """Run the benchmark; returns the exit code."""
    parser = argparse.ArgumentParser(description="CPU per row of reading, beside Python's csv.reader.")
    parser.add_argument("--rows", type=int, default=20_000)
    parser.add_argument("--repeats", type=int, default=30)
    options = parser.parse_args()
    print(f"{'kind':24} {'csv.reader':>12} {'ours':>12} {'ratio':>7}")
    slow = []
    for kind in KINDS:
        bare, ours = measure(kind, options.rows, options.repeats)
        note = "" if kind.judged else "  (for information)"
        print(f"{kind.name:24} {bare:9.2f} µs {ours:9.2f} µs {ours / bare:7.2f}{note}", flush=True)
        if kind.judged and ours / bare > MAX_RATIO:
            slow.append(kind.name)
    if slow:
        print(f"WRONG: over {MAX_RATIO} times csv.reader: {', '.join(slow)}", file=sys.stderr)
    return 1 if slow else 0


if __name__ == "__main__":
    sys.exit(main())
