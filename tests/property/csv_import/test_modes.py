"""Insert and update with lost answers and throttles: the table of the patient loop, and the counts of a quiet run."""

from __future__ import annotations

import json
import random
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from csv_import.accounting.counters import Counters
from csv_import.accounting.segments import Segments
from csv_import.accounting.tally import Tally
from csv_import.rejects import Location
from csv_import.settings import WriteLimits
from csv_import.shaping.item import Item, key_digest
from csv_import.shaping.key_schema import KeyAttribute, KeySchema
from csv_import.shaping.spec import Mode
from csv_import.writing.delivery import Answer, Delivery, Trouble
from csv_import.writing.lanes import Lanes
from csv_import.writing.modes.rule import rule_for
from csv_import.writing.one_by_one import OneByOne
from tests.unit.csv_import.writing.fakes import backoff

Table = dict[str, dict[str, Any]]
KEYS = KeySchema((KeyAttribute("Id", "S", 2048),))
ROWS = st.lists(
    st.builds(
        lambda key, names, value: {"Id": {"S": key}, **{name: {"S": value} for name in names}},
        st.sampled_from("abc"),
        st.sets(st.sampled_from("XYZ")),
        st.sampled_from(["1", "2"]),
    ),
    max_size=40,
)


class FlakyTable:
    """Writes as DynamoDB does, and sometimes loses the request or its answer."""

    def __init__(self, items: Table, seed: int) -> None:
        self.items = items
        self._draw = random.Random(seed)

    def post(self, operation: str, body: bytes) -> tuple[int, bytes] | str:
        fate = self._draw.choice(["fine", "fine", "fine", "lost", "unanswered", "throttled"])
        if fate == "lost":
            return "ConnectionClosedError"
        if fate == "throttled":
            return 400, b'{"__type":"x#ThrottlingException"}'
        answer = self._apply(operation, json.loads(body))
        return "ReadTimeoutError" if fate == "unanswered" else answer

    def _apply(self, operation: str, asked: dict[str, Any]) -> tuple[int, bytes]:
        if operation == "UpdateItem":
            key = asked["Key"]["Id"]["S"]
            names = asked.get("ExpressionAttributeNames", {})
            values = asked.get("ExpressionAttributeValues", {})
            given_now = {name: values[place.replace("#", ":")] for place, name in names.items()}
            self.items[key] = {**self.items.get(key, asked["Key"]), **given_now}
            return 200, b"{}"
        key = asked["Item"]["Id"]["S"]
        if key in self.items:
            error = {"__type": "x#ConditionalCheckFailedException", "Item": self.items[key]}
            return 400, json.dumps(error).encode()
        self.items[key] = asked["Item"]
        return 200, b"{}"

    def unavailable(self, items: dict[bytes, bytes], detail: str) -> Answer:
        return Answer(frozenset(items), Trouble.UNAVAILABLE, detail)

    def judge(self, status: int, content: bytes, items: dict[bytes, bytes]) -> Answer:
        return Answer(frozenset(items), Trouble.THROTTLED)


def patient_loop(mode: Mode, rows: list[dict[str, Any]], items: Table) -> tuple[int, int, int]:
    """Writes rows one after the other; gives the keys written, the rows superseded and the keys skipped."""
    written = superseded = skipped = 0
    seen = set()
    for row in rows:
        key = row["Id"]["S"]
        left_alone = mode is Mode.INSERT and key in items and items[key] != row
        if mode is Mode.UPDATE:
            items[key] = {**items.get(key, {}), **row}
        else:
            items.setdefault(key, row)
        superseded += key in seen
        skipped += key not in seen and left_alone
        written += key not in seen and not left_alone
        seen.add(key)
    return written, superseded, skipped


@given(
    mode=st.sampled_from([Mode.INSERT, Mode.UPDATE]),
    rows=ROWS,
    there=ROWS,
    seed=st.integers(0, 10_000),
    lanes=st.integers(1, 3),
    batch=st.integers(1, 4),
    attempts=st.integers(1, 2),
)
@settings(max_examples=150, deadline=None)
def test_lost_answers_change_neither_table_nor_counts(
    *,
    mode: Mode,
    rows: list[dict[str, Any]],
    there: list[dict[str, Any]],
    seed: int,
    lanes: int,
    batch: int,
    attempts: int,
) -> None:
    before: Table = {row["Id"]["S"]: row for row in there}
    expected = dict(before)
    counts = patient_loop(mode, rows, expected)
    flaky: Any = FlakyTable(dict(before), seed)
    rule = rule_for(mode, "items", KEYS)
    for _ in range(attempts):  # the second one finds what the first one wrote
        counters = Counters(rows_read=len(rows), rows_accepted=len(rows))
        segments = Segments(Location(1, 1, 0))
        with Tally(64, several=False) as tally:
            limits = WriteLimits(lanes=lanes, max_batch_items=batch, max_unacknowledged_bytes=300)
            send = OneByOne(flaky, rule, tally.left_alone.tell, lambda: None)
            with Lanes(
                lambda send=send: Delivery(send, backoff(), lambda: None),  # type: ignore[misc]
                limits,
                on_sealed=segments.sealed,
                on_acknowledged=segments.acknowledged,
                merge=rule.merge,
            ) as lines:
                for number, row in enumerate(rows):
                    item = Item(key_digest([row["Id"]["S"]]), json.dumps(row).encode())
                    tally.add(item.key)
                    lines.put(item, number // 7)
                    if number % 7 == 6:
                        lines.end_segment()
                lines.drain()
            tally.settle(counters)
            assert segments.items_acknowledged + lines.merged == len(rows)
        assert flaky.items == expected
        assert (counters.rows_written, counters.rows_superseded, counters.rows_skipped) == counts
