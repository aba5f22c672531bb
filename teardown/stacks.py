"""Deletes a stack; where CloudFormation cannot, its events say which resource stands in the way, and why."""

from collections.abc import Iterator
from typing import Any

from botocore.exceptions import WaiterError

from teardown.errors import RemovalError
from teardown.patience import Patience


def delete_stack(cloudformation: Any, stack_id: str, patience: Patience) -> None:
    """Delete a stack, given by its id, and wait until it is gone; raises `RemovalError`, and botocore's errors."""
    cloudformation.delete_stack(StackName=stack_id)
    tries = int(patience.limit_s / patience.poll_s)
    try:
        cloudformation.get_waiter("stack_delete_complete").wait(
            StackName=stack_id, WaiterConfig={"Delay": patience.poll_s, "MaxAttempts": tries}
        )
    except WaiterError as error:
        reasons = "\n  ".join(dict.fromkeys(_failures(cloudformation, stack_id))) or str(error)
        raise RemovalError(f"CloudFormation did not delete {stack_id}:\n  {reasons}") from error


def _failures(cloudformation: Any, stack_id: str) -> Iterator[str]:
    """Give what failed since the last deletion began, and behind a nested stack what failed in it."""
    pages = cloudformation.get_paginator("describe_stack_events").paginate(StackName=stack_id)
    for event in (one for page in pages for one in page["StackEvents"]):
        itself = event.get("PhysicalResourceId") == stack_id
        if itself and event["ResourceStatus"] == "DELETE_IN_PROGRESS":
            return  # the newest come first
        if itself or event["ResourceStatus"] != "DELETE_FAILED":
            continue
        name, type_ = event["LogicalResourceId"], event["ResourceType"]
        yield f"{name} ({type_}): {event.get('ResourceStatusReason', 'no reason given')}"
        if type_ == "AWS::CloudFormation::Stack":
            yield from _failures(cloudformation, event["PhysicalResourceId"])
