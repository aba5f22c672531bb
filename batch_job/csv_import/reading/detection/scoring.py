"""How many bits it takes to tell a text again under a reading of it: the reading that needs fewest is believed.

A table is told column by column. That a column is all numbers, or all dates, makes its cells cheap; a cell of
another type than its column's is dear; so is a record with another number of cells than most, and damage. (The
idea that regular structure and recognised types mark the right dialect is that of van den Burg, Nazábal and
Sutton, "Wrangling messy CSV files by detecting row and type patterns", 2019; the measure is our own.)
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from math import log2

from csv_import.reading.detection.cell_types import Kind, bits_of, bits_of_text, kind_of

DAMAGE_BITS = 20.0
_COLUMN_BITS = 3.0
_RAGGED_BITS = 4.0
_QUOTE_BITS = 0.5
_UNREAD_LINE_BITS = 12.0


@dataclass(slots=True)
class Costs:
    """Kinds and bits of cells, worked out once for all readings of one text."""

    known: dict[str, tuple[Kind, float]]

    def of(self, cell: str) -> tuple[Kind, float]:
        """Kind and bits of one cell."""
        found = self.known.get(cell)
        if found is None:
            kind = kind_of(cell)
            found = self.known[cell] = (kind, bits_of(cell, kind))
        return found


def bits_of_table(rows: Sequence[Sequence[str]], costs: Costs) -> float:
    """What the cells and the shape of a table take."""
    if not rows:
        return 0.0
    widths = Counter(map(len, rows))
    usual = max(widths, key=lambda width: (widths[width], width))
    bits = _entropy(widths, len(rows)) + (len(rows) - widths[usual]) * (_RAGGED_BITS + log2(usual + 1))
    known, of = costs.known, costs.of
    for column in range(usual):
        kinds: dict[Kind, int] = {}
        for row in rows:
            if column < len(row):
                cell = row[column]
                kind, cell_bits = known.get(cell) or of(cell)
                kinds[kind] = kinds.get(kind, 0) + 1
                bits += cell_bits
        bits += _entropy(kinds, sum(kinds.values())) + _COLUMN_BITS
    for row in rows:
        for cell in row[usual:]:
            bits += of(cell)[1] + _RAGGED_BITS
    return bits


def bits_of_quotes(text: str, quote: str | None, rows: Sequence[Sequence[str]]) -> float:
    """What the quotes around cells take; those within cells are told with the cells."""
    if quote is None or quote not in text:
        return 0.0
    within = sum(cell.count(quote) for row in rows for cell in row)
    return _QUOTE_BITS * max(0, text.count(quote) - within)


def bits_of_rest(text: str) -> float:
    """What text takes that a reading leaves unread."""
    return bits_of_text(text) + _UNREAD_LINE_BITS * (text.count("\n") + 1) if text else 0.0


def _entropy(counts: dict[Kind, int] | dict[int, int] | Counter[int], total: int) -> float:
    """Bits to tell which of several things each of `total` is, with what it takes to tell how often each is."""
    if len(counts) < 2:
        return 0.0
    return sum(count * log2(total / count) for count in counts.values()) + (len(counts) - 1) * log2(total + 1)
