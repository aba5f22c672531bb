"""One BatchWriteItem request's worth of items, each key at most once."""

from __future__ import annotations

from dataclasses import dataclass, field

from csv_import.shaping.item import Item


@dataclass(slots=True)
class Batch:
    """Items of one lane and one segment, by the digest of their key.

    Inside an unsent batch rows with one key are one request: in mode `put` the later replaces the earlier.
    """

    segment: int
    items: dict[bytes, bytes] = field(default_factory=dict)
    size: int = 0

    def put(self, item: Item) -> bool:
        """Add an item, or replace the one with its key; tell whether it replaced one."""
        replaced = self.items.get(item.key)
        self.items[item.key] = item.body
        if replaced is None:
            self.size += len(item.body)
            return False
        self.size += len(item.body) - len(replaced)
        return True
