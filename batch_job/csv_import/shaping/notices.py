"""What is told about cells that were loaded all the same, counted by column."""

from __future__ import annotations

from collections import Counter

from csv_import.shaping.values.value import Notice, Tell


class Notices:
    """Counts notices by column and kind: cells, not rows.

    Attributes:
        counts: cells by (column, notice).
    """

    def __init__(self) -> None:
        self.counts: Counter[tuple[str, Notice]] = Counter()

    def about(self, column: str) -> Tell:
        """What takes notices about cells of one column."""

        def tell(notice: Notice) -> None:
            self.counts[column, notice] += 1

        return tell
