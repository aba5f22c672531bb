"""Rows that DynamoDB refuses when they are sent, among rows with the same key: each is judged as if it came alone."""

from __future__ import annotations

import json
from collections import Counter
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from csv_import.accounting.counters import Counters
from csv_import.accounting.tally import Tally
from csv_import.settings import WriteLimits
from csv_import.shaping.item import digest_of
from csv_import.shaping.key_schema import KeyAttribute, KeySchema
from csv_import.shaping.spec import Mode
from csv_import.writing.connections import Response
from csv_import.writing.kind import kind_of
from csv_import.writing.lanes import Lanes
from csv_import.writing.modes.rule import rule_for
from tests.unit.csv_import.writing.fakes import TABLE, Clock, Log, key_of, sending_to, text

Item = dict[str, Any]
Table = dict[str, Item]

KEYS = KeySchema((KeyAttribute("Id", "S", 2048),))
REFUSAL = Response(400, b'{"__type":"x#ValidationException","message":"not like this"}')
ROWS = st.lists(
    st.builds(
        lambda key, names, value: {"Id": {"S": key}, **{name: {"S": value} for name in sorted(names)}},
        st.sampled_from("abc"),
        st.sets(st.sampled_from("XYZ")),
        st.sampled_from(["", "1", "2", "22", "333"]),
    ),
    max_size=40,
)


def refuses(item: Item) -> bool:
    """Whether this table takes no such item: its values are too long together."""
    return sum(len(value["S"]) for value in item.values()) > 6


class Choosy:
    """Writes as DynamoDB does, and refuses a whole request for one item of it."""

    def __init__(self, items: Table) -> None:
        self.items = items
        self.clock = Clock()
        self._answers: list[tuple[int, Response]] = []

    def start(self, lane: int, headers: list[str], body: bytes) -> None:
        self._answers.append((lane, self._answer(json.loads(body))))

    def finished(self, wait_s: float) -> list[tuple[int, Response]]:
        come, self._answers = self._answers, []
        return come

    def close(self) -> None:
        pass

    def _answer(self, asked: dict[str, Any]) -> Response:
        if "RequestItems" in asked:
            puts = [entry["PutRequest"]["Item"] for entry in asked["RequestItems"][TABLE]]
        elif "Item" in asked:
            puts = [asked["Item"]]
            found = self.items.get(puts[0]["Id"]["S"])
            if found is not None and not refuses(puts[0]):
                error = {"__type": "x#ConditionalCheckFailedException", "Item": found}
                return Response(400, json.dumps(error).encode())
        else:
            names, values = (asked.get(f"ExpressionAttribute{what}", {}) for what in ("Names", "Values"))
            changes = {name: values[place.replace("#", ":")] for place, name in names.items()}
            puts = [{**self.items.get(asked["Key"]["Id"]["S"], {}), **asked["Key"], **changes}]
        if any(map(refuses, puts)):
            return REFUSAL
        self.items.update({put["Id"]["S"]: put for put in puts})
        return Response(200, b"{}")


def patient_loop(mode: Mode, rows: list[Item], items: Table) -> tuple[Counter[str], list[int]]:
    """Write rows one after the other; gives what became of them, and the numbers of the refused."""
    counts: Counter[str] = Counter()
    refused, seen = [], set()
    for number, row in enumerate(rows, start=1):
        key = row["Id"]["S"]
        left_alone = mode is Mode.INSERT and key in items and items[key] != row
        wanted = {**items.get(key, {}), **row} if mode is Mode.UPDATE else row
        if refuses(wanted):
            refused.append(number)
            continue
        if mode is not Mode.INSERT or key not in items:
            items[key] = wanted
        counts["superseded" if key in seen else "skipped" if left_alone else "written"] += 1
        seen.add(key)
    return counts, refused


@pytest.mark.parametrize("mode", [Mode.PUT, Mode.INSERT, Mode.UPDATE])
@given(
    rows=ROWS,
    there=ROWS,
    lanes=st.integers(1, 3),
    batch=st.integers(1, 25),
    segment=st.integers(3, 40),
    size=st.sampled_from([200, 1000, 100_000]),
)
@settings(max_examples=400, deadline=None)
def test_each_row_is_judged_alone(
    *, mode: Mode, rows: list[Item], there: list[Item], lanes: int, batch: int, segment: int, size: int
) -> None:
    before = {row["Id"]["S"]: row for row in there if not refuses(row)}
    expected = dict(before)
    counts, refused = patient_loop(mode, rows, expected)
    rule = rule_for(mode, TABLE, KEYS)
    table: Any = Choosy(dict(before))
    counters = Counters(rows_read=len(rows), rows_accepted=len(rows) - len(refused))
    with Tally(64, several=False) as tally:
        log = Log()
        log.tell = lambda _, key, told: tally.left_alone.tell(digest_of(key), told)  # type: ignore
        limits = WriteLimits(
            lanes=lanes, max_batch_items=batch, max_batch_bytes=size, max_unacknowledged_bytes=900
        )
        sending = sending_to(table, lanes=lanes, kind=kind_of(rule, TABLE, key_of), log=log)
        with Lanes(sending, limits, merge=rule.merge, on_sealed=log.sealed.append) as lines:
            for number, row in enumerate(rows, start=1):
                key = text(row["Id"]["S"])
                digest = digest_of(key)
                tally.add([digest], [digest])
                lines.put([key], digest, [json.dumps(row).encode()], [number], number // segment)
                if number % segment == segment - 1:
                    lines.end_segment()
            lines.drain()
        told = sorted(record for _, record, _, _ in log.refusals)
        # A row that another one replaced before it was sent is superseded, whatever DynamoDB would have said.
        unsent = [] if mode is Mode.UPDATE else sorted(set(refused) - set(told))
        assert told == sorted(set(refused) - set(unsent))
        counts["superseded"] += len(unsent)
        counters.rows_accepted += len(unsent)
        keys = Counter(digest_of(key) for _, _, key, _ in log.refusals)
        tally.settle(counters, keys, keys)
        assert log.settled() + lines.merged == counters.items_accepted

    assert table.items == expected
    assert {name: getattr(counters, f"rows_{name}") for name in ("written", "superseded", "skipped")} == {
        name: counts[name] for name in ("written", "superseded", "skipped")
    }
