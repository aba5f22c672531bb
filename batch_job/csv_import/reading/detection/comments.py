"""Lines that are comments: they begin with a mark, have not the table's cells, and stand among its records."""

from __future__ import annotations

from csv_import.reading.detection.header_rows import columns_of
from csv_import.reading.detection.sample import Sample
from csv_import.reading.dialect import Finding

_MARKS = ("#", "//", "--", "%", "!", ";", "*")
_MIN_LINES = {"#": 1, "//": 1}


def find_comment(sample: Sample, width: int | None, delimiter: str) -> Finding:
    """The mark that comments begin with, if there are any among or behind the table's records.

    Lines at the top alone are a preamble: to take their mark for one of comments would put later records at risk
    that begin with it.
    """
    records = sample.records
    for mark in _MARKS:
        if mark.startswith(delimiter):
            continue
        marked = [record for record in records if record.cells[0].startswith(mark)]
        others = [record for record in records if not record.cells[0].startswith(mark)]
        if not marked or len(others) < 2 or marked[-1].line < others[1].line or len(marked) > len(others):
            continue
        columns = columns_of([record.cells for record in others], width or 1)
        if width == 1:
            prose = all(record.cells[0].startswith(f"{mark} ") for record in marked)
            if not columns[0].is_typed or not prose or len(marked) < 2:
                continue
        elif any(len(record.cells) == width for record in marked) or len(marked) < _MIN_LINES.get(mark, 3):
            continue
        return Finding(
            mark,
            0.8,
            f"{len(marked)} lines begin with it, and none has as many cells as the other {len(others)} records",
        )
    return Finding(None, 0.9, "no mark begins lines of another shape than the table's")
