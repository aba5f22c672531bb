"""The key policy that docs/deploy.md asks for lets in exactly who comes to your key in a deployment."""

from collections.abc import Mapping
from typing import Any

import pytest

from tests.policies import Statement, allowed, documented, listed
from tests.template.stacks import PROJECT, Template, deployed, references

ACCOUNT, REGION = "123456789012", "eu-central-1"
ROOT = f"arn:aws:iam::{ACCOUNT}:root"
HERE = {"aws:SourceAccount": ACCOUNT}
GROUP = f"arn:aws:logs:{REGION}:{ACCOUNT}:log-group:csv-to-dynamodb-TriggerLogGroup-1"

# Services that use the key in the name of who calls them; what each needs stands in its page on encryption at rest.
IN_A_CALLERS_NAME = {
    "AWS::DynamoDB::Table": (
        "dynamodb",
        {"CreateGrant", "Decrypt", "DescribeKey", "Encrypt", "GenerateDataKey"},
    ),
    "AWS::S3::Bucket": ("s3", {"Decrypt", "GenerateDataKey"}),
    "AWS::SQS::Queue": ("sqs", {"Decrypt", "GenerateDataKey"}),
    "AWS::SNS::Topic": ("sns", {"Decrypt", "GenerateDataKey"}),
    "AWS::Serverless::Function": ("lambda", {"CreateGrant", "Decrypt", "DescribeKey", "Encrypt"}),
}
# Services that use it in their own.
IN_THEIR_OWN_NAME = {
    "AWS::Logs::LogGroup": (
        f"logs.{REGION}.amazonaws.com",
        {"Decrypt", "DescribeKey", "Encrypt", "GenerateDataKey"},
        {"kms:EncryptionContext:aws:logs:arn": GROUP},
    ),
    "AWS::CloudWatch::Alarm": ("cloudwatch.amazonaws.com", {"Decrypt", "GenerateDataKey"}, HERE),
    "AWS::Events::Rule": ("events.amazonaws.com", {"Decrypt", "GenerateDataKey"}, HERE),
}


@pytest.fixture(scope="module")
def policy() -> list[Statement]:
    return documented(PROJECT / "docs" / "deploy.md", "Your own key", ACCOUNT=ACCOUNT, REGION=REGION)


def names_the_key(resource: Mapping[str, Any]) -> bool:
    return KEY in references(resource) or KEY in str(resource)


KEY = "arn:aws:kms:eu-central-1:123456789012:key/mine"


def test_every_kind_of_resource_under_the_key_is_looked_at_here(root: Template, batch: Template) -> None:
    under_it = {
        resource["Type"]
        for template in (root, batch)
        for resource in deployed(template, KmsKeyArn=KEY).values()
        if names_the_key(resource["Properties"])
    }
    if names_the_key(root["Globals"]) or "KmsKeyArn" in root["Globals"]["Function"]:
        under_it.add("AWS::Serverless::Function")
    others = {"AWS::IAM::Policy", "AWS::CloudFormation::Stack"}
    # Alarms and rules come to the topic and the dead letters.
    assert under_it - others == {*IN_A_CALLERS_NAME, "AWS::Logs::LogGroup"}


@pytest.mark.parametrize("kind", IN_A_CALLERS_NAME)
def test_callers_reach_the_key_through_the_services_that_hold_the_data(
    policy: list[Statement], kind: str
) -> None:
    service, actions = IN_A_CALLERS_NAME[kind]
    through = {"kms:ViaService": f"{service}.{REGION}.amazonaws.com"}
    for action in actions:
        assert allowed(policy, f"kms:{action}", principal=ROOT, context=through), action


@pytest.mark.parametrize("kind", IN_THEIR_OWN_NAME)
def test_services_reach_the_key_in_their_own_name_for_this_account(
    policy: list[Statement], kind: str
) -> None:
    principal, actions, context = IN_THEIR_OWN_NAME[kind]
    for action in actions:
        assert allowed(policy, f"kms:{action}", principal=principal, context=context), action
        elsewhere = {name: value.replace(ACCOUNT, "210987654321") for name, value in context.items()}
        assert not allowed(policy, f"kms:{action}", principal=principal, context=elsewhere), action


@pytest.mark.parametrize(
    ("principal", "context"),
    [
        (ROOT, {}),
        (ROOT, {"kms:ViaService": f"ec2.{REGION}.amazonaws.com"}),
        (ROOT, {"kms:ViaService": "s3.us-east-1.amazonaws.com"}),
        ("arn:aws:iam::210987654321:root", {"kms:ViaService": f"s3.{REGION}.amazonaws.com"}),
        ("cloudwatch.amazonaws.com", {}),
        ("s3.amazonaws.com", HERE),
    ],
)
def test_nobody_else_reaches_the_key(
    policy: list[Statement], principal: str, context: Mapping[str, str]
) -> None:
    assert not allowed(policy, "kms:Decrypt", principal=principal, context=context)


def test_no_statement_lets_anybody_manage_the_key(policy: list[Statement]) -> None:
    for statement in policy:
        assert statement["Condition"], statement["Sid"]
        assert not [action for action in listed(statement["Action"]) if action in ("*", "kms:*")]
        for action in ("kms:PutKeyPolicy", "kms:ScheduleKeyDeletion", "kms:DisableKey"):
            assert not [one for one in listed(statement["Action"]) if one.lower() == action.lower()]
