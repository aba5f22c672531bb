"""Stops a deployment: no event and no schedule reaches a function, no job starts, and those at work end."""

from collections.abc import Iterator
from typing import Any

from botocore.exceptions import ClientError

from teardown.errors import RemovalError
from teardown.patience import Patience

_AT_WORK = ("SUBMITTED", "PENDING", "RUNNABLE", "STARTING", "RUNNING")


def stop_rule(events: Any, rule: str) -> None:
    """Disable a rule of the default bus, a schedule's too."""
    events.disable_rule(Name=rule)


def stop_notifications(s3: Any, bucket: str) -> None:
    """Let a bucket tell nobody of new objects."""
    s3.put_bucket_notification_configuration(Bucket=bucket, NotificationConfiguration={})


def close_queue(batch: Any, queue: str, patience: Patience) -> bool:
    """Let a queue take no jobs any more; False where it is gone or going.

    A function that still runs, or an event that Lambda still holds, can submit nothing afterwards.
    Raises `RemovalError`, and botocore's errors.
    """

    def status() -> str:
        found = batch.describe_job_queues(jobQueues=[queue])["jobQueues"]
        return str(found[0].get("status", "VALID")) if found else "DELETED"

    def settled() -> bool:
        return status() not in ("CREATING", "UPDATING")

    if not patience.until(settled):
        raise RemovalError(f"queue {queue} is being changed; call again once it is not")
    if status() in ("DELETING", "DELETED"):
        return False
    batch.update_job_queue(jobQueue=queue, state="DISABLED")
    return True


def end_jobs(batch: Any, queue: str, patience: Patience) -> int:
    """Terminate all jobs of a queue and wait until they have ended; gives how many there were.

    A job has its stop timeout to end by itself, and writes until then. Raises `RemovalError`, and botocore's errors.
    """
    told: set[str] = set()

    def none_at_work() -> bool:
        at_work = list(_jobs_at_work(batch, queue))
        for job in set(at_work) - told:
            batch.terminate_job(jobId=job, reason="the deployment is removed")
        told.update(at_work)
        return not at_work

    if not patience.until(none_at_work):
        raise RemovalError(f"jobs of {queue} do not end: {', '.join(sorted(_jobs_at_work(batch, queue)))}")
    return len(told)


def _jobs_at_work(batch: Any, queue: str) -> Iterator[str]:
    """Give the ids of jobs that have not ended; an array's parent stands for its children."""
    for status in _AT_WORK:
        for page in batch.get_paginator("list_jobs").paginate(jobQueue=queue, jobStatus=status):
            yield from (job["jobId"] for job in page["jobSummaryList"])


def is_of_a_lost_queue(error: ClientError) -> bool:
    """Tell whether Batch refused a request because its queue is gone."""
    return error.response["Error"]["Code"] == "ClientException" and error.operation_name in (
        "ListJobs",
        "UpdateJobQueue",
    )
