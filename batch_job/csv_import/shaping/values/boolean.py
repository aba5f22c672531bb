"""Truth values by their words; a word that is neither is refused, never false."""

from __future__ import annotations

from collections.abc import Sequence

from csv_import.rejects import RejectCode
from csv_import.shaping.values.value import Convert, Refused, Value

TRUE, FALSE = ("true",), ("false",)


def boolean(true: Sequence[str], false: Sequence[str]) -> Convert:
    """Makes the conversion to BOOL.

    Args:
        true, false: the words, in any case.
    """
    words: dict[str, Value] = {word.casefold(): {"BOOL": True} for word in true}
    words |= {word.casefold(): {"BOOL": False} for word in false}
    complaint = f"the cell is none of the words for true and false: {', '.join((*true, *false))}"

    def convert(cell: str) -> Value:
        value = words.get(cell) or words.get(cell.casefold())
        if value is None:
            raise Refused(RejectCode.INVALID_BOOLEAN, complaint)
        return value

    return convert
