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
        numbers: columns that the target's indexes want as numbers.
    """

    name: str
    about: str
    numbers: tuple[str, ...] = ()

    def file(self, rows: int) -> Path:
        """A file of so many rows, made now or by an earlier run."""
        path = DATA / f"{self.name}-{rows}.v2.csv"
        if not path.exists():
            DATA.mkdir(exist_ok=True)
            unfinished = path.with_suffix(".unfinished")
            with unfinished.open("w", encoding="utf-8", newline="") as file:
                file.writelines(_lines(self.name, rows))
            unfinished.rename(path)
        return path


SHAPES = (
    Shape("narrow", "6 columns, about 100 bytes"),
    Shape("typed", "the same, two of them numbers", numbers=("Price", "Stock")),
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
    yield "ProductId,ProductName,ProductDescription,Price,Stock,Updated\n"
    padding = "Lorem ipsum dolor sit amet consectetur. " * 100
    for row in range(rows):
        tail = TAILS[row % len(TAILS)]
        if name == "large":
            tail = f"Phone,{padding},129.90,42,2026-11-23T10:00:00Z"
        yield f"P{row:012d},{tail}\n"
