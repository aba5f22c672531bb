"""The size of an item as DynamoDB counts it."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

MAX_ITEM_BYTES = 400 * 1024
MAX_UPDATE_ATTRIBUTES = 400
"""So many attributes fit into the 4 KB that an update expression may have.

https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Constraints.html
"""
MAX_NAME_BYTES = 64 * 1024 - 1
"""https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Constraints.html"""


def item_bytes(item: Mapping[str, Mapping[str, Any]]) -> int:
    """Names and values in UTF-8, numbers in pairs of digits, maps and lists three more than what is in them.

    https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/CapacityUnitCalculations.html
    """
    return sum(len(name.encode()) + value_bytes(value) for name, value in item.items())


def value_bytes(value: Mapping[str, Any]) -> int:
    """The size of one value, without its attribute's name."""
    ((kind, content),) = value.items()
    return _simple_bytes(kind, content) if isinstance(content, str) else _composed_bytes(kind, content)


def name_is_too_long(name: str) -> bool:
    """Whether DynamoDB takes no attribute, nor member of a map, of this name."""
    return len(name) * 4 > MAX_NAME_BYTES and len(name.encode(errors="surrogatepass")) > MAX_NAME_BYTES


def base64_bytes(text: str) -> int:
    """How many bytes a text in Base64 stands for."""
    return len(text) // 4 * 3 - text.count("=", -2)


def _simple_bytes(kind: str, text: str) -> int:
    if kind == "N":
        return _number_bytes(text)
    if kind == "B":
        return base64_bytes(text)
    return len(text.encode())


def _number_bytes(text: str) -> int:
    """One byte, one for each pair of digits counted from the decimal mark, and one for a minus."""
    sign, digits, exponent = Decimal(text).as_tuple()
    assert isinstance(exponent, int)
    written = "".join(map(str, digits)).strip("0")
    if not written:
        return 1
    exponent += len(digits) - len("".join(map(str, digits)).rstrip("0"))
    return 1 + sign + (len(written) + exponent % 2 + 1) // 2


def _composed_bytes(kind: str, content: Any) -> int:
    if kind == "M":
        return 3 + len(content) + item_bytes(content)
    if kind == "L":
        return 3 + len(content) + sum(value_bytes(each) for each in content)
    if isinstance(content, list):  # a set
        return sum(_simple_bytes(kind[0], each) for each in content)
    return 1
