"""DynamoDB's numbers: which are accepted, and the one form in which equal numbers are equal text."""

from __future__ import annotations

import re
from decimal import Context, Decimal

MAX_DIGITS = 38
_NUMBER = re.compile(r"[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?0*[0-9]{1,6})?", re.ASCII)
_PLAIN = re.compile(r"-?[1-9][0-9]{0,37}|0|-?(?:0|[1-9][0-9]{0,17})\.[0-9]{0,18}[1-9]", re.ASCII)
_FRACTION = re.compile(r"-?(?:0|[1-9][0-9]{0,17})\.[0-9]{1,18}", re.ASCII)
_EXACT = Context(prec=MAX_DIGITS, Emin=-999_999, Emax=999_999)
_SMALLEST_EXPONENT, _LARGEST_EXPONENT = -130, 125

is_canonical = _PLAIN.fullmatch
"""Tells most numbers that are in their one form already; not those of many digits, nor very large or small ones."""


def canonical_number(text: str) -> str | None:
    """The number as DynamoDB stores it, or None where it would refuse or change it.

    At most 38 significant digits, magnitude 0 or 1E-130 to 9.99…E+125; leading and trailing zeros carry
    no meaning, so "007", "7.0" and "7" are one number and one key.
    https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/HowItWorks.NamingRulesDataTypes.html

    Args:
        text: the cell as it stands, without surrounding blanks.
    """
    if _PLAIN.fullmatch(text):
        return text
    if _FRACTION.fullmatch(text):  # with zeros at its end
        trimmed = text.rstrip("0").removesuffix(".")
        return "0" if trimmed == "-0" else trimmed
    if not _NUMBER.fullmatch(text):
        return None
    number = Decimal(text)
    if not number:
        return "0"
    digits = "".join(map(str, number.as_tuple().digits)).strip("0")
    if len(digits) > MAX_DIGITS or not _SMALLEST_EXPONENT <= number.adjusted() <= _LARGEST_EXPONENT:
        return None
    number = number.normalize(_EXACT)
    return format(number, "f") if -MAX_DIGITS <= number.adjusted() < MAX_DIGITS else str(number)
