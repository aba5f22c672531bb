"""How many rejected rows an import bears before it stops."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from csv_import.accounting.counters import Counters
from csv_import.errors import BadData
from csv_import.rejects import Location


@dataclass(frozen=True, slots=True)
class RejectLimit:
    """The limits of a spec; None where there is none.

    Attributes:
        most: rejected rows of the whole import.
        ratio: rejected rows to rows read, of the whole import.
        from_rows: rows read before the ratio counts.
    """

    most: int | None = None
    ratio: float | None = None
    from_rows: int = 1

    @property
    def is_set(self) -> bool:
        """Whether there is any limit."""
        return self.most is not None or self.ratio is not None

    def exceeded(self, read: int, rejected: int) -> str | None:
        """What is exceeded, in words; None where nothing is."""
        if self.most is not None and rejected > self.most:
            return f"more rows are rejected than max_rejects allows ({self.most})"
        if self.ratio is not None and read >= self.from_rows and rejected > Decimal(str(self.ratio)) * read:
            return f"{rejected} of {read} rows are rejected, a larger share than max_reject_ratio allows ({self.ratio})"
        return None


@dataclass(slots=True)
class RejectGuard:
    """Stops a part when the import has passed its limit.

    Attributes:
        others_read, others_rejected: what the import's other parts have counted, as far as the ledger tells.
    """

    limit: RejectLimit
    others_read: int = 0
    others_rejected: int = 0

    def check(self, counters: Counters, at: Location) -> None:
        """Return while the limit is kept.

        Args:
            counters: of this part, up to the record at hand and with it.
            at: the record at hand.

        Raises:
            BadData: `too_many_rejects`.
        """
        exceeded = self.limit.exceeded(
            self.others_read + counters.rows_read, self.others_rejected + counters.rows_rejected
        )
        if exceeded:
            raise BadData(
                "too_many_rejects",
                f"stopped at line {at.line} (record {at.record}): {exceeded}; rejects.jsonl says why each one was",
            )
