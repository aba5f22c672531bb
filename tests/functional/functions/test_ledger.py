"""The conditional writes: who comes second changes nothing and is told so."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest

import times
from imports import Failure, Import, Part, State, received
from objects import ObjectVersion
from tests.functional.functions.world import START, World

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
    assert world.app.ledger.register(import_)
    return import_


@pytest.fixture
def loading(world: World, new: Import) -> Import:
    """An import whose submission went unanswered, as a sweep reads it."""
    assert world.app.ledger.begin_submission(new, at=START)
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
    return world.app.ledger.close(closed, [], report_key="r", was=import_.state)


def claim(world: World, import_: Import) -> None:
    world.batch.submit_job(jobName="load", parameters={})
    assert world.claim(import_.import_id, "job-1")


def record(world: World, import_: Import) -> None:
    assert import_.submitted_at is not None
    assert world.app.ledger.record_submission(
        import_.import_id, submitted_at=import_.submitted_at, job_id="job-1"
    )


def test_an_import_is_registered_once(world: World, new: Import) -> None:
    assert not world.app.ledger.register(replace(new, parts=9))
    assert read(world, new) == (new, [])


def test_an_unknown_import_is_none(world: World) -> None:
    assert world.app.ledger.read("gone") is None


def test_a_submission_is_announced(world: World, new: Import) -> None:
    submitted_at = world.app.ledger.begin_submission(new, at=LATER)
    assert submitted_at == times.stamp(LATER)
    found, _ = read(world, new)
    assert found == replace(new, state=State.LOADING, submitted_at=submitted_at, updated_at=submitted_at)


def test_an_unanswered_submission_is_announced_anew(world: World, loading: Import) -> None:
    assert world.app.ledger.begin_submission(loading, at=LATER) == times.stamp(LATER)


@pytest.mark.parametrize(
    "meanwhile",
    [
        pytest.param(claim, id="a job has claimed"),
        pytest.param(record, id="the job id was recorded"),
        pytest.param(close, id="the import was closed"),
        pytest.param(
            lambda world, import_: world.app.ledger.begin_submission(
                import_, at=START + timedelta(minutes=1)
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
    assert world.app.ledger.begin_submission(loading, at=LATER) is None
    assert world.item(loading.import_id) == before


def test_the_job_of_an_overtaken_submission_is_not_recorded(world: World, loading: Import) -> None:
    assert loading.submitted_at is not None
    assert world.app.ledger.begin_submission(loading, at=LATER)
    assert not world.app.ledger.record_submission(
        loading.import_id, submitted_at=loading.submitted_at, job_id="job-1"
    )
    assert "submitted_job" not in world.item(loading.import_id)


def test_recording_creates_no_import(world: World) -> None:
    assert not world.app.ledger.record_submission("gone", submitted_at=times.stamp(START), job_id="job-1")
    assert world.imports() == []


def test_an_import_is_closed_once(world: World, loading: Import) -> None:
    assert close(world, loading)
    before = world.item(loading.import_id)
    assert not close(world, loading, failure=Failure("OTHER", "later"))
    assert world.item(loading.import_id) == before


def test_a_closed_import_is_open_until_it_is_settled(world: World, loading: Import) -> None:
    assert close(world, loading)
    closed = read(world, loading)[0]
    assert closed.open
    assert world.app.ledger.settle(closed, at=LATER)
    assert not read(world, loading)[0].open
    assert world.item(loading.import_id)["announced_at"] == times.stamp(LATER)


def test_a_closed_import_is_settled_once(world: World, loading: Import) -> None:
    close(world, loading)
    closed = read(world, loading)[0]
    assert world.app.ledger.settle(closed, at=LATER)
    before = world.item(loading.import_id)
    assert not world.app.ledger.settle(closed, at=LATER + timedelta(minutes=1))
    assert world.item(loading.import_id) == before


def test_an_import_that_runs_again_is_not_settled(world: World, loading: Import) -> None:
    close(world, loading)
    closed = read(world, loading)[0]
    assert not world.app.ledger.settle(replace(closed, run=2), at=LATER)
    assert not world.app.ledger.settle(replace(closed, state=State.LOADING), at=LATER)


@pytest.mark.parametrize("meanwhile", [claim])
def test_an_import_that_was_claimed_meanwhile_is_not_closed(
    world: World, loading: Import, meanwhile: Deed
) -> None:
    meanwhile(world, loading)
    assert not close(world, loading)
    assert "open" in world.item(loading.import_id)


def test_an_import_whose_run_has_changed_is_not_closed(world: World, loading: Import) -> None:
    assert not close(world, replace(loading, run=2))


def test_only_open_imports_that_are_old_enough_are_listed(world: World, loading: Import) -> None:
    ledger = world.app.ledger
    assert list(ledger.open_imports(until=START)) == [loading]
    assert list(ledger.open_imports(until=START - timedelta(microseconds=1))) == []
    close(world, loading)
    closed = read(world, loading)[0]
    assert list(ledger.open_imports(until=LATER)) == [closed], "nobody has been told"
    ledger.settle(closed, at=LATER)
    assert list(ledger.open_imports(until=LATER)) == []


def test_parts_come_in_order(world: World, loading: Import) -> None:
    for number in (10, 2, 0):
        world.write_part(loading.import_id, sk=f"run#0001#part#{number:05d}", part=number)
    assert [part.part for part in read(world, loading)[1]] == [0, 2, 10]
