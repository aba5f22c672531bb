"""What consecutive rows have come to: items, and reasons why there are none."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from csv_import.rejects import Reason
from csv_import.shaping.item import Item, Items


@dataclass(slots=True)
class ShapedRows:
    """Items of consecutive rows, as lists of equal length in file order, and what was rejected among the rows.

    Attributes:
        keys: the texts of the items' keys.
        bodies: the items, as `Item.body`.
        records: the number of each item's record.
        rejects: index of the row, and why it has no item.
        row_keys: the keys that stand for the rows, where a row may be several items; None where each is one.
    """

    keys: list[bytes] = field(default_factory=list)
    bodies: list[bytes] = field(default_factory=list)
    records: list[int] = field(default_factory=list)
    rejects: list[tuple[int, Reason]] = field(default_factory=list)
    row_keys: list[bytes] | None = None

    @property
    def rows(self) -> Sequence[bytes]:
        """The keys that stand for the rows that were accepted."""
        return self.keys if self.row_keys is None else self.row_keys

    def add(self, index: int, record: int, shaped: Item | Items | Reason) -> None:
        """Take in what a row came to."""
        if isinstance(shaped, Reason):
            self.rejects.append((index, shaped))
            return
        items = shaped.items if isinstance(shaped, Items) else (shaped,)
        if self.row_keys is not None:
            self.row_keys.append(items[0].key)
        for item in items:
            self.keys.append(item.key)
            self.bodies.append(item.body)
            self.records.append(record)

    def append(self, others: ShapedRows, at: int) -> None:
        """Take in the rows that follow, the first of which has the index `at`."""
        self.keys += others.keys
        self.bodies += others.bodies
        self.records += others.records
        self.rejects += [(at + index, reason) for index, reason in others.rejects]
        if self.row_keys is not None:
            self.row_keys += others.rows
