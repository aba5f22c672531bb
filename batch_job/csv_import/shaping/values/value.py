"""What the conversions share: a value, a refusal, and how something lost is told."""

from __future__ import annotations

from collections.abc import Callable
from enum import StrEnum
from typing import Any

from csv_import.rejects import RejectCode

Value = dict[str, Any]
"""A value in DynamoDB's JSON: `{"N": "7"}`."""

NULL: Value = {"NULL": True}
REMOVED: Value = {"REMOVE": True}
"""No value of DynamoDB's: mode `update` takes the attribute off the item."""

Convert = Callable[[str], Value]
"""Makes a text a value, or raises `Refused`."""


class Refused(Exception):
    """A text is no value of the type that is asked for.

    Args:
        code: one of the closed list.
        message: for people, about "the cell"; never holds what stands in it.
    """

    def __init__(self, code: RejectCode, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message


class Notice(StrEnum):
    """What is no reason to refuse a cell, but is told in the report."""

    LEADING_ZEROS_LOST = "leading_zeros_lost"
    TRAILING_ZEROS_LOST = "trailing_zeros_lost"
    AMBIGUOUS_TIME = "ambiguous_time"


Tell = Callable[[Notice], None]
"""Takes a notice about the cell at hand."""


def tell_nobody(_notice: Notice) -> None:
    """For where nobody listens."""
