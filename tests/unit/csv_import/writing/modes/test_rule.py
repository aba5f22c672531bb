import json
from typing import Any

import pytest

from csv_import.shaping.key_schema import KeyAttribute, KeySchema
from csv_import.shaping.sizes import MAX_ITEM_BYTES, MAX_UPDATE_ATTRIBUTES
from csv_import.shaping.spec import Mode
from csv_import.writing.modes.insert import same_item
from csv_import.writing.modes.rule import Rule, rule_for

KEYS = KeySchema((KeyAttribute("PK", "S", 2048), KeyAttribute("SK", "N", 1024)))


def rule(mode: Mode) -> Rule:
    return rule_for(mode, "items", KEYS)


def body(**values: Any) -> bytes:
    return json.dumps({"PK": {"S": "p"}, "SK": {"N": "1"}, **values}).encode()


def asked(mode: Mode, item: bytes) -> dict[str, Any]:
    request_of = rule(mode).request_of
    assert request_of is not None
    request: dict[str, Any] = json.loads(request_of(item))
    return request


class TestPut:
    def test_the_later_row_stays(self) -> None:
        assert rule(Mode.PUT).merge(b"earlier", b"later") == b"later"

    def test_items_go_in_batches(self) -> None:
        assert (rule(Mode.PUT).operation, rule(Mode.PUT).verb) == ("BatchWriteItem", "Put")


class TestDelete:
    def test_one_request_is_enough(self) -> None:
        assert rule(Mode.DELETE).merge(b"key", b"key") == b"key"

    def test_keys_go_in_batches(self) -> None:
        assert (rule(Mode.DELETE).operation, rule(Mode.DELETE).verb) == ("BatchWriteItem", "Delete")


class TestInsert:
    def test_the_earlier_row_stays(self) -> None:
        assert rule(Mode.INSERT).merge(b"earlier", b"later") == b"earlier"

    def test_an_item_is_put_where_there_is_none(self) -> None:
        assert rule(Mode.INSERT).operation == "PutItem"
        assert asked(Mode.INSERT, body(A={"S": 'é"'})) == {
            "TableName": "items",
            "Item": {"PK": {"S": "p"}, "SK": {"N": "1"}, "A": {"S": 'é"'}},
            "ConditionExpression": "attribute_not_exists(#k)",
            "ExpressionAttributeNames": {"#k": "PK"},
            "ReturnValuesOnConditionCheckFailure": "ALL_OLD",
            "ReturnConsumedCapacity": "TOTAL",
        }

    @pytest.mark.parametrize(
        ("mine", "found"),
        [
            ({"A": {"S": "x"}}, {"A": {"S": "x"}}),
            ({"A": {"N": "1E+100"}}, {"A": {"N": "1" + "0" * 100}}),
            ({"A": {"SS": ["a", "b"]}}, {"A": {"SS": ["b", "a"]}}),
            ({"A": {"NS": ["1.5", "2"]}}, {"A": {"NS": ["2.0", "1.50"]}}),
            (
                {"A": {"L": [{"M": {"x": {"NS": ["1", "2"]}}}]}},
                {"A": {"L": [{"M": {"x": {"NS": ["2", "1"]}}}]}},
            ),
            ({"A": {"B": "QQ=="}, "Z": {"NULL": True}}, {"Z": {"NULL": True}, "A": {"B": "QQ=="}}),
        ],
    )
    def test_an_item_that_is_there_is_the_same(self, mine: dict[str, Any], found: dict[str, Any]) -> None:
        assert same_item(json.dumps(mine).encode(), found)

    @pytest.mark.parametrize(
        ("mine", "found"),
        [
            ({"A": {"S": "1"}}, {"A": {"N": "1"}}),
            ({"A": {"S": "x"}}, {"A": {"S": "x"}, "B": {"S": "y"}}),
            ({"A": {"S": "x"}, "B": {"S": "y"}}, {"A": {"S": "x"}}),
            ({"A": {"L": [{"S": "a"}, {"S": "b"}]}}, {"A": {"L": [{"S": "b"}, {"S": "a"}]}}),
            ({"A": {"SS": ["a"]}}, {"A": {"L": [{"S": "a"}]}}),
            ({"A": {"M": {"x": {"N": "1"}}}}, {"A": {"M": {"x": {"N": "2"}}}}),
        ],
    )
    def test_an_item_that_is_there_is_another(self, mine: dict[str, Any], found: dict[str, Any]) -> None:
        assert not same_item(json.dumps(mine).encode(), found)


class TestUpdate:
    def test_everything_but_the_key_is_set(self) -> None:
        assert rule(Mode.UPDATE).operation == "UpdateItem"
        assert asked(Mode.UPDATE, body(A={"S": "x"}, B={"NULL": True})) == {
            "TableName": "items",
            "Key": {"PK": {"S": "p"}, "SK": {"N": "1"}},
            "ReturnConsumedCapacity": "TOTAL",
            "UpdateExpression": "SET #0=:0,#1=:1",
            "ExpressionAttributeNames": {"#0": "A", "#1": "B"},
            "ExpressionAttributeValues": {":0": {"S": "x"}, ":1": {"NULL": True}},
        }

    def test_a_row_that_gives_nothing_makes_an_item_of_its_key(self) -> None:
        assert asked(Mode.UPDATE, body()) == {
            "TableName": "items",
            "Key": {"PK": {"S": "p"}, "SK": {"N": "1"}},
            "ReturnConsumedCapacity": "TOTAL",
        }

    def test_two_rows_are_merged_attribute_by_attribute(self) -> None:
        merged = rule(Mode.UPDATE).merge(body(A={"S": "1"}, B={"S": "1"}), body(B={"S": "22"}))
        assert merged is not None
        assert json.loads(merged) == json.loads(body(A={"S": "1"}, B={"S": "22"}))

    @pytest.mark.parametrize("later", [{"C": {"S": "2"}}, {"B": {"S": ""}}, {"B": {"REMOVE": True}}])
    def test_a_row_that_may_make_the_item_shorter_goes_by_itself(self, later: dict[str, Any]) -> None:
        assert rule(Mode.UPDATE).merge(body(A={"S": "1"}, B={"S": "1"}), body(**later)) is None

    def test_what_is_removed_is_not_set(self) -> None:
        request = asked(Mode.UPDATE, body(A={"REMOVE": True}, B={"S": "x"}, C={"REMOVE": True}))
        assert request["UpdateExpression"] == "SET #1=:1 REMOVE #0,#2"
        assert request["ExpressionAttributeNames"] == {"#0": "A", "#1": "B", "#2": "C"}
        assert request["ExpressionAttributeValues"] == {":1": {"S": "x"}}

    def test_a_row_that_only_removes(self) -> None:
        request = asked(Mode.UPDATE, body(A={"REMOVE": True}))
        assert request["UpdateExpression"] == "REMOVE #0"
        assert "ExpressionAttributeValues" not in request

    @pytest.mark.parametrize(
        ("earlier", "later", "becomes"),
        [
            ({"A": "remove"}, {"A": "set"}, {"A": "set"}),
            ({"A": "remove", "B": "set"}, {"A": "remove"}, {"A": "remove", "B": "set"}),
            ({"A": "remove"}, {"A": "remove"}, {"A": "remove"}),
            ({"A": "set"}, {"A": "remove"}, None),
            ({}, {"A": "remove"}, None),
            ({"A": "remove"}, {}, None),
            ({}, {}, {}),
        ],
    )
    def test_what_makes_an_item_is_not_merged_into_what_makes_none(
        self, earlier: dict[str, str], later: dict[str, str], becomes: dict[str, str] | None
    ) -> None:
        """DynamoDB makes no item of a request that only removes attributes, but one of a request of a key alone."""

        def row(said: dict[str, str]) -> bytes:
            return body(
                **{name: {"S": "x"} if what == "set" else {"REMOVE": True} for name, what in said.items()}
            )

        merged = rule(Mode.UPDATE).merge(row(earlier), row(later))
        assert (None if merged is None else json.loads(merged)) == (
            None if becomes is None else json.loads(row(becomes))
        )

    def test_what_may_be_too_large_together_is_not_merged(self) -> None:
        half = {"S": "x" * (MAX_ITEM_BYTES // 2)}
        assert rule(Mode.UPDATE).merge(body(A=half), body(B=half)) is None
        assert rule(Mode.UPDATE).merge(body(A=half), body(A=half)) is not None

    def test_the_most_attributes_fit_into_an_expression(self) -> None:
        values = {f"a{number}": {"S": "x"} for number in range(MAX_UPDATE_ATTRIBUTES)}
        assert len(asked(Mode.UPDATE, body(**values))["UpdateExpression"]) <= 4096
