from typing import Any

from csv_import.shaping.key_schema import KeyAttribute, key_schema_from


def keys(partition: str, sort: str | None = None) -> list[dict[str, str]]:
    schema = [{"AttributeName": partition, "KeyType": "HASH"}]
    return schema if sort is None else [{"AttributeName": sort, "KeyType": "RANGE"}, *schema]


def description(
    types: dict[str, str], key: list[dict[str, str]], **indexes: list[list[dict[str, str]]]
) -> dict[str, Any]:
    return {
        "AttributeDefinitions": [
            {"AttributeName": name, "AttributeType": kind} for name, kind in types.items()
        ],
        "KeySchema": key,
        **{kind: [{"KeySchema": each} for each in schemas] for kind, schemas in indexes.items()},
    }


def test_the_partition_key_comes_first_whatever_the_order_of_the_answer() -> None:
    schema = key_schema_from(description({"A": "S", "B": "N"}, keys("B", "A")))
    assert schema.table == (KeyAttribute("B", "N", 2048), KeyAttribute("A", "S", 1024))
    assert schema.indexes == ()


def test_indexes_bring_the_attributes_that_are_not_the_tables_own() -> None:
    schema = key_schema_from(
        description(
            {"P": "S", "S": "S", "G": "B", "L": "N"},
            keys("P", "S"),
            GlobalSecondaryIndexes=[keys("G", "P")],
            LocalSecondaryIndexes=[keys("P", "L")],
        )
    )
    assert schema.indexes == (KeyAttribute("G", "B", 2048), KeyAttribute("L", "N", 1024))


def test_the_stricter_limit_holds_where_two_indexes_use_one_attribute() -> None:
    schema = key_schema_from(
        description(
            {"P": "S", "G": "S", "H": "S"}, keys("P"), GlobalSecondaryIndexes=[keys("G"), keys("H", "G")]
        )
    )
    assert KeyAttribute("G", "S", 1024) in schema.indexes


def test_a_sort_key_of_the_table_that_is_an_indexs_partition_key_keeps_the_tables_limit() -> None:
    schema = key_schema_from(
        description({"P": "S", "R": "S"}, keys("P", "R"), GlobalSecondaryIndexes=[keys("R")])
    )
    assert schema.table == (KeyAttribute("P", "S", 2048), KeyAttribute("R", "S", 1024))
    assert schema.indexes == ()


def test_a_partition_key_that_an_index_sorts_by_has_the_indexs_limit() -> None:
    schema = key_schema_from(
        description({"P": "S", "G": "S"}, keys("P"), GlobalSecondaryIndexes=[keys("G", "P")])
    )
    assert schema.table == (KeyAttribute("P", "S", 1024),)
