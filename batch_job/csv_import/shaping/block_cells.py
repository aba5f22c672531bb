"""The cells of consecutive rows, read column by column."""

from __future__ import annotations

import itertools
import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from operator import ne

import orjson

from csv_import.shaping.column_values import ColumnValues, LookedUp, Texts, escaped_text
from csv_import.shaping.flat import Flat, ReadColumn
from csv_import.shaping.item import json_body
from csv_import.shaping.item_plan import Composer
from csv_import.shaping.values.conversion import string
from csv_import.shaping.values.value import Notice, Refused, Value

_DOUBTFUL = re.compile(rb'\\","')

Told = dict[tuple[str, Notice], set[int]]
"""The rows that something is told of, by column and notice."""


class OddRows(Exception):
    """Some rows are not as they should be, and have to be looked at one by one.

    Attributes:
        indexes: of these rows.
    """

    def __init__(self, indexes: Iterable[int]) -> None:
        super().__init__()
        self.indexes = frozenset(indexes)


class RawCells:
    """The cells of rows, column by column.

    It knows nothing of what becomes of them: values that hold on to it make no circle, which would keep whole blocks in
    memory until the garbage collector comes.
    """

    def __init__(self, rows: Sequence[list[str]]) -> None:
        self._rows = rows
        self._columns: dict[int, list[str]] = {}

    def of(self, index: int) -> list[str]:
        """The cells of one column."""
        if index not in self._columns:
            self._columns[index] = [row[index] for row in self._rows]
        return self._columns[index]


class BlockCells:
    """The values of consecutive rows' cells.

    Args:
        flat: says how they are read.
        rows: all of the right width.
        few: whether few of their columns are asked for: then each of these is escaped by itself.

    Attributes:
        columns: the values of those that are read, by slot.
        odd: rows with a cell that is refused.
        told: what is to be told if there are none.
    """

    def __init__(self, flat: Flat, rows: Sequence[list[str]], *, few: bool = False) -> None:
        self.odd: set[int] = set()
        self.told: Told = defaultdict(set)
        self._flat = flat
        self._raw = RawCells(rows)
        self._escaped: Sequence[list[bytes]] | None = None if few else _escaped_rows(rows, flat.width)
        self.columns = [self._read(column) for column in flat.columns]

    def plain(self, index: int) -> ColumnValues:
        """The values of a column whose cells are its strings."""
        raw = self._raw
        return Texts("S", self._escaped_of(index), lambda: raw.of(index))

    def composed(self, composer: Composer) -> tuple[ColumnValues, Told]:
        """What a template makes of each row, and what is told of it."""
        told: Told = defaultdict(set)
        columns = [self._texts_of(index) for index in composer.indexes]
        format_ = composer.format
        texts = [format_ % pieces for pieces in zip(*columns, strict=True)]
        lacking = {row for column in columns if "" in column for row, text in enumerate(column) if not text}
        for row in lacking:
            texts[row] = ""
        if composer.required:
            self.odd |= lacking
        if composer.convert is string:
            return Texts("S", _escaped_texts(texts), lambda: texts), told
        return self._looked_up(texts, lambda text: composer.convert(text) if text else None, told), told

    def _escaped_of(self, index: int) -> list[bytes]:
        return _escaped_texts(self._raw.of(index)) if self._escaped is None else self._escaped[index]

    def _read(self, column: ReadColumn) -> ColumnValues:
        cells, escaped = self._raw.of(column.index), self._escaped_of(column.index)
        if column.trims:
            trimmed = list(map(str.strip, cells))
            if trimmed != cells:
                cells, escaped = trimmed, _escaped_texts(trimmed)
        if column.usual is None:
            return self._looked_up(cells, column.read, self.told)
        texts = column.usual.texts(escaped)
        if texts is None:
            return self._looked_up(cells, column.read, self.told)
        if texts is escaped:
            return Texts(column.usual.kind, escaped, lambda: cells)
        changed = itertools.compress(range(len(cells)), map(ne, escaped, texts))
        self.told[column.name, Notice.TRAILING_ZEROS_LOST].update(changed)
        return Texts(column.usual.kind, texts, lambda: [text.decode() for text in texts])

    def _looked_up(
        self, cells: Sequence[str], read: Callable[[str], Value | None], told: Told
    ) -> ColumnValues:
        """Read every cell, those that are alike once."""
        values: dict[str, bytes] = {}
        refused: set[str] = set()
        lossy: dict[str, frozenset[tuple[str, Notice]]] = {}
        notices = self._flat.notices
        for cell in set(cells):
            try:
                value = read(cell)
            except Refused:
                value = None
                refused.add(cell)
            values[cell] = b"" if value is None else json_body(value)
            if notices.told:
                lossy[cell] = notices.take()
        if refused or lossy:
            for row, cell in enumerate(cells):
                if cell in refused:
                    self.odd.add(row)
                for notice in lossy.get(cell, ()):
                    told[notice].add(row)
        return LookedUp(cells, values)

    def _texts_of(self, index: int) -> Sequence[str]:
        """What templates see of a column."""
        slot = self._flat.slot_of.get(index)
        return self._raw.of(index) if slot is None else self.columns[slot].texts()


def _escaped_rows(rows: Sequence[list[str]], width: int) -> list[list[bytes]]:
    """The columns' cells as they stand between the quotes of JSON."""
    cells: list[str] = []
    for row in rows:
        cells += row
    escaped = _escaped_at_once(cells)
    if escaped is None:
        return [_escaped_texts(cells[index::width]) for index in range(width)]
    return [escaped[index::width] for index in range(width)]


def _escaped_texts(texts: list[str]) -> list[bytes]:
    """The texts as they stand between the quotes of JSON."""
    escaped = _escaped_at_once(texts)
    return list(map(escaped_text, texts)) if escaped is None else escaped


def _escaped_at_once(texts: list[str]) -> list[bytes] | None:
    """The texts escaped together, and cut where one ends and the next begins; None where that place is in doubt.

    A text that ends with a quote and a comma looks like such a place a character too early. (One that ends with a
    backslash is taken for one that might.)
    """
    if not texts:
        return []
    together = orjson.dumps(texts)[2:-2]
    if b"\\" in together and _DOUBTFUL.search(together):
        return None
    return together.split(b'","')
