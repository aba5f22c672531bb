"""Turns what was accepted into written, superseded and skipped: rows and items, independent of timing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import TracebackType

from csv_import.accounting.books import Keys
from csv_import.accounting.counters import Counters
from csv_import.accounting.distinct import DistinctKeys, LeftAlone, pieces
from csv_import.shaping.item import DIGEST_BYTES

Refused = Mapping[bytes, int]

_NONE: Refused = {}


class Tally:
    """Counts keys. A row counts by the key of its first item; where each row is one item, rows and items are one.

    Args:
        max_bytes: memory for digests, of each kind.
        several: whether rows become several items.
    """

    def __init__(self, max_bytes: int, *, several: bool) -> None:
        self._items = DistinctKeys(max_bytes)
        self._rows = DistinctKeys(max_bytes) if several else self._items
        self._several = several
        self.left_alone = LeftAlone(max_bytes)
        self._count = 0

    @property
    def items(self) -> int:
        """How many items were accepted, those that were refused later among them."""
        return self._count

    def add(self, rows: Sequence[bytes], items: Sequence[bytes]) -> None:
        """Take in accepted rows.

        Args:
            rows: of each row the digest of the key of its first item.
            items: the digests of the keys of all their items; no others where each row is one item.
        """
        self._items.add(items)
        self._count += len(items)
        if self._several:
            self._rows.add(rows)

    def restore(self, keys: Keys) -> None:
        """Take in the keys that an earlier attempt met."""
        items = list(pieces(bytes(keys.items), DIGEST_BYTES))
        rows = list(pieces(bytes(keys.rows), DIGEST_BYTES))
        self.add(rows, items)
        self.left_alone.restore(bytes(keys.told))

    def settle(
        self, counters: Counters, refused_rows: Refused = _NONE, refused_items: Refused = _NONE
    ) -> None:
        """Fill in what became of rows and items; both follow from the keys, and from first answers.

        Args:
            counters: `rows_accepted` is without the rows that were refused.
            refused_rows, refused_items: how many rows by the key of their first item, and how many items by key,
                turned out to be refused after they had been taken in; by the key's digest.
        """
        counters.items_accepted = self._count - sum(refused_items.values())
        items, skipped_items = self._items.outcomes(self.left_alone, refused_items)
        counters.items_written, counters.items_skipped = items - skipped_items, skipped_items
        counters.items_superseded = counters.items_accepted - items
        rows, skipped_rows = items, skipped_items
        if self._several or refused_rows != refused_items:
            rows, skipped_rows = self._rows.outcomes(self.left_alone, refused_rows)
        counters.rows_written, counters.rows_skipped = rows - skipped_rows, skipped_rows
        counters.rows_superseded = counters.rows_accepted - rows

    def __enter__(self) -> Tally:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for each in (self._items, self._rows, self.left_alone):
            each.__exit__(kind, error, trace)
