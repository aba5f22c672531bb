import queue
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from local_aws import batch_jobs
from local_aws.batch_jobs import Job
from local_aws.batch_scheduler import Platform, Scheduler
from tests.unit.local_aws.kinds import Submit
from tests.unit.local_aws.processes import Changes

_DEFINITION = {
    "jobDefinitionArn": "arn:aws:batch:r:a:job-definition/d:1",
    "parameters": {"run": "1", "stage": "load"},
    "retryStrategy": {"attempts": 3, "evaluateOnExit": [{"onExitCode": "65", "action": "EXIT"}]},
    "timeout": {"attemptDurationSeconds": 86400},
    "platformCapabilities": ["FARGATE"],
    "containerProperties": {"image": "i", "command": ["load", "Ref::run"], "environment": []},
}


@pytest.fixture
def submitted() -> Submit:
    """Makes jobs from SubmitJob requests."""

    def submit(*, definition: Mapping[str, Any] | None = None, **request: Any) -> Job:
        return batch_jobs.submitted(
            {"jobName": "n", **request},
            {**_DEFINITION, **(definition or {})},
            job_id="j",
            arn="arn:aws:batch:r:a:job/j",
            queue="arn:aws:batch:r:a:job-queue/q",
            compute_environment="arn:aws:batch:r:a:compute-environment/ce",
            created_at=1000,
        )

    return submit


@pytest.fixture
def changes() -> Changes:
    return queue.Queue()


@pytest.fixture
def scheduler(tmp_path: Path, changes: Changes) -> Iterator[Scheduler]:
    platform = Platform(
        entrypoint=(sys.executable, "-c"),
        environment=lambda job: {"FROM_PLATFORM": job.job_id},
        work_folder=tmp_path / "jobs",
        log_folder=tmp_path / "logs",
        slots=2,
    )
    scheduler = Scheduler(platform, on_change=changes.put)
    yield scheduler
    for job in scheduler.jobs():
        scheduler.end(job.job_id, reason="the test is over", running_too=True)
