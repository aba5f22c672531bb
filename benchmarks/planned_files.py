"""The files that planning is measured on, and each as planning sees it, without S3."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, cast

from benchmarks.row_shapes import DATA
from csv_import.accounting.ledger_values import Claim
from csv_import.reading.dialect import Given
from csv_import.reading.object_stream import ObjectVersion
from csv_import.reading.opening import open_file
from csv_import.settings import Mode, ReadLimits
from csv_import.shaping.key_schema import KeyAttribute, KeySchema
from csv_import.shaping.spec_reader import read_spec
from csv_import.stages.source import Source

NAMES = ("ProductId", "ProductName", "ProductDescription", "Price", "Stock", "Updated")
BY_PRODUCT = KeySchema((KeyAttribute("ProductId", "S", 2048),))
BY_TIME = KeySchema((KeyAttribute("ProductId", "S", 2048), KeyAttribute("CreatedTime", "S", 1024)))
"""No two rows have a key in common, so records are only counted."""


@dataclass(frozen=True, slots=True)
class Writing:
    """How a file is written.

    Attributes:
        name: for people.
        quoted_every: one row of so many has a cell in quotes; 0 is none.
        all_quoted: whether all cells of all rows are.
        copies: in how many places of the file half of its keys stand.
    """

    name: str
    quoted_every: int = 0
    all_quoted: bool = False
    copies: int = 1

    def file(self, rows: int) -> Path:
        """A file of so many rows, made now or by an earlier run."""
        path = DATA / f"plan-{self.name.replace(' ', '-')}-{rows}.v1.csv"
        if not path.exists():
            DATA.mkdir(exist_ok=True)
            unfinished = path.with_suffix(".unfinished")
            with unfinished.open("w", encoding="utf-8", newline="") as file:
                file.write(self._line(NAMES))
                file.writelines(self._row(row, rows) for row in range(rows))
            unfinished.rename(path)
        return path

    def _row(self, row: int, rows: int) -> str:
        key = row % (rows // self.copies) if row % 2 else row
        text = (
            "With cord, and dial"
            if self.quoted_every and not row % self.quoted_every
            else "With cord and dial"
        )
        line = self._line(
            (f"P{key:012d}", "Traditional telephone", text, "129.90", str(row % 977), "2026-11-23T10:00:00Z")
        )
        return line if text != "With cord, and dial" or self.all_quoted else line.replace(text, f'"{text}"')

    def _line(self, cells: tuple[str, ...]) -> str:
        return ('"' + '","'.join(cells) + '"\n') if self.all_quoted else ",".join(cells) + "\n"


class LocalFile:
    """A file in place of the object.

    Args:
        path: where it is.
    """

    last_modified = datetime(2026, 11, 23, tzinfo=UTC)

    def __init__(self, path: Path) -> None:
        self._file = path.open("rb")
        self.size = path.stat().st_size

    def chunks(self) -> Iterator[bytes]:
        """All bytes."""
        return self.again_from(0)

    def again_from(self, offset: int) -> Iterator[bytes]:
        """The bytes from one on."""
        while chunk := self.read(offset, 1 << 19):
            offset += len(chunk)
            yield chunk

    def tail(self, n_bytes: int) -> bytes:
        """The last bytes."""
        return self.read(max(0, self.size - n_bytes), n_bytes)

    def read(self, offset: int, n_bytes: int) -> bytes:
        """So many bytes; from any thread."""
        return os.pread(self._file.fileno(), n_bytes, offset)


def source_of(path: Path, keys: KeySchema) -> Source:
    """The file as a job opens it."""
    stream, limits = LocalFile(path), ReadLimits()
    never: Any = None
    return Source(
        claim=Claim(ObjectVersion("input", "in/file.csv", "v1", "e"), 1, None, None),
        said=read_spec(""),
        table_name="items",
        keys=keys,
        stream=cast(Any, stream),
        opened=open_file(stream, given=Given(), limits=limits, key_names=("ProductId",)),
        mode=Mode.STRICT,
        segment_records=10_000,
        new_backoff=never,
        max_record_bytes=limits.max_record_bytes,
    )
