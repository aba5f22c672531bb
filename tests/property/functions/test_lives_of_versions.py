"""Both sides' ledger code, under whatever order of events, deaths and interleavings: nothing doubled, nothing lost.

Two versions of one key, the first one large enough for a plan and an array. Functions are processes that stop
before each of their effects, go on when others were at it, or die there; children of jobs claim, come on, end, die,
or live on though Batch thinks them dead. An attempt is taken to get from its claim to its lease without a pause.
"""

import logging
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any, cast

from aws_lambda_powertools import Logger
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

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
from tests.property.functions.simulated_batch import FAILED, RUNNING, SimulatedBatch
from trigger import start_import
from wiring import Application, build

GRACE_S = 300
LARGE = 1_000
MOST_ACTORS = 3
MOST_REOPENINGS = 2
BUCKET, KEY = "input", "a.csv"

picks = st.integers(0, 20)
SETTINGS = Settings(
    deployment="test",
    ledger_table="ledger",
    artifacts_bucket="artifacts",
    table_name="items",
    idempotency_table="idempotency",
    job_queue="arn:queue",
    plan_job_definition="arn:plan-definition",
    load_job_definition="arn:definition",
    split_threshold_bytes=LARGE,
    submit_grace_s=GRACE_S,
    ledger_retention_days=365,
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


class LivesOfVersions(RuleBasedStateMachine):
    """All that can happen to two versions of a key."""

    def __init__(self) -> None:
        super().__init__()
        self.now = START
        self.ticks = 0
        self.dynamodb = InMemoryDynamoDB()
        self.batch = SimulatedBatch(self.dynamodb, self.clock)
        self.events = FakeEvents()
        self.bucket = Versions()
        self.reports = NoArtifacts()
        self.actors: list[Actor] = []
        self.reopenings = 0
        self.heard = False
        self.closings: list[tuple[str, str]] = []
        self.app = self.application()

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
        """Begin a process, which stops before its first effect."""

        def process(gate: Callable[[str], None]) -> object:
            return function(through(self.app, gate))

        self.actors.append(Actor(process))
        self.go_on(self.actors[-1])

    def go_on(self, actor: Actor) -> None:
        actor.step()
        self.see(actor)

    def see(self, actor: Actor) -> None:
        if actor.finished:
            self.actors.remove(actor)
            if actor.error is not None and not isinstance(actor.error, Killed | ImporterError):
                raise actor.error

    @precondition(lambda self: self.actors)
    @rule(pick=picks, steps=st.integers(1, 6))
    def a_process_goes_on(self, pick: int, steps: int) -> None:
        actor = self.actors[pick % len(self.actors)]
        for _ in range(steps):
            if actor in self.actors:
                self.go_on(actor)

    @precondition(lambda self: self.actors)
    @rule(pick=picks)
    def a_process_dies(self, pick: int) -> None:
        actor = self.actors[pick % len(self.actors)]
        actor.kill(Killed())
        self.see(actor)

    # events

    @initialize()
    def first_version(self) -> None:
        self.put(LARGE)

    @precondition(lambda self: len(self.bucket.newest_first) == 1)
    @rule()
    def second_version(self) -> None:
        self.put(LARGE - 1)

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

    @precondition(lambda self: len(self.actors) < MOST_ACTORS)
    @rule(pick=picks)
    def an_event_of_s3(self, pick: int) -> None:
        found = self.bucket.newest_first[pick % len(self.bucket.newest_first)]
        import_ = received(found, at=times.stamp(self.clock()))
        self.act(lambda app: start_import(import_, app))

    @precondition(lambda self: len(self.actors) < MOST_ACTORS and self.batch.ended())
    @rule(pick=picks)
    def an_event_of_batch(self, pick: int) -> None:
        ended = self.batch.ended()
        detail = self.batch.detail(ended[pick % len(ended)])
        del detail["isTerminated"]  # events do not tell
        self.act(lambda app: advance(detail["parameters"]["import_id"], app, known=[read_job(detail)]))

    @precondition(lambda self: len(self.actors) < MOST_ACTORS)
    @rule()
    def a_sweep(self) -> None:
        self.act(lambda app: sweep.handle({}, cast(Any, FakeContext()), app))

    @precondition(lambda self: len(self.actors) < MOST_ACTORS and self.reopenings < MOST_REOPENINGS)
    @rule(pick=picks, again=st.booleans())
    def somebody_opens_an_import_again(self, pick: int, again: bool) -> None:
        ids = [self.id_of(number) for number in range(1, len(self.bucket.newest_first) + 1)]
        closed = [each for each in ids if self.item(each).get("state") in ("DONE", "FAILED", "CANCELLED")]
        if not closed:
            return
        self.reopenings += 1
        chosen = closed[pick % len(closed)]
        self.act(lambda app: self.open_again(chosen, repeat if again else resume, app))

    def open_again(self, chosen: str, open_: Callable[[str, Application], object], app: Application) -> None:
        try:
            open_(chosen, app)
        except ReopeningError:
            return
        advance(chosen, app)

    @rule(seconds=st.sampled_from([20, 61, GRACE_S]))
    def time_passes(self, seconds: int) -> None:
        self.now += timedelta(seconds=seconds)

    # jobs

    @precondition(lambda self: self.batch.waiting())
    @rule(pick=picks, plan_fails=st.booleans())
    def a_child_begins(self, pick: int, plan_fails: bool) -> None:
        waiting = self.batch.waiting()
        self.batch.begin(waiting[pick % len(waiting)], plan_fails=plan_fails and pick % 4 == 0)

    @precondition(lambda self: self.batch.waiting())
    @rule(pick=picks)
    def a_child_never_starts(self, pick: int) -> None:
        waiting = self.batch.waiting()
        waiting[pick % len(waiting)].attempt_ends(for_good=True)

    @precondition(lambda self: self.batch.at_work())
    @rule(pick=picks, deed=st.sampled_from(["comes_on", "comes_on", "finishes", "dies", "is_thought_dead"]))
    def an_attempt_does_something(self, pick: int, deed: str) -> None:
        attempts = self.batch.at_work()
        getattr(self.batch, deed)(attempts[pick % len(attempts)])

    @precondition(lambda self: self.batch.at_work())
    @rule(pick=picks, status=st.sampled_from([FAILED, RUNNING]))
    def an_attempt_gives_up(self, pick: int, status: str) -> None:
        attempts = self.batch.at_work()
        self.batch.gives_up(attempts[pick % len(attempts)], status)

    @precondition(lambda self: self.batch.children)
    @rule(pick=picks)
    def somebody_ends_a_job(self, pick: int) -> None:
        jobs = [job for job in self.batch.children if job not in self.batch.ended()]
        if jobs and pick % 3 == 0:
            self.batch.terminate(jobs[pick % len(jobs)])

    # what must hold

    def id_of(self, number: int) -> str:
        return import_id(bucket=BUCKET, key=KEY, version_id=f"v{number}", sequencer="")

    def item(self, id_: str) -> dict[str, Any]:
        return from_wire(self.dynamodb.items.get((f"import#{id_}", "import"), {}))

    @invariant()
    def no_part_is_written_by_two(self) -> None:
        now = self.now
        writing = [attempt.part for attempt in self.batch.at_work() if now < attempt.may_write_until]
        assert len(writing) == len(set(writing)), writing

    @invariant()
    def one_version_at_a_time_and_in_their_order(self) -> None:
        first, second = (self.item(self.id_of(number)).get("state") for number in (1, 2))
        if second not in (None, "RECEIVED"):
            assert first in ("DONE", "FAILED", "CANCELLED"), (first, second)
        writing = {a.part.import_id for a in self.batch.at_work() if self.now < a.may_write_until}
        assert len(writing) <= 1, writing

    @invariant()
    def a_part_is_finished_once(self) -> None:
        assert len(self.batch.finished) == len(set(self.batch.finished))

    @invariant()
    def an_import_is_closed_once_for_each_time_that_it_was_open(self) -> None:
        for number in (1, 2):
            item = self.item(self.id_of(number))
            closing = (item.get("import_id"), item.get("closed_at"))
            if "closed_at" in item and closing not in self.closings:
                self.closings.append(cast(Any, closing))
        assert len(self.closings) <= 2 + self.reopenings

    @invariant()
    def what_is_done_is_whole(self) -> None:
        for number in (1, 2):
            item = self.item(self.id_of(number))
            if item.get("state") == "DONE":
                run, parts = int(item["run"]), int(item["parts"])
                mine = [p for p in self.batch.finished if (p.import_id, p.run) == (item["import_id"], run)]
                assert sorted(part.part for part in mine) == list(range(parts))

    # nothing is lost

    def teardown(self) -> None:
        for actor in list(self.actors):
            actor.kill(Killed())
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
            assert self.reports.reports[item["report_key"]]["closed_at"] == item["closed_at"]
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


TestLivesOfVersions = LivesOfVersions.TestCase
TestLivesOfVersions.settings = settings(
    max_examples=150, stateful_step_count=60, deadline=None, derandomize=True
)
