"""The columns by which a file's header is known."""

import pytest

from csv_import.shaping.key_columns import key_columns
from csv_import.shaping.key_schema import KeyAttribute, KeySchema
from csv_import.shaping.spec_reader import read_spec

TWO = KeySchema((KeyAttribute("Id", "S", 2048), KeyAttribute("Day", "S", 1024)))


@pytest.mark.parametrize(
    ("spec", "names"),
    [
        ("", ["Id", "Day"]),
        ("columns: {Id: N, Day: {trim: true}}", ["Id", "Day"]),
        ("attributes: {Day: 'D#{Id}'}", ["Id"]),
        ("attributes: {Id: 'P#{X}', Day: META}", []),
        ("items: [{attributes: {Day: A}}, {attributes: {Day: B}}]", ["Id"]),
        ("columns: {Number: {to: Id}}", ["Day"]),
        ("columns: {Day: {to: Since}, Id: {to: a.b}}", []),
        ("columns: {Day: drop}", ["Id"]),
        ("columns: {X: {to: Day.of}}", ["Id"]),
        ("provenance: {CreatedTime: Day}", ["Id"]),
    ],
)
def test_keys_that_only_a_column_of_their_name_can_give(spec: str, names: list[str]) -> None:
    assert key_columns(read_spec(spec).spec, TWO) == names


def test_where_an_item_came_from_is_no_column() -> None:
    schema = KeySchema((KeyAttribute("Filename", "S", 2048), KeyAttribute("Id", "S", 1024)))
    assert key_columns(read_spec("").spec, schema) == ["Id"]
    assert key_columns(read_spec("provenance: off").spec, schema) == ["Filename", "Id"]
