from typing import Any

import pytest

from errors import ImportsFailedError
from tests.functional.functions.world import World


def test_young_imports_are_left_to_their_events(world: World) -> None:
    world.start()
    assert world.sweep() == {"imports": [], "ignored": [], "failed": 0, "complete": True}


def test_an_end_that_no_event_told_is_found(world: World) -> None:
    done, failed, waiting = (world.start(f"{name}.csv") for name in "abc")
    for number, import_id in enumerate((done, failed, waiting), 1):
        world.claim(import_id, f"job-{number}")
    world.write_part(done)
    world.end("job-2", "FAILED", statusReason="gone")
    world.pass_grace()
    states = {found["import_id"]: found["state"] for found in world.sweep()["imports"]}
    assert states == {done: "DONE", failed: "FAILED", waiting: "LOADING"}


def test_a_job_that_batch_has_forgotten_closes_its_import(world: World) -> None:
    import_id = world.start()
    world.claim(import_id, "job-1")
    del world.batch.jobs["job-1"]
    world.pass_grace()
    world.sweep()
    assert world.item(import_id)["error"]["code"] == "job_lost"


def test_what_the_job_did_between_two_looks_is_not_overlooked(world: World) -> None:
    """The job finishes after the ledger was read and before Batch is asked."""
    import_id = world.start()
    world.claim(import_id, "job-1")
    world.pass_grace()
    describe_jobs = world.batch.describe_jobs

    def finish_first(*, jobs: list[str]) -> Any:
        world.write_part(import_id)
        world.end("job-1", "SUCCEEDED")
        return describe_jobs(jobs=jobs)

    world.batch.describe_jobs = finish_first  # type: ignore[method-assign]
    world.sweep()
    assert world.item(import_id)["state"] == "DONE"


def test_a_claim_between_two_looks_is_not_overlooked(world: World) -> None:
    """The recorded job is a loser, and the winner claims before Batch is asked about the loser."""
    import_id = world.start()
    world.batch.submit_job(jobName="load", parameters={})
    world.pass_grace()
    describe_jobs = world.batch.describe_jobs

    def claim_first(*, jobs: list[str]) -> Any:
        world.claim(import_id, "job-2")
        world.end("job-1", "SUCCEEDED")
        return describe_jobs(jobs=jobs)

    world.batch.describe_jobs = claim_first  # type: ignore[method-assign]
    assert world.sweep()["imports"][0]["decision"] == "Wait"
    assert world.batch.described == ["job-1", "job-2"]


def test_closed_imports_are_not_looked_at(world: World) -> None:
    import_id = world.start()
    world.claim(import_id, "job-1")
    world.write_part(import_id)
    world.pass_grace()
    world.sweep()
    world.pass_grace()
    assert world.sweep()["imports"] == []


def test_one_failure_does_not_stop_the_others(world: World) -> None:
    ids = []
    for name in "abc":
        world.batch.refuse("ServerException")
        with pytest.raises(ImportsFailedError):
            world.start(f"{name}.csv")
        ids = [import_["import_id"] for import_ in world.imports()]
    world.batch.recover()
    world.pass_grace()

    def refuse_one(request: dict[str, Any]) -> None:
        if request["parameters"]["import_id"] == ids[0]:
            raise ConnectionError("gone")

    world.batch.before_submit = refuse_one
    with pytest.raises(ImportsFailedError) as caught:
        world.sweep()
    assert caught.value.names == (ids[0],)
    assert len(world.batch.requests) == 2
    logged = [line for line in world.log_lines() if line["level"] == "ERROR"]
    assert logged[-1]["exception_name"] == "ConnectionError"


def test_a_sweep_ends_before_its_time_does(world: World) -> None:
    for name in "abc":
        world.start(f"{name}.csv")
    world.pass_grace()
    remaining = iter([60_000, 60_000, 1_000])
    answer = world.sweep(lambda: next(remaining))
    assert (len(answer["imports"]), answer["complete"]) == (2, False)


def test_all_pages_of_the_index_are_read(world: World) -> None:
    for number in range(25):
        world.start(f"{number}.csv")
    world.pass_grace()
    query = world.dynamodb.get_paginator

    class Paged:
        def __init__(self, name: str) -> None:
            self.paginator = query(name)

        def paginate(self, **arguments: Any) -> Any:
            return self.paginator.paginate(**arguments, PaginationConfig={"PageSize": 10})

    world.dynamodb.get_paginator = Paged
    assert len(world.sweep()["imports"]) == 25
