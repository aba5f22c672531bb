"""Why a record could not be read, in words."""

from __future__ import annotations

from csv_import.reading.blocks import INVALID_UTF8, UNCLOSED_QUOTE
from csv_import.rejects import Reason, RejectCode


def damage_of(row: list[str]) -> Reason | None:
    """What is wrong with a row that stands for a damaged record; None for any other row."""
    if row is UNCLOSED_QUOTE:
        return Reason(
            RejectCode.UNCLOSED_QUOTE,
            "a quote opens a cell on this line and is not closed within the longest record",
        )
    if row is INVALID_UTF8:
        return Reason(RejectCode.INVALID_UTF8, "the record holds bytes that are no UTF-8")
    return None
