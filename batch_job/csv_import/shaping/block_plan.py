"""Shapes the rows of a block: the same items as row by row, at a fraction of the work for each."""

from __future__ import annotations

import itertools
from collections.abc import Collection, Sequence

from csv_import.rejects import Reason
from csv_import.settings import ShapeLimits
from csv_import.shaping.at_once import shape_at_once
from csv_import.shaping.block_cells import OddRows
from csv_import.shaping.plan import Plan
from csv_import.shaping.shaped_rows import ShapedRows

_MOSTLY_ODD = 8  # one odd row in so many, and rows are shaped one by one


class BlockPlan:
    """Shapes rows by a plan, whose `shape` says what is right.

    Rows that are as they should be are built column by column. Every other row, too short, with an empty key or
    a number that is none, is left to the plan; so is every row of a plan that has no `flat`.

    Args:
        plan: made of spec, header, table and object.
        limits: how much is shaped at once.
    """

    def __init__(self, plan: Plan, limits: ShapeLimits | None = None) -> None:
        self._plan = plan
        self._flat = plan.flat()
        self._weight = plan.weight()
        self._max_shaped_bytes = (limits or ShapeLimits()).max_shaped_bytes

    def stop(self, rows: Sequence[list[str]], start: int, stop: int, size: int) -> int:
        """Behind which of `rows[start:stop]` it is time to write, for their items come to as much as may be held.

        Args:
            size: of all rows in the file, in bytes.
        """
        return self._weight.stop(rows, start, stop, size=size, max_bytes=self._max_shaped_bytes)

    def shape(self, rows: Sequence[list[str]], records: Sequence[int]) -> ShapedRows:
        """The items of rows.

        Args:
            rows: their cells.
            records: their numbers in the file, which are those of consecutive records as a rule: then a range.
        """
        if self._flat is None or not rows:
            return self._one_by_one(rows, records)
        width = self._flat.width
        odd: Collection[int]
        if set(map(len, rows)) == {width}:
            try:
                return shape_at_once(self._flat, rows, records)
            except OddRows as found:
                odd = found.indexes
        else:
            odd = [index for index, row in enumerate(rows) if len(row) != width]
        if len(odd) > len(rows) // _MOSTLY_ODD:
            return self._one_by_one(rows, records)
        return self._in_runs(rows, records, sorted(odd))

    def shape_fitted(self, rows: Sequence[list[str] | Reason], records: Sequence[int]) -> ShapedRows:
        """The items of rows among which some cannot be taken, for a reason that is known already.

        Args:
            rows: their cells, or the reason.
            records: their numbers in the file, which are those of consecutive records as a rule: then a range.
        """
        all_shaped, start = self._no_rows(), 0
        for reason, run in itertools.groupby(rows, lambda row: isinstance(row, Reason)):
            members = list(run)
            if reason:
                all_shaped.rejects += [
                    (start + at, row) for at, row in enumerate(members) if isinstance(row, Reason)
                ]
            else:
                good = [row for row in members if not isinstance(row, Reason)]
                all_shaped.append(self.shape(good, records[start : start + len(good)]), start)
            start += len(members)
        return all_shaped

    def _no_rows(self) -> ShapedRows:
        return ShapedRows(row_keys=[] if self._plan.items_per_row > 1 else None)

    def _in_runs(self, rows: Sequence[list[str]], records: Sequence[int], odd: list[int]) -> ShapedRows:
        """Shape what stands between odd rows at once, and these by themselves."""
        all_shaped, start = self._no_rows(), 0
        for index in (*odd, len(rows)):
            if start < index:
                all_shaped.append(self._run(rows[start:index], records[start:index]), start)
            if index < len(rows):
                all_shaped.add(index, records[index], self._plan.shape(rows[index], records[index]))
            start = index + 1
        return all_shaped

    def _run(self, rows: Sequence[list[str]], records: Sequence[int]) -> ShapedRows:
        assert self._flat is not None
        try:
            return shape_at_once(self._flat, rows, records)
        except OddRows:
            return self._one_by_one(rows, records)

    def _one_by_one(self, rows: Sequence[list[str]], records: Sequence[int]) -> ShapedRows:
        shaped = self._no_rows()
        for index, (row, record) in enumerate(zip(rows, records, strict=True)):
            shaped.add(index, record, self._plan.shape(row, record))
        return shaped
