"""What becomes of a row that does not fit its table: refused, or made to fit and counted."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from enum import StrEnum
from typing import NamedTuple

from csv_import.reading.damage import damage_of
from csv_import.rejects import Reason, RejectCode
from csv_import.settings import Mode


class Mending(StrEnum):
    """What the lenient mode did to a row."""

    REPAIRED = "repaired"
    """A damaged quote was read as text."""
    PADDED = "padded"
    """Empty cells were added to a short row."""
    JOINED = "joined"
    """Surplus cells became part of the last one."""


class Fitted(NamedTuple):
    """A row to be shaped, and what was done to it."""

    row: list[str]
    mendings: tuple[Mending, ...] = ()


MENDABLE = frozenset({RejectCode.UNCLOSED_QUOTE, RejectCode.STRAY_QUOTE})
"""Damage whose best reading keeps every character. Bytes that no reading gives back are rejects in either mode."""


def fit(row: list[str], *, columns: int, delimiter: str, mode: Mode) -> Fitted | Reason:
    """Make a row fit its table, or say why it cannot be taken.

    A row that is whole and has `columns` cells comes back as it is. In strict mode so does one of another
    width: shaping refuses it, for it knows the columns' names.

    Args:
        row: its cells, a damaged one's by their best reading.
        columns: how many cells a row should have; at least 1.
        delimiter: goes between surplus cells that are joined, as it stood between them.
        mode: see `Mode`.
    """
    damage = damage_of(row)
    if damage is not None and (mode is Mode.STRICT or damage.code not in MENDABLE):
        return damage
    if mode is Mode.STRICT:
        return Fitted(row)
    mendings = [Mending.REPAIRED] if damage is not None else []
    if len(row) < columns:
        return Fitted([*row, *[""] * (columns - len(row))], (*mendings, Mending.PADDED))
    if len(row) > columns:
        joined = delimiter.join(row[columns - 1 :])
        return Fitted([*row[: columns - 1], joined], (*mendings, Mending.JOINED))
    return Fitted(row, tuple(mendings))


class Fitting:
    """Makes the rows of one file fit its table.

    Args:
        columns, delimiter, mode: as for `fit`.

    Attributes:
        mendings: how many rows each was done to.
    """

    def __init__(self, *, columns: int, delimiter: str, mode: Mode) -> None:
        self._columns = columns
        self._delimiter = delimiter
        self._mode = mode
        self.mendings: Counter[str] = Counter()

    def rows(self, rows: Sequence[list[str]]) -> Iterable[list[str] | Reason]:
        """The rows as they are to be shaped, in order; the reason in place of each that cannot be taken.

        A row is made to fit, and counted, when it is asked for.
        """
        if set(map(type, rows)) <= {list} and set(map(len, rows)) <= {self._columns}:
            return rows
        return map(self._fit, rows)

    def _fit(self, row: list[str]) -> list[str] | Reason:
        if type(row) is list and len(row) == self._columns:
            return row
        fitted = fit(row, columns=self._columns, delimiter=self._delimiter, mode=self._mode)
        if isinstance(fitted, Reason):
            return fitted
        self.mendings.update(mending.value for mending in fitted.mendings)
        return fitted.row
