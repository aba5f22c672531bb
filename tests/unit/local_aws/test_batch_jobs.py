from dataclasses import replace

from local_aws import batch_jobs
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
