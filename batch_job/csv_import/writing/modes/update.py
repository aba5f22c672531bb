"""Mode `update`: the attributes that a row gives are set; all others of the item stay as they are."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import orjson

from csv_import.shaping.item import json_body
from csv_import.shaping.sizes import MAX_ITEM_BYTES, MAX_UPDATE_ATTRIBUTES

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
    """Both rows' attributes, the later row's where both have one; None where that may be more than an item holds.

    Two that are too large together go one after the other, for only the second one is refused then.
    """
    members = {**orjson.loads(earlier), **orjson.loads(later)}
    merged = json_body(members)
    return merged if len(merged) <= MAX_ITEM_BYTES and len(members) <= MAX_UPDATE_ATTRIBUTES else None
