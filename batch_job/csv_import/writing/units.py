"""What writing an item costs, in write units, before DynamoDB tells it.

https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/read-write-operations.html#write-operation-consumption
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from csv_import.writing.batch import Entries, bodies_of

UNIT_BYTES = 1024
_ATTRIBUTE = b'":{"'
_AROUND_ATTRIBUTE = len('"":{"S":""},')


@dataclass(frozen=True, slots=True)
class IndexCost:
    """An index: which attributes an item needs to stand in it, and whether it stands there whole."""

    names: tuple[bytes, ...]
    whole: bool


@dataclass(frozen=True, slots=True)
class WriteCost:
    """Estimates units: one for each KiB begun of a new item, and the same for each index that it stands in.

    An estimate, for it cannot know what an item replaces; the answers correct it.
    """

    indexes: tuple[IndexCost, ...] = ()

    def of(self, entries: Entries) -> int:
        """Units of writing these items."""
        if not self.indexes and max(map(len, bodies_of(entries))) <= UNIT_BYTES:
            return len(entries)
        return sum(map(self._of_item, bodies_of(entries)))

    def _of_item(self, body: bytes) -> int:
        units = -(-item_bytes(body) // UNIT_BYTES)
        total = units
        for index in self.indexes:
            if all(name in body for name in index.names):
                total += units if index.whole else 1
        return total


def item_bytes(body: bytes) -> int:
    """About how many bytes DynamoDB counts for an item: its JSON without what stands around names and values."""
    return max(1, len(body) - _AROUND_ATTRIBUTE * body.count(_ATTRIBUTE) - 1)  # braces, and a comma less


def write_cost(description: Mapping[str, Any]) -> WriteCost:
    """The cost of writing to the table that DescribeTable describes."""
    indexes = [
        IndexCost(
            names=tuple(f'"{key["AttributeName"]}":{{'.encode() for key in index["KeySchema"]),
            whole=index.get("Projection", {}).get("ProjectionType", "ALL") == "ALL",
        )
        for kind in ("GlobalSecondaryIndexes", "LocalSecondaryIndexes")
        for index in description.get(kind) or []
    ]
    return WriteCost(tuple(indexes))
