"""How many bytes the items of a row may have, told before they are made: so many rows are shaped at once."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import orjson

from csv_import.shaping.flat import ReadColumn
from csv_import.shaping.item_plan import ItemPlan
from csv_import.shaping.provenance import PROVENANCE

_ITEM_BYTES = 150  # of the objects that hold an item and its key, and of its own time
_MEMBER_BYTES = 10  # of the marks around a name and its value
_VALUE_BYTES = (
    50  # that a value may be longer than its cell times `GROWTH`: a time, or a number with an exponent
)
_STRING_GROWTH = 6  # a control character is six in JSON
_COPIES = 2  # of a value: in the item, and in the text of its key perhaps
GROWTH = 10  # an empty element of a list becomes {"S":""}, and a comma


@dataclass(frozen=True, slots=True)
class RowWeight:
    """A bound on the bytes of a row's items.

    Attributes:
        fixed_bytes: what every row has: names, constants, literals, defaults.
        growth: bytes at most for each character of its cells.
    """

    fixed_bytes: int
    growth: int

    def stop(self, rows: Sequence[Sequence[str]], start: int, stop: int, *, size: int, max_bytes: int) -> int:
        """Behind which row the items of `rows[start:stop]` may come to `max_bytes`; one row at least is before it.

        Args:
            size: no less than the characters of all rows.
        """
        if self.fixed_bytes * (stop - start) + self.growth * size <= max_bytes:
            return stop
        bytes_left = max_bytes
        for index in range(start, stop):
            bytes_left -= self.fixed_bytes + self.growth * sum(map(len, rows[index]))
            if bytes_left < 0:
                return max(index, start + 1)
        return stop


def row_weight(items: Sequence[ItemPlan], columns: Sequence[ReadColumn]) -> RowWeight:
    """The weight of a row that becomes these items.

    Args:
        items: what it becomes.
        columns: those that are read, by slot.
    """
    fixed = growth = 0
    defaults = {column.index: column.default_bytes for column in columns}
    for item in items:
        constants = item.constants
        fixed += _ITEM_BYTES + len(orjson.dumps(constants))
        keys = PROVENANCE.union(check.attribute.name for check in item.keys if check.needed)
        fixed += sum(len(orjson.dumps(constants[name])) for name in keys & constants.keys())
        names = [*(name for name, _ in item.plain), item.created_time or ""]
        typed = [((name,), slot) for name, slot in item.typed] + list(item.nested)
        names += [name for path, _ in typed for name in path]
        names += [name for path, _ in item.composed for name in path]
        fixed += sum(len(orjson.dumps(name)) + _MEMBER_BYTES for name in names)
        values = sum(_VALUE_BYTES + columns[slot].default_bytes for _, slot in typed)
        values += sum(_VALUE_BYTES + len(orjson.dumps(composer.format)) for _, composer in item.composed)
        uses = Counter(index for _, composer in item.composed for index in composer.indexes)
        values += sum(defaults.get(index, 0) * times for index, times in uses.items())
        fixed += _COPIES * values
        each = GROWTH if typed or item.composed else _STRING_GROWTH
        growth += _COPIES * each * (1 + max(uses.values(), default=0))
    return RowWeight(fixed, growth)
