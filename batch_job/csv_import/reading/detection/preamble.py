"""Lines before the table that are no part of it: titles, notes, metadata."""

from __future__ import annotations

import re

from csv_import.reading.detection.header_rows import find_header, looks_like_header
from csv_import.reading.detection.sample import Sample, SampleRecord
from csv_import.reading.dialect import Finding

_MAX_LINES = 100
_REACH = 0.6
_SEPARATOR_LINE = re.compile(r"\"?sep=(?P<delimiter>[^\w\s]|\t)\"?[ ,;]*(?:\r\n|\r|\n|\Z)", re.IGNORECASE)


def separator_line(text: str) -> tuple[str, int] | None:
    """The delimiter that a first line such as `sep=;` names (Excel writes and obeys it), and that line's length."""
    match = _SEPARATOR_LINE.match(text)
    return (match["delimiter"], match.end()) if match else None


def find_preamble(sample: Sample, width: int | None) -> Finding:
    """How many lines stand before the table's first record.

    A record belongs to the preamble where it has another number of cells than the table, or hardly any that are
    not empty, and where a header follows, or a blank line or an empty record ends the preamble.
    """
    records = sample.records
    none = Finding(0, 0.9, "the first record has as many cells as the table")
    if width is None or len(records) < 2:
        return none
    first = _first_of_single_column(records) if width == 1 else _first_of_table(records, width)
    if first is None or records[first].line > _MAX_LINES:
        return none
    before = records[:first]
    if not before:
        return none
    rest = [record.cells for record in records[first:]]
    parted = any(
        later.line > earlier.line + earlier.lines or not later.filled
        for earlier, later in zip(before, records[1 : first + 1], strict=True)
    )
    named = find_header(rest, width).value != 0
    if not _may_stand_before(before, width, parted=parted, named=named):
        return none
    line = records[first].line
    return Finding(
        line,
        0.9 if parted else 0.75,
        f"{len(before)} records in the first {line} lines have fewer cells than the {width} of the table, or hardly"
        " any that are not empty",
    )


def _may_stand_before(before: list[SampleRecord], width: int, *, parted: bool, named: bool) -> bool:
    """Whether nothing is lost with these records: no rows of which little is known, and none of another table."""
    longer = [record for record in before if len(record.cells) > width]
    if width > 2 and any(2 * record.filled > width for record in before if record not in longer):
        return False
    if longer and len(before) > 1:
        return False
    whole = width > 1 and any(len(record.cells) == width and record.filled for record in before)
    return (parted and named) if whole else (parted or named)


def _first_of_table(records: list[SampleRecord], width: int) -> int | None:
    whole = sorted(record.filled for record in records if len(record.cells) == width and record.filled)
    if not whole:
        return None
    usual = whole[len(whole) * 3 // 4]
    enough = max(min(2.0, usual), 0.4 * usual)
    body = [record.cells for record in records]
    for index, record in enumerate(records[:_MAX_LINES]):
        if record.filled < enough and not _names_groups(record, width):
            continue
        if len(record.cells) == width:
            return index
        # Another width: a header that lost a delimiter, unless the next one of the table's width is a header.
        following = next(
            (later for later in range(index + 1, len(records)) if len(records[later].cells) == width), None
        )
        if following is None or following > _MAX_LINES:
            return index
        if not looks_like_header(body[following], body[following + 1 :], width):
            return index
    return None


def _names_groups(record: SampleRecord, width: int) -> bool:
    """Whether a record with few cells that are not empty may be a header: they reach over the table's columns."""
    filled = [index for index, cell in enumerate(record.cells) if cell.strip()]
    return len(record.cells) == width and len(filled) > 1 and filled[-1] >= _REACH * width


def _first_of_single_column(records: list[SampleRecord]) -> int | None:
    """A title above a blank line above a column of another type."""
    for index in range(1, min(4, len(records) - 2)):
        parted = records[index].line > records[index - 1].line + records[index - 1].lines
        if parted:
            body = [record.cells for record in records[index + 1 :]]
            return index if looks_like_header(records[index].cells, body, 1) else None
    return None
