"""Carries a plan out, step after step; a step whose thing is gone already is done."""

from collections.abc import Callable
from contextlib import contextmanager
from typing import Any

from botocore.exceptions import ClientError, WaiterError

from teardown.buckets import empty_bucket
from teardown.plan import Plan

Client = Callable[[str], Any]
Say = Callable[[str], object]

_AT_WORK = ("SUBMITTED", "PENDING", "RUNNABLE", "STARTING", "RUNNING")
_GONE = {
    "NoSuchBucket",
    "ResourceNotFoundException",
    "RepositoryNotFoundException",
}
"""What services answer where the thing is not there any more."""


class RemovalError(Exception):
    """CloudFormation could not delete the stack; its events say why."""


def remove(plan: Plan, client: Client, say: Say, *, poll_s: float = 10.0) -> None:
    """Remove what a plan says; `client` gives the client of a service.

    The stack goes last, for it knows what else there is: carried out again, a removal goes on where it ended.
    Raises `RemovalError`, `BucketNotEmptyError`, and botocore's errors.
    """
    for queue in plan.queues:
        with _unless_gone():
            say(f"ended {_end_jobs(client('batch'), queue)} jobs in {queue}")
    for bucket in plan.buckets:
        with _unless_gone():
            say(f"deleted {empty_bucket(client('s3'), bucket)} versions from {bucket}")
            client("s3").delete_bucket(Bucket=bucket)
            say(f"deleted bucket {bucket}")
    for table in plan.tables:
        with _unless_gone():
            client("dynamodb").update_table(TableName=table, DeletionProtectionEnabled=False)
            client("dynamodb").delete_table(TableName=table)
            say(f"deleted table {table}")
    for arn in plan.job_definitions:
        say(f"deregistered {_deregister_others(client('batch'), arn)} revisions beside {arn}")
    if plan.repository:
        with _unless_gone():
            client("ecr").delete_repository(repositoryName=plan.repository, force=True)
            say(f"deleted repository {plan.repository}")
    _delete_stack(client("cloudformation"), plan, poll_s)
    say(f"deleted stack {plan.stack}")


@contextmanager
def _unless_gone() -> Any:
    try:
        yield
    except ClientError as error:
        code = error.response["Error"]["Code"]
        lost_queue = code == "ClientException" and error.operation_name == "ListJobs"
        if code not in _GONE and not lost_queue:
            raise


def _end_jobs(batch: Any, queue: str) -> int:
    ended = 0
    for status in _AT_WORK:
        for page in batch.get_paginator("list_jobs").paginate(jobQueue=queue, jobStatus=status):
            for job in page["jobSummaryList"]:
                batch.terminate_job(jobId=job["jobId"], reason="the deployment is removed")
                ended += 1
    return ended


def _delete_stack(cloudformation: Any, plan: Plan, poll_s: float) -> None:
    cloudformation.delete_stack(StackName=plan.stack_id)
    try:
        cloudformation.get_waiter("stack_delete_complete").wait(
            StackName=plan.stack_id, WaiterConfig={"Delay": poll_s, "MaxAttempts": int(3600 / poll_s)}
        )
    except WaiterError as error:
        raise RemovalError(f"stack {plan.stack}: {error}") from error


def _deregister_others(batch: Any, current: str) -> int:
    """Deregister the revisions that updates left; the current one goes with the stack."""
    name = current.rpartition("/")[2].partition(":")[0]
    pages = batch.get_paginator("describe_job_definitions").paginate(jobDefinitionName=name, status="ACTIVE")
    found = [one for page in pages for one in page["jobDefinitions"] if one["status"] == "ACTIVE"]
    others = [one["jobDefinitionArn"] for one in found if one["jobDefinitionArn"] != current]
    for arn in others:
        batch.deregister_job_definition(jobDefinition=arn)
    return len(others)
