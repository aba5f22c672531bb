"""Mode `update`: the attributes that a row gives are set; all others of the item stay as they are."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import orjson

from csv_import.shaping.item import json_body
from csv_import.shaping.sizes import MAX_ITEM_BYTES, MAX_UPDATE_ATTRIBUTES, value_bytes

_ASK = {"ReturnConsumedCapacity": "TOTAL"}


def update_request(table_name: str, keys: Sequence[str]) -> Callable[[bytes], bytes]:
    """Makes the function from an item's body to UpdateItem's request, which sets everything but the key.

    An item that is not there is made. Sent twice it does the same.
    https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_UpdateItem.html
    """

    def request(body: bytes) -> bytes:
        values = orjson.loads(body)
        asked = {"TableName": table_name, "Key": {name: values.pop(name) for name in keys}, **_ASK}
        if values:
            asked |= {
                "UpdateExpression": "SET " + ",".join([f"#{n}=:{n}" for n in range(len(values))]),
                "ExpressionAttributeNames": {f"#{n}": name for n, name in enumerate(values)},
                "ExpressionAttributeValues": {f":{n}": value for n, value in enumerate(values.values())},
            }
        return orjson.dumps(asked)

    return request


def merged_update(earlier: bytes, later: bytes) -> bytes | None:
    """Both rows' attributes, the later row's where both have one; None where they must go one after the other.

    They must where together they may be more than an item holds, for only the second is refused then; and where the
    later row has a shorter value: the item in the table may have no room for the first row, and yet for both.
    """
    first, second = orjson.loads(earlier), orjson.loads(later)
    members = {**first, **second}
    if len(members) > MAX_UPDATE_ATTRIBUTES:
        return None
    if any(value_bytes(second[name]) < value_bytes(first[name]) for name in first.keys() & second.keys()):
        return None
    merged = json_body(members)
    return merged if len(merged) <= MAX_ITEM_BYTES else None
