from typing import Any

import pytest
from botocore.exceptions import ClientError

from teardown.errors import StackRefusedError
from teardown.inventory import _MARKS, take_inventory
from tests.template.stacks import ROOT_TEMPLATE, parse

IMAGE = "123456789012.dkr.ecr.eu-central-1.amazonaws.com/csv-import:1"
MARKS = ("ExistingTableName", "ImageUri", "LedgerRetentionDays", "SubmitGraceSeconds")
STACK_ID = "arn:aws:cloudformation:eu-central-1:123456789012:stack/csv/1"


class Others:
    """Tables, tags and a repository that stand beside the stack."""

    def get_paginator(self, operation: str) -> "Others":
        assert operation == "get_resources"
        return self

    def paginate(self, *, TagFilters: Any, ResourceTypeFilters: Any) -> list[dict[str, Any]]:  # noqa: N803
        assert TagFilters == [{"Key": "aws:cloudformation:stack-id", "Values": [STACK_ID]}]
        assert ResourceTypeFilters == ["dynamodb:table"]
        found = [
            {"ResourceARN": f"arn:aws:dynamodb:r:a:table/{name}"}
            for name in ("older", "itemstable", "going", "gone")
        ]
        return [{"ResourceTagMappingList": found}]

    def describe_table(self, *, TableName: str) -> dict[str, Any]:  # noqa: N803
        if TableName == "gone":
            raise ClientError(
                {"Error": {"Code": "ResourceNotFoundException", "Message": "."}}, "DescribeTable"
            )
        status = "DELETING" if TableName == "going" else "ACTIVE"
        return {"Table": {"TableStatus": status, "DeletionProtectionEnabled": TableName == "itemstable"}}

    def list_tags_for_resource(self, *, resourceArn: str) -> dict[str, Any]:  # noqa: N803
        assert resourceArn == "arn:aws:ecr:eu-central-1:123456789012:repository/csv-import"
        return {"tags": [{"Key": "aws:cloudformation:stack-name", "Value": "pipeline"}]}


class CloudFormation:
    """One stack, as CloudFormation tells of it; and the other services that are asked, with nothing to tell."""

    def __init__(self, *logical_ids: str, **stack: Any) -> None:
        self.logical_ids = logical_ids
        marks = [{"ParameterKey": name, "ParameterValue": ""} for name in MARKS]
        told = {
            "StackName": "csv",
            "StackId": STACK_ID,
            "StackStatus": "CREATE_COMPLETE",
            "Parameters": marks,
        }
        self.stack = told | stack

    def __call__(self, service: str) -> Any:
        return self if service == "cloudformation" else Others()

    def describe_stacks(self, **_: Any) -> dict[str, Any]:
        return {"Stacks": [self.stack]}

    def get_paginator(self, operation: str) -> Any:
        self.operation = operation
        return self

    def paginate(self, **_: Any) -> list[dict[str, Any]]:
        if self.operation == "describe_stacks":
            return [{"Stacks": [self.stack]}]
        found = [
            {
                "LogicalResourceId": name,
                "ResourceType": "AWS::DynamoDB::Table" if name.endswith("Table") else "AWS::S3::Bucket",
                "PhysicalResourceId": name.lower(),
            }
            for name in self.logical_ids
        ]
        return [{"StackResourceSummaries": found}]


def test_what_a_deployment_has_is_told_by_type() -> None:
    inventory = take_inventory(CloudFormation("InputBucket", "LedgerTable", "Other"), "csv")
    assert inventory.of_type("AWS::S3::Bucket") == ["inputbucket", "other"]
    assert inventory.of_type("AWS::DynamoDB::Table") == ["ledgertable"]


@pytest.mark.parametrize("left", [(), ("InputBucket",)])
def test_a_deployment_is_known_however_little_is_left_of_it(left: tuple[str, ...]) -> None:
    assert len(take_inventory(CloudFormation(*left), "csv").resources) == len(left)


def test_the_parameters_that_mark_a_deployment_are_the_templates() -> None:
    assert _MARKS == {*MARKS} <= parse(ROOT_TEMPLATE)["Parameters"].keys()


def test_what_stands_around_a_stack_is_seen() -> None:
    parameters = [{"ParameterKey": name, "ParameterValue": IMAGE} for name in MARKS]
    inventory = take_inventory(
        CloudFormation("InputBucket", "LedgerTable", "ItemsTable", Parameters=parameters), "csv"
    )
    assert inventory.left_behind == ("older",), "what it has is not left behind, nor what is gone"
    assert inventory.protected == {"itemstable"}
    assert inventory.owner_of_repository == "pipeline"


@pytest.mark.parametrize(
    ("cloudformation", "reason"),
    [
        pytest.param(
            CloudFormation("InputBucket", "ArtifactsBucket", "LedgerTable", Parameters=[]),
            "no deployment of this application",
            id="another stack with buckets of the same names",
        ),
        pytest.param(
            CloudFormation("InputBucket", Parameters=[{"ParameterKey": "ImageUri", "ParameterValue": "i"}]),
            "no deployment of this application",
            id="one parameter alone",
        ),
        pytest.param(
            CloudFormation(StackStatus="REVIEW_IN_PROGRESS", Parameters=[]),
            "aws cloudformation delete-stack --stack-name csv",
            id="never deployed",
        ),
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
