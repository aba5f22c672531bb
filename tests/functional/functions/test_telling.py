"""Who is told of a closed import, and what is measured."""

from datetime import timedelta

import pytest

from errors import EventRefusedError, ImportsFailedError
from tests.functional.functions.world import GRACE_S, RETENTION_DAYS, World


def closed(world: World, status: str = "SUCCEEDED") -> str:
    import_id = world.start()
    world.claim(import_id, "job-1")
    world.write_part(import_id, "DONE" if status == "SUCCEEDED" else "RUNNING")
    world.end("job-1", status)
    world.track("job-1")
    return import_id


@pytest.mark.parametrize(("status", "state"), [("SUCCEEDED", "DONE"), ("FAILED", "FAILED")])
def test_a_closed_import_is_told_of_once(world: World, status: str, state: str) -> None:
    import_id = closed(world, status)
    world.track("job-1")
    world.pass_grace()
    world.sweep()
    (told,) = world.told(import_id)
    item = world.item(import_id)
    assert (told["state"], told["closed_at"]) == (state, item["closed_at"])
    assert told["report"] == {"bucket": "artifacts", "key": item["report_key"]}
    assert item["announced_at"]
    assert "open" not in item


def test_who_is_told_finds_the_import_closed_and_its_report(world: World) -> None:
    import_id = world.start()
    seen = []
    put_events = world.events.put_events

    def look(**request: object) -> object:
        seen.append((world.item(import_id)["state"], world.report(import_id)["state"]))
        return put_events(**request)

    world.events.put_events = look  # type: ignore[assignment,method-assign]
    world.claim(import_id, "job-1")
    world.write_part(import_id)
    world.end("job-1", "SUCCEEDED")
    world.track("job-1")
    assert seen == [("DONE", "DONE")]


def test_an_event_that_is_refused_is_put_by_the_sweep(world: World) -> None:
    world.events.refuses = True
    with pytest.raises(EventRefusedError, match="not today"):
        closed(world)
    (item,) = world.imports()
    import_id = str(item["import_id"])
    assert (item["state"], item["open"]) == ("DONE", "yes")
    world.pass_grace()
    with pytest.raises(ImportsFailedError, match=import_id):
        world.sweep()
    world.events.refuses = False
    world.sweep()
    assert len(world.told(import_id)) == 1
    world.sweep()
    assert len(world.told(import_id)) == 1


def test_a_closed_import_is_measured_once(world: World) -> None:
    closed(world)
    world.track("job-1")
    world.pass_grace()
    world.sweep()
    (measured,) = world.metrics()
    assert measured["Deployment"] == "test"
    assert (measured["ImportsDone"], measured["ImportsFailed"], measured["RowsWritten"]) == (1, 0, 6)


def test_an_import_that_waits_for_its_job_is_measured(world: World) -> None:
    world.start("a.csv")
    world.now += timedelta(seconds=60)
    world.start("b.csv")
    world.now += timedelta(seconds=GRACE_S)
    world.sweep()
    (measured,) = world.metrics()
    assert (measured["OpenImports"], measured["OldestWaitSeconds"]) == (2, GRACE_S + 60)


def test_a_young_import_is_open_and_waits_like_the_others_though_it_is_left_to_its_events(
    world: World,
) -> None:
    world.start("a.csv")
    world.now += timedelta(seconds=60)
    assert world.sweep()["imports"] == []
    (measured,) = world.metrics()
    assert (measured["OpenImports"], measured["OldestWaitSeconds"]) == (1, 60)


def test_a_sweep_that_runs_out_of_time_has_measured_everything(world: World) -> None:
    for key in ("a.csv", "b.csv", "c.csv"):
        world.start(key)
    world.pass_grace()
    assert not world.sweep(remaining_ms=lambda: 1000)["complete"]
    (measured,) = world.metrics()
    assert measured["OpenImports"] == 3


def test_the_ledger_forgets_a_closed_import_and_its_parts_after_its_days_and_no_open_one(
    world: World,
) -> None:
    open_id = world.start("open.csv")
    world.claim(open_id, "job-1")
    world.write_part(open_id)
    closed_id = world.start("closed.csv")
    world.claim(closed_id, "job-2")
    world.write_part(closed_id)
    world.end("job-2", "SUCCEEDED")
    world.track("job-2")
    forgotten = int((world.now + timedelta(days=RETENTION_DAYS)).timestamp())
    expiries = {item["pk"]: set[object]() for item in world.ledger.scan()["Items"]}
    for item in world.ledger.scan()["Items"]:
        expiries[item["pk"]].add(item.get("expires_at_epoch_s"))
    queues = {f"key#input/{name}.csv": {None} for name in ("open", "closed")}
    assert expiries == {f"import#{closed_id}": {forgotten}, f"import#{open_id}": {None}, **queues}
    world.app.ledger.expire(closed_id, at=None)
    assert not [item for item in world.ledger.scan()["Items"] if "expires_at_epoch_s" in item]


def test_an_import_whose_job_has_begun_does_not_wait(world: World) -> None:
    import_id = world.start()
    world.claim(import_id, "job-1")
    world.pass_grace()
    world.sweep()
    (measured,) = world.metrics()
    assert (measured["OpenImports"], measured["OldestWaitSeconds"]) == (1, 0)


def test_an_idle_deployment_measures_nothing(world: World) -> None:
    world.sweep()
    assert world.metrics() == []
