"""However requests fail, on a real connection, the table is in the end what a loop of single writes leaves."""

from __future__ import annotations

import json
import random
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import pytest
from botocore.credentials import Credentials
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from csv_import.settings import WriteLimits
from csv_import.shaping.item import digests_of
from csv_import.shaping.values.value import REMOVED
from csv_import.writing.answers import RequestKind
from csv_import.writing.batch import Merge
from csv_import.writing.batch_write import BatchWrite
from csv_import.writing.connections import Connections
from csv_import.writing.effort import Effort
from csv_import.writing.lanes import Lanes
from csv_import.writing.modes.rule import Found, earlier_stays
from csv_import.writing.modes.update import merging_updates, update_request
from csv_import.writing.route import Route
from csv_import.writing.signing import Signer
from csv_import.writing.single_write import SingleWrite
from tests.unit.csv_import.writing.fakes import TABLE, Clock, Log, body, key_of, sending_along, text
from tests.unit.csv_import.writing.loopback import Fault, Reply, error, serving

REQUEST_TIMEOUT_S = 0.05
"""What a silent server costs."""

Item = dict[str, Any]


@dataclass
class Model:
    """A table, and what it does to requests: decided by a seed, so that a case can be told again.

    Attributes:
        faults: how often an answer fails in each way; a third of the time the writes are applied all the same, and a
            third of the time after their repetition, but before what follows them.
    """

    seed: int
    throttled: float
    failing: float
    partly: float
    broken: float
    silent: float
    items: dict[str, Item] = field(default_factory=dict)
    asked: int = 0
    under_way: list[bytes] = field(default_factory=list)
    applied_late: int = 0

    def __call__(self, operation: str, request: bytes) -> Reply:
        self.asked += 1
        chance = random.Random(f"{self.seed} {self.asked}")
        earlier = [late for late in self.under_way if repeats(operation, request, late)]
        reply = self._answer(operation, request, chance)
        for late in earlier:
            if chance.random() < 0.5:
                self.applied_late += 1
                self._apply(operation, late, 1.0, chance)
                self.under_way.remove(late)
            elif settles(reply):  # what follows in the lane is sent upon this answer
                self.under_way.remove(late)
        return reply

    def _answer(self, operation: str, request: bytes, chance: random.Random) -> Reply:
        if chance.random() < self.throttled:
            return Reply(400, error("ProvisionedThroughputExceededException"))
        for share, reply in (
            (self.failing, Reply(500, error("InternalServerError"))),
            (self.silent, Reply(200, b"", Fault.SILENCE)),
        ):
            if chance.random() < share:
                self._apply_perhaps(operation, request, chance)
                return reply
        if chance.random() < self.broken:
            reply = self._apply_perhaps(operation, request, chance)
            fault = chance.choice([Fault.RESET, Fault.TRUNCATED, Fault.BAD_CHECKSUM])
            return Reply(reply.status, reply.body, fault)
        share = 0.5 if chance.random() < self.partly else 1.0
        return self._apply(operation, request, share, chance)

    def _apply_perhaps(self, operation: str, request: bytes, chance: random.Random) -> Reply:
        """The answer is lost; the write is applied now, or late, or never."""
        when = chance.choice(["now", "late", "never"])
        if when == "now":
            return self._apply(operation, request, 1.0, chance)
        if when == "late":
            self.under_way.append(request)
        return Reply(200, b"{}" * 5)

    def _apply(self, operation: str, request: bytes, share: float, chance: random.Random) -> Reply:
        told = json.loads(request)
        if operation == "BatchWriteItem":
            return self._apply_batch(told["RequestItems"][TABLE], share, chance)
        if operation == "UpdateItem":
            return self._apply_update(told)
        item = told["Item"]
        there = self.items.get(item["Id"]["S"])
        if there is not None:
            refusal = json.loads(error("ConditionalCheckFailedException"))
            return Reply(400, json.dumps({**refusal, "Item": there}).encode())
        self.items[item["Id"]["S"]] = item
        return Reply(200, b"{}")

    def _apply_update(self, told: dict[str, Any]) -> Reply:
        key = told["Key"]["Id"]["S"]
        names, values = told.get("ExpressionAttributeNames", {}), told.get("ExpressionAttributeValues", {})
        to_set, _, to_remove = told.get("UpdateExpression", "").partition("REMOVE ")
        if to_remove and not to_set and key not in self.items:
            return Reply(200, b"{}")
        item = {**self.items.get(key, told["Key"])}
        for action in filter(None, to_set.strip().removeprefix("SET ").split(",")):
            name, _, value = action.partition("=")
            item[names[name]] = values[value]
        for name in filter(None, to_remove.split(",")):
            item.pop(names[name], None)
        self.items[key] = item
        return Reply(200, b"{}")

    def _apply_batch(self, requests: list[dict[str, Any]], share: float, chance: random.Random) -> Reply:
        keys = [key_in(request) for request in requests]
        assert len(set(keys)) == len(keys) <= 25, "DynamoDB refuses a batch with one key twice"
        left = [request for request in requests if chance.random() >= share]
        for request in requests:
            if request in left:
                continue
            if "PutRequest" in request:
                self.items[key_in(request)] = request["PutRequest"]["Item"]
            else:
                self.items.pop(key_in(request), None)
        return Reply(200, json.dumps({"UnprocessedItems": {TABLE: left} if left else {}}).encode())


def writes_in(operation: str, request: bytes) -> list[Any]:
    """The single writes of a request."""
    told = json.loads(request)
    return list(told["RequestItems"][TABLE]) if operation == "BatchWriteItem" else [told]


def repeats(operation: str, request: bytes, earlier: bytes) -> bool:
    """Whether a request sends again what an earlier one held, or what is left of it."""
    whole = writes_in(operation, earlier)
    return all(each in whole for each in writes_in(operation, request))


def settles(reply: Reply) -> bool:
    """Whether nothing of the request is sent again."""
    if reply.fault is not Fault.NONE:
        return False
    if reply.status == 200:
        return not json.loads(reply.body).get("UnprocessedItems")
    return b"ConditionalCheckFailed" in reply.body


def key_in(request: dict[str, Any]) -> str:
    """The key of a put or a delete."""
    ((_, content),) = request.items()
    ((_, item),) = content.items()
    return str(item["Id"]["S"])


def some(*shares: float) -> st.SearchStrategy[float]:
    return st.sampled_from([0.0, *shares])


models = st.builds(
    Model,
    seed=st.integers(0, 1 << 16),
    throttled=some(0.3, 0.6),
    failing=some(0.2, 0.5),
    partly=some(0.4, 0.8),
    broken=some(0.2),
    silent=some(0.05),
)
bounds = st.builds(
    WriteLimits,
    lanes=st.integers(1, 8),
    max_batch_items=st.sampled_from([1, 3, 25]),
    max_batch_bytes=st.sampled_from([1, 200, 10_000]),
    max_unacknowledged_bytes=st.sampled_from([1, 500, 100_000]),
)
rows = st.lists(st.integers(0, 9), max_size=80)
ROWS_AT_ONCE = (1, 7, 100)


def write(  # noqa: PLR0917
    keys: list[int],
    segment_rows: int,
    model: Model,
    limits: WriteLimits,
    kind: RequestKind,
    bodies: Callable[[str, str], bytes],
    merge: Merge | None = None,
) -> tuple[Log, Effort, int]:
    """Write a row for each key, in order, over HTTP; gives what was reported, what it took, how many were merged."""
    log, clock = Log(), Clock()
    with serving(model) as (_, port):
        endpoint = f"http://127.0.0.1:{port}/"
        signer = Signer(
            endpoint=endpoint,
            region="eu-west-1",
            target=kind.target,
            credentials=Credentials("a", "b"),
            now=lambda: datetime(2026, 11, 23, tzinfo=UTC),
        )
        connections = Connections(
            endpoint,
            connections=limits.lanes,
            connect_timeout_s=5,
            request_timeout_s=REQUEST_TIMEOUT_S if model.silent else 20,
        )
        route = Route(kind, signer.headers, connections, TABLE)
        sending = sending_along(route, lanes=limits.lanes, log=log, clock=clock)
        with Lanes(sending, limits, merge=merge, on_sealed=log.sealed.append) as lanes:
            at_once = ROWS_AT_ONCE[limits.lanes % len(ROWS_AT_ONCE)]
            for first in range(0, len(keys), segment_rows):
                if first:
                    lanes.end_segment()
                segment = range(first, min(first + segment_rows, len(keys)))
                for at in range(0, len(segment), at_once):
                    some = segment[at : at + at_once]
                    names = [text(str(keys[row])) for row in some]
                    made = [bodies(str(keys[row]), f"row {row}") for row in some]
                    lanes.put(names, b"".join(digests_of(names)), made, some, first // segment_rows)
            lanes.drain()
        connections.close()
        return log, sending.effort, lanes.merged


def settled_by_segment(log: Log) -> Counter[int]:
    return Counter(segment for segment, _ in log.acknowledgements)


heavy = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])


@given(rows, st.integers(1, 50), models, bounds)
@heavy
def test_put_ends_as_the_sequential_loop_leaves_it(
    keys: list[int], segment_rows: int, model: Model, limits: WriteLimits
) -> None:
    expected = {str(key): json.loads(body(str(key), f"row {row}")) for row, key in enumerate(keys)}

    log, effort, merged = write(keys, segment_rows, model, limits, BatchWrite(TABLE, key_of), body)

    assert model.items == expected
    assert log.written() + merged == len(keys)
    assert settled_by_segment(log) == Counter(log.sealed)
    assert effort.requests == len(log.sealed) + effort.retries
    assert effort.in_flight == 0
    assert not log.refusals


@given(rows, rows, models, bounds)
@heavy
def test_delete_ends_as_the_sequential_loop_leaves_it(
    there: list[int], keys: list[int], model: Model, limits: WriteLimits
) -> None:
    model.items = {str(key): {"Id": {"S": str(key)}} for key in there}
    expected = {key: item for key, item in model.items.items() if int(key) not in keys}

    def key_only(key: str, _: str) -> bytes:
        return json.dumps({"Id": {"S": key}}).encode()

    log, _, merged = write(keys, 50, model, limits, BatchWrite(TABLE, key_of, "Delete"), key_only)

    assert model.items == expected
    assert log.written() + merged == len(keys)


def put_request(item: bytes) -> bytes:
    return b'{"TableName":"items","Item":' + item + b"}"


def same_item(item: bytes, found: Found) -> bool:
    return bool(json.loads(item) == found)


@given(rows, rows, models, bounds)
@heavy
def test_insert_ends_as_the_sequential_loop_leaves_it_and_counts_alike(
    there: list[int], keys: list[int], model: Model, limits: WriteLimits
) -> None:
    model.items = {str(key): {"Id": {"S": str(key)}, "Old": {"S": "x"}} for key in there}
    expected = dict(model.items)
    for row, key in enumerate(keys):
        expected.setdefault(str(key), json.loads(body(str(key), f"row {row}")))
    new = len(expected) - len(model.items)

    kind = SingleWrite("PutItem", put_request, same_item)
    log, _, merged = write(keys, 50, model, limits, kind, body, merge=earlier_stays)

    assert model.items == expected
    assert log.written() == new, "whatever was lost or sent twice"
    assert log.settled() + merged == len(keys)


changes = st.dictionaries(st.sampled_from("ABC"), st.sampled_from(["short", "longer", "removed"]))


@given(rows, st.lists(st.tuples(st.integers(0, 9), changes), max_size=80), models, bounds)
@heavy
def test_update_ends_as_the_sequential_loop_leaves_it(
    there: list[int], updates: list[tuple[int, dict[str, str]]], model: Model, limits: WriteLimits
) -> None:
    model.items = {str(key): {"Id": {"S": str(key)}, "A": {"S": "x"}, "Old": {"S": "x"}} for key in there}
    expected = {key: dict(item) for key, item in model.items.items()}
    values = [
        {name: REMOVED if how == "removed" else {"S": how + f" {row:02}"} for name, how in each.items()}
        for row, (_, each) in enumerate(updates)
    ]
    for (number, _), each in zip(updates, values, strict=True):
        kept = {name: value for name, value in each.items() if value != REMOVED}
        if kept or not each or str(number) in expected:
            item = expected.setdefault(str(number), {"Id": {"S": str(number)}})
            for name in each:
                item.pop(name, None)
            item.update(kept)

    def changed(key: str, row: str) -> bytes:
        return json.dumps({"Id": {"S": key}, **values[int(row.removeprefix("row "))]}).encode()

    kind = SingleWrite("UpdateItem", update_request(TABLE, ["Id"]))
    keys = [key for key, _ in updates]
    log, _, merged = write(keys, 50, model, limits, kind, changed, merge=merging_updates(1))

    assert model.items == expected
    assert log.written() + merged == len(keys)
    assert not log.refusals


def test_a_request_without_an_answer_is_applied_late_too() -> None:
    """What the properties above rest on: it happens, and between the repetition and what follows."""
    model = Model(0, 0, failing=0.5, partly=0.4, broken=0.2, silent=0)
    keys = [1, 2, 1, 3, 1, 2] * 20
    write(keys, 50, model, WriteLimits(lanes=2, max_batch_items=1), BatchWrite(TABLE, key_of), body)
    assert model.applied_late > 5
    assert model.items == {str(key): json.loads(body(str(key), f"row {row}")) for row, key in enumerate(keys)}


@pytest.mark.parametrize("fault", [Fault.RESET, Fault.TRUNCATED, Fault.BAD_CHECKSUM])
def test_an_answer_that_is_lost_after_the_write_was_applied_changes_nothing(fault: Fault) -> None:
    model = Model(0, 0, 0, 0, 0, 0)
    lost = iter([fault] * 3)

    def server(operation: str, request: bytes) -> Reply:
        reply = model(operation, request)
        return Reply(reply.status, reply.body, next(lost, Fault.NONE))

    keys = [1, 2, 1, 3, 1, 2] * 5
    limits = WriteLimits(lanes=2, max_batch_items=1)
    model_with_faults: Any = server
    model_with_faults.silent = 0.0
    log, effort, _ = write(keys, 50, model_with_faults, limits, BatchWrite(TABLE, key_of), body)
    assert model.items == {str(key): json.loads(body(str(key), f"row {row}")) for row, key in enumerate(keys)}
    assert (log.written(), effort.retries) == (len(keys), 3)
