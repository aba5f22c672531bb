from typing import Any

import pytest
from botocore.exceptions import WaiterError

from teardown.errors import RemovalError
from teardown.patience import Patience
from teardown.stacks import delete_stack

PATIENCE = Patience(poll_s=1, limit_s=5, sleep=lambda _: None)


def event(name: str, status: str, reason: str = "", **more: str) -> dict[str, str]:
    return {
        "LogicalResourceId": name,
        "ResourceType": "AWS::Some::Thing",
        "ResourceStatus": status,
        "PhysicalResourceId": name,
        **({"ResourceStatusReason": reason} if reason else {}),
        **more,
    }


NESTED = {"ResourceType": "AWS::CloudFormation::Stack"}
# The newest come first, as CloudFormation gives them.
EVENTS = {
    "root": [
        event("root", "DELETE_FAILED", "The following resource(s) failed", **NESTED),
        event("Records", "DELETE_FAILED", "Table is protected"),
        event("inner", "DELETE_FAILED", "Nested stack failed", **NESTED),
        event("Other", "DELETE_COMPLETE"),
        event("root", "DELETE_IN_PROGRESS", "User Initiated", **NESTED),
        event("Before", "DELETE_FAILED", "what an earlier try ended with"),
        event("root", "DELETE_IN_PROGRESS", "User Initiated", **NESTED),
    ],
    "inner": [
        event("inner", "DELETE_FAILED", **NESTED),
        event("Queue", "DELETE_FAILED", "it is in use"),
        event("inner", "DELETE_IN_PROGRESS", **NESTED),
    ],
}


class FakeCloudFormation:
    """A stack whose deletion fails, with its events."""

    def __init__(self, events: dict[str, list[dict[str, str]]]) -> None:
        self.events = events

    def delete_stack(self, **_: str) -> None:
        pass

    def get_waiter(self, _: str) -> "FakeCloudFormation":
        return self

    def wait(self, **_: Any) -> None:
        raise WaiterError("stack_delete_complete", "Waiter encountered a terminal failure state", {})

    def get_paginator(self, _: str) -> "FakeCloudFormation":
        return self

    def paginate(self, *, StackName: str) -> list[dict[str, Any]]:  # noqa: N803
        return [{"StackEvents": [one]} for one in self.events[StackName]]


def test_what_stood_in_the_way_is_told_with_its_reason_and_that_of_what_is_nested() -> None:
    with pytest.raises(RemovalError) as caught:
        delete_stack(FakeCloudFormation(EVENTS), "root", PATIENCE)
    assert str(caught.value).splitlines() == [
        "CloudFormation did not delete root:",
        "  Records (AWS::Some::Thing): Table is protected",
        "  inner (AWS::CloudFormation::Stack): Nested stack failed",
        "  Queue (AWS::Some::Thing): it is in use",
    ]


def test_without_a_failed_event_the_wait_itself_is_told() -> None:
    with pytest.raises(RemovalError, match="terminal failure state"):
        delete_stack(FakeCloudFormation({"root": []}), "root", PATIENCE)
