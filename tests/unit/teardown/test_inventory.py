from typing import Any

import pytest

from teardown.inventory import StackRefusedError, take_inventory

STACK_ID = "arn:aws:cloudformation:eu-central-1:123456789012:stack/csv/1"


class CloudFormation:
    """One stack, as CloudFormation tells of it."""

    def __init__(self, *logical_ids: str, **stack: Any) -> None:
        self.logical_ids = logical_ids
        self.stack = {"StackName": "csv", "StackId": STACK_ID, "StackStatus": "CREATE_COMPLETE", **stack}

    def describe_stacks(self, **_: Any) -> dict[str, Any]:
        return {"Stacks": [self.stack]}

    def get_paginator(self, _: str) -> Any:
        return self

    def paginate(self, **_: Any) -> list[dict[str, Any]]:
        found = [
            {"LogicalResourceId": name, "ResourceType": "AWS::S3::Bucket", "PhysicalResourceId": name.lower()}
            for name in self.logical_ids
        ]
        return [{"StackResourceSummaries": found}]


def test_a_deployment_is_known_by_its_buckets_and_tables() -> None:
    inventory = take_inventory(CloudFormation("InputBucket", "LedgerTable", "Other"), "csv")
    assert inventory.of_type("AWS::S3::Bucket") == ["inputbucket", "ledgertable", "other"]


@pytest.mark.parametrize(
    ("cloudformation", "reason"),
    [
        pytest.param(
            CloudFormation("Payslips", "Staff"), "no deployment of this application", id="another stack"
        ),
        pytest.param(CloudFormation("InputBucket"), "no deployment of this application", id="one name alone"),
        pytest.param(
            CloudFormation("InputBucket", "LedgerTable", EnableTerminationProtection=True),
            "update-termination-protection",
            id="protected",
        ),
        pytest.param(
            CloudFormation("InputBucket", "LedgerTable", StackStatus="UPDATE_IN_PROGRESS"),
            "wait until it is not",
            id="at work",
        ),
    ],
)
def test_what_is_not_ours_or_cannot_go_is_refused_before_anything_is_touched(
    cloudformation: CloudFormation, reason: str
) -> None:
    with pytest.raises(StackRefusedError, match=reason):
        take_inventory(cloudformation, "csv")
