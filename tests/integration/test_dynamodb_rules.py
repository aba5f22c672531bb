"""The rules of DynamoDB that the job leans on, shown by AWS's own emulator."""

from __future__ import annotations

from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.integration.conftest import DynamoDBLocal, MakeTable

pytestmark = pytest.mark.java

GOOD = {"ProductId": {"S": "good"}}
MAX_ITEM_BYTES = 400 * 1024


def put_all(local: DynamoDBLocal, table: str, *items: dict[str, Any]) -> None:
    requests = [{"PutRequest": {"Item": item}} for item in items]
    answer = local.client.batch_write_item(RequestItems={table: requests})
    assert answer["UnprocessedItems"] == {}


def items_of(local: DynamoDBLocal, table: str) -> list[dict[str, Any]]:
    items: list[dict[str, Any]] = local.client.scan(TableName=table, ConsistentRead=True)["Items"]
    return items


def assert_refused(local: DynamoDBLocal, table: str, *items: dict[str, Any]) -> None:
    """The batch is refused as a whole: nothing of it is in the table."""
    with pytest.raises(ClientError) as refused:
        put_all(local, table, *items)
    assert refused.value.response["Error"]["Code"] == "ValidationException"
    assert items_of(local, table) == []


def padded(size: int) -> dict[str, Any]:
    """An item of this many bytes, as DynamoDB counts: names and values."""
    return {"ProductId": {"S": "p"}, "Notes": {"S": "x" * (size - len("ProductIdpNotes"))}}


def test_a_batch_with_a_key_twice_is_refused_as_a_whole(
    dynamodb_local: DynamoDBLocal, make_table: MakeTable
) -> None:
    twice = {"ProductId": {"S": "twice"}}
    assert_refused(dynamodb_local, make_table(), GOOD, twice, {**twice, "Name": {"S": "other"}})


@pytest.mark.parametrize(
    "item",
    [
        pytest.param({"ProductId": {"S": ""}}, id="empty key"),
        pytest.param({"ProductId": {"S": "k" * 2049}}, id="key of 2,049 bytes"),
        pytest.param({"ProductId": {"S": "é" * 1025}}, id="key of 2,050 bytes in 1,025 characters"),
        pytest.param({"ProductId": {"N": "1"}}, id="key of another type"),
        pytest.param({"Name": {"S": "x"}}, id="no key"),
        pytest.param(padded(MAX_ITEM_BYTES + 1), id="item of 400 KB and a byte"),
    ],
)
def test_one_bad_item_refuses_its_whole_batch(
    dynamodb_local: DynamoDBLocal, make_table: MakeTable, item: dict[str, Any]
) -> None:
    assert_refused(dynamodb_local, make_table(), GOOD, item)


def test_the_largest_key_and_the_largest_item_are_taken(
    dynamodb_local: DynamoDBLocal, make_table: MakeTable
) -> None:
    table = make_table()
    put_all(dynamodb_local, table, {"ProductId": {"S": "k" * 2048}}, padded(MAX_ITEM_BYTES))
    assert len(items_of(dynamodb_local, table)) == 2


def test_an_empty_string_is_taken_where_it_is_no_key(
    dynamodb_local: DynamoDBLocal, make_table: MakeTable
) -> None:
    table = make_table()
    put_all(dynamodb_local, table, {**GOOD, "Name": {"S": ""}})
    assert items_of(dynamodb_local, table) == [{**GOOD, "Name": {"S": ""}}]


def test_a_sort_key_of_1025_bytes_is_refused(dynamodb_local: DynamoDBLocal, make_table: MakeTable) -> None:
    table = make_table(("ProductId", "S"), ("Colour", "S"))
    assert_refused(dynamodb_local, table, {**GOOD, "Colour": {"S": "c" * 1025}})
    put_all(dynamodb_local, table, {**GOOD, "Colour": {"S": "c" * 1024}})
    assert len(items_of(dynamodb_local, table)) == 1


@pytest.mark.parametrize(
    ("written", "kept"),
    [
        ("1", "1"),
        ("1.0", "1"),
        ("007", "7"),
        ("+1", "1"),
        ("1.", "1"),
        (".5", "0.5"),
        ("-0", "0"),
        ("1e2", "100"),
        ("-1.50", "-1.5"),
        ("9" * 38, "9" * 38),
        ("0." + "9" * 38, "0." + "9" * 38),
        ("9." + "9" * 37 + "E125", "9" * 38 + "0" * 88),
        ("1E-130", "0." + "0" * 129 + "1"),
    ],
)
def test_a_number_is_kept_in_one_form(
    dynamodb_local: DynamoDBLocal, make_table: MakeTable, written: str, kept: str
) -> None:
    table = make_table(("Number", "N"))
    put_all(dynamodb_local, table, {"Number": {"N": written}})
    assert items_of(dynamodb_local, table) == [{"Number": {"N": kept}}]


def test_one_and_one_point_zero_are_one_key(dynamodb_local: DynamoDBLocal, make_table: MakeTable) -> None:
    table = make_table(("Number", "N"))
    assert_refused(dynamodb_local, table, {"Number": {"N": "1"}}, {"Number": {"N": "1.0"}})
    put_all(dynamodb_local, table, {"Number": {"N": "1"}, "Name": {"S": "first"}})
    put_all(dynamodb_local, table, {"Number": {"N": "1.0"}, "Name": {"S": "second"}})
    assert items_of(dynamodb_local, table) == [{"Number": {"N": "1"}, "Name": {"S": "second"}}]


@pytest.mark.parametrize(
    "cell", ["9" * 39, "1E126", "1E-131", "1_000", "1,5", " 1", "1 ", "NaN", "Infinity", "0x10", ""]
)
def test_what_is_no_number_is_refused(
    dynamodb_local: DynamoDBLocal, make_table: MakeTable, cell: str
) -> None:
    assert_refused(dynamodb_local, make_table(("Number", "N")), {"Number": {"N": cell}})


def test_a_failed_condition_hands_back_the_item_that_made_it_fail(
    dynamodb_local: DynamoDBLocal, make_table: MakeTable
) -> None:
    table = make_table()
    put_all(dynamodb_local, table, GOOD)
    with pytest.raises(ClientError) as refused:
        dynamodb_local.client.put_item(
            TableName=table,
            Item={**GOOD, "Name": {"S": "other"}},
            ConditionExpression="attribute_not_exists(ProductId)",
            ReturnValuesOnConditionCheckFailure="ALL_OLD",
        )
    assert refused.value.response["Error"]["Code"] == "ConditionalCheckFailedException"
    assert refused.value.response["Item"] == GOOD  # type: ignore[typeddict-item]
