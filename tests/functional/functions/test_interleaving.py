"""Two calls of `advance` at once, in every order of their effects: one submission, one close."""

from collections.abc import Callable, Sequence

import pytest

import times
from advance import advance
from decision import Submit
from imports import State, received
from jobs import Job, read_job
from objects import ObjectVersion
from tests.functional.functions.interleaving import Gate, Process, every_order
from tests.functional.functions.world import START, World, through

Prepare = Callable[[World, str], Sequence[Job]]


def registered(world: World) -> str:
    """Register an import and nothing more."""
    found = ObjectVersion(
        bucket="input",
        key=f"{next(world.counter)}.csv",
        version_id=f"v{next(world.counter)}",
        sequencer="01",
        etag="abc",
        size=321,
        event_time=times.stamp(START),
    )
    import_ = received(found, at=times.stamp(world.now))
    assert world.app.ledger.register([import_], world.app.ledger.queue("input", import_.object.key))
    return import_.import_id


def two_advances(world: World, prepare: Prepare, seen: list[str]) -> Callable[[], Sequence[Process]]:
    """Give a start that prepares a fresh import (its id goes to `seen`) and advances it twice at once."""

    def start() -> Sequence[Process]:
        import_id = registered(world)
        seen.append(import_id)
        known = prepare(world, import_id)

        def process(gate: Gate) -> object:
            return advance(import_id, through(world.app, but_for_the_winners(gate)), known=known)

        return [process, process]

    return start


NOTHING_NEW = ("put", "settle", "expire", "queue", "parts", "end_leases")


def but_for_the_winners(gate: Gate) -> Gate:
    """Let the effects that only the winner of a close comes to pass without a gate: no order with them is new."""
    return lambda name: None if name in NOTHING_NEW else gate(name)


def nothing_more(world: World, import_id: str) -> Sequence[Job]:
    return ()


def unanswered(world: World, import_id: str) -> Sequence[Job]:
    """A process died between ledger and SubmitJob."""
    found = world.app.ledger.read(import_id)
    assert found is not None
    world.app.ledger.begin_submission(found[0], Submit(State.LOADING, ""), at=world.now)
    world.pass_grace()
    return ()


def submitted(world: World, import_id: str) -> str:
    advance(import_id, world.app)
    return str(world.item(import_id)["submitted_job"])


def done(world: World, import_id: str) -> Sequence[Job]:
    job_id = submitted(world, import_id)
    world.claim(import_id, job_id)
    world.write_part(import_id)
    return ()


def failed(world: World, import_id: str) -> Sequence[Job]:
    job_id = submitted(world, import_id)
    world.claim(import_id, job_id)
    world.write_part(import_id, "RUNNING")
    world.end(job_id, "FAILED", statusReason="gone")
    return [read_job(world.batch.jobs[job_id])]


@pytest.mark.parametrize("prepare", [nothing_more, unanswered])
def test_two_at_once_submit_one_job(world: World, prepare: Prepare) -> None:
    seen: list[str] = []
    orders = 0
    for _ in every_order(two_advances(world, prepare, seen)):
        orders += 1
        jobs = [job for job in world.batch.requests if job["parameters"]["import_id"] == seen[-1]]
        assert len(jobs) == 1
        assert world.item(seen[-1])["submitted_job"] == f"job-{len(world.batch.requests)}"
    assert orders > 20


def test_two_at_once_close_once_and_the_report_is_the_winners(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[str] = []
    closes = orders = ticks = 0
    close = type(world.app.ledger).close

    def counting(*arguments: object, **keywords: object) -> bool:
        nonlocal closes
        won = close(*arguments, **keywords)  # type: ignore[arg-type]
        closes += won
        return won

    def clock() -> object:
        nonlocal ticks
        ticks += 1
        return world.now.replace(microsecond=ticks % 1_000_000)

    monkeypatch.setattr(type(world.app.ledger), "close", counting)
    object.__setattr__(world.app, "clock", clock)
    for _ in every_order(two_advances(world, done, seen)):
        orders += 1
        item, report = world.item(seen[-1]), world.report(seen[-1])
        assert (closes, item["state"]) == (orders, "DONE")
        assert (report["state"], report["closed_at"]) == (item["state"], item["closed_at"])
        assert "open" not in item
        assert [told["closed_at"] for told in world.told(seen[-1])] == [item["closed_at"]]
    assert orders > 20


def test_a_process_that_dies_at_any_effect_leaves_nothing_that_the_sweep_cannot_repair(world: World) -> None:
    """Ends a process before each of its effects in turn, and lets sweep, job and tracker go on."""
    effects = 0
    for prepare in (nothing_more, done, failed):
        for fatal in range(12):
            effects += _die_and_repair(world, prepare, fatal)
    assert effects == 5 + 9 + 11, (
        "read, queue, begin, submit, record · read, parts, end_leases, put_json, close, expire, put, queue, settle"
        " · the same, and describe, read; what comes after settle is the next version's"
    )


def _die_and_repair(world: World, prepare: Prepare, fatal: int) -> bool:
    import_id = registered(world)
    known = prepare(world, import_id)
    before = len(world.batch.requests)
    reached: list[str] = []

    def gate(name: str) -> None:
        if len(reached) == fatal:
            raise ConnectionAbortedError(name)
        reached.append(name)

    try:
        advance(import_id, through(world.app, gate), known=known)
        died = False
    except ConnectionAbortedError:
        died = True
    world.pass_grace()
    advance(import_id, world.app)
    world.pass_grace()
    advance(import_id, world.app)
    if prepare is nothing_more:
        item = world.item(import_id)
        assert item["submitted_job"] in world.batch.jobs
        assert len(world.batch.requests) - before == (2 if reached[-1:] == ["submit"] else 1)
        world.claim(import_id, item["submitted_job"])
        world.write_part(import_id)
        world.end(item["submitted_job"], "SUCCEEDED")
        world.track(item["submitted_job"])
    item = world.item(import_id)
    assert item["state"] == ("FAILED" if prepare is failed else "DONE")
    assert world.report(import_id)["closed_at"] == item["closed_at"]
    assert "open" not in item
    told_in_vain = died and "put" in reached and "settle" not in reached
    assert len(world.told(import_id)) == (2 if told_in_vain else 1), "told, and nobody noted it"
    return died
