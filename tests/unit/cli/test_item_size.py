from typing import Any

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cli.item_size import size_of
from csv_import.shaping.sizes import item_bytes

text = st.text(st.sampled_from('a":{}S\\,\n') | st.characters(codec="utf-8"), max_size=8)
items = st.dictionaries(
    text.filter(bool),
    text.map(lambda value: {"S": value}) | st.integers(0, 10**9).map(lambda number: {"N": str(number)}),
    max_size=6,
)


@settings(deadline=None)
@given(items)
def test_the_short_way_counts_as_the_long_one(item: dict[str, dict[str, str]]) -> None:
    assert size_of(orjson.dumps(item)) == item_bytes(item)


@pytest.mark.parametrize(
    ("item", "size"),
    [
        ({"Id": {"S": "é"}}, 4),
        ({"Id": {"S": "a"}, "Text": {"S": 'x":{"S":"y'}}, 17),
        ({"Id": {"N": "7"}}, 4),
        ({}, 0),
    ],
    ids=["letters of several bytes", "text like JSON", "a number", "nothing"],
)
def test_sizes(item: dict[str, Any], size: int) -> None:
    assert size_of(orjson.dumps(item)) == size
