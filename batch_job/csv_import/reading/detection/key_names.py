"""Where a file's header stands, told by the columns that the table's key needs."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from csv_import.reading.column_names import joined
from csv_import.reading.detection.sample import Sample
from csv_import.reading.dialect import Finding

_MAX_RECORDS = 20


def line_that_names(key_names: Collection[str], head: Sample) -> Finding | None:
    """How many lines stand before the record that names the key's columns; None where none does."""
    for index, record in enumerate(head.records[:_MAX_RECORDS]):
        if _names(key_names, record.cells):
            if any(
                len(before.cells) >= len(record.cells) and before.filled > 1
                for before in head.records[:index]
            ):
                return None  # it stands among rows: a key's name can be a cell, too
            lines = record.line if index else 0  # blank lines alone are no preamble
            return Finding(lines, 1.0, f"line {record.line + 1} of the text names the table's key")
    return None


def header_that_names(key_names: Collection[str], rows: Sequence[Sequence[str]], found: Finding) -> Finding:
    """`found`, the number of header records, mended where the first record names the key's columns.

    Records are joined to one header only as far as the key's columns keep their names by it.
    """
    if not rows or not _names(key_names, rows[0]):
        return found
    count = int(found.value or 0)
    while count > 1 and not _names(key_names, joined(rows[:count])):
        count -= 1
    if count and count == found.value:
        return found
    return Finding(max(count, 1), 1.0, "the first record names the table's key")


def _names(key_names: Collection[str], cells: Sequence[str]) -> bool:
    return bool(key_names) and {cell.strip() for cell in cells} >= set(key_names)
