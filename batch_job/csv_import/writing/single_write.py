"""One item a request, for what BatchWriteItem cannot say: a PutItem or UpdateItem with a condition."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from csv_import.writing.answers import Answer, NotDynamoDB
from csv_import.writing.batch import Entries
from csv_import.writing.batch_write import consumed_units
from csv_import.writing.modes.rule import Found


class SingleWrite:
    """Sends each item by itself.

    The request that `request_of` makes must do the same when it is sent twice, for an answer can get lost. Where it
    has a condition it asks for `ReturnValuesOnConditionCheckFailure=ALL_OLD`, so that `wrote` can tell an item
    that an earlier, unanswered sending of this very request wrote from one that was there before.

    Args:
        operation: `PutItem` or `UpdateItem`.
        request_of: the request's body from the item's.
        wrote: whether the item that made the condition fail is what this one writes: then it counts as
            written, else as left alone.
    """

    max_items = 1

    def __init__(
        self,
        operation: str,
        request_of: Callable[[bytes], bytes],
        wrote: Callable[[bytes, Found], bool] | None = None,
    ) -> None:
        self.target = f"DynamoDB_20120810.{operation}"
        self._request_of = request_of
        self._wrote = wrote

    def body(self, entries: Entries) -> bytes:
        """The request's body."""
        ((body, _),) = entries.values()
        return self._request_of(body)

    def done(self, content: Mapping[str, Any], entries: Entries) -> Answer:
        """It is written."""
        return Answer(units=consumed_units(content), left_alone=None if self._wrote is None else False)

    def condition_failed(self, error: Mapping[str, Any], entries: Entries) -> Answer:
        """The item that is there stays.

        Raises:
            NotDynamoDB: the answer does not hold that item, or there was no condition.
        """
        ((body, _),) = entries.values()
        found = error.get("Item")
        if self._wrote is None or not isinstance(found, dict):
            raise NotDynamoDB("a condition failed without the item that failed it")
        return Answer(left_alone=not self._wrote(body, found))
