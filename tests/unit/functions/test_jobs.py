from typing import Any

import pytest

from jobs import Job, read_job


def detail(status: str = "FAILED", **more: Any) -> dict[str, Any]:
    return {"jobId": "j", "status": status, **more}


def test_a_container_job() -> None:
    found = read_job(
        detail(
            statusReason="Essential container in task exited",
            container={"exitCode": 65},
            attempts=[{"container": {"exitCode": 75}}, {"container": {"exitCode": 65}}],
        )
    )
    assert found == Job(
        job_id="j", status="FAILED", reason="Essential container in task exited", exit_code=65
    )


def test_a_job_whose_definition_has_ecs_properties() -> None:
    tasks = [{"containers": [{"exitCode": 78, "reason": "OutOfMemory"}]}]
    found = read_job(detail(container={}, attempts=[{"taskProperties": tasks}], statusReason="Task failed"))
    assert (found.exit_code, found.reason) == (78, "Task failed; OutOfMemory")


def test_a_job_that_never_ran() -> None:
    found = read_job(detail(statusReason="CannotPullContainerError", attempts=[], container=None))
    assert (found.exit_code, found.reason) == (None, "CannotPullContainerError")


def test_a_bare_detail() -> None:
    assert read_job(detail("SUCCEEDED")) == Job(job_id="j", status="SUCCEEDED")


@pytest.mark.parametrize(
    ("summary", "finished"),
    [
        ({"FAILED": 1, "RUNNING": 1}, False),
        ({"FAILED": 1, "RUNNABLE": 2, "SUCCEEDED": 1}, False),
        ({"FAILED": 1, "SUCCEEDED": 3, "RUNNING": 0}, True),
        ({}, True),
        (None, True),
    ],
)
def test_an_array_is_finished_when_all_its_children_are(
    summary: dict[str, int] | None, finished: bool
) -> None:
    found = read_job(detail(arrayProperties={"size": 4, "statusSummary": summary}))
    assert found.finished is finished


@pytest.mark.parametrize("status", ["SUBMITTED", "PENDING", "RUNNABLE", "STARTING", "RUNNING"])
def test_other_states_are_no_end(status: str) -> None:
    assert not read_job(detail(status)).finished


def test_a_job_in_words() -> None:
    assert str(Job(job_id="j", status="FAILED", reason="Host EC2", exit_code=0)) == (
        "job j is FAILED, exit code 0: Host EC2"
    )
    assert str(Job(job_id="j", status="LOST")) == "job j is LOST"
