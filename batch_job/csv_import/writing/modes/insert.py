"""Mode `insert`: an item is put where there is none with its key; an item that is there stays."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import orjson

from csv_import.shaping.numbers import canonical_number

_SETS = {"SS", "NS", "BS"}


def insert_request(table_name: str, partition_key: str) -> Callable[[bytes], bytes]:
    """Makes the function from an item's body to PutItem's request.

    Sent twice it does the same, for an item that fails the condition comes back and is compared.
    https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_PutItem.html
    """
    table, key = orjson.dumps(table_name), orjson.dumps(partition_key)
    head = b'{"TableName":' + table + b',"Item":'
    tail = (
        b',"ConditionExpression":"attribute_not_exists(#k)","ExpressionAttributeNames":{"#k":'
        + key
        + b'},"ReturnValuesOnConditionCheckFailure":"ALL_OLD","ReturnConsumedCapacity":"TOTAL"}'
    )
    return lambda body: head + body + tail


def same_item(body: bytes, found: Mapping[str, Mapping[str, Any]]) -> bool:
    """Whether the item in the table is, attribute by attribute, the one that was to be put.

    Numbers are equal by value, sets in any order.

    Args:
        body: what was to be put.
        found: the item as DynamoDB hands it back.
    """
    return _comparable_members(orjson.loads(body)) == _comparable_members(found)


def _comparable_members(members: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
    return {name: _comparable(value) for name, value in members.items()}


def _comparable(value: Mapping[str, Any]) -> tuple[str, Any]:
    ((kind, content),) = value.items()
    if kind == "N":
        return kind, canonical_number(content)
    if kind in _SETS:
        return kind, frozenset(map(canonical_number, content) if kind == "NS" else content)
    if kind == "M":
        return kind, _comparable_members(content)
    if kind == "L":
        return kind, [_comparable(each) for each in content]
    return kind, content
