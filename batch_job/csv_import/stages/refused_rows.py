"""Finds rows again that DynamoDB refused long after they were read: their place, their bytes and their key."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from csv_import.accounting.settlement import FoundRow, Refused
from csv_import.reading.fitting import Fitting
from csv_import.rejects import Location, Reason
from csv_import.shaping.item import Items, digest_of
from csv_import.shaping.plan import Plan
from csv_import.stages.part_rows import PartRows, index_of

RowsFrom = Callable[[Location], Iterator[PartRows]]
"""Reads the part once more, from a place on."""


class RefusedRows:
    """Reads refused rows again.

    Args:
        rows_from: gives the part's rows from a place on.
        reshape: makes anew what fitted and shaped the rows, for both count what they do; None where each row is one
            item.
    """

    def __init__(self, rows_from: RowsFrom, reshape: Callable[[], tuple[Fitting, Plan]] | None) -> None:
        self._rows_from = rows_from
        self._reshape = reshape

    def find(self, start: Location, refused: Sequence[Refused]) -> Iterator[FoundRow]:
        """Yield the refused rows.

        Args:
            start: a record at or before the first of them.
            refused: in file order.
        """
        wanted = iter(refused)
        each = next(wanted, None)
        if each is None:
            return
        for rows in self._rows_from(start):
            while each is not None and rows.records and each.record <= rows.records[-1]:
                index = index_of(rows, each.record)
                owned = rows.owned.get(index)
                key = self._key(rows.rows[index], each)
                yield FoundRow(rows.location(index), rows.raw(index), key, owned is None or owned.counted)
                each = next(wanted, None)
            if each is None:
                return

    def _key(self, row: list[str], refused: Refused) -> bytes:
        """The digest of the key of the row's first item, which stands for it; the refused item may be another one."""
        if self._reshape is None:
            return refused.key
        fitting, plan = self._reshape()
        (fitted,) = fitting.rows([row])
        shaped = fitted if isinstance(fitted, Reason) else plan.shape(fitted, refused.record)
        assert isinstance(shaped, Items)
        return digest_of(shaped.items[0].key)
