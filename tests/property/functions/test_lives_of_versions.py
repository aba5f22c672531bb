"""Both sides' ledger code, under whatever order of events, deaths and interleavings: nothing doubled, nothing lost.

Two versions of one key, the first one large enough for a plan and an array. Functions are processes that stop
before each of their effects, go on when others were at it, or die there; children of jobs claim, come on, end, die,
or live on though Batch thinks them dead. An attempt is taken to get from its claim to its lease without a pause.
"""

import logging
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial
from random import Random
from typing import Any, cast

import pytest
from aws_lambda_powertools import Logger

import sweep
import times
from advance import advance
from errors import ImporterError, ReopeningError
from imports import import_id, received
from jobs import read_job
from ledger_items import from_wire
from objects import ObjectVersion
from reopening import repeat, resume
from settings import Settings
from tests.dynamodb_in_memory import InMemoryDynamoDB
from tests.functional.functions.fakes import FakeContext, FakeEvents, Killed
from tests.functional.functions.interleaving import Actor
from tests.functional.functions.world import START, through
from tests.property.functions.simulated_batch import FAILED, RUNNING, Attempt, SimulatedBatch
from tests.unit.functions.builders import ENVIRONMENT
from trigger import start_import
from wiring import Application, build

GRACE_S = 300
LARGE = 1_000
MOST_ACTORS = 3
MOST_REOPENINGS = 3
MANY = 100
CLOSED = ("DONE", "FAILED", "CANCELLED")
SEEDS = 100
STEPS = 150
BUCKET, KEY = "input", "a.csv"
Possibility = tuple[float, Callable[[], object]]
DEEDS: list[tuple[float, Callable[[SimulatedBatch, Attempt], object]]] = [
    (3, SimulatedBatch.comes_on),
    (3, SimulatedBatch.finishes),
    (1, SimulatedBatch.dies),
    (2, SimulatedBatch.is_thought_dead),
    (1, lambda batch, attempt: batch.gives_up(attempt, RUNNING)),
    (1, lambda batch, attempt: batch.gives_up(attempt, FAILED)),
]
"""What an attempt may do."""
SETTINGS = replace(
    Settings.from_environment(ENVIRONMENT), split_threshold_bytes=LARGE, submit_grace_s=GRACE_S
)


class Versions:
    """The bucket's list of versions."""

    def __init__(self) -> None:
        self.newest_first: list[ObjectVersion] = []

    def of(self, bucket: str, key: str) -> list[ObjectVersion]:
        return list(self.newest_first)


class NoArtifacts:
    """An artifacts bucket that holds reports alone."""

    def __init__(self) -> None:
        self.reports: dict[str, Any] = {}

    def keys(self, prefix: str) -> list[str]:
        return []

    def first_json_lines(self, sources: list[str], count: int) -> list[dict[str, Any]]:
        return []

    def put_json(self, key: str, value: Any) -> None:
        self.reports[key] = value


class LivesOfVersions:
    """All that can happen to two versions of a key."""

    def __init__(self, random: Random) -> None:
        self.random = random
        self.now = START
        self.ticks = 0
        self.dynamodb = InMemoryDynamoDB()
        self.batch = SimulatedBatch(self.dynamodb, self.clock, random.choice([1, 2]))
        self.events = FakeEvents()
        self.bucket = Versions()
        self.reports = NoArtifacts()
        self.actors: list[Actor] = []
        self.reopenings = 0
        self.reports_differ = False
        self.closings: list[tuple[str, str]] = []
        self.app = self.application()
        self.put(LARGE)

    def application(self) -> Application:
        logger = Logger(service="lives", level=logging.CRITICAL)
        clients: dict[str, Any] = {"dynamodb": self.dynamodb, "batch": self.batch, "events": self.events}
        app = build(
            SETTINGS,
            **clients,
            s3=cast(Any, None),
            clock=self.clock,
            logger=logger,
            write_line=lambda _: None,
        )
        return replace(app, artifacts=cast(Any, self.reports), input_versions=cast(Any, self.bucket))

    def clock(self) -> datetime:
        """No two moments are the same."""
        self.ticks += 1
        return self.now + timedelta(microseconds=self.ticks)

    # processes of the functions

    def act(self, function: Callable[[Application], object]) -> None:
        """Begin a process, which goes to its end, or stops before one of its effects."""

        def process(gate: Callable[[str], None]) -> object:
            return function(through(self.app, gate))

        actor = Actor(process)
        self.actors.append(actor)
        self.go_on(actor, self.random.choice([*range(1, 12), *[MANY] * 6]))

    def go_on(self, actor: Actor, steps: int) -> None:
        while steps and not actor.finished:
            actor.step()
            self.check()
            steps -= 1
        self.see(actor)

    def die(self, actor: Actor) -> None:
        # Who loses a close has written a report by then, and dies before it could put the winner's back.
        self.reports_differ |= "put_json" in actor.trace[-4:] and "settle" not in actor.trace
        actor.kill(Killed())
        self.see(actor)

    def see(self, actor: Actor) -> None:
        if actor.finished:
            self.actors.remove(actor)
            if actor.error is not None and not isinstance(actor.error, Killed | ImporterError):
                raise actor.error

    # all that can happen

    def what_can_happen(self) -> Iterator[Possibility]:
        """Give what can happen now, each with a weight: lives that come to nothing at once would show little."""
        yield 1, partial(self.pass_time, self.random.choice([1, 20, 61, GRACE_S]))
        if len(self.bucket.newest_first) == 1:
            yield 3, partial(self.put, LARGE - 1)
        for actor in self.actors:
            yield 4, partial(self.go_on, actor, self.random.choice([1, 1, 2, 3, MANY]))
            yield 1, partial(self.die, actor)
        if len(self.actors) < MOST_ACTORS:
            yield from self.what_can_begin()
        for child in self.batch.waiting():
            yield 6, partial(self.batch.begin, child, plan_fails=self.random.random() < 0.1)
            yield 0.2, partial(child.attempt_ends, for_good=True)
        for attempt in self.batch.at_work():
            for weight, deed in DEEDS:
                yield weight, partial(deed, self.batch, attempt)
        if self.random.random() < 0.02:
            for job_id in sorted(self.batch.children.keys() - self.batch.ended()):
                yield 1, partial(self.batch.terminate, job_id)

    def what_can_begin(self) -> Iterator[Possibility]:
        for found in self.bucket.newest_first:
            yield 1, partial(self.act, partial(start_import, received(found, at=times.stamp(self.now))))
        for job_id in self.batch.ended():
            detail = self.batch.detail(job_id)
            del detail["isTerminated"]  # events do not tell
            yield 1, partial(self.act, partial(hear_of, detail))
        yield 1, partial(self.act, partial(sweep.handle, {}, cast(Any, FakeContext())))
        if self.reopenings < MOST_REOPENINGS:
            for number in (1, 2):
                yield 1, partial(self.open_again, self.id_of(number), resume)
                yield 1, partial(self.open_again, self.id_of(number), repeat)

    def open_again(self, chosen: str, open_: Callable[[str, Application], object]) -> None:
        if self.item(chosen).get("state") not in CLOSED:
            return

        def both(app: Application) -> None:
            with suppress(ReopeningError):
                open_(chosen, app)
                advance(chosen, app)

        self.reopenings += 1
        self.act(both)

    def pass_time(self, seconds: int) -> None:
        self.now += timedelta(seconds=seconds)

    def put(self, size: int) -> None:
        number = len(self.bucket.newest_first) + 1
        found = ObjectVersion(
            bucket=BUCKET,
            key=KEY,
            version_id=f"v{number}",
            sequencer="",
            etag="abc",
            size=size,
            event_time=times.stamp(START),
        )
        self.bucket.newest_first.insert(0, found)

    def live(self, steps: int) -> None:
        for _ in range(steps):
            weights, deeds = zip(*self.what_can_happen(), strict=True)
            self.random.choices(deeds, weights)[0]()
            self.check()
        self.end()

    def check(self) -> None:
        self.no_part_is_written_by_two()
        self.one_version_at_a_time_and_in_their_order()
        self.a_part_is_finished_once()
        self.an_import_is_closed_once_for_each_time_that_it_was_open()
        self.what_is_done_is_whole()

    # what must hold

    def id_of(self, number: int) -> str:
        return import_id(bucket=BUCKET, key=KEY, version_id=f"v{number}", sequencer="")

    def item(self, id_: str) -> dict[str, Any]:
        return from_wire(self.dynamodb.items.get((f"import#{id_}", "import"), {}))

    def no_part_is_written_by_two(self) -> None:
        now = self.now
        writing = [attempt.part for attempt in self.batch.at_work() if now < attempt.may_write_until]
        assert len(writing) == len(set(writing)), writing

    def one_version_at_a_time_and_in_their_order(self) -> None:
        first, second = (self.item(self.id_of(number)).get("state") for number in (1, 2))
        if second not in (None, "RECEIVED"):
            assert first in ("DONE", "FAILED", "CANCELLED"), (first, second)
        writing = {a.part.import_id for a in self.batch.at_work() if self.now < a.may_write_until}
        assert len(writing) <= 1, writing

    def a_part_is_finished_once(self) -> None:
        assert len(self.batch.finished) == len(set(self.batch.finished))

    def an_import_is_closed_once_for_each_time_that_it_was_open(self) -> None:
        for number in (1, 2):
            item = self.item(self.id_of(number))
            closing = (item.get("import_id"), item.get("closed_at"))
            if "closed_at" in item and closing not in self.closings:
                self.closings.append(cast(Any, closing))
        assert len(self.closings) <= 2 + self.reopenings

    def what_is_done_is_whole(self) -> None:
        for number in (1, 2):
            item = self.item(self.id_of(number))
            if item.get("state") == "DONE":
                run, parts = int(item["run"]), int(item["parts"])
                mine = [p for p in self.batch.finished if (p.import_id, p.run) == (item["import_id"], run)]
                assert sorted(part.part for part in mine) == list(range(parts))

    # nothing is lost

    def end(self) -> None:
        for actor in list(self.actors):
            self.die(actor)
        heard = [number for number in (1, 2) if self.item(self.id_of(number))]
        for _ in range(30):
            if all("open" not in self.item(self.id_of(number)) for number in heard):
                break
            self.let_all_work()
        for number in heard:
            item = self.item(self.id_of(number))
            assert item["state"] in ("DONE", "FAILED", "CANCELLED")
            assert "open" not in item
            told = {
                (one["state"], one["closed_at"])
                for one in self.events.details
                if one["import_id"] == item["import_id"]
            }
            assert (item["state"], item["closed_at"]) in told
            report = self.reports.reports[item["report_key"]]
            assert self.reports_differ or report["closed_at"] == item["closed_at"]
        if heard:
            assert {(one["import_id"], one["closed_at"]) for one in self.events.details} == set(self.closings)
            assert self.app.ledger.queue(BUCKET, KEY).waiting == ()

    def let_all_work(self) -> None:
        """Let time pass and jobs do what they are there for; no event arrives any more."""
        self.now += timedelta(seconds=GRACE_S)
        sweep.handle({}, cast(Any, FakeContext()), self.app)
        for child in self.batch.waiting():
            self.batch.begin(child)
        for attempt in self.batch.at_work():
            self.batch.comes_on(attempt)
            if attempt.lives:
                self.batch.finishes(attempt)
        self.an_import_is_closed_once_for_each_time_that_it_was_open()


def hear_of(detail: dict[str, Any], app: Application) -> object:
    return advance(detail["parameters"]["import_id"], app, known=[read_job(detail)])


@pytest.mark.parametrize("seed", range(SEEDS))
def test_a_life(seed: int) -> None:
    LivesOfVersions(Random(seed)).live(STEPS)
