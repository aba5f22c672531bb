import json

import pytest

from csv_import.writing.batch import Entries
from csv_import.writing.units import WriteCost, item_bytes, write_cost

DESCRIPTION = {
    "GlobalSecondaryIndexes": [
        {
            "KeySchema": [{"AttributeName": "Colour"}, {"AttributeName": "Size"}],
            "Projection": {"ProjectionType": "ALL"},
        },
        {"KeySchema": [{"AttributeName": "Shop"}], "Projection": {"ProjectionType": "KEYS_ONLY"}},
    ],
    "LocalSecondaryIndexes": [
        {"KeySchema": [{"AttributeName": "Id"}, {"AttributeName": "Size"}], "Projection": {}}
    ],
}


def entries(*items: dict[str, str]) -> Entries:
    return {
        str(number).encode(): (
            json.dumps({name: {"S": value} for name, value in item.items()}, separators=(",", ":")).encode(),
            number,
        )
        for number, item in enumerate(items)
    }


@pytest.mark.parametrize(
    ("size", "units"),
    [(1, 1), (1024 - 3, 1), (1024 - 2, 2), (2048 - 3, 2), (2048 - 2, 3), (400 * 1024 - 3, 400)],
)
def test_a_unit_for_each_kib_begun(size: int, units: int) -> None:
    """The item has two bytes of key, one of the attribute's name, and its value."""
    assert WriteCost().of(entries({"I": "1", "V": "x" * size})) == units


def test_the_size_of_an_item_is_that_of_its_names_and_values() -> None:
    ((body, _),) = entries({"Id": "1", "Näme": "wört", "Empty": ""}).values()
    assert item_bytes(
        body.replace(b"\\u00e4", "ä".encode()).replace(b"\\u00f6", "ö".encode())
    ) == pytest.approx(2 + 1 + 5 + 5 + 5, abs=2)


@pytest.mark.parametrize(
    ("item", "units"),
    [
        ({"Id": "1"}, 1),
        ({"Id": "1", "Colour": "red"}, 1),
        ({"Id": "1", "Shop": "x"}, 2),
        ({"Id": "1", "Size": "L"}, 2),
        ({"Id": "1", "Size": "L", "Colour": "red", "Shop": "x"}, 4),
        ({"Id": "1", "Size": "L", "Colour": "red", "Shop": "x", "Long": "x" * 2000}, 2 * 3 + 1),
    ],
)
def test_an_item_costs_again_in_each_index_that_it_stands_in(item: dict[str, str], units: int) -> None:
    assert write_cost(DESCRIPTION).of(entries(item)) == units


def test_a_table_without_indexes() -> None:
    assert write_cost({}) == WriteCost()
    assert WriteCost().of(entries({"Id": "1"}, {"Id": "2"})) == 2
