"""Turns what was accepted into written, superseded and skipped: rows and items, independent of timing."""

from __future__ import annotations

from types import TracebackType

from csv_import.accounting.counters import Counters
from csv_import.accounting.distinct import DistinctKeys, LeftAlone
from csv_import.shaping.item import Item


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
        self.add = self._items.add
        """Takes the key of a row's only item."""

        self.items = 0

    def add_all(self, items: tuple[Item, ...]) -> None:
        """Take in the items of one row that becomes several."""
        self._rows.add(items[0].key)
        for item in items:
            self._items.add(item.key)
        self.items += len(items)

    def settle(self, counters: Counters) -> None:
        """Fill in what became of rows and items; both follow from the keys, and from first answers."""
        counters.items_accepted = self.items if self._several else counters.rows_accepted
        counters.rows_written, counters.rows_skipped, counters.rows_superseded = self._outcomes(
            self._rows, counters.rows_accepted
        )
        counters.items_written, counters.items_skipped, counters.items_superseded = self._outcomes(
            self._items, counters.items_accepted
        )

    def _outcomes(self, keys: DistinctKeys, accepted: int) -> tuple[int, int, int]:
        distinct, skipped = keys.count(), keys.count_left_alone(self.left_alone)
        return distinct - skipped, skipped, accepted - distinct

    def __enter__(self) -> Tally:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for each in (self._items, self._rows, self.left_alone):
            each.__exit__(kind, error, trace)
