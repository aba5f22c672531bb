"""A write budget, from the job's settings down to its sockets: what one part and several write in a second."""

from __future__ import annotations

from typing import Any

import pytest

from csv_import.accounting.budget import BudgetShare
from csv_import.settings import WriteLimits
from csv_import.stages.attempt import Attempt
from csv_import.stages.part_loader import PartLoader
from csv_import.writing.bucket import Bucket
from csv_import.writing.connections import Connections, Response
from tests.functional.csv_import.conftest import Clock, World
from tests.functional.csv_import.test_attempts import FILE, SMALL
from tests.functional.csv_import.test_throttling import Says, through
from tests.unit.csv_import.accounting.test_budget import LedgerTable
from tests.unit.csv_import.accounting.test_budget import Writer as Sharing
from tests.unit.csv_import.writing.fakes import Clock as Seconds
from tests.unit.csv_import.writing.fakes import puts_of
from tests.unit.csv_import.writing.loopback import Reply, serving
from tests.unit.csv_import.writing.metered import Meter, Writer, run

TAKEN = Response(200, b'{"UnprocessedItems":{}}')
TARGET = "X-Amz-Target: DynamoDB_20120810.BatchWriteItem"
PLENTY = 1e9


class Sockets(Connections):
    """Real connections under a time of the test's own."""

    def __init__(self, port: int, clock: Seconds) -> None:
        self.clock = clock
        url = f"http://127.0.0.1:{port}/"
        super().__init__(url, connections=32, connect_timeout_s=5, request_timeout_s=5)

    def start(self, lane: int, headers: list[str], body: bytes) -> None:
        super().start(lane, [*headers, TARGET], body)


@pytest.mark.parametrize("parts", [1, 3])
def test_over_sockets_the_tables_budget_is_kept_within_five_per_cent(parts: int) -> None:
    """The sockets are real, the time is not: it passes by a millisecond when all that was sent is answered."""
    clock = Seconds()
    meter, ledger = Meter(PLENTY, at=clock()), LedgerTable()

    def answer(_: str, body: bytes) -> Reply:
        return Reply(200, meter(clock(), puts_of(body)).content)

    sharing = [Sharing(ledger, clock, str(part)) for part in range(parts)]
    for _ in range(3):  # all have seen all, and the newcomers' notice is over
        for each in sharing:
            each.share.renew()
        clock.pause(4)
    began = clock()

    def all_answered() -> None:
        for each in sharing:
            each.share.renew_if_due(0.0)
        for writer in writers:
            while writer.sending.effort.in_flight:
                writer.sending.move(0.01)

    with serving(answer) as (server, port):
        writers = [
            Writer(meter, clock, bucket=each.bucket, seed=part, wires=Sockets(port, clock))
            for part, each in enumerate(sharing)
        ]
        run(writers, clock, 5, all_answered)
        for writer in writers:
            writer.sending._route.close()
    for second in range(1, 5):
        assert meter.rate(began + second, began + second + 1) == pytest.approx(900, rel=0.05)
    assert parts <= server.connections <= parts * 32, "each part has connections of its own, and keeps them"
    assert meter.throttled == 0


@pytest.mark.parametrize(("budget", "indexed", "takes_s"), [(10, False, 10), (10, True, 20), (40, True, 5)])
def test_an_item_costs_its_index_writes_too(
    world: World, monkeypatch: pytest.MonkeyPatch, budget: int, indexed: bool, takes_s: float
) -> None:
    """From the deployment's budget and the table's description to the pauses between requests."""
    world.table(index={"A": "S"} if indexed else None)
    import_id = world.drop(b"ProductId,A\n" + b"".join(b"%d,x\n" % row for row in range(100)))
    through(monkeypatch, lambda _: Says(TAKEN))
    clock = Clock()
    write = WriteLimits(lanes=2, max_batch_items=5, budget_units_per_s=budget)
    assert world.attempt(import_id, clock=clock, write=write) is None
    assert clock.passed_s == pytest.approx(takes_s, rel=0.06), (
        "the bucket begins empty; the last is overdrawn"
    )


def test_every_heartbeat_takes_the_share_that_is_due(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    world.table()
    import_id = world.drop(FILE)
    clock = Clock()
    attempts: list[Any] = []
    rates: list[float] = []
    enter, take = Attempt.__enter__, PartLoader.take
    rival = BudgetShare(
        world.dynamodb,
        "ledger",
        "items",
        owner="another job",
        units_per_s=1000.0,
        lease_s=60.0,
        beat_s=2.0,
        bucket=Bucket(0.0, 0.0),
        now=clock.now,
        clock=clock.seconds,
    )

    def entering(self: Any) -> Any:
        attempts.append(self)
        return enter(self)

    def taking(self: Any, block: Any) -> None:
        take(self, block)
        if len(rates) == 1:
            rival.renew()
        if len(rates) == 3:
            rival.leave()
        clock.passed_s += 2
        attempts[0]._heartbeat.once()
        rates.append(attempts[0]._share._bucket.units_per_s)

    monkeypatch.setattr(Attempt, "__enter__", entering)
    monkeypatch.setattr(PartLoader, "take", taking)
    limits = WriteLimits(lanes=3, max_batch_items=4, budget_units_per_s=1000)
    stop = world.attempt(import_id, clock=clock, heartbeat_s=2.0, **(SMALL | {"write": limits}))  # type: ignore[arg-type]
    assert stop is None
    assert rates[:4] == [1000, 500, 500, 1000]


def test_a_beat_that_was_woken_for_a_checkpoint_does_not_let_the_share_run_out(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.table()
    import_id = world.drop(FILE)
    clock = Clock()
    attempts: list[Any] = []
    spare_s: list[float] = []
    enter, take = Attempt.__enter__, PartLoader.take

    def entering(self: Any) -> Any:
        attempts.append(self)
        return enter(self)

    def taking(self: Any, block: Any) -> None:
        take(self, block)
        clock.passed_s += 1.9 if len(spare_s) % 2 else 2.0
        spare_s.append(attempts[0]._share._bucket.until - clock.seconds())
        attempts[0]._heartbeat.once()

    monkeypatch.setattr(Attempt, "__enter__", entering)
    monkeypatch.setattr(PartLoader, "take", taking)
    limits = WriteLimits(lanes=3, max_batch_items=4, budget_units_per_s=1000)
    stop = world.attempt(import_id, clock=clock, heartbeat_s=2.0, **(SMALL | {"write": limits}))  # type: ignore[arg-type]
    assert stop is None
    assert len(spare_s) > 4
    assert min(spare_s) > 1.9
