"""A job's machine is taken away under it: Batch starts it again, and it goes on from its last checkpoint."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.end_to_end.application import Application, Dropped, eventually
from tests.end_to_end.test_imports import check

SEGMENT = 10_000
ROWS = b"ProductId,Name\n" + b"".join(b"m%d,row %d\n" % (row % 17_000, row) for row in range(3 * SEGMENT))


def loading(application: Application, key: str) -> tuple[Dropped, str]:
    """Drop a file and wait until its job has a checkpoint behind it, and more to do; gives the job's id."""
    dropped = application.drop(key, ROWS)
    job = application.running_job_of(dropped.import_id)["jobId"]
    eventually(lambda: any(part.settled_records for part in application.parts_of(dropped.import_id)))
    return dropped, job


def attempts(application: Application, dropped: Dropped) -> list[dict[str, Any]]:
    """How the attempts of an import's only job ended."""
    (job,) = application.ended_jobs_of(dropped.import_id)
    ends: list[dict[str, Any]] = job["attempts"]
    return ends


def begun_at(logs: Path, job: str) -> Iterator[int]:
    """The records that the attempts of a job began at, by their logs."""
    for log in sorted(logs.glob(f"job-{job}-attempt-*.log")):
        for line in log.read_text().splitlines():
            said = json.loads(line)
            if said["message"] == "loading":
                yield said["from_record"]


def test_a_reclaimed_spot_task_goes_on_elsewhere(application: Application) -> None:
    dropped, job = loading(application, "reclaimed.csv")
    application.aws.lose_machine(job, "SPOT_RECLAIMED")
    check(application, dropped.import_id, "reclaimed.csv", ROWS)
    first, second = attempts(application, dropped)
    assert first["statusReason"] == "Your Spot Task was interrupted."
    assert [exit_code(first), exit_code(second)] == [75, 0]
    start, again = begun_at(application.aws.logs, job)
    assert start < SEGMENT < again


@pytest.mark.slow
def test_a_lost_host_costs_its_lease(application: Application) -> None:
    dropped, job = loading(application, "lost.csv")
    application.aws.lose_machine(job, "HOST_LOST")
    check(application, dropped.import_id, "lost.csv", ROWS)
    first, second = attempts(application, dropped)
    assert first["statusReason"].startswith("Host EC2")
    assert [exit_code(first), exit_code(second)] == [None, 0]
    start, again = begun_at(application.aws.logs, job)
    assert start < SEGMENT < again


def exit_code(attempt: dict[str, Any]) -> int | None:
    (task,) = attempt["taskProperties"]
    (container,) = task["containers"]
    code: int | None = container.get("exitCode")
    return code
