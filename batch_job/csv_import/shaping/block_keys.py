"""The keys that rows' items have, without the items: at a fraction of what shaping takes."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import replace

from csv_import.rejects import Reason
from csv_import.shaping.at_once import keys_at_once
from csv_import.shaping.block_cells import OddRows
from csv_import.shaping.flat import Flat
from csv_import.shaping.item import Items, digest_of, digests_of
from csv_import.shaping.item_plan import ItemPlan
from csv_import.shaping.plan import Plan

NO_KEY = b""

_Find = Callable[[Sequence["list[str] | Reason"], Sequence[int]], list[list[bytes]]]


class BlockKeys:
    """Digests of the keys of rows' items.

    A row that is rejected may have digests or none; one that is accepted has those of the items that `Plan.shape`
    gives.

    Args:
        plan: made of spec, header, table and object.
    """

    def __init__(self, plan: Plan) -> None:
        self._plan = plan
        flat = plan.flat()
        self._flat = _keys_of(flat) if flat is not None else None
        self.unique_by_row = self._flat is not None and all(item.created_time for item in self._flat.items)
        """Whether no two rows can have a key in common, for their own times are part of their keys."""

    def digests(self, rows: Sequence[list[str] | Reason], records: Sequence[int]) -> Iterable[bytes]:
        """Digests of all rows' keys, in any order, and `NO_KEY` among them.

        Args:
            rows: their cells; or why one is rejected.
            records: their numbers in the file.
        """
        return itertools.chain.from_iterable(map(_digests, self._by_item(rows, records)))

    def by_row(self, rows: Sequence[list[str] | Reason], records: Sequence[int]) -> list[tuple[bytes, ...]]:
        """For each row, the digests of its items' keys, in the order of the items that there are."""
        by_item = map(_digests, self._by_item(rows, records))
        return [tuple(filter(None, digests)) for digests in zip(*by_item, strict=True)]

    def _by_item(self, rows: Sequence[list[str] | Reason], records: Sequence[int]) -> list[list[bytes]]:
        if self._flat is None:
            return self._one_by_one(rows, records)
        width = self._plan.width
        good = [row for row in rows if type(row) is list and len(row) == width]
        if len(good) == len(rows):
            try:
                return keys_at_once(self._flat, good, records)
            except OddRows as found:
                odd = found.indexes
        else:
            odd = frozenset(at for at, row in enumerate(rows) if type(row) is not list or len(row) != width)
        return self._around(rows, records, odd)

    def _around(
        self, rows: Sequence[list[str] | Reason], records: Sequence[int], odd: frozenset[int]
    ) -> list[list[bytes]]:
        """Those of odd rows one by one, those of the others at once."""
        keys = self._none(len(rows))
        self._fill(keys, rows, records, odd, self._one_by_one)
        self._fill(keys, rows, records, set(range(len(rows))) - odd, self._at_once)
        return keys

    @staticmethod
    def _fill(
        keys: list[list[bytes]],
        rows: Sequence[list[str] | Reason],
        records: Sequence[int],
        indexes: Collection[int],
        find: _Find,
    ) -> None:
        if not indexes:
            return
        found = find([rows[index] for index in indexes], [records[index] for index in indexes])
        for all_keys, some in zip(keys, found, strict=True):
            for index, key in zip(indexes, some, strict=True):
                all_keys[index] = key

    def _at_once(self, rows: Sequence[list[str] | Reason], records: Sequence[int]) -> list[list[bytes]]:
        assert self._flat is not None
        try:
            return keys_at_once(self._flat, [row for row in rows if not isinstance(row, Reason)], records)
        except OddRows:
            return self._one_by_one(rows, records)

    def _none(self, rows: int) -> list[list[bytes]]:
        return [[NO_KEY] * rows for _ in range(self._plan.items_per_row)]

    def _one_by_one(self, rows: Sequence[list[str] | Reason], records: Sequence[int]) -> list[list[bytes]]:
        keys = self._none(len(rows))
        for index, (row, record) in enumerate(zip(rows, records, strict=True)):
            if not isinstance(row, Reason):
                self._shape(keys, index, row, record)
        return keys

    def _shape(self, keys: list[list[bytes]], index: int, row: list[str], record: int) -> None:
        shaped = self._plan.shape(row, record)
        if isinstance(shaped, Reason):
            return
        items = shaped.items if isinstance(shaped, Items) else (shaped,)
        for of_item, item in zip(keys, items, strict=False):
            of_item[index] = item.key


def _digests(keys: list[bytes]) -> list[bytes]:
    return [digest_of(key) if key else NO_KEY for key in keys] if NO_KEY in keys else digests_of(keys)


def _keys_of(flat: Flat) -> Flat:
    """What of a plan the table's keys are made of."""
    names = {name for name, _ in flat.keys}
    slots = _slots(flat, names)
    columns = tuple(flat.columns[slot] for slot in slots)
    new_slot = {slot: new for new, slot in enumerate(slots)}
    return replace(
        flat,
        columns=columns,
        slot_of={column.index: new for new, column in enumerate(columns)},
        items=tuple(_key_item(item, names, new_slot) for item in flat.items),
    )


def _slots(flat: Flat, names: set[str]) -> list[int]:
    """The slots of values that keys, or templates of keys, are made of."""
    needed: set[int] = set()
    for item in flat.items:
        needed.update(slot for name, slot in item.typed if name in names)
        for path, composer in item.composed:
            if path[0] in names:
                needed.update(flat.slot_of[index] for index in composer.indexes if index in flat.slot_of)
    return sorted(needed)


def _key_item(item: ItemPlan, names: set[str], new_slot: dict[int, int]) -> ItemPlan:
    return replace(
        item,
        plain=tuple(each for each in item.plain if each[0] in names),
        typed=tuple((name, new_slot[slot]) for name, slot in item.typed if name in names),
        nested=(),
        composed=tuple(each for each in item.composed if each[0][0] in names),
        created_time=item.created_time if item.created_time in names else None,
        keys=tuple(check for check in item.keys if check.attribute.name in names),
    )
