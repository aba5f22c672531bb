"""The way from a row to its items as a spec says it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from csv_import.rejects import Reason
from csv_import.shaping.cells import text_of
from csv_import.shaping.flat import Flat, ReadColumn
from csv_import.shaping.item import Item, Items, json_body, key_text_of
from csv_import.shaping.item_plan import Body, ItemPlan, LeftOut
from csv_import.shaping.key_schema import KeySchema
from csv_import.shaping.notices import Notices
from csv_import.shaping.provenance import Provenance
from csv_import.shaping.row_plan import misfit, too_large
from csv_import.shaping.sizes import MAX_ITEM_BYTES, item_bytes
from csv_import.shaping.values.value import Refused, Value
from csv_import.shaping.weight import RowWeight, row_weight


@dataclass(frozen=True, slots=True)
class Cells:
    """How the cells of a row are read.

    Attributes:
        typed: the columns whose cells are read, by slot.
        texts: index and slot of typed columns that templates name.
        composes: whether there is any template.
    """

    typed: tuple[ReadColumn, ...]
    texts: tuple[tuple[int, int], ...]
    composes: bool


class SpecPlan:
    """Turns rows of one file into items of one table, as a spec says.

    Args:
        names: the header.
        cells: how cells are read.
        items: how the items are put together; the first one stands for the row.
        schema: the table's keys.
        provenance: of the object.
        notices: what the readers tell.
    """

    def __init__(
        self,
        names: Sequence[str],
        *,
        cells: Cells,
        items: Sequence[ItemPlan],
        schema: KeySchema,
        provenance: Provenance,
        notices: Notices,
    ) -> None:
        self.width = len(names)
        self.items_per_row = len(items)
        self.notices = notices
        self._names = tuple(names)
        self._cells = cells
        self._readers = tuple((column.index, column.read) for column in cells.typed)
        self._items = tuple(items)
        self._keys = tuple((attribute.name, attribute.type) for attribute in schema.table)
        self._created_time = provenance.created_time
        self._created_times = provenance.created_times
        self._stamps = any(item.created_time for item in items)

    def shape(self, row: list[str], record: int) -> Item | Items | Reason:
        """The item of a row, its items where there are several, or why there is none.

        Args:
            row: its cells.
            record: its number in the file, from 1.
        """
        if len(row) != self.width:
            return misfit(row, self._names)
        return self.notices.judge(self._shape(row, record))

    def flat(self) -> Flat | None:
        """The plan for many rows at once; None where columns stand in maps, which are built row by row."""
        if any(item.nested or any(len(path) > 1 for path, _ in item.composed) for item in self._items):
            return None
        return Flat(
            width=self.width,
            columns=self._cells.typed,
            slot_of={column.index: slot for slot, column in enumerate(self._cells.typed)},
            items=self._items,
            keys=self._keys,
            created_times=self._created_times,
            notices=self.notices,
        )

    def weight(self) -> RowWeight:
        """A bound on the bytes of a row's items."""
        return row_weight(self._items, self._cells.typed)

    def key_of(self, item: Mapping[str, Mapping[str, Any]]) -> bytes:
        """The text of the key of an item as DynamoDB hands it back."""
        return key_text_of(item, self._keys)

    def _shape(self, row: list[str], record: int) -> Item | Items | Reason:
        values: list[Value | None] = []
        try:
            for index, read in self._readers:
                values.append(read(row[index]))
        except Refused as refused:
            return Reason(refused.code, refused.message, self._names[index])
        texts = self._texts(row, values) if self._cells.composes else row
        created_time = self._created_time(record) if self._stamps else ""
        if self.items_per_row == 1:
            body = self._items[0].build(row, values, texts, created_time)
            return body if isinstance(body, Reason) else self._item(body)
        shaped: list[Item] = []
        for plan in self._items:
            told = self.notices.told
            try:
                body = plan.build(row, values, texts, created_time)
            except LeftOut:
                self.notices.forget(told)
                continue
            item = body if isinstance(body, Reason) else self._item(body)
            if isinstance(item, Reason):
                return item
            shaped.append(item)
        return Items(tuple(shaped))

    def _texts(self, row: list[str], values: Sequence[Value | None]) -> list[str]:
        """The row with the texts that templates see: values in the form in which equal ones are equal text."""
        texts = row.copy()
        for index, slot in self._cells.texts:
            texts[index] = text_of(values[slot])
        return texts

    def _item(self, body: Body) -> Item | Reason:
        data = json_body(body)
        # JSON is never shorter than what DynamoDB counts, so most items need no second look.
        if len(data) > MAX_ITEM_BYTES and (size := item_bytes(body)) > MAX_ITEM_BYTES:
            return too_large(size)
        return Item(self.key_of(body), data)
