"""Numbers as people write them: decimal comma, thousands marks; what a number cannot keep is told."""

from __future__ import annotations

import re
from collections.abc import Callable

from csv_import.rejects import RejectCode
from csv_import.shaping.numbers import MAX_DIGITS, canonical_number, is_canonical
from csv_import.shaping.values.value import Convert, Notice, Refused, Tell

RULE = f"up to {MAX_DIGITS} digits, magnitude 1E-130 to 9.99E+125"


def number_text(decimal: str, thousands: str | None, tell: Tell) -> Callable[[str], str]:
    """Makes the function from a cell to the number as DynamoDB stores it.

    DynamoDB keeps a number's value, not its zeros: 007 is stored as 7, and 1.50 as 1.5. That is told, once a cell.
    https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/HowItWorks.NamingRulesDataTypes.html

    Args:
        decimal: the decimal mark.
        thousands: the mark between groups of three digits; None where there is none.
    """
    plain_marks = decimal == "." and thousands is None
    written = _written(decimal, thousands)
    marks = f" with {decimal!r} as decimal mark" + (
        f" and {thousands!r} between thousands" if thousands else ""
    )
    complaint = f"the cell is no number{'' if plain_marks else marks} that DynamoDB keeps: {RULE}, no blanks"

    def read(cell: str) -> str:
        text = cell
        if not plain_marks:
            if not written.fullmatch(cell):
                raise Refused(RejectCode.INVALID_NUMBER, complaint)
            if thousands is not None:
                text = text.replace(thousands, "")
            text = text.replace(decimal, ".")
        canonical = canonical_number(text)
        if canonical is None:
            raise Refused(RejectCode.INVALID_NUMBER, complaint)
        if canonical is not text:
            tell_loss(text, tell)
        return canonical

    return read


def number(decimal: str, thousands: str | None, tell: Tell) -> Convert:
    """Makes the conversion to N."""
    read = number_text(decimal, thousands, tell)
    if decimal != "." or thousands is not None:
        return lambda cell: {"N": read(cell)}
    return lambda cell: {"N": cell if is_canonical(cell) else read(cell)}


def _written(decimal: str, thousands: str | None) -> re.Pattern[str]:
    """The grammar: groups of three where there is a thousands mark, or none at all."""
    whole = "[0-9]+"
    if thousands is not None:
        whole = rf"[1-9][0-9]{{0,2}}(?:{re.escape(thousands)}[0-9]{{3}})+|{whole}"
    mark = re.escape(decimal)
    return re.compile(rf"[+-]?(?:(?:{whole})(?:{mark}[0-9]*)?|{mark}[0-9]+)(?:[eE][+-]?[0-9]+)?")


def tell_loss(text: str, tell: Tell) -> None:
    """Tell of the zeros that a number loses.

    Args:
        text: the number as it is written, with a point as decimal mark.
    """
    digits = text.lstrip("+-")
    if digits[:1] == "0" and digits[1:2].isdigit():
        tell(Notice.LEADING_ZEROS_LOST)
    mantissa = digits.lower().partition("e")[0]
    if "." in mantissa and mantissa.endswith("0"):
        tell(Notice.TRAILING_ZEROS_LOST)
