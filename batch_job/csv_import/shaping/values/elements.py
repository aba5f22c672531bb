"""Sets and lists: several elements in one cell."""

from __future__ import annotations

from collections.abc import Callable

from csv_import.rejects import RejectCode
from csv_import.shaping.values.value import Convert, Refused, Value


def set_of(kind: str, separator: str, read: Callable[[str], str], *, trim: bool) -> Convert:
    """Makes the conversion to SS, NS or BS.

    A set holds at least one element, each once; an empty string or no bytes are elements like others.
    https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/HowItWorks.NamingRulesDataTypes.html

    Args:
        kind: SS, NS or BS.
        separator: what stands between two elements.
        read: from an element's text to its one form.
        trim: whether blanks around an element are no part of it.
    """

    def convert(cell: str) -> Value:
        texts = cell.split(separator)
        if trim:
            texts = [text.strip() for text in texts]
        elements = [read(text) for text in texts]
        if len(set(elements)) < len(elements):
            raise Refused(
                RejectCode.INVALID_SET, "the set holds an element twice; DynamoDB's sets hold each once"
            )
        return {kind: elements}

    return convert


def list_of(separator: str, convert_element: Convert, *, trim: bool) -> Convert:
    """Makes the conversion to L, whose elements may be alike, and empty where they are strings."""

    def convert(cell: str) -> Value:
        texts = cell.split(separator)
        if trim:
            texts = [text.strip() for text in texts]
        return {"L": [convert_element(text) for text in texts]}

    return convert
