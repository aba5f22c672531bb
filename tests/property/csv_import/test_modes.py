"""Insert and update with lost answers and throttles: the table of the patient loop, and the counts of a quiet run."""

from __future__ import annotations

import json
import random
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from csv_import.accounting.counters import Counters
from csv_import.accounting.tally import Tally
from csv_import.settings import WriteLimits
from csv_import.shaping.item import digest_of
from csv_import.shaping.key_schema import KeyAttribute, KeySchema
from csv_import.shaping.spec import Mode
from csv_import.shaping.values.value import REMOVED
from csv_import.writing.connections import Response
from csv_import.writing.kind import kind_of
from csv_import.writing.lanes import Lanes
from csv_import.writing.modes.rule import rule_for
from tests.unit.csv_import.writing.fakes import TABLE, Clock, Log, key_of, sending_to, text

Table = dict[str, dict[str, Any]]
KEYS = KeySchema((KeyAttribute("Id", "S", 2048),))
STRINGS = st.sampled_from([{"S": "1"}, {"S": "2"}])


def rows_with(
    values: st.SearchStrategy[dict[str, Any]], at_most: int = 40
) -> st.SearchStrategy[list[dict[str, Any]]]:
    """Rows of a few keys."""
    row = st.builds(
        lambda key, members: {"Id": {"S": key}, **members},
        st.sampled_from("abcd"),
        st.dictionaries(st.sampled_from("XYZ"), values),
    )
    return st.lists(row, max_size=at_most)


class FlakyTable:
    """Writes as DynamoDB does, and sometimes loses the request or its answer."""

    def __init__(self, items: Table, operation: str, seed: int) -> None:
        self.items = items
        self.clock = Clock()
        self._operation = operation
        self._draw = random.Random(seed)
        self._answers: list[tuple[int, Response]] = []

    def start(self, lane: int, headers: list[str], body: bytes) -> None:
        fate = self._draw.choice(["fine", "fine", "fine", "lost", "unanswered", "throttled"])
        if fate == "lost":
            answer = Response(0, b"", failure="connection refused")
        elif fate == "throttled":
            answer = Response(400, b'{"__type":"x#ThrottlingException"}')
        else:
            answer = self._apply(json.loads(body))
            if fate == "unanswered":
                answer = Response(0, b"", failure="timed out")
        self._answers.append((lane, answer))

    def finished(self, wait_s: float) -> list[tuple[int, Response]]:
        """Some of the answers, so that lanes overtake each other."""
        self._draw.shuffle(self._answers)
        count = self._draw.randint(1, max(1, len(self._answers)))
        come, self._answers = self._answers[:count], self._answers[count:]
        return come

    def close(self) -> None:
        pass

    def _apply(self, asked: dict[str, Any]) -> Response:
        if self._operation == "UpdateItem":
            key = asked["Key"]["Id"]["S"]
            names = asked.get("ExpressionAttributeNames", {})
            values = asked.get("ExpressionAttributeValues", {})
            row = {name: values.get(place.replace("#", ":"), REMOVED) for place, name in names.items()}
            update(self.items, key, {**asked["Key"], **row})
            return Response(200, b"{}")
        key = asked["Item"]["Id"]["S"]
        if key in self.items:
            error = {"__type": "x#ConditionalCheckFailedException", "Item": self.items[key]}
            return Response(400, json.dumps(error).encode())
        self.items[key] = asked["Item"]
        return Response(200, b"{}")


def update(items: Table, key: str, row: dict[str, Any]) -> None:
    """Sets and removes attributes as DynamoDB does, which makes no item of what only removes."""
    members = {**row, **items.get(key, {})} | row
    kept = {name: value for name, value in members.items() if value != REMOVED}
    if key in items or len(row) == 1 or any(value != REMOVED for name, value in row.items() if name != "Id"):
        items[key] = kept


def patient_loop(mode: Mode, rows: list[dict[str, Any]], items: Table) -> tuple[int, int, int]:
    """Writes rows one after the other; gives the keys written, the rows superseded and the keys skipped."""
    written = superseded = skipped = 0
    seen = set()
    for row in rows:
        key = row["Id"]["S"]
        left_alone = mode is Mode.INSERT and key in items and items[key] != row
        if mode is Mode.UPDATE:
            update(items, key, row)
        else:
            items.setdefault(key, row)
        superseded += key in seen
        skipped += key not in seen and left_alone
        written += key not in seen and not left_alone
        seen.add(key)
    return written, superseded, skipped


@given(
    mode_and_rows=st.tuples(st.just(Mode.INSERT), rows_with(STRINGS))
    | st.tuples(st.just(Mode.UPDATE), rows_with(STRINGS | st.just(REMOVED))),
    there=rows_with(STRINGS, at_most=3),
    seed=st.integers(0, 10_000),
    lanes=st.integers(1, 3),
    batch=st.integers(1, 4),
    attempts=st.integers(1, 2),
)
@settings(max_examples=150, deadline=None)
def test_lost_answers_change_neither_table_nor_counts(
    *,
    mode_and_rows: tuple[Mode, list[dict[str, Any]]],
    there: list[dict[str, Any]],
    seed: int,
    lanes: int,
    batch: int,
    attempts: int,
) -> None:
    mode, rows = mode_and_rows
    before: Table = {row["Id"]["S"]: row for row in there}
    expected = dict(before)
    counts = patient_loop(mode, rows, expected)
    rule = rule_for(mode, TABLE, KEYS)
    flaky: Any = FlakyTable(dict(before), rule.operation, seed)
    for _ in range(attempts):  # the second one finds what the first one wrote
        counters = Counters(rows_read=len(rows), rows_accepted=len(rows))
        with Tally(64, several=False) as tally:
            log = Log()
            log.tell = lambda _, key, told: tally.left_alone.tell(digest_of(key), told)  # type: ignore
            limits = WriteLimits(lanes=lanes, max_batch_items=batch, max_unacknowledged_bytes=300)
            sending = sending_to(flaky, lanes=lanes, kind=kind_of(rule, TABLE, key_of), log=log, budget_s=1e9)
            with Lanes(sending, limits, merge=rule.merge, on_sealed=log.sealed.append) as lines:
                for number, row in enumerate(rows):
                    key = text(row["Id"]["S"])
                    digest = digest_of(key)
                    tally.add([digest], [digest])
                    lines.put([key], digest, [json.dumps(row).encode()], [number + 1], number // 7)
                    if number % 7 == 6:
                        lines.end_segment()
                lines.drain()
            tally.settle(counters)
            assert log.settled() + lines.merged == len(rows)
        assert flaky.items == expected
        assert (counters.rows_written, counters.rows_superseded, counters.rows_skipped) == counts
