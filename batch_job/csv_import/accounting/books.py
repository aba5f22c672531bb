"""The books of a segment: what the part came to up to its end, and the keys that were met in it."""

from __future__ import annotations

from dataclasses import dataclass, field

from csv_import.accounting.counters import Counters
from csv_import.rejects import Location


@dataclass(slots=True)
class Keys:
    """Digests of keys, one after the other, as they must be known to count distinct ones.

    Attributes:
        items: of the items that were accepted.
        rows: of the first items of the rows that were accepted, where rows become several items.
        told: of items whose requests had a condition, each with a byte that says whether the item was left alone, in
            the order of the answers.
        refused_items: of items that DynamoDB refused.
        refused_rows: of the first items of rows that DynamoDB refused.
    """

    items: bytearray = field(default_factory=bytearray)
    rows: bytearray = field(default_factory=bytearray)
    told: bytearray = field(default_factory=bytearray)
    refused_items: bytearray = field(default_factory=bytearray)
    refused_rows: bytearray = field(default_factory=bytearray)

    @property
    def size(self) -> int:
        """Bytes of all."""
        return sum(map(len, self.fields()))

    def fields(self) -> tuple[bytearray, bytearray, bytearray, bytearray, bytearray]:
        """All of them, in the order in which they are kept."""
        return self.items, self.rows, self.told, self.refused_items, self.refused_rows

    def extend(self, later: Keys) -> None:
        """Take in the keys of a later segment."""
        for mine, more in zip(self.fields(), later.fields(), strict=True):
            mine.extend(more)


@dataclass(slots=True)
class Books:
    """What is known of a segment once all its records are read.

    Attributes:
        segment: which.
        end: the record after its last one.
        totals: what the part came to, from its start to this segment's end, but for rows that this attempt was
            refused by DynamoDB; these are added when the segment is settled.
        keys: those met in this segment.
    """

    segment: int
    end: Location
    totals: Counters
    keys: Keys
