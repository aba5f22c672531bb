"""Sends items one a request, for the modes that BatchWriteItem cannot say."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import orjson

from csv_import.writing.batch_write import BatchWriter
from csv_import.writing.delivery import Answer, Send
from csv_import.writing.modes.rule import Rule

CONDITION_FAILED = "ConditionalCheckFailedException"

Tell = Callable[[bytes, bool], None]
"""Takes a key's digest and whether its item was left alone, in the order of the rows of that key."""


class OneByOne:
    """Sends the items of a batch one after the other; may be called from many threads.

    Args:
        writer: posts requests and judges answers.
        rule: makes requests and tells what a failed condition means.
        tell: is told of every item that is settled.
        before_each: called ahead of every request; raises where this attempt may no longer write.
    """

    def __init__(self, writer: BatchWriter, rule: Rule, tell: Tell, before_each: Callable[[], None]) -> None:
        assert rule.request_of is not None
        self._before_each = before_each
        self._writer = writer
        self._rule = rule
        self._request_of = rule.request_of
        self._tell = tell

    def __call__(self, items: Mapping[bytes, bytes]) -> Answer:
        """Send the items (key digest → JSON body) until one is not settled, which then is unprocessed with the rest.

        Raises:
            BadConfiguration: as of `BatchWriter`.
        """
        settled = 0
        for key, body in items.items():
            self._before_each()
            answer = self._send(key, body)
            if answer.unprocessed:
                rest = frozenset(list(items)[settled:])
                return Answer(rest, answer.trouble, answer.detail, requests=settled + 1)
            settled += 1
        return Answer(frozenset(), requests=settled)

    def _send(self, key: bytes, body: bytes) -> Answer:
        response = self._writer.post(self._rule.operation, self._request_of(body))
        if isinstance(response, str):
            return self._writer.unavailable({key: body}, response)
        status, content = response
        if status == 200:
            self._tell(key, False)
            return Answer(frozenset())
        if self._rule.wrote is not None and (found := _failed_condition(content)) is not None:
            self._tell(key, not self._rule.wrote(body, found))
            return Answer(frozenset())
        return self._writer.judge(status, content, {key: body})


def sender(writer: BatchWriter, rule: Rule, tell: Tell, before_each: Callable[[], None]) -> Send:
    """What sends the items of a mode."""
    return writer if rule.request_of is None else OneByOne(writer, rule, tell, before_each)


def _failed_condition(content: bytes) -> dict[str, dict[str, object]] | None:
    """The item that made a condition fail; None where the answer says something else."""
    try:
        error = orjson.loads(content)
    except orjson.JSONDecodeError:
        return None
    if not isinstance(error, dict) or not str(error.get("__type", "")).endswith(CONDITION_FAILED):
        return None
    found = error.get("Item")
    return found if isinstance(found, dict) else None
