"""CSV files of any size whose counts are known: six columns, rows of about 100 bytes, UTF-8."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

DATA = Path(__file__).with_name("data")
HEADER = b"ProductId,ProductName,ProductDescription,Price,Stock,Updated\n"
FORMAT = 2  # count up when the rows change, so that old files are made anew
REPEAT_EVERY = 1_000
REPEAT_DISTANCE = 500
REJECT_EVERY = 100_000
ROWS_A_WRITE = 10_000
TAILS = (
    'Phone,"Traditional voice phone, with cord and dial",129.90,42,2026-11-23T10:00:00Z',
    "Internet,Fiber Internet for the whole family,1049.00,7,2026-11-23T10:00:01Z",
    'Television,"Free to air: ""all you can see"", no contract",0.00,1200,2026-11-23T10:00:02Z',
    "Kitchen,Crème brûlée torch für zwei Portionen 🔥,24.50,311,2026-11-23T10:00:03Z",
    "Garden,Łódź bench in oiled oak for two persons,349.00,,2026-11-23T10:00:04Z",
)


@dataclass(frozen=True, slots=True)
class Truth:
    """What an import of the file must count."""

    rows_read: int
    rows_written: int
    rows_superseded: int
    rows_rejected: int


def generated_file(rows: int, *, far: bool = False) -> tuple[Path, Truth]:
    """Give a file of this many rows, rounded up to whole writes, made now or by an earlier run, and its counts.

    Args:
        far: whether rows of the second half repeat keys of the first half.
    """
    path = DATA / f"rows-{rows}{'-far' * far}.v{FORMAT}.csv"
    counts = path.with_suffix(".json")
    if path.exists() and counts.exists():
        return path, Truth(**json.loads(counts.read_text()))
    DATA.mkdir(exist_ok=True)
    unfinished = path.with_suffix(".unfinished")
    truth = _write(unfinished, rows, half=rows // 2 // ROWS_A_WRITE * ROWS_A_WRITE if far else 0)
    counts.write_text(json.dumps(asdict(truth)))
    unfinished.rename(path)
    return path, truth


def _write(path: Path, wanted: int, half: int) -> Truth:
    rows = 0
    with path.open("wb") as file:
        file.write(HEADER)
        while rows < wanted:
            file.write("".join(_rows(rows + 1, rows + ROWS_A_WRITE, half)).encode())
            rows += ROWS_A_WRITE
    rejected = rows // REJECT_EVERY
    superseded = rows // REPEAT_EVERY - rejected
    return Truth(rows, rows - rejected - superseded, superseded, rejected)


def _rows(first: int, last: int, half: int) -> Iterator[str]:
    """Rows by number: each 100,000th has a cell too many, else each 1,000th the key of the 500th before it.

    Behind the first half, if there is one, that is the key of the 500th row before its own row of that half.
    """
    back = half if half and first > half else 0
    for number in range(first, last + 1):
        tail = TAILS[number % len(TAILS)]
        if number % REPEAT_EVERY:
            yield f"P{number:012d},{tail}\n"
        elif number % REJECT_EVERY:
            yield f"P{number - REPEAT_DISTANCE - back:012d},{tail}\n"
        else:
            yield f"P{number:012d},{tail},too many\n"
