"""DynamoDB throttles, loses answers or stays away: the table and the rows' counters are those of a quiet import."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from csv_import.settings import WriteLimits
from csv_import.stages import load as stage
from csv_import.writing.connections import Response
from csv_import.writing.route import Route, Sender, route_to
from tests.functional.csv_import.conftest import Clock, World
from tests.functional.csv_import.test_attempts import FILE, ROWS, SMALL, assert_as_undisturbed, undisturbed
from tests.unit.csv_import.writing.flaky import THROTTLED, Flaky


class Says:
    """Gives one answer to everything, and no connection is made."""

    def __init__(self, answer: Response, takes: Callable[[], None] = lambda: None) -> None:
        self.answer = answer
        self.takes = takes
        self.asked: list[int] = []
        self.said: list[tuple[int, Response]] = []

    def start(self, lane: int, headers: list[str], body: bytes) -> None:
        self.asked.append(len(json.loads(body)["RequestItems"]["items"]))
        self.takes()
        self.said.append((lane, self.answer))

    def finished(self, wait_s: float) -> list[tuple[int, Response]]:
        said, self.said = self.said, []
        return said

    def close(self) -> None:
        pass


def through(patch: pytest.MonkeyPatch, door: Callable[[Sender], Sender]) -> None:
    """Let all requests for the items table go through another sender."""

    def route(*arguments: Any) -> Route:
        found = route_to(*arguments)
        return replace(found, sender=door(found.sender))

    patch.setattr(stage, "route_to", route)


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_throttling_and_lost_answers_change_nothing_but_the_effort(
    world: World, monkeypatch: pytest.MonkeyPatch, seed: int
) -> None:
    world.table()
    expected = undisturbed(world)
    import_id = world.drop(FILE)
    flaky: list[Flaky] = []

    def door(sender: Sender) -> Sender:
        flaky.append(Flaky(sender, seed))
        return flaky[-1]

    through(monkeypatch, door)
    # The clock passes with the pauses alone, and nothing beats meanwhile.
    assert world.attempt(import_id, lease_s=10_000, **SMALL) is None  # type: ignore[arg-type]
    assert_as_undisturbed(world, import_id, expected)
    (service,) = flaky
    counters = world.counters(import_id)
    assert counters["requests"] == service.asked
    assert counters["retries"] == service.troubled > 0
    assert 0 < counters["throttles"] < counters["retries"]


def test_dynamodb_that_stays_away_is_try_again(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    world.table()
    import_id = world.drop(FILE)

    with monkeypatch.context() as patch:
        through(patch, lambda _: Says(THROTTLED))
        stop = world.attempt(import_id, write=WriteLimits(lanes=1, retry_budget_s=10))
    assert stop is not None
    assert (stop.code, stop.exit_code) == ("table_throttled", 75)
    part = world.part(import_id)
    assert (part["status"], part["error"]["code"]) == ("RUNNING", "table_throttled")
    assert "lease_owner" not in part
    assert world.attempt(import_id, 2, **SMALL) is None  # type: ignore[arg-type]
    assert world.counters(import_id)["rows_read"] == ROWS


def test_a_request_is_not_repeated_under_a_lease_that_ran_out(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The whole file is read by then: only the look before each request is left to notice."""
    world.table()
    import_id = world.drop(b"ProductId,A\n1,x\n")
    clock = Clock()

    def slow() -> None:
        clock.passed_s += 50

    says = Says(THROTTLED, slow)
    through(monkeypatch, lambda _: says)
    stop = world.attempt(import_id, clock=clock)
    assert stop is not None
    assert (stop.code, stop.exit_code) == ("lease_expired", 75)
    assert says.asked == [1]
