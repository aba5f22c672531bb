"""Shapes many rows at once, column by column."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeVar

from csv_import.shaping.block_cells import BlockCells, OddRows
from csv_import.shaping.bodies import Bodies
from csv_import.shaping.column_values import ColumnValues, Constant, Texts
from csv_import.shaping.flat import Flat
from csv_import.shaping.item import key_texts
from csv_import.shaping.item_plan import ItemPlan
from csv_import.shaping.shaped_rows import ShapedRows
from csv_import.shaping.sizes import MAX_ITEM_BYTES

_Each = TypeVar("_Each")


def shape_at_once(flat: Flat, rows: Sequence[list[str]], records: Sequence[int]) -> ShapedRows:
    """The items of rows that are all as they should be; what is to be told of them is told.

    Args:
        rows: all of the right width.
        records: their numbers in the file.

    Raises:
        OddRows: some are not; nothing is told.
    """
    count = len(rows)
    cells = BlockCells(flat, rows)
    stamped = any(item.created_time is not None for item in flat.items)
    created_times = flat.created_times(records) if stamped else []
    drafts = [_Draft(flat, item, cells, created_times, count) for item in flat.items]
    if cells.odd:
        raise OddRows(cells.odd)
    keys, bodies = [draft.keys() for draft in drafts], [draft.bodies() for draft in drafts]
    for notice, told in cells.told.items():
        flat.notices.counts[notice] += len(told)
    if len(drafts) == 1:
        return ShapedRows(keys[0], bodies[0], list(records))
    absent = [draft.absent for draft in drafts]
    return ShapedRows(
        _in_turn(keys, absent),
        _in_turn(bodies, absent),
        _in_turn([records] * len(drafts), absent),
        row_keys=keys[0],
    )


def keys_at_once(flat: Flat, rows: Sequence[list[str]], records: Sequence[int]) -> list[list[bytes]]:
    """Of each of the items that rows become, the texts of its keys; nothing where a row does without it.

    Args:
        flat: at least what keys are made of.
        rows: all of the right width.
        records: their numbers in the file.

    Raises:
        OddRows: some have no key.
    """
    cells = BlockCells(flat, rows, few=True)
    stamped = any(item.created_time is not None for item in flat.items)
    created_times = flat.created_times(records) if stamped else []
    drafts = [_Draft(flat, item, cells, created_times, len(rows)) for item in flat.items]
    if cells.odd:
        raise OddRows(cells.odd)
    return [_without(draft.keys(), draft.absent) for draft in drafts]


def _without(keys: list[bytes], absent: set[int]) -> list[bytes]:
    if not absent:
        return keys
    return [b"" if index in absent else key for index, key in enumerate(keys)]


def _in_turn(lists: Sequence[Sequence[_Each]], absent: Sequence[set[int]]) -> list[_Each]:
    """One from each list in turn, but for what is absent."""
    if not any(absent):
        return [each for row in zip(*lists, strict=True) for each in row]
    return [
        each
        for index, row in enumerate(zip(*lists, strict=True))
        for each, gone in zip(row, absent, strict=True)
        if index not in gone
    ]


class _Draft:
    """One of the items that each row becomes.

    Attributes:
        absent: rows that do without it.
    """

    def __init__(
        self, flat: Flat, item: ItemPlan, cells: BlockCells, created_times: list[bytes], count: int
    ) -> None:
        self.absent: set[int] = set()
        self._count = count
        self._key_names = [name for name, _ in flat.keys]
        self._constants = item.constants
        self._attributes: dict[str, ColumnValues] = {}
        for name, index in item.plain:
            self._attributes[name] = cells.plain(index)
        for name, slot in item.typed:
            self._attributes[name] = cells.columns[slot]
        if item.created_time is not None:
            texts = created_times
            self._attributes[item.created_time] = Texts("S", texts, lambda: [each.decode() for each in texts])
        composed = [cells.composed(composer) for _, composer in item.composed]
        for ((name,), _), (values, _) in zip(item.composed, composed, strict=True):
            self._attributes[name] = values
        self._check_keys(item, cells)
        for _, told in composed:
            for notice, indexes in told.items():
                cells.told[notice] |= indexes - self.absent

    def keys(self) -> list[bytes]:
        """The texts of the items' keys."""
        return key_texts([self._values_of(name).escaped() for name in self._key_names])

    def bodies(self) -> list[bytes]:
        """The items as JSON.

        Raises:
            OddRows: items may be too large.
        """
        bodies = Bodies(self._constants, self._count)
        for name in sorted(self._attributes, key=lambda name: name not in self._key_names):
            self._attributes[name].add_to(bodies, name)
        made = bodies.done()
        if bodies.size > MAX_ITEM_BYTES and max(map(len, made)) > MAX_ITEM_BYTES:
            raise OddRows(index for index, body in enumerate(made) if len(body) > MAX_ITEM_BYTES)
        return made

    def _values_of(self, name: str) -> ColumnValues:
        values = self._attributes.get(name)
        return Constant(self._constants[name], self._count) if values is None else values

    def _check_keys(self, item: ItemPlan, cells: BlockCells) -> None:
        for check in item.keys:
            values = self._values_of(check.attribute.name)
            cells.odd.update(values.unfit(check))
            if check.needed:
                (self.absent if item.optional else cells.odd).update(values.missing())
