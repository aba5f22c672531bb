"""A job that never starts does not hold its import, and those behind it, for ever: the sweep cancels it."""

import pytest

from tests.functional.functions.world import World


def test_a_job_that_never_starts_is_cancelled_and_its_import_says_so(world: World) -> None:
    import_id = world.start()
    world.pass_patience()
    world.sweep()
    assert world.batch.jobs["job-1"]["status"] == "FAILED"
    world.track("job-1")
    assert world.item(import_id)["state"] == "FAILED"
    assert world.item(import_id)["error"]["code"] == "job_never_started"
    assert "did not start within 86400 s" in world.item(import_id)["error"]["message"]
    assert [d["error"]["code"] for d in world.told(import_id)] == ["job_never_started"]
    [line] = [line for line in world.log_lines() if "gave up" in line["message"]]
    assert (line["level"], line["job_id"]) == ("WARNING", "job-1")


def test_the_next_sweep_closes_what_no_event_told(world: World) -> None:
    import_id = world.start()
    world.pass_patience()
    world.sweep()
    world.sweep()
    assert world.item(import_id)["error"]["code"] == "job_never_started"


def test_nothing_is_cancelled_before_its_time(world: World) -> None:
    world.start()
    world.pass_grace()
    world.sweep()
    assert world.batch.jobs["job-1"]["status"] == "RUNNABLE"


@pytest.mark.parametrize("status", ["STARTING", "RUNNING"])
def test_what_waits_behind_a_job_at_work_is_not_stuck(world: World, status: str) -> None:
    ahead, _behind = world.start("a.csv"), world.start("b.csv")
    world.claim(ahead, "job-1")
    world.end("job-1", status)
    world.pass_patience()
    world.sweep()
    assert world.batch.jobs["job-2"]["status"] == "RUNNABLE"


def test_children_at_work_count_and_those_that_wait_do_not(world: World) -> None:
    ahead, _behind = world.start("a.csv"), world.start("b.csv")
    world.claim(ahead, "job-1")
    world.end("job-1", "PENDING", arrayProperties={"statusSummary": {"RUNNABLE": 1, "RUNNING": 1}})
    world.pass_patience()
    world.sweep()
    assert world.batch.jobs["job-2"]["status"] == "RUNNABLE"
    world.end("job-1", "PENDING", arrayProperties={"statusSummary": {"RUNNABLE": 2, "RUNNING": 0}})
    world.sweep()
    assert world.batch.jobs["job-2"]["status"] == "FAILED"


def test_one_goes_at_a_time_the_one_that_has_waited_longest_first(world: World) -> None:
    for name in "abc":
        world.start(f"{name}.csv")
        world.now += world.now.resolution
    world.pass_patience()
    for number in (1, 2, 3):
        world.sweep()
        statuses = [world.batch.jobs[f"job-{n}"]["status"] for n in (1, 2, 3)]
        assert statuses == ["FAILED"] * number + ["RUNNABLE"] * (3 - number)


def test_an_import_that_has_begun_once_is_not_given_up(world: World) -> None:
    """Its job waits for another attempt, and has rows behind it."""
    import_id = world.start()
    world.claim(import_id, "job-1")
    world.end("job-1", "RUNNABLE")
    world.pass_patience()
    world.sweep()
    assert world.batch.jobs["job-1"]["status"] == "RUNNABLE"


def test_batch_is_asked_for_a_hundred_jobs_at_a_time(world: World) -> None:
    asked: list[int] = []
    ids = [f"job-{number}" for number in range(101)]
    world.batch.jobs = {job_id: {"jobId": job_id, "status": "RUNNABLE"} for job_id in ids}
    world.batch.jobs["job-100"]["status"] = "RUNNING"
    describe_jobs = world.batch.describe_jobs

    def counted(*, jobs: list[str]) -> object:
        asked.append(len(jobs))
        return describe_jobs(jobs=jobs)

    world.batch.describe_jobs = counted  # type: ignore[method-assign,assignment]
    assert world.app.jobs.any_at_work(ids)
    assert asked == [100, 1]
