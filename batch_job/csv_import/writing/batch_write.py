"""BatchWriteItem: up to 25 puts or deletes in one request, any of which may come back unprocessed."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Literal

import orjson

from csv_import.writing.answers import Answer, NotDynamoDB, Trouble
from csv_import.writing.batch import Entries, bodies_of

MAX_ITEMS = 25
"""https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_BatchWriteItem.html"""

KeyOf = Callable[[Mapping[str, Mapping[str, Any]]], bytes]


class BatchWrite:
    """Puts items, or deletes what has their keys.

    Args:
        table_name: the table to write to.
        key_of: text of the key of an item, or of a key, that comes back as unprocessed.
        verb: what to do with the items; bodies are whole items for `Put`, keys for `Delete`.
    """

    target = "DynamoDB_20120810.BatchWriteItem"
    max_items = MAX_ITEMS

    def __init__(self, table_name: str, key_of: KeyOf, verb: Literal["Put", "Delete"] = "Put") -> None:
        self._table_name = table_name
        self._key_of = key_of
        self._request, self._field = f"{verb}Request", {"Put": "Item", "Delete": "Key"}[verb]
        opening = f'{{"{self._request}":{{"{self._field}":'.encode()
        self._head = b'{"RequestItems":{' + orjson.dumps(table_name) + b":[" + opening
        self._between = b"}}," + opening
        self._tail = b'}}]},"ReturnConsumedCapacity":"TOTAL"}'

    def body(self, entries: Entries) -> bytes:
        """The request's body: the items' own bodies, joined."""
        return self._head + self._between.join(bodies_of(entries)) + self._tail

    def done(self, content: Mapping[str, Any], entries: Entries) -> Answer:
        """Which items came back unprocessed.

        Raises:
            NotDynamoDB: something came back that was never sent.
        """
        units = consumed_units(content)
        unprocessed = content.get("UnprocessedItems")
        if not unprocessed:
            return Answer(units=units)
        try:
            returned = unprocessed.get(self._table_name, [])
            keys = frozenset(self._key_of(each[self._request][self._field]) for each in returned)
        except (KeyError, AttributeError, TypeError):
            raise NotDynamoDB("the answer is not DynamoDB's") from None
        if not keys <= entries.keys():
            raise NotDynamoDB("unprocessed items were never sent")
        if not keys:
            return Answer(units=units)
        return Answer(keys, Trouble.THROTTLED, "UnprocessedItems", units=units)

    def condition_failed(self, error: Mapping[str, Any], entries: Entries) -> Answer:
        """Batches have no condition."""
        raise NotDynamoDB("a batch has no condition that could fail")


def consumed_units(content: Mapping[str, Any]) -> float | None:
    """The write units that an answer says were consumed, table and indexes together; None where it does not say."""
    told = content.get("ConsumedCapacity")
    if not told:
        return None
    try:
        return sum(float(each["CapacityUnits"]) for each in (told if isinstance(told, list) else [told]))
    except (KeyError, TypeError, ValueError):
        return None
