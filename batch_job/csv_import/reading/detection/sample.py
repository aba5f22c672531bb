"""A piece of a file's text, and how it reads under one dialect."""

from __future__ import annotations

import csv
import io
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from csv_import.reading.dialect import Dialect
from csv_import.reading.machine import read_text

_MAX_UNREAD = 0.25
_ENOUGH = 5


@dataclass(slots=True)
class SampleRecord:
    """Cells of one record, the line it begins in (from 0), how many it takes, and what had to be mended in it."""

    cells: list[str]
    line: int
    lines: int = 1
    damage: float = 0.0

    @property
    def filled(self) -> int:
        """Cells that are not empty."""
        return sum(1 for cell in self.cells if cell and not cell.isspace())


@dataclass(slots=True)
class Sample:
    """The records of a text under one dialect.

    Attributes:
        lines: the text's lines with their ends; a record tells by number which are its own, the others are blank
            or comments.
        unread: the text at the end that may be part of a record which goes on after it.
    """

    lines: list[str]
    records: list[SampleRecord] = field(default_factory=list)
    unread: str = ""

    @property
    def rows(self) -> list[list[str]]:
        """The records' cells."""
        return [record.cells for record in self.records]

    @property
    def damage(self) -> float:
        """What had to be mended, summed."""
        return sum(record.damage for record in self.records)


def lines_of(text: str) -> list[str]:
    """Lines with their ends: LF, CRLF or CR, and no other."""
    return list(io.StringIO(text, newline=""))


def usual_width(rows: Sequence[Sequence[str]]) -> int | None:
    """The most frequent number of cells; of two equally frequent the larger."""
    widths = Counter(map(len, rows))
    return max(widths, key=lambda width: (widths[width], width)) if widths else None


def read_sample(text: str, dialect: Dialect, *, complete: bool) -> Sample:
    """Read `text` under `dialect`; preamble and header are records like others here.

    Args:
        complete: whether the file ends where `text` does.
    """
    sample = _read_plain(text, dialect) if dialect.is_plain else None
    if sample is None:
        sample = _read_carefully(text, dialect, final=complete)
        if len(sample.unread) > _MAX_UNREAD * len(text) and not _is_settled(sample):
            # a quote that nothing closes, rather than a long cell
            sample = _read_carefully(text, dialect, final=True)
        columns = usual_width(sample.rows)
        if sample.damage or any(each.lines > 1 and len(each.cells) != columns for each in sample.records):
            unread = sample.unread
            text = text[: len(text) - len(unread)]
            sample = _read_carefully(text, replace(dialect, columns=columns), final=True)
            sample.unread = unread
    return sample


def _is_settled(sample: Sample) -> bool:
    """Whether the records so far say enough of the table."""
    return len(sample.records) >= _ENOUGH and len(set(map(len, sample.rows))) == 1


def _read_plain(text: str, dialect: Dialect) -> Sample | None:
    """As `csv` reads it; None where it finds fault, or where a record of several lines may be damage."""
    lines = lines_of(text)
    csv.field_size_limit(max(csv.field_size_limit(), len(text)))
    reader = csv.reader(
        lines,
        delimiter=dialect.delimiter,
        quotechar=dialect.quote or '"',
        quoting=csv.QUOTE_NONE if dialect.quote is None else csv.QUOTE_MINIMAL,
        strict=True,
    )
    records = []
    line = 0
    try:
        for row in reader:
            if row and not (len(row) == 1 and row[0].isspace()):
                records.append(SampleRecord(row, line, reader.line_num - line))
            line = reader.line_num
    except csv.Error:
        return None
    sample = Sample(lines, records)
    if line > len(records):
        columns = usual_width(sample.rows)
        if any(each.lines > 1 and len(each.cells) != columns for each in records):
            return None
    return sample


def _read_carefully(text: str, dialect: Dialect, *, final: bool) -> Sample:
    sample = Sample(lines_of(text))
    line = end = 0
    for read in read_text(text, dialect, final=final):
        if read.ignored is None:
            damage = 1.0 + read.damage.cost if read.damage else 0.0
            sample.records.append(SampleRecord(read.cells, line, read.lines, damage))
        line, end = line + read.lines, read.end
    sample.unread = text[end:]
    return sample
