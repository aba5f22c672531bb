"""A table behind a sender that takes no time but the clock's, and what is written to it."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from csv_import.settings import WriteLimits
from csv_import.shaping.item import digest_of, digests_of, key_text
from csv_import.waiting import Backoff
from csv_import.writing.answers import RequestKind
from csv_import.writing.batch import Batch, Merge, sealed
from csv_import.writing.batch_write import BatchWrite
from csv_import.writing.bucket import Bucket
from csv_import.writing.connections import Response
from csv_import.writing.effort import Effort
from csv_import.writing.lanes import Lanes
from csv_import.writing.route import Route
from csv_import.writing.sending import Sending
from csv_import.writing.units import WriteCost
from csv_import.writing.window import Window

TABLE = "items"
CODES = "com.amazonaws.dynamodb.v20120810#"
TAKEN = Response(200, b'{"UnprocessedItems":{}}')


def text(key: str) -> bytes:
    return key_text([key])


def lane_of(key: str, lanes: int) -> int:
    return digest_of(text(key))[0] % lanes


def key_of(item: Mapping[str, Mapping[str, str]]) -> bytes:
    return text(item["Id"]["S"])


def body(key: str, value: str = "") -> bytes:
    return json.dumps({"Id": {"S": key}, "Value": {"S": value}}).encode()


def batch(*keys: str, segment: int = 0) -> Batch:
    return sealed(segment, {text(key): (body(key), number) for number, key in enumerate(keys, start=1)})


def said(code: str, status: int = 400, message: str = "why") -> Response:
    return Response(status, json.dumps({"__type": CODES + code, "message": message}).encode())


def key_in(lane: int, of: int, avoid: str = "") -> str:
    """A key that takes the given lane."""
    return next(
        key for key in (f"k{number}" for number in range(10_000)) if key != avoid and lane_of(key, of) == lane
    )


@dataclass
class Clock:
    """Time that passes when somebody waits."""

    seconds: float = 1000.0

    def __call__(self) -> float:
        return self.seconds

    def pause(self, seconds: float) -> None:
        assert seconds >= 0
        self.seconds += seconds


@dataclass
class Table:
    """What DynamoDB would hold; `sent` are the items of each request, in order of arrival."""

    items: dict[str, dict[str, Any]] = field(default_factory=dict)
    sent: list[list[str]] = field(default_factory=list)

    def __call__(self, puts: list[dict[str, Any]]) -> Response:
        self.sent.append([put["Id"]["S"] for put in puts])
        self.write(puts)
        return TAKEN

    def write(self, puts: list[dict[str, Any]]) -> None:
        for put in puts:
            self.items[put["Id"]["S"]] = put


def puts_of(request: bytes) -> list[dict[str, Any]]:
    """The items of a BatchWriteItem."""
    ((_, requests),) = json.loads(request)["RequestItems"].items()
    return [each["PutRequest"]["Item"] for each in requests]


def unprocessed(puts: list[dict[str, Any]]) -> Response:
    returned = {TABLE: [{"PutRequest": {"Item": put}} for put in puts]} if puts else {}
    return Response(200, json.dumps({"UnprocessedItems": returned}).encode())


Answers = Callable[[list[dict[str, Any]]], Response]


class Wire:
    """Carries requests to a table; each takes `takes_s` on the clock.

    Args:
        answers: gives the answer to a BatchWriteItem's items, when it arrives.
    """

    def __init__(self, answers: Answers, clock: Clock, takes_s: float = 0.01) -> None:
        self.answers = answers
        self.clock = clock
        self.takes_s = takes_s
        self.under_way: list[tuple[float, int, Response]] = []
        self.most_in_flight = 0
        self.requests = 0
        self.busy: Counter[int] = Counter()
        self.closed = False

    def start(self, lane: int, headers: list[str], body: bytes) -> None:
        self.busy[lane] += 1
        assert self.busy[lane] == 1, "a lane has one request in flight"
        self.requests += 1
        self.under_way.append((self.clock() + self.takes_s, lane, self.answers(puts_of(body))))
        self.most_in_flight = max(self.most_in_flight, len(self.under_way))

    def finished(self, wait_s: float) -> list[tuple[int, Response]]:
        if wait_s and self.under_way:
            arrives = min(at for at, _, _ in self.under_way)
            self.clock.seconds = max(self.clock(), min(arrives, self.clock() + wait_s))
        come = [each for each in self.under_way if each[0] <= self.clock()]
        self.under_way = [each for each in self.under_way if each[0] > self.clock()]
        for _, lane, _ in come:
            self.busy[lane] -= 1
        return [(lane, response) for _, lane, response in come]

    def close(self) -> None:
        self.closed = True


@dataclass
class Log:
    """What was reported."""

    sealed: list[int] = field(default_factory=list)
    acknowledgements: list[tuple[int, int]] = field(default_factory=list)
    told: list[tuple[bytes, bool]] = field(default_factory=list)
    refusals: list[tuple[int, int, bytes, str]] = field(default_factory=list)

    def tell(self, segment: int, key: bytes, left_alone: bool) -> None:
        self.told.append((key, left_alone))

    def acknowledged(self, segment: int, items: int) -> None:
        self.acknowledgements.append((segment, items))

    def refused(self, segment: int, record: int, key: bytes, message: str) -> None:
        self.refusals.append((segment, record, key, message))

    def settled(self) -> int:
        return sum(items for _, items in self.acknowledgements)

    def written(self) -> int:
        return self.settled() - sum(left_alone for _, left_alone in self.told)


def limits(**changes: int) -> WriteLimits:
    values = {"lanes": 4, "max_batch_items": 3, "max_batch_bytes": 1000, "max_unacknowledged_bytes": 10_000}
    return WriteLimits(**(values | changes))


def middle(low: float, high: float) -> float:
    """A draw without chance."""
    return (low + high) / 2


def sending_to(
    wire: Wire,
    *,
    lanes: int = 4,
    kind: RequestKind | None = None,
    log: Log | None = None,
    window: Window | None = None,
    bucket: Bucket | None = None,
    cost: WriteCost | None = None,
    budget_s: float = 900.0,
    draw: Callable[[float, float], float] = middle,
    before_send: Callable[[], None] = lambda: None,
    sign: Callable[[bytes], list[str]] = lambda _: [],
) -> Sending:
    """A sending over the wire whose time is the wire's clock."""
    clock = wire.clock
    return Sending(
        Route(kind or BatchWrite(TABLE, key_of), sign, wire, TABLE, cost or WriteCost()),
        lanes=lanes,
        window=window or Window(lanes, first=lanes, draw=draw),
        bucket=bucket or Bucket(None, clock()),
        effort=Effort(),
        backoff=lambda: Backoff(0.05, 10.0, budget_s, clock=clock, pause=clock.pause, draw=draw),
        before_send=before_send,
        clock=clock,
        pause=clock.pause,
        drain_s=60.0,
        progress=log or Log(),
    )


def sending_along(route: Route, *, lanes: int, log: Log, clock: Clock) -> Sending:
    """A sending on any route, which does not give up; its pauses take no time but the clock's."""
    return Sending(
        route,
        lanes=lanes,
        window=Window(lanes),
        bucket=Bucket(None, clock()),
        effort=Effort(),
        backoff=lambda: Backoff(0.05, 10.0, 1e9, clock=clock, pause=clock.pause),
        before_send=lambda: None,
        clock=clock,
        pause=clock.pause,
        drain_s=60.0,
        progress=log,
    )


def finish(sending: Sending) -> None:
    while sending.unsettled:
        sending.advance()


def lanes_to(
    wire: Wire, bounds: WriteLimits, log: Log | None = None, merge: Merge | None = None, **more: Any
) -> Lanes:
    log = log or Log()
    return Lanes(
        sending_to(wire, lanes=bounds.lanes, log=log, **more),
        bounds,
        merge=merge,
        on_sealed=log.sealed.append,
    )


def put(lanes: Lanes, *rows: tuple[str, str], segment: int = 0, first: int = 1) -> None:
    keys = [text(key) for key, _ in rows]
    lanes.put(
        keys,
        b"".join(digests_of(keys)),
        [body(key, value) for key, value in rows],
        range(first, first + len(rows)),
        segment,
    )
