"""Lines behind the table that are no part of it: sources, notes, counts of rows."""

from __future__ import annotations

import re

from csv_import.reading.detection.cell_types import kind_of
from csv_import.reading.detection.header_rows import columns_of
from csv_import.reading.detection.sample import Sample, SampleRecord
from csv_import.reading.dialect import Finding

_MAX_RECORDS = 30
_COUNTED = r"(?:rows?|records?|lines?|entries|datens\u00e4tze|zeilen|lignes|filas|registros|righe)"
_COUNT = re.compile(
    rf"\W*(?:\d[\d.,']* {_COUNTED}\b.{{0,40}}|(?:total |number of )?{_COUNTED}(?: \w+)?\s*[:=]\s*\d[\d.,']*)\W*",
    re.IGNORECASE,
)


_NOTE = re.compile(r"\W*[^\W\d_]+(?: [^\W\d_]+){0,4} ?:")


def find_footer(sample: Sample, width: int | None, quote: str | None) -> tuple[Finding, int | None]:
    """Tell whether a footer ends the file whose last lines are the sample.

    A footer is what follows a blank line or an empty record and has not the table's cells, or a line by itself that
    counts the rows. A last record that is cut short is neither, and a whole one is a row of which little is known,
    unless it stands apart and says what it is: a source, a note, a total. Where a quote stands in it, it may be
    the end of a cell.

    Returns:
        the finding (its value: records of the footer), and the line of the sample in which the footer begins.
    """
    records = sample.records
    none = Finding(0, 0.9, "the last records have as many cells as the table")
    if width is None or width < 2 or len(records) < 3:
        return none, None
    begin = len(records)
    while begin > 1 and _is_sparse(records[begin - 1], width):
        begin -= 1
    if begin == len(records):
        return none, None
    if sum(1 for record in records[begin:] if record.filled) > _MAX_RECORDS:
        return _empty_records(records) or (none, None)
    columns = columns_of([record.cells for record in records[:begin]], width)
    start = None
    for index in range(begin, len(records)):
        before = records[index - 1]
        parted = records[index].line > before.line + before.lines or (index > begin and not before.filled)
        if not records[index].filled:
            continue
        counts = sum(1 for cell in records[index].cells if _COUNT.fullmatch(cell.strip()))
        # A record that was cut short begins as the others do.
        cut_short = (
            bool(columns) and columns[0].is_typed and kind_of(records[index].cells[0]) is columns[0].kind
        )
        whole = len(records[index].cells) >= width
        if whole:
            is_footer = parted and width > 2 and (bool(counts) or _is_note(records[index]))
        else:
            is_footer = bool(counts) or (parted and not cut_short)
        if is_footer:
            start = index
            break
    if start is None:
        return _empty_records(records) or (none, None)
    if any(not record.filled for record in records[begin:start]):
        start = next(index for index in range(begin, start) if not records[index].filled)
    size = len(records) - start
    if quote and any(quote in line for line in sample.lines[records[start].line :]):
        return none, None
    return (
        Finding(
            size,
            0.85,
            f"the last {size} records have hardly any of the table's {width} cells and are set apart",
        ),
        records[start].line,
    )


def _empty_records(records: list[SampleRecord]) -> tuple[Finding, int] | None:
    """What a spreadsheet leaves of rows that were cleared: nothing but delimiters, in two records or more."""
    start = len(records)
    while start > 1 and not records[start - 1].filled:
        start -= 1
    size = len(records) - start
    if size < 2:
        return None
    return Finding(size, 0.8, f"the last {size} records have no cell that is not empty"), records[start].line


def _is_sparse(record: SampleRecord, width: int) -> bool:
    """Whether a record has hardly any of the table's cells; one of two cells with one filled is as good as whole."""
    if record.filled and len(record.cells) >= width == 2:
        return False
    return record.filled <= max(1, width // 4)


def _is_note(record: SampleRecord) -> bool:
    """Whether the one cell that is filled begins with words and a colon."""
    return any(_NOTE.match(cell.strip()) for cell in record.cells)
