"""Mistakes that show with the file's header and the table's keys: each gets a message with line, field and remedy."""

from __future__ import annotations

import pytest

from csv_import.errors import BadData
from csv_import.shaping.key_schema import KeyAttribute, KeySchema
from tests.unit.csv_import.shaping.mistakes import NAMES, message_of
from tests.unit.csv_import.shaping.specs import ID, ONE_KEY, TWO_KEYS, compiled

NUMBER_KEY = KeySchema((KeyAttribute("Id", "N", 2048),))
INDEXED = KeySchema((ID,), (KeyAttribute("Price", "N", 2048),))
WITH_FILE = {
    "a column and an attribute of one name": (
        "attributes:\n  Name: x\n",
        ONE_KEY,
        "line 2, attributes.Name: the column 'Name' gives 'Name' already; drop or rename one of the two",
    ),
    "two columns of one name": (
        "columns:\n  Price: {to: Name}\n",
        ONE_KEY,
        "line 2, columns.Price: the column 'Name' gives 'Name' already; drop or rename one of the two",
    ),
    "a map where a text is": (
        "columns:\n  Price: {to: Name.price}\n",
        ONE_KEY,
        "line 2, columns.Price: the column 'Name' gives 'Name' already; drop or rename one of the two",
    ),
    "a template over a document": (
        "columns:\n  Doc: JSON\nattributes:\n  Kind: 'x{Doc}'\n",
        ONE_KEY,
        "line 4, attributes.Kind.value: the column 'Doc' is of type JSON; a template takes S, N, BOOL, DATE, T",
    ),
    "a key of another type": (
        "columns:\n  Id: S\n",
        NUMBER_KEY,
        "line 2, columns.Id.type: 'Id' is a key of the table or of an index, of type N, but the spec says S",
    ),
    "a key that is stored as another type": (
        "columns:\n  Id: TTL\n",
        ONE_KEY,
        "line 2, columns.Id.type: 'Id' is a key of the table or of an index, of type S, but TTL is stored as N",
    ),
    "a document as key": (
        "columns:\n  Id: JSON\n",
        ONE_KEY,
        "line 2, columns.Id.type: 'Id' is a key of the table or of an index, of type S, but the spec says JSON",
    ),
    "a key that is NULL": (
        "columns:\n  Id: {empty: null}\n",
        ONE_KEY,
        "line 2, columns.Id.empty: 'Id' is a key of the table or of an index, so it can't be null; leave it ou",
    ),
    "a null word as key": (
        "columns:\n  Id: {nulls: n/a}\n",
        ONE_KEY,
        "line 2, columns.Id.nulls: 'Id' is a key of the table or of an index, so it can't be NULL; say nulls_as: omit",
    ),
    "an index key that is a text": (
        "columns:\n  Price: S\n",
        INDEXED,
        "line 2, columns.Price.type: 'Price' is a key of the table or of an index, of type N, but the spec says S",
    ),
    "an index key that is empty": (
        "columns:\n  Name: {to: Price2}\n  Price: {type: N, empty: null}\n",
        INDEXED,
        "line 3, columns.Price.empty: 'Price' is a key of the table or of an index, so it can't be null; leave it out,",
    ),
    "a key that is a map": (
        "columns:\n  Name: {to: Id.name}\n",
        ONE_KEY,
        "line 2, columns.Name: 'Id' is a key of the table or of an index, so it is no map; take another path t",
    ),
    "a key that is dropped": (
        "columns:\n  Id: drop\nattributes:\n  Kind: x\n",
        ONE_KEY,
        "line 3, attributes: nothing gives the table's key 'Id' here; compose it, such as Id: 'PRODUCT#{Id}', ",
    ),
    "a key that no item gives": (
        "attributes:\n  PK: 'A#{Id}'\n",
        TWO_KEYS,
        "line 1, attributes: nothing gives the table's key 'SK' here; compose it, such as SK: 'PRODUCT#{Id}', ",
    ),
    "a key that the second item lacks": (
        "attributes:\n  PK: 'A#{Id}'\nitems:\n  - attributes: {SK: META}\n  - columns: []\n",
        TWO_KEYS,
        "line 5, items.2: nothing gives the table's key 'SK' here; compose it, such as SK: 'PRODUCT#{Id}', or rename",
    ),
    "two items of one key": (
        "attributes:\n  SK: META\nitems:\n  - attributes: {PK: 'A#{Id}'}\n  - attributes: {PK: 'A#{Id}'}\n",
        TWO_KEYS,
        "line 5, items.2: its key is that of item 1 in every row, so one would take the other's place; give",
    ),
    "two items with the column of the key": (
        "items:\n  - columns: [Id, Name]\n  - columns: [Id, Price]\n",
        ONE_KEY,
        "line 3, items.2: its key is that of item 1 in every row, so one would take the other's place; give",
    ),
    "a template that is but the column of the key": (
        "items:\n  - columns: [Id]\n  - attributes: {Id: '{Id}'}\n    columns: []\n",
        ONE_KEY,
        "line 3, items.2: its key is that of item 1 in every row, so one would take the other's place; give",
    ),
    "a constant key that is too long": (
        f"attributes:\n  PK: 'A#{{Id}}'\n  SK: {'é' * 513}\n",
        TWO_KEYS,
        "line 3, attributes.SK.value: the key 'SK' has 1026 bytes; DynamoDB takes at most 1024",
    ),
    "a key that is removed": (
        "mode: update\ncolumns:\n  Id: {empty: remove}\n",
        ONE_KEY,
        "line 3, columns.Id.empty: 'Id' is the table's key, so it can't be removed; take 'empty' away",
    ),
    "a key that a null word removes": (
        "mode: update\ncolumns:\n  Id: {nulls: NULL, nulls_as: remove}\n",
        ONE_KEY,
        "line 3, columns.Id.nulls_as: 'Id' is the table's key, so it can't be removed; take 'nulls_as' away",
    ),
    "a constant that is no number": (
        "attributes:\n  Version: {value: one, type: N}\n",
        ONE_KEY,
        "line 2, attributes.Version.value: the value is no number that DynamoDB keeps: up to 38 digits",
    ),
    "a default that is no number": (
        "columns:\n  Price: {type: N, default: none}\n",
        ONE_KEY,
        "line 2, columns.Price.default: the default is no number that DynamoDB keeps: up to 38 digits",
    ),
    "a default that is no word": (
        "columns:\n  Flag: {type: BOOL, default: no}\n",
        ONE_KEY,
        "line 2, columns.Flag.default: the default is none of the words for true and false: true, false",
    ),
    "a name of provenance that is taken": (
        "provenance: {Filename: Name}\n",
        ONE_KEY,
        "line 1, provenance.Filename: 'Name' is another attribute's name already; take a free one, or off",
    ),
    "an attribute of provenance that an index wants as a number": (
        "columns:\n  Name: S\n",
        KeySchema((ID,), (KeyAttribute("LastModified", "N", 2048),)),
        "line 1, provenance.LastModified: 'LastModified' is a key of type N, but this attribute is a string",
    ),
    "a name of provenance that is a number": (
        "provenance: {CreatedTime: Rank}\n",
        KeySchema((ID,), (KeyAttribute("Rank", "N", 2048),)),
        "line 1, provenance.CreatedTime: 'Rank' is a key of type N, but this attribute is a string",
    ),
}


@pytest.mark.parametrize("name", WITH_FILE)
def test_with_a_file_and_a_table(name: str) -> None:
    spec, schema, message = WITH_FILE[name]
    assert message_of(spec, schema=schema).startswith(message)


@pytest.mark.parametrize(
    ("spec", "where"),
    [
        ("columns:\n  Nam: N\n", "line 2, columns.Nam"),
        ("attributes:\n  Kind: 'x{Nam}'\n", "line 2, attributes.Kind"),
        ("items:\n  - columns: [Id, Nam]\n", "line 2, items.1.columns"),
        ("items:\n  - attributes:\n      Kind: '{Nam}'\n", "line 3, items.1.attributes.Kind"),
    ],
)
def test_a_column_that_the_file_lacks_is_the_files_fault(spec: str, where: str) -> None:
    with pytest.raises(BadData) as stopped:
        compiled(spec, NAMES)
    assert stopped.value.code == "missing_column"
    assert stopped.value.message == (
        f"line 1: the header has no column 'Nam', which _import.yaml names in {where}"
    )
    assert "did you mean 'Name'" in stopped.value.detail


def test_an_update_of_too_many_attributes() -> None:
    names = ("Id", *(f"c{number}" for number in range(400)))
    assert message_of("mode: update\n", names).startswith(
        "line 1, mode: mode update sets at most 400 attributes at once; drop some, or use put"
    )
