"""The files that clients are compared on: rows of four shapes, the same at every run."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from benchmarks.generated_file import TAILS

DATA = Path(__file__).with_name("data")
WIDE_COLUMNS = 50


@dataclass(frozen=True, slots=True)
class Shape:
    """Rows of one shape.

    Attributes:
        name, about: for the table and for people.
        numbers, truths: columns that are numbers, and truth values. Others are sent as strings.
        spec: what tells our job so; nothing where all are strings.
    """

    name: str
    about: str
    numbers: tuple[str, ...] = ()
    truths: tuple[str, ...] = ()
    spec: str = ""

    def sink_options(self) -> tuple[str, ...]:
        """What the stand-in for S3 needs to know, to have the spec."""
        if not self.spec:
            return ()
        DATA.mkdir(exist_ok=True)
        path = DATA / f"{self.name}.import.yaml"
        path.write_text(self.spec, encoding="utf-8")
        return (f"--spec={path}",)

    def file(self, rows: int) -> Path:
        """A file of so many rows, made now or by an earlier run."""
        path = DATA / f"{self.name}-{rows}.v3.csv"
        if not path.exists():
            DATA.mkdir(exist_ok=True)
            unfinished = path.with_suffix(".unfinished")
            with unfinished.open("w", encoding="utf-8", newline="") as file:
                file.writelines(_lines(self.name, rows))
            unfinished.rename(path)
        return path


SHAPES = (
    Shape("narrow", "6 columns, about 100 bytes"),
    Shape(
        "typed",
        "8 columns, about 100 bytes: two numbers, a truth value, two times",
        numbers=("Price", "Stock"),
        truths=("Sold",),
        spec="columns: {Price: N, Stock: N, Sold: BOOL, Added: TIMESTAMP, Updated: TIMESTAMP}\n",
    ),
    Shape("wide", "50 columns, about 550 bytes"),
    Shape("large", "6 columns, about 4 KB"),
)


def _lines(name: str, rows: int) -> Iterator[str]:
    if name == "wide":
        yield ",".join(["ProductId", *(f"Column{number:02d}" for number in range(1, WIDE_COLUMNS))]) + "\n"
        for row in range(rows):
            cells = (f"v{(row * 31 + column * 7) % 1000000:08d}" for column in range(1, WIDE_COLUMNS))
            yield f"P{row:012d}," + ",".join(cells) + "\n"
        return
    if name == "typed":
        yield "ProductId,ProductName,ProductDescription,Price,Stock,Sold,Added,Updated\n"
        for row in range(rows):
            yield f"P{row:012d},Phone,With cord and dial,{_typed(row)}\n"
        return
    yield "ProductId,ProductName,ProductDescription,Price,Stock,Updated\n"
    padding = "Lorem ipsum dolor sit amet consectetur. " * 100
    for row in range(rows):
        tail = TAILS[row % len(TAILS)]
        if name == "large":
            tail = f"Phone,{padding},129.90,42,2026-11-23T10:00:00Z"
        yield f"P{row:012d},{tail}\n"


def _typed(row: int) -> str:
    """A price, some with a zero at the end, a stock, whether it is sold, and two times: few rows are alike."""
    price = f"{row * 7 % 100_000}.{row * 13 % 10}{row % 2 * (row % 10)}"
    sold = "true" if row % 3 else "false"
    day, second = row % 28 + 1, row * 37 % 86_400
    time = f"{second // 3600:02d}:{second // 60 % 60:02d}:{second % 60:02d}Z"
    return f"{price},{row * 11 % 5_000},{sold},2026-10-{day:02d}T{time},2026-11-{day:02d}T{time}"
