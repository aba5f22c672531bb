"""Carries a plan out, step after step; a step whose thing is gone already is done."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from botocore.exceptions import ClientError

from teardown.buckets import delete_bucket
from teardown.halting import close_queue, end_jobs, is_of_a_lost_queue, stop_notifications, stop_rule
from teardown.images import delete_repository, empty_repository
from teardown.patience import Patience
from teardown.plan import Plan
from teardown.stacks import delete_stack
from teardown.tables import delete_table

Client = Callable[[str], Any]
Say = Callable[[str], object]

_LIMIT_S = 3600.0
"""CloudFormation and Batch take up to half an hour for a compute environment with hosts."""

_GONE = {"NoSuchBucket", "ResourceNotFoundException", "RepositoryNotFoundException"}
"""What services answer where the thing is not there any more."""


def remove(
    plan: Plan,
    client: Client,
    say: Say,
    *,
    poll_s: float = 10.0,
    sleep: Callable[[float], object] = time.sleep,
) -> None:
    """Remove what a plan says; `client` gives the client of a service.

    What starts jobs goes first, then what jobs write to. The stack goes last, for it knows what else there is: carried
    out again, a removal goes on where it ended. Raises `RemovalError`, and botocore's errors.
    """
    patience = Patience(poll_s=poll_s, limit_s=_LIMIT_S, sleep=sleep)
    _halt(plan, client, say, patience)
    for bucket in plan.buckets:
        with _unless_gone():
            say(f"deleted bucket {bucket}, {delete_bucket(client('s3'), bucket, patience)} versions")
    for table in plan.tables:
        if delete_table(client("dynamodb"), table, patience):
            say(f"deleted table {table}")
    for arn in plan.job_definitions:
        say(f"deregistered {_deregister_others(client('batch'), arn)} revisions beside {arn}")
    _remove_images(plan, client, say)
    delete_stack(client("cloudformation"), plan.stack_id, patience)
    say(f"deleted stack {plan.stack}")


def _halt(plan: Plan, client: Client, say: Say, patience: Patience) -> None:
    for rule in plan.rules:
        with _unless_gone():
            stop_rule(client("events"), rule)
    for bucket in plan.buckets:
        with _unless_gone():
            stop_notifications(client("s3"), bucket)
    say("stopped events and schedule")
    for queue in plan.queues:
        with _unless_gone():
            if close_queue(client("batch"), queue, patience):
                say(f"closed queue {queue}")
                say(f"ended {end_jobs(client('batch'), queue, patience)} jobs in {queue}")


def _remove_images(plan: Plan, client: Client, say: Say) -> None:
    if not plan.repository:
        return
    with _unless_gone():
        if plan.repository_stays:
            say(f"deleted {empty_repository(client('ecr'), plan.repository)} images from {plan.repository}")
        else:
            delete_repository(client("ecr"), plan.repository)
            say(f"deleted repository {plan.repository}")


@contextmanager
def _unless_gone() -> Iterator[None]:
    try:
        yield
    except ClientError as error:
        if error.response["Error"]["Code"] not in _GONE and not is_of_a_lost_queue(error):
            raise


def _deregister_others(batch: Any, current: str) -> int:
    """Deregister the revisions that updates left; the current one, which is the newest, goes with the stack.

    `current` is what CloudFormation knows the definition by: its ARN, or its name.
    """
    name = current.rpartition("/")[2].partition(":")[0]
    pages = batch.get_paginator("describe_job_definitions").paginate(jobDefinitionName=name, status="ACTIVE")
    found = [one for page in pages for one in page["jobDefinitions"] if one["status"] == "ACTIVE"]
    others = sorted(found, key=lambda one: one["revision"])[:-1]
    for one in others:
        batch.deregister_job_definition(jobDefinition=one["jobDefinitionArn"])
    return len(others)
