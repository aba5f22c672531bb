"""The conditional writes: who comes second changes nothing and is told so."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest

import times
from decision import Submit
from imports import PLAN_PART, Failure, Import, Part, PartStatus, State, received
from objects import ObjectVersion
from queues import Queue
from tests.functional.functions.world import START, World

QUEUE = Queue(bucket="input", key="a.csv")
SUBMIT = Submit(State.LOADING, "received")
LATER = START + timedelta(minutes=10)
Deed = Callable[[World, Import], object]


@pytest.fixture
def new(world: World) -> Import:
    """An import that is registered and nothing more."""
    found = ObjectVersion(
        bucket="input",
        key="a.csv",
        version_id=None,
        sequencer="01",
        etag="abc",
        size=321,
        event_time=times.stamp(START),
    )
    import_ = received(found, at=times.stamp(START))
    assert world.app.ledger.register([import_], QUEUE)
    return import_


@pytest.fixture
def loading(world: World, new: Import) -> Import:
    """An import whose submission went unanswered, as a sweep reads it."""
    assert world.app.ledger.begin_submission(new, SUBMIT, at=START)
    return read(world, new)[0]


def read(world: World, import_: Import) -> tuple[Import, list[Part]]:
    found = world.app.ledger.read(import_.import_id)
    assert found is not None
    return found


def close(world: World, import_: Import, **changes: object) -> bool:
    closed = replace(
        import_,
        **{"state": State.FAILED, "failure": Failure("CODE", "why"), "closed_at": times.stamp(LATER)}
        | changes,  # type: ignore[arg-type]
    )
    return world.app.ledger.close(closed, [], report_key="r", was=import_)


def settle(world: World, closed: Import) -> bool:
    return world.app.ledger.settle(closed, world.app.ledger.queue("input", "a.csv"), at=LATER)


def claim(world: World, import_: Import) -> None:
    world.batch.submit_job(jobName="load", parameters={})
    assert world.claim(import_.import_id, "job-1")


def record(world: World, import_: Import) -> None:
    assert world.app.ledger.record_submission(import_, job_id="job-1")


def test_an_import_is_registered_once(world: World, new: Import) -> None:
    queue = world.app.ledger.queue("input", "a.csv")
    assert not world.app.ledger.register([replace(new, parts=9)], queue)
    assert read(world, new) == (new, [])
    assert world.app.ledger.queue("input", "a.csv") == queue


def test_all_versions_are_registered_or_none(world: World, new: Import) -> None:
    queue = world.app.ledger.queue("input", "a.csv")
    later = replace(new, import_id="later-1")
    assert not world.app.ledger.register([later, new], queue)
    assert world.app.ledger.import_of("later-1") is None
    assert world.app.ledger.register([later], queue)
    assert [each.import_id for each in world.app.ledger.queue("input", "a.csv").waiting] == [
        new.import_id,
        "later-1",
    ]


def test_nothing_is_registered_where_the_queue_has_moved_on(world: World, new: Import) -> None:
    assert not world.app.ledger.register([replace(new, import_id="later-1")], QUEUE)
    assert world.app.ledger.import_of("later-1") is None


def test_an_unknown_import_is_none(world: World) -> None:
    assert world.app.ledger.read("gone") is None


def test_a_submission_is_announced(world: World, new: Import) -> None:
    began = world.app.ledger.begin_submission(new, SUBMIT, at=LATER)
    found, _ = read(world, new)
    assert found == replace(
        new,
        state=State.LOADING,
        submissions=1,
        submitted_at=times.stamp(LATER),
        updated_at=times.stamp(LATER),
    )
    assert began == replace(found, updated_at=new.updated_at)


def test_a_submission_has_its_work_list_and_its_mark_and_none_of_the_job_before(
    world: World, loading: Import
) -> None:
    record(world, loading)
    claim(world, loading)
    again = Submit(State.LOADING, "", parts=5, work=(1, 4), progress_mark=77)
    assert world.app.ledger.begin_submission(read(world, loading)[0], again, at=LATER)
    found, _ = read(world, loading)
    assert (found.parts, found.work, found.progress_mark, found.submissions) == (5, (1, 4), 77, 2)
    assert (found.submitted_job, found.load_job) == (None, None)
    assert world.app.ledger.begin_submission(found, SUBMIT, at=LATER)
    assert read(world, loading)[0].work is None


def test_a_plan_is_no_submission_of_a_load(world: World, new: Import) -> None:
    assert world.app.ledger.begin_submission(new, Submit(State.PLANNING, ""), at=LATER)
    found, _ = read(world, new)
    assert (found.state, found.submissions) == (State.PLANNING, 0)


def test_an_unanswered_submission_is_announced_anew(world: World, loading: Import) -> None:
    assert world.app.ledger.begin_submission(loading, SUBMIT, at=LATER)
    assert read(world, loading)[0].submissions == 2


@pytest.mark.parametrize(
    "meanwhile",
    [
        pytest.param(claim, id="a job has claimed"),
        pytest.param(record, id="the job id was recorded"),
        pytest.param(close, id="the import was closed"),
        pytest.param(
            lambda world, import_: world.app.ledger.begin_submission(
                import_, SUBMIT, at=START + timedelta(minutes=1)
            ),
            id="another began",
        ),
    ],
)
def test_nothing_is_announced_where_the_import_has_moved_on(
    world: World, loading: Import, meanwhile: Deed
) -> None:
    meanwhile(world, loading)
    before = world.item(loading.import_id)
    assert world.app.ledger.begin_submission(loading, SUBMIT, at=LATER) is None
    assert world.item(loading.import_id) == before


def test_the_job_of_an_overtaken_submission_is_not_recorded(world: World, loading: Import) -> None:
    assert world.app.ledger.begin_submission(loading, SUBMIT, at=LATER)
    assert not world.app.ledger.record_submission(loading, job_id="job-1")
    assert "submitted_job" not in world.item(loading.import_id)


def test_recording_creates_no_import(world: World, loading: Import) -> None:
    gone = replace(loading, import_id="gone")
    assert not world.app.ledger.record_submission(gone, job_id="job-1")
    assert len(world.imports()) == 1


def test_an_import_is_closed_once(world: World, loading: Import) -> None:
    assert close(world, loading)
    before = world.item(loading.import_id)
    assert not close(world, loading, failure=Failure("OTHER", "later"))
    assert world.item(loading.import_id) == before


def test_a_closed_import_is_open_until_it_is_settled(world: World, loading: Import) -> None:
    assert close(world, loading)
    closed = read(world, loading)[0]
    assert closed.open
    assert settle(world, closed)
    assert not read(world, loading)[0].open
    assert world.app.ledger.queue("input", "a.csv").head is None
    assert world.item(loading.import_id)["announced_at"] == times.stamp(LATER)


def test_a_closed_import_is_settled_once(world: World, loading: Import) -> None:
    close(world, loading)
    closed = read(world, loading)[0]
    assert settle(world, closed)
    before = world.item(loading.import_id)
    assert not settle(world, closed)
    assert world.item(loading.import_id) == before


def test_an_import_that_runs_again_is_not_settled(world: World, loading: Import) -> None:
    close(world, loading)
    closed = read(world, loading)[0]
    assert not settle(world, replace(closed, run=2))
    assert not settle(world, replace(closed, state=State.LOADING))
    assert not settle(world, replace(closed, closed_at=times.stamp(START)))
    assert world.app.ledger.queue("input", "a.csv").head == closed.import_id


@pytest.mark.parametrize("meanwhile", [claim])
def test_an_import_that_was_claimed_meanwhile_is_not_closed(
    world: World, loading: Import, meanwhile: Deed
) -> None:
    meanwhile(world, loading)
    assert not close(world, loading)
    assert "open" in world.item(loading.import_id)


def test_a_lease_that_has_run_out_is_ended_for_good(world: World, loading: Import) -> None:
    until = Decimal(int(LATER.timestamp()))
    world.write_part(loading.import_id, "RUNNING", lease_owner="me", lease_until_epoch_s=until)
    ledger, parts = world.app.ledger, world.app.ledger.parts(loading)
    assert not ledger.end_leases(loading, parts, at=LATER), "not yet"
    assert world.item(loading.import_id, "run#0001#part#00000")["lease_owner"] == "me"
    assert ledger.end_leases(loading, parts, at=LATER + timedelta(milliseconds=1))
    assert (
        not {"lease_owner", "lease_until_epoch_s"}
        & world.item(loading.import_id, "run#0001#part#00000").keys()
    )


def test_an_import_does_not_close_while_a_lease_is_renewed(world: World, loading: Import) -> None:
    until = Decimal(int(LATER.timestamp()))
    world.write_part(loading.import_id, "RUNNING", lease_owner="me", lease_until_epoch_s=until)
    seen = world.app.ledger.parts(loading)
    world.write_part(loading.import_id, "RUNNING", lease_owner="me", lease_until_epoch_s=until + 60)
    assert not world.app.ledger.end_leases(loading, seen, at=LATER + timedelta(seconds=1))
    world.write_part(loading.import_id, "DONE", lease_owner="me", lease_until_epoch_s=until + 60)
    assert world.app.ledger.end_leases(loading, world.app.ledger.parts(loading), at=LATER)


def test_an_import_whose_run_has_changed_is_not_closed(world: World, loading: Import) -> None:
    assert not close(world, replace(loading, run=2))


def test_only_open_imports_that_are_old_enough_are_listed(world: World, loading: Import) -> None:
    ledger = world.app.ledger
    assert list(ledger.open_imports(until=START)) == [loading]
    assert list(ledger.open_imports(until=START - timedelta(microseconds=1))) == []
    close(world, loading)
    closed = read(world, loading)[0]
    assert list(ledger.open_imports(until=LATER)) == [closed], "nobody has been told"
    settle(world, closed)
    assert list(ledger.open_imports(until=LATER)) == []


def test_parts_come_in_order(world: World, loading: Import) -> None:
    for number in (10, 2, 0):
        world.write_part(loading.import_id, sk=f"run#0001#part#{number:05d}", part=number)
    assert [part.part for part in read(world, loading)[1]] == [0, 2, 10]


def test_a_decision_reads_of_a_part_what_it_needs_and_a_close_all_of_it(
    world: World, loading: Import
) -> None:
    counters = {
        "rows_read": 9,
        "rows_written": 6,
        "rows_superseded": 1,
        "rows_rejected": 1,
        "rows_skipped": 1,
    }
    world.write_part(
        loading.import_id,
        counters=counters | {"throttles": 4},
        checkpoint={"segment": 2, "record": 51, "line": 60, "offset": 999},
        range={"offset": 100, "line": 33, "record": 31, "end_offset": 2000, "records": 40},
        error={"code": "interrupted", "message": "SIGTERM"},
        notices=[{"column": "A", "code": "leading_zeros_lost", "cells": 3}],
        finished_at=times.stamp(LATER),
    )
    (part,) = read(world, loading)[1]
    (whole,) = world.app.ledger.parts(loading)
    assert part == replace(whole, counters=counters, notices=[])
    assert whole.counters == counters | {"throttles": 4}
    assert part.settled_records == 20
    assert part.failure == Failure("interrupted", "SIGTERM")


def test_while_an_import_is_planning_its_plan_stands_for_its_parts(world: World, new: Import) -> None:
    assert world.app.ledger.begin_submission(new, Submit(State.PLANNING, ""), at=LATER)
    world.write_part(
        new.import_id, "RUNNING", sk="run#0001#plan", error={"code": "s3_unavailable", "message": ""}
    )
    world.write_part(new.import_id, "PLANNED")
    plan = world.item(new.import_id, "run#0001#plan")
    for name in ("part", "run"):
        del plan[name]
    world.ledger.put_item(Item=plan)
    (part,) = read(world, new)[1]
    assert (part.part, part.run, part.status) == (PLAN_PART, 1, PartStatus.RUNNING)
    assert part.failure == Failure("s3_unavailable", "")
    assert [each.part for each in world.app.ledger.parts(new)] == [0], (
        "the plan is no part when all is added up"
    )
