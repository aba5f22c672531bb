"""Shaping and DynamoDB agree: what one lets through the other takes and keeps, what one rejects the other refuses."""

from __future__ import annotations

import base64
import json
from datetime import UTC, datetime
from typing import Any

import pytest
from botocore.exceptions import ClientError
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from csv_import.shaping.item import Item
from csv_import.shaping.key_schema import KeyAttribute, KeySchema
from csv_import.shaping.plan import Plan, plan_for
from csv_import.shaping.provenance import Provenance
from csv_import.shaping.sizes import MAX_ITEM_BYTES, item_bytes
from csv_import.shaping.spec_reader import read_spec
from csv_import.writing.modes.insert import same_item
from tests.integration.conftest import DynamoDBLocal, MakeTable

pytestmark = pytest.mark.java

Value = dict[str, Any]
FEW = settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
    derandomize=True,
)
KEYS = KeySchema((KeyAttribute("ProductId", "S", 2048),))


def plan(column: str) -> Plan:
    read = read_spec(f"columns: {{X: {column}}}\nprovenance: off\n")
    return plan_for(read, ["ProductId", "X"], KEYS, Provenance("a.csv", datetime(2026, 1, 1, tzinfo=UTC)))


def shaped(made: Plan, cell: str) -> Item | None:
    found = made.shape(["p", cell], 1)
    return found if isinstance(found, Item) else None


def wire(value: Any) -> Any:
    """DynamoDB's JSON as boto3 takes it: bytes as bytes."""
    if isinstance(value, list):
        return [wire(each) for each in value]
    if not isinstance(value, dict):
        return value
    if value.keys() == {"B"}:
        return {"B": base64.b64decode(value["B"])}
    if value.keys() == {"BS"}:
        return {"BS": [base64.b64decode(each) for each in value["BS"]]}
    return {name: wire(each) for name, each in value.items()}


def unwire(value: Any) -> Any:
    if isinstance(value, bytes):
        return base64.b64encode(value).decode()
    if isinstance(value, list):
        return [unwire(each) for each in value]
    if isinstance(value, dict):
        return {name: unwire(each) for name, each in value.items()}
    return value


def refused(local: DynamoDBLocal, table: str, value: Value) -> bool:
    try:
        local.client.put_item(TableName=table, Item={"ProductId": {"S": "p"}, "X": value})
    except ClientError as error:
        assert error.response["Error"]["Code"] == "ValidationException"
        return True
    return False


def kept(local: DynamoDBLocal, table: str, item: Item) -> bool:
    """Whether the item is taken, and comes back equal."""
    local.client.put_item(TableName=table, Item=wire(json.loads(item.body)))
    found = local.client.get_item(TableName=table, Key={"ProductId": {"S": "p"}}, ConsistentRead=True)["Item"]
    return same_item(item.body, unwire(found))


NUMBERS = st.one_of(
    st.from_regex(r"[+-]?[0-9]{1,3}\.?[0-9]{0,3}([eE][+-]?[0-9]{1,3})?", fullmatch=True),
    st.from_regex(r"-?[0-9]{36,41}", fullmatch=True),
    st.from_regex(r"-?0?\.[0-9]{36,41}", fullmatch=True),
    st.sampled_from(
        ["", " 1", "1 ", "1,5", "NaN", "Infinity", "0x1", "1e", "--1", "1E-130", "1E-131", "9E125", "1E126"]
    ),
)


@FEW
@given(cell=NUMBERS.filter(bool))
def test_numbers(dynamodb_local: DynamoDBLocal, shared_table: str, cell: str) -> None:
    item = shaped(plan("N"), cell)
    if item is None:
        assert refused(dynamodb_local, shared_table, {"N": cell})
    else:
        assert kept(dynamodb_local, shared_table, item)


@FEW
@given(cells=st.lists(st.text(alphabet="ab é", max_size=2), min_size=1, max_size=4))
def test_string_sets(dynamodb_local: DynamoDBLocal, shared_table: str, cells: list[str]) -> None:
    if cells == [""]:
        return
    item = shaped(plan("{type: SS, separator: '|'}"), "|".join(cells))
    if item is None:
        assert refused(dynamodb_local, shared_table, {"SS": cells})
    else:
        assert kept(dynamodb_local, shared_table, item)


@FEW
@given(
    cells=st.lists(
        st.sampled_from(["1", "1.0", "01", "2", "-1", "1e0", "x", "", "9" * 39]), min_size=1, max_size=3
    )
)
def test_number_sets(dynamodb_local: DynamoDBLocal, shared_table: str, cells: list[str]) -> None:
    if cells == [""]:
        return
    item = shaped(plan("{type: NS, separator: '|'}"), "|".join(cells))
    if item is None:
        assert refused(dynamodb_local, shared_table, {"NS": cells})
    else:
        assert kept(dynamodb_local, shared_table, item)


@FEW
@given(cells=st.lists(st.binary(max_size=2), min_size=1, max_size=3).filter(lambda cells: cells != [b""]))
def test_binary_sets(dynamodb_local: DynamoDBLocal, shared_table: str, cells: list[bytes]) -> None:
    item = shaped(plan("{type: BS, separator: '|', encoding: hex}"), "|".join(cell.hex() for cell in cells))
    if item is None:
        assert refused(dynamodb_local, shared_table, {"BS": cells})
    else:
        assert kept(dynamodb_local, shared_table, item)


LEAVES = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.text(max_size=3)
    | st.sampled_from([10**37, 10**38 + 1, 1e-7])
)
DOCUMENTS = st.recursive(
    LEAVES,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=2), inner, max_size=3),
)


def as_value(thing: Any) -> Value:
    """A document as a value, without a check."""
    if isinstance(thing, bool):
        return {"BOOL": thing}
    if thing is None:
        return {"NULL": True}
    if isinstance(thing, str):
        return {"S": thing}
    if isinstance(thing, list):
        return {"L": [as_value(each) for each in thing]}
    if isinstance(thing, dict):
        return {"M": {name: as_value(each) for name, each in thing.items()}}
    return {"N": json.dumps(thing)}


def nested(levels: int, *, leaf: Any = 1, as_map: bool = False) -> Any:
    for _ in range(levels):
        leaf = {"a": leaf} if as_map else [leaf]
    return leaf


@FEW
@given(thing=DOCUMENTS)
@example(thing=nested(31))
@example(thing=nested(32))
@example(thing=nested(31, as_map=True))
@example(thing=nested(32, as_map=True))
@example(thing=nested(30, leaf=[]))
@example(thing=nested(31, leaf=[]))
def test_documents(dynamodb_local: DynamoDBLocal, shared_table: str, thing: Any) -> None:
    item = shaped(plan("JSON"), json.dumps(thing))
    if item is None:
        assert refused(dynamodb_local, shared_table, as_value(thing))
    else:
        assert kept(dynamodb_local, shared_table, item)


@pytest.mark.parametrize("levels", [30, 31, 32])
def test_documents_in_maps_count_the_maps_around_them(
    dynamodb_local: DynamoDBLocal, shared_table: str, levels: int
) -> None:
    read = read_spec("columns: {X: {type: JSON, to: a.b.X}}\nprovenance: off\n")
    made = plan_for(read, ["ProductId", "X"], KEYS, Provenance("a.csv", datetime(2026, 1, 1, tzinfo=UTC)))
    item = shaped(made, json.dumps(nested(levels - 2)))
    assert (item is None) == (levels == 32)
    if item is None:
        assert refused(dynamodb_local, shared_table, as_value({"b": {"X": nested(levels - 2)}}))
    else:
        assert kept(dynamodb_local, shared_table, item)


def test_lists_bytes_booleans_and_times_are_kept(dynamodb_local: DynamoDBLocal, shared_table: str) -> None:
    for column, cell in (
        ("{type: L, separator: ','}", "a,,a"),
        ("{type: L, separator: ',', of: N}", "1,1.0,1"),
        ("B", "QQ=="),
        ("{type: B, encoding: hex}", "00ff"),
        ("BOOL", "TRUE"),
        ("TTL", "2030-01-01"),
        ("{type: TIMESTAMP, as: epoch_ms}", "1969-12-31T23:59:59.5Z"),
        ("{empty: string}", ""),
        ("{empty: 'null'}", ""),
    ):
        item = shaped(plan(column), cell)
        assert item is not None, column
        assert kept(dynamodb_local, shared_table, item), column


VALUES: list[Value] = [
    *(
        {"N": text}
        for text in (
            "0",
            "1",
            "-1",
            "12",
            "1.5",
            "-123.45",
            "100",
            "1E+100",
            "0.001",
            "0.01",
            "1234567",
            "12345.678",
        )
    ),
    {"BOOL": True},
    {"NULL": True},
    {"B": "YWJjZA=="},
    {"SS": ["ab", "c"]},
    {"NS": ["1", "22", "-3.5"]},
    {"BS": ["YWI=", "Yw=="]},
    {"L": []},
    {"M": {}},
    {"L": [{"L": [{"BOOL": True}]}, {"S": "é"}]},
    {"M": {"ab": {"S": "cd"}, "é": {"N": "1"}}},
]


@pytest.mark.parametrize("value", VALUES, ids=str)
def test_the_size_of_an_item_is_the_one_that_dynamodb_counts(
    dynamodb_local: DynamoDBLocal, shared_table: str, value: Value
) -> None:
    item: dict[str, Value] = {"ProductId": {"S": "p"}, "X": value, "Pad": {"S": ""}}
    room = MAX_ITEM_BYTES - item_bytes(item)
    item["Pad"] = {"S": "x" * room}
    dynamodb_local.client.put_item(TableName=shared_table, Item=wire(item))
    item["Pad"] = {"S": "x" * (room + 1)}
    with pytest.raises(ClientError, match="exceeded"):
        dynamodb_local.client.put_item(TableName=shared_table, Item=wire(item))


@pytest.fixture
def shared_table(make_table: MakeTable) -> str:
    return make_table()
