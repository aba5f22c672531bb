"""Sizes as DynamoDB's documentation has them."""

from __future__ import annotations

from typing import Any

import pytest

from csv_import.shaping.sizes import MAX_NAME_BYTES, base64_bytes, item_bytes, name_is_too_long, value_bytes


@pytest.mark.parametrize(
    ("value", "size"),
    [
        ({"S": ""}, 0),
        ({"S": "é🔥"}, 6),
        ({"N": "0"}, 1),
        ({"N": "1"}, 2),
        ({"N": "-1"}, 3),
        ({"N": "12"}, 2),
        ({"N": "123"}, 3),
        ({"N": "1.5"}, 3),
        ({"N": "12.5"}, 3),
        ({"N": "100"}, 2),
        ({"N": "-0.001"}, 3),
        ({"N": "1E-130"}, 2),
        ({"N": "9" * 38}, 20),
        ({"B": "QQ=="}, 1),
        ({"B": "QUI="}, 2),
        ({"B": "QUJD"}, 3),
        ({"BOOL": True}, 1),
        ({"NULL": True}, 1),
        ({"SS": ["a", "é"]}, 3),
        ({"NS": ["1", "-12"]}, 5),
        ({"BS": ["QQ==", "QUI="]}, 3),
        ({"L": []}, 3),
        ({"L": [{"S": "ab"}, {"BOOL": True}]}, 3 + 2 + 2 + 1),
        ({"M": {}}, 3),
        ({"M": {"é": {"S": "ab"}, "c": {"N": "1"}}}, 3 + 2 + (2 + 2) + (1 + 2)),
        ({"M": {"a": {"L": [{"M": {}}]}}}, 3 + 1 + 1 + (3 + 1 + 3)),
    ],
)
def test_a_value_has(value: dict[str, Any], size: int) -> None:
    assert value_bytes(value) == size


def test_an_item_has_its_names_and_values() -> None:
    assert item_bytes({"Id": {"S": "1"}, "é": {"N": "-7"}}) == 2 + 1 + 2 + 3


@pytest.mark.parametrize("size", range(7))
def test_bytes_in_base64(size: int) -> None:
    import base64

    assert base64_bytes(base64.b64encode(b"x" * size).decode()) == size


def test_the_longest_name() -> None:
    assert not name_is_too_long("x" * MAX_NAME_BYTES)
    assert name_is_too_long("x" * (MAX_NAME_BYTES + 1))
    assert name_is_too_long("é" * (MAX_NAME_BYTES // 2 + 1))
    assert not name_is_too_long("\ud800")
