"""One BatchWriteItem request's worth of items, each key at most once."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from csv_import.shaping.item import Item
from csv_import.writing.modes.rule import later_stays

Merge = Callable[[bytes, bytes], "bytes | None"]


@dataclass(slots=True)
class Batch:
    """Items of one lane and one segment, by the digest of their key.

    Inside an unsent batch rows with one key are one request, by the mode's rule.
    """

    segment: int
    items: dict[bytes, bytes] = field(default_factory=dict)
    size: int = 0

    def put(self, item: Item, merge: Merge = later_stays) -> bool | None:
        """Add an item, or merge it with the one of its key.

        Returns:
            whether it was merged; None where it can be neither added nor merged.
        """
        earlier = self.items.get(item.key)
        if earlier is None:
            self.items[item.key] = item.body
            self.size += len(item.body)
            return False
        merged = merge(earlier, item.body)
        if merged is None:
            return None
        self.items[item.key] = merged
        self.size += len(merged) - len(earlier)
        return True
