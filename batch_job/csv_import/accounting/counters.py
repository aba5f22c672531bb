"""The counters of a part, exact to the row and independent of timing."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from csv_import.rejects import RejectCode
from csv_import.shaping.values.value import Notice


@dataclass(slots=True)
class Counters:
    """What became of the rows, items and bytes of a part; names as in docs/contracts.md.

    Attributes:
        notices: what was told about cells that were loaded all the same: (column, notice) → cells.
    """

    rows_read: int = 0
    rows_accepted: int = 0
    rows_rejected: int = 0
    rows_written: int = 0
    rows_superseded: int = 0
    rows_skipped: int = 0
    items_accepted: int = 0
    items_written: int = 0
    items_superseded: int = 0
    items_skipped: int = 0
    bytes_read: int = 0
    bytes_records: int = 0
    bytes_ignored: int = 0
    requests: int = 0
    throttles: int = 0
    retries: int = 0
    ignored: dict[str, tuple[int, int]] = field(default_factory=dict)
    rejects_by_code: Counter[str] = field(default_factory=Counter)
    mended: Counter[str] = field(default_factory=Counter)
    notices: Mapping[tuple[str, Notice], int] = field(default_factory=dict)

    def copy(self) -> Counters:
        """The counters as they are now."""
        return replace(
            self,
            ignored=dict(self.ignored),
            rejects_by_code=self.rejects_by_code.copy(),
            mended=self.mended.copy(),
            notices=dict(self.notices),
        )

    def refuse(self, rows: int) -> None:
        """So many rows that had been accepted turn out to be rejects: DynamoDB refused them."""
        if rows:
            self.rows_accepted -= rows
            self.rows_rejected += rows
            self.rejects_by_code[RejectCode.REFUSED_BY_DYNAMODB] += rows

    def ignore(self, reason: str, *, spans: int, size: int) -> None:
        """Account for bytes that belong to no record.

        Args:
            reason: `byte_order_mark`, `preamble`, `header`, `blank_line`, `comment_line` or `footer`.
            spans: how many stretches.
            size: their bytes together.
        """
        if spans:
            known_spans, known_bytes = self.ignored.get(reason, (0, 0))
            self.ignored[reason] = (known_spans + spans, known_bytes + size)
            self.bytes_ignored += size

    def equation_holds(self) -> bool:
        """Every row read is written, superseded, skipped or rejected; every byte is a record's or ignored."""
        rows = self.rows_written + self.rows_superseded + self.rows_skipped + self.rows_rejected
        items = self.items_written + self.items_superseded + self.items_skipped
        return (
            self.rows_read == rows
            and self.items_accepted == items
            and self.bytes_read == self.bytes_records + self.bytes_ignored
        )
