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
from csv_import.waiting import Backoff
from csv_import.writing.answers import RequestKind
from csv_import.writing.batch import Merge
from csv_import.writing.batch_write import BatchWrite
from csv_import.writing.bucket import Bucket
from csv_import.writing.connections import Connections
from csv_import.writing.effort import Effort
from csv_import.writing.lanes import Lanes
from csv_import.writing.modes.rule import Found, earlier_stays
from csv_import.writing.route import Route
from csv_import.writing.sending import Sending
from csv_import.writing.signing import Signer
from csv_import.writing.single_write import SingleWrite
from csv_import.writing.window import Window
from tests.unit.csv_import.writing.fakes import TABLE, Clock, Log, body, digest, key_of
from tests.unit.csv_import.writing.loopback import Fault, Reply, error, serving

REQUEST_TIMEOUT_S = 0.05
"""What a silent server costs."""

Item = dict[str, Any]


@dataclass
class Model:
    """A table, and what it does to requests: decided by a seed, so that a case can be told again.

    Attributes:
        faults: how often an answer fails in each way; half of the time the writes were applied all the same.
    """

    seed: int
    throttled: float
    failing: float
    partly: float
    broken: float
    silent: float
    items: dict[str, Item] = field(default_factory=dict)
    asked: int = 0

    def __call__(self, operation: str, request: bytes) -> Reply:
        self.asked += 1
        chance = random.Random(f"{self.seed} {self.asked}")
        if chance.random() < self.throttled:
            return Reply(400, error("ProvisionedThroughputExceededException"))
        apply = chance.random() < 0.5
        if chance.random() < self.failing:
            if apply:
                self._apply(operation, request, 1.0, chance)
            return Reply(500, error("InternalServerError"))
        if chance.random() < self.broken:
            reply = self._apply(operation, request, 1.0, chance) if apply else Reply(200, b"{}" * 5)
            fault = chance.choice([Fault.RESET, Fault.TRUNCATED, Fault.BAD_CHECKSUM])
            return Reply(reply.status, reply.body, fault)
        if chance.random() < self.silent:
            if apply:
                self._apply(operation, request, 1.0, chance)
            return Reply(200, b"", Fault.SILENCE)
        share = 0.5 if chance.random() < self.partly else 1.0
        return self._apply(operation, request, share, chance)

    def _apply(self, operation: str, request: bytes, share: float, chance: random.Random) -> Reply:
        told = json.loads(request)
        if operation == "BatchWriteItem":
            return self._apply_batch(told["RequestItems"][TABLE], share, chance)
        item = told["Item"]
        there = self.items.get(item["Id"]["S"])
        if there is not None:
            refusal = json.loads(error("ConditionalCheckFailedException"))
            return Reply(400, json.dumps({**refusal, "Item": there}).encode())
        self.items[item["Id"]["S"]] = item
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
        sending = Sending(
            Route(kind, signer.headers, connections, TABLE),
            lanes=limits.lanes,
            window=Window(limits.lanes),
            bucket=Bucket(None, clock()),
            effort=Effort(),
            backoff=lambda: Backoff(0.05, 10.0, 1e9, clock=clock, pause=clock.pause),
            before_send=lambda: None,
            clock=clock,
            pause=clock.pause,
            drain_s=60.0,
            progress=log,
        )
        with Lanes(sending, limits, merge=merge, on_sealed=log.sealed.append) as lanes:
            for row, key in enumerate(keys):
                if row and row % segment_rows == 0:
                    lanes.end_segment()
                lanes.put([digest(str(key))], [bodies(str(key), f"row {row}")], [row], row // segment_rows)
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
