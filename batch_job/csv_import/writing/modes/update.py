"""Mode `update`: the attributes that a row gives are set or removed; all others of the item stay as they are."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import orjson

from csv_import.shaping.item import json_body
from csv_import.shaping.sizes import MAX_ITEM_BYTES, MAX_UPDATE_ATTRIBUTES, value_bytes
from csv_import.shaping.values.value import REMOVED

_ASK = {"ReturnConsumedCapacity": "TOTAL"}


def update_request(table_name: str, keys: Sequence[str]) -> Callable[[bytes], bytes]:
    """Makes the function from an item's body to UpdateItem's request, which sets or removes everything but the key.

    An item that is not there is made, unless all there is to do is to remove attributes. Sent twice it does the same.
    https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_UpdateItem.html
    """

    def request(body: bytes) -> bytes:
        values = orjson.loads(body)
        asked = {"TableName": table_name, "Key": {name: values.pop(name) for name in keys}, **_ASK}
        if values:
            asked["ExpressionAttributeNames"] = {f"#{n}": name for n, name in enumerate(values)}
            kept = {n: value for n, value in enumerate(values.values()) if value != REMOVED}
            clauses = []
            if kept:
                clauses.append("SET " + ",".join([f"#{n}=:{n}" for n in kept]))
                asked["ExpressionAttributeValues"] = {f":{n}": value for n, value in kept.items()}
            if len(kept) < len(values):
                clauses.append("REMOVE " + ",".join([f"#{n}" for n in range(len(values)) if n not in kept]))
            asked["UpdateExpression"] = " ".join(clauses)
        return orjson.dumps(asked)

    return request


def merging_updates(key_attributes: int) -> Callable[[bytes, bytes], bytes | None]:
    """Makes the rule for two rows with one key: both rows' attributes, the later row's where both have one.

    None where they must go one after the other:

    - where they may be more than an item holds, for then only the second one is refused;
    - where the later row may make the item shorter than the earlier one leaves it, by an attribute of its own or by a
      shorter value: the item in the table may have no room for the first row, and yet for both;
    - where nothing is left to be set but what the earlier one sets, for DynamoDB makes no item of a request that only
      removes attributes.

    Args:
        key_attributes: how many of an item's attributes are its key.
    """

    def only_removes(members: Mapping[str, Any]) -> bool:
        kept: int = sum(value != REMOVED for value in members.values())
        return kept == key_attributes < len(members)

    def may_shorten(first: Mapping[str, Any], second: Mapping[str, Any]) -> bool:
        if not second.keys() <= first.keys():
            return True
        return any(
            value != first[name] and (value == REMOVED or value_bytes(value) < value_bytes(first[name]))
            for name, value in second.items()
        )

    def merged(earlier: bytes, later: bytes) -> bytes | None:
        first, second = orjson.loads(earlier), orjson.loads(later)
        members = {**first, **second}
        if len(members) > MAX_UPDATE_ATTRIBUTES or may_shorten(first, second):
            return None
        if only_removes(members) and not (only_removes(first) and only_removes(second)):
            return None
        body = json_body(members)
        return body if len(body) <= MAX_ITEM_BYTES else None

    return merged
