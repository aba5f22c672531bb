from collections.abc import Mapping, Sequence
from typing import Any

import pytest

from local_aws.deployment import DeploymentError, deploy


class FakeCloudFormation:
    def __init__(self, statuses: Sequence[str], events: Sequence[Mapping[str, str]] = ()) -> None:
        self.statuses = list(statuses)
        self.events = list(events)
        self.asked: dict[str, Any] = {}

    def create_stack(self, **request: Any) -> None:
        self.asked = request

    def describe_stacks(self, **_stack: str) -> dict[str, Any]:
        status = self.statuses.pop(0) if len(self.statuses) > 1 else self.statuses[0]
        return {"Stacks": [{"StackStatus": status, "Outputs": [{"OutputKey": "A", "OutputValue": "1"}]}]}

    def describe_stack_events(self, **_stack: str) -> dict[str, Any]:
        return {"StackEvents": self.events}


def test_gives_the_outputs_of_a_stack_that_was_made() -> None:
    client: Any = FakeCloudFormation(["CREATE_IN_PROGRESS", "CREATE_COMPLETE"])
    assert deploy(client, stack="s", template_url="u", parameters={"P": "v"}) == {"A": "1"}
    assert client.asked["Parameters"] == [{"ParameterKey": "P", "ParameterValue": "v"}]


def test_names_the_resources_that_failed_and_why() -> None:
    events = [
        {
            "LogicalResourceId": "Queue",
            "ResourceType": "AWS::Batch::JobQueue",
            "ResourceStatus": "CREATE_FAILED",
            "ResourceStatusReason": "no such environment",
        },
        {"LogicalResourceId": "Table", "ResourceType": "T", "ResourceStatus": "CREATE_COMPLETE"},
    ]
    client: Any = FakeCloudFormation(["ROLLBACK_COMPLETE"], events)
    with pytest.raises(DeploymentError) as caught:
        deploy(client, stack="s", template_url="u", parameters={})
    assert str(caught.value) == (
        "stack s: ROLLBACK_COMPLETE\n  Queue (AWS::Batch::JobQueue): no such environment"
    )
