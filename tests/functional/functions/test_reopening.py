"""Imports that are resumed or repeated: once, for what is left, and never over rows of a newer version."""

from collections.abc import Callable
from typing import Any

import pytest

from advance import advance
from errors import EventRefusedError, ReopeningError, UnknownImportError
from reopening import Reopened, repeat, resume
from tests.functional.functions.world import INPUT, SPLIT_BYTES, World, id_of
from wiring import Application

Reopen = Callable[[str, Application], Reopened]

CHECKPOINT = {"segment": 1, "record": 11, "line": 12, "offset": 100}


def started(world: World, *, size: int = 321) -> str:
    record = world.record("a.csv")
    record["s3"]["object"]["size"] = size
    world.trigger({"Records": [record]})
    return id_of(record)


def planned(world: World, parts: int) -> str:
    """An import whose plan is made, and whose load has claimed."""
    import_id = started(world, size=SPLIT_BYTES)
    world.claim(import_id, world.item(import_id)["submitted_job"])
    world.plan(import_id, parts)
    world.end("job-1", "SUCCEEDED")
    world.track("job-1")
    assert world.claim(import_id, world.item(import_id)["submitted_job"])
    return import_id


def failed(world: World, import_id: str) -> None:
    job_id = world.item(import_id)["load_job"]
    world.end(job_id, "FAILED", statusReason="gone")
    world.track(job_id)
    assert world.item(import_id)["state"] == "FAILED"


def simply_failed(world: World) -> str:
    import_id = started(world)
    world.claim(import_id, "job-1")
    world.write_part(import_id, "FAILED", error={"code": "table_missing", "message": "no such table"})
    failed(world, import_id)
    return import_id


def load(world: World, import_id: str, *parts: int) -> None:
    job_id = world.item(import_id)["submitted_job"]
    assert world.claim(import_id, job_id)
    run = int(world.item(import_id)["run"])
    for part in parts:
        world.write_part(import_id, part=part, run=run, sk=f"run#{run:04d}#part#{part:05d}")
    world.end(job_id, "SUCCEEDED")
    world.track(job_id)


def test_what_is_left_is_loaded_and_no_more(world: World) -> None:
    import_id = planned(world, 4)
    for part in (0, 2):
        world.write_part(import_id, part=part, sk=f"run#0001#part#{part:05d}")
    failed(world, import_id)
    opened = resume(import_id, world.app)
    assert (opened.remaining, opened.import_.work, opened.import_.parts) == (2, (1, 3), 4)
    advance(import_id, world.app)
    request = world.batch.requests[-1]
    assert request["arrayProperties"] == {"size": 2}
    assert world.item(import_id)["work"] == [1, 3]
    load(world, import_id, 1, 3)
    item = world.item(import_id)
    assert (item["state"], item["run"], item["counters"]["rows_read"]) == ("DONE", 1, 24)
    assert "error" not in item
    assert world.report(import_id)["state"] == "DONE"


def test_one_part_that_is_left_is_a_plain_job(world: World) -> None:
    import_id = planned(world, 2)
    world.write_part(import_id, part=1, sk="run#0001#part#00001")
    failed(world, import_id)
    resume(import_id, world.app)
    advance(import_id, world.app)
    assert "arrayProperties" not in world.batch.requests[-1]


def test_a_file_in_one_part_is_gone_on_with(world: World) -> None:
    import_id = simply_failed(world)
    resume(import_id, world.app)
    assert advance(import_id, world.app).state == "LOADING"
    load(world, import_id, 0)
    assert world.item(import_id)["state"] == "DONE"


def test_a_plan_that_failed_is_made_again(world: World) -> None:
    import_id = started(world, size=SPLIT_BYTES)
    assert world.claim(import_id, "job-1")
    world.write_part(import_id, "FAILED", sk="run#0001#plan", error={"code": "not_text", "message": ""})
    world.end("job-1", "FAILED")
    world.track("job-1")
    assert world.item(import_id)["error"]["code"] == "not_text"
    resume(import_id, world.app)
    advance(import_id, world.app)
    assert world.batch.requests[-1]["parameters"]["stage"] == "plan"
    assert world.claim(import_id, "job-2")


def test_what_never_began_begins(world: World) -> None:
    import_id = started(world)
    world.end("job-1", "FAILED", statusReason="no such image")
    world.track("job-1")
    resume(import_id, world.app)
    advance(import_id, world.app)
    load(world, import_id, 0)
    assert world.item(import_id)["state"] == "DONE"


def test_what_was_ended_by_hand_is_cancelled_and_can_be_resumed(world: World) -> None:
    import_id = started(world)
    world.claim(import_id, "job-1")
    world.write_part(import_id, "RUNNING", checkpoint=CHECKPOINT)
    world.end("job-1", "FAILED", isTerminated=True)
    world.track("job-1")
    assert world.item(import_id)["state"] == "CANCELLED"
    assert world.told(import_id)[-1]["error"] == {"code": "job_stopped"}
    resume(import_id, world.app)
    assert advance(import_id, world.app).state == "LOADING"


def test_a_repeat_is_a_new_run_from_the_start(world: World) -> None:
    import_id = planned(world, 2)
    for part in (0, 1):
        world.write_part(import_id, part=part, sk=f"run#0001#part#{part:05d}")
    world.end("job-2", "SUCCEEDED")
    world.track("job-2")
    opened = repeat(import_id, world.app)
    assert (opened.import_.run, opened.import_.parts) == (2, 1)
    assert advance(import_id, world.app).state == "PLANNING", "the plan of the first run is not its own"
    assert world.batch.requests[-1]["jobName"] == f"plan-{import_id}-r2"
    assert [told["state"] for told in world.told(import_id)] == ["DONE"]


@pytest.mark.parametrize("reopen", [resume, repeat])
def test_each_end_of_an_import_is_told_and_measured(world: World, reopen: Reopen) -> None:
    import_id = simply_failed(world)
    world.now = world.now.replace(minute=7)
    reopen(import_id, world.app)
    advance(import_id, world.app)
    load(world, import_id, 0)
    assert [told["state"] for told in world.told(import_id)] == ["FAILED", "DONE"]
    assert len({told["closed_at"] for told in world.told(import_id)}) == 2
    item = world.item(import_id)
    assert "open" not in item
    assert item["announced_at"]
    assert world.app.ledger.queue(INPUT, "a.csv").waiting == ()


@pytest.mark.parametrize("reopen", [resume, repeat])
def test_the_ledger_forgets_nothing_of_what_is_open_again(world: World, reopen: Reopen) -> None:
    import_id = simply_failed(world)
    reopen(import_id, world.app)
    assert [item["pk"] for item in world.ledger.scan()["Items"] if "expires_at_epoch_s" in item] == []


@pytest.mark.parametrize("reopen", [resume, repeat])
def test_an_older_version_stays_closed(world: World, reopen: Reopen) -> None:
    import_id = simply_failed(world)
    newer = started(world)
    before = world.ledger.scan()["Items"]
    with pytest.raises(ReopeningError, match=newer) as caught:
        reopen(import_id, world.app)
    assert caught.value.code == "newer_version"
    load(world, newer, 0)
    with pytest.raises(ReopeningError, match=newer):
        reopen(import_id, world.app)
    assert [item for item in before if item["pk"] == f"import#{import_id}"] == [
        item for item in world.ledger.scan()["Items"] if item["pk"] == f"import#{import_id}"
    ]


@pytest.mark.parametrize("reopen", [resume, repeat])
def test_a_newer_version_that_comes_meanwhile_is_noticed(
    world: World, monkeypatch: pytest.MonkeyPatch, reopen: Reopen
) -> None:
    import_id = simply_failed(world)
    expire = type(world.app.ledger).expire
    heard: list[str] = []

    def hear_first(*arguments: Any, **keywords: Any) -> None:
        expire(*arguments, **keywords)
        if not heard:
            heard.append(started(world))

    monkeypatch.setattr(type(world.app.ledger), "expire", hear_first)
    with pytest.raises(ReopeningError, match="newest version"):
        reopen(import_id, world.app)
    assert world.item(heard[0])["state"] == "LOADING"
    assert world.item(import_id)["state"] == "FAILED"
    assert world.item(import_id)["expires_at_epoch_s"]


@pytest.mark.parametrize("reopen", [resume, repeat])
def test_a_newer_version_waits_for_what_was_opened_again(world: World, reopen: Reopen) -> None:
    import_id = simply_failed(world)
    reopen(import_id, world.app)
    newer = started(world)
    assert world.item(newer)["state"] == "RECEIVED"
    assert world.item(import_id)["state"] == "LOADING", "the trigger advances what is first"
    load(world, import_id, 0)
    assert world.item(newer)["state"] == "LOADING"


@pytest.mark.parametrize("reopen", [resume, repeat])
def test_what_is_open_is_not_opened(world: World, reopen: Reopen) -> None:
    import_id = started(world)
    with pytest.raises(ReopeningError) as caught:
        reopen(import_id, world.app)
    assert caught.value.code == "import_open"


def test_what_is_done_is_not_resumed(world: World) -> None:
    import_id = started(world)
    load(world, import_id, 0)
    with pytest.raises(ReopeningError) as caught:
        resume(import_id, world.app)
    assert caught.value.code == "import_done"


def test_what_does_not_add_up_is_not_resumed(world: World) -> None:
    import_id = started(world)
    world.claim(import_id, "job-1")
    world.write_part(import_id, counters={})
    world.end("job-1", "SUCCEEDED")
    world.track("job-1")
    with pytest.raises(ReopeningError) as caught:
        resume(import_id, world.app)
    assert caught.value.code == "nothing_left"


@pytest.mark.parametrize("reopen", [resume, repeat])
def test_an_unknown_import_is_not_opened(world: World, reopen: Reopen) -> None:
    with pytest.raises(UnknownImportError):
        reopen("gone-1", world.app)


@pytest.mark.parametrize("reopen", [resume, repeat])
def test_an_end_is_told_before_it_is_undone(world: World, reopen: Reopen) -> None:
    world.events.refuses = True
    import_id = started(world)
    world.claim(import_id, "job-1")
    world.end("job-1", "FAILED")
    with pytest.raises(EventRefusedError):
        world.track("job-1")
    world.events.refuses = False
    reopen(import_id, world.app)
    assert [told["state"] for told in world.told(import_id)] == ["FAILED"]
    assert world.item(import_id)["open"] == "yes"


@pytest.mark.parametrize("reopen", [resume, repeat])
def test_where_nobody_advances_it_the_sweep_does(world: World, reopen: Reopen) -> None:
    import_id = simply_failed(world)
    reopen(import_id, world.app)
    world.pass_grace()
    world.sweep()
    assert world.item(import_id)["submitted_job"] == "job-2"


def test_who_opens_it_second_is_told_so(world: World) -> None:
    import_id = simply_failed(world)
    resume(import_id, world.app)
    with pytest.raises(ReopeningError) as caught:
        repeat(import_id, world.app)
    assert caught.value.code == "import_open"


def test_a_late_job_of_an_earlier_submission_claims_nothing(world: World) -> None:
    import_id = simply_failed(world)
    late = world.batch.submit_job(**world.batch.requests[0])["jobId"]
    resume(import_id, world.app)
    assert not world.claim(import_id, late)
    advance(import_id, world.app)
    assert not world.claim(import_id, late)
    load(world, import_id, 0)


@pytest.mark.parametrize("written", [1, 7])
def test_a_plan_that_ended_among_its_parts_is_planned_again(world: World, written: int) -> None:
    """What it wrote down of parts is not the whole file."""
    import_id = started(world, size=SPLIT_BYTES)
    assert world.claim(import_id, "job-1")
    world.write_part(import_id, "RUNNING", sk="run#0001#plan", part=-1)
    for part in range(written):
        world.write_part(import_id, "PLANNED", part=part, sk=f"run#0001#part#{part:05d}", counters={})
    world.end("job-1", "FAILED", isTerminated=True)
    world.track("job-1")
    assert world.item(import_id)["state"] == "CANCELLED"
    resume(import_id, world.app)
    advance(import_id, world.app)
    assert world.batch.requests[-1]["parameters"]["stage"] == "plan"
