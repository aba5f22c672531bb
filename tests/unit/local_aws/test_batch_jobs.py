from dataclasses import replace
from typing import Any

import pytest

from local_aws import batch_jobs
from local_aws.batch_containers import UnsupportedDefinitionError
from local_aws.batch_jobs import RUNNABLE, SUCCEEDED, TASK_EXITED
from local_aws.batch_retries import End
from tests.unit.local_aws.kinds import Submit


def test_the_submission_goes_before_the_definition(submitted: Submit) -> None:
    job = submitted(
        parameters={"run": "2"}, retryStrategy={"attempts": 1}, timeout={"attemptDurationSeconds": 60}
    )
    assert job.parameters == {"run": "2", "stage": "load"}
    assert job.command() == ["load", "2"]
    assert job.retry_strategy == {"attempts": 1}
    assert job.timeout_s == 60
    assert submitted().retry_strategy["attempts"] == 3


def test_a_job_that_failed_and_succeeded_is_shown_as_aws_does(submitted: Submit) -> None:
    job = batch_jobs.running(submitted(), at=1100)
    job = batch_jobs.attempted(job, End(exit_code=75, status_reason=TASK_EXITED), log="a", at=1200)
    job = batch_jobs.running(replace(job, status=RUNNABLE), at=1300)
    job = batch_jobs.attempted(job, End(exit_code=0, status_reason=TASK_EXITED), log="b", at=1400)
    job = batch_jobs.ended(job, SUCCEEDED, reason=TASK_EXITED, at=1400)
    assert job.describe() == {
        "jobArn": "arn:aws:batch:r:a:job/j",
        "jobName": "n",
        "jobId": "j",
        "jobQueue": "arn:aws:batch:r:a:job-queue/q",
        "status": "SUCCEEDED",
        "statusReason": TASK_EXITED,
        "attempts": [
            {
                "container": {"exitCode": 75, "logStreamName": "a", "networkInterfaces": []},
                "startedAt": 1100,
                "stoppedAt": 1200,
                "statusReason": TASK_EXITED,
            },
            {
                "container": {"exitCode": 0, "logStreamName": "b", "networkInterfaces": []},
                "startedAt": 1300,
                "stoppedAt": 1400,
                "statusReason": TASK_EXITED,
            },
        ],
        "createdAt": 1000,
        "startedAt": 1300,
        "stoppedAt": 1400,
        "retryStrategy": {"attempts": 3, "evaluateOnExit": [{"onExitCode": "65", "action": "EXIT"}]},
        "dependsOn": [],
        "jobDefinition": "arn:aws:batch:r:a:job-definition/d:1",
        "parameters": {"run": "1", "stage": "load"},
        "container": {
            "image": "i",
            "command": ["load", "Ref::run"],
            "environment": [],
            "resourceRequirements": [],
            "exitCode": 0,
            "logStreamName": "b",
            "networkInterfaces": [],
        },
        "timeout": {"attemptDurationSeconds": 86400},
        "tags": {},
        "propagateTags": False,
        "platformCapabilities": ["FARGATE"],
    }


def test_an_attempt_without_a_process_has_a_reason_and_no_exit_code(submitted: Submit) -> None:
    end = End(exit_code=None, status_reason="Task failed to start", reason="CannotPullContainerError")
    container = batch_jobs.attempted(submitted(), end, log="a", at=1).describe()["container"]
    assert "exitCode" not in container
    assert container["reason"] == "CannotPullContainerError"


def with_a_task(**container: Any) -> dict[str, Any]:
    one = {"name": "load", "image": "i", "command": ["load", "Ref::run"], **container}
    return {
        "ecsProperties": {"taskProperties": [{"taskRoleArn": "arn:role", "containers": [one]}]},
        "parameters": {"run": "1"},
    }


def test_a_job_with_a_task_is_shown_at_other_places(submitted: Submit) -> None:
    job = batch_jobs.running(submitted(definition=with_a_task()), at=1100)
    job = batch_jobs.attempted(job, End(exit_code=75, status_reason=TASK_EXITED), log="a", at=1200)
    shown = job.describe()
    assert "container" not in shown
    assert "container" not in shown["attempts"][0]
    assert shown["attempts"][0]["taskProperties"] == [
        {"containers": [{"name": "load", "exitCode": 75, "logStreamName": "a", "networkInterfaces": []}]}
    ]
    (task,) = shown["ecsProperties"]["taskProperties"]
    assert task["taskRoleArn"] == "arn:role"
    assert (task["containers"][0]["image"], task["containers"][0]["exitCode"]) == ("i", 75)


def test_the_role_stands_in_the_task_or_in_the_container(submitted: Submit) -> None:
    assert submitted(definition=with_a_task()).role == "arn:role"
    assert submitted(definition={"containerProperties": {"jobRoleArn": "arn:other"}}).role == "arn:other"
    assert submitted(definition={"containerProperties": {}}).role is None


def test_the_stop_timeout_is_the_containers(submitted: Submit) -> None:
    assert submitted(definition=with_a_task(stopTimeout=120)).stop_timeout_s == 120
    assert submitted(definition=with_a_task()).stop_timeout_s == 30


def test_a_task_has_overrides_of_its_own(submitted: Submit) -> None:
    override = {"taskProperties": [{"containers": [{"name": "load", "command": ["other"]}]}]}
    assert submitted(definition=with_a_task(), ecsPropertiesOverride=override).command() == ["other"]
    assert submitted(definition=with_a_task()).command() == ["load", "1"]


@pytest.mark.parametrize(
    ("definition", "request_"),
    [
        (with_a_task(), {"containerOverrides": {"command": ["x"]}}),
        ({"containerProperties": {}}, {"ecsPropertiesOverride": {"taskProperties": []}}),
        ({"ecsProperties": {"taskProperties": [{"containers": [{"name": "a"}, {"name": "b"}]}]}}, {}),
        ({"ecsProperties": {"taskProperties": [{}, {}]}}, {}),
    ],
    ids=["container overrides", "task overrides", "two containers", "two tasks"],
)
def test_what_does_not_fit_the_definition_is_refused(
    submitted: Submit, definition: dict[str, Any], request_: dict[str, Any]
) -> None:
    with pytest.raises(UnsupportedDefinitionError):
        submitted(definition=definition, **request_)
