"""The role for CloudFormation in docs/deploy.md may do what the resource types of the templates say that they need.

Each type's schema names, for each of its handlers, the permissions that it calls with; cfn-lint has the schemas of
AWS's registry. They name those of every property, whether or not we set it.
"""

import json
from collections.abc import Iterator
from importlib.resources import files

import pytest

from tests.policies import Statement, allowed, documented, listed
from tests.template.stacks import PROJECT, parse
from tests.template.transform import transformed

STACK, REGION, ACCOUNT = "mine", "eu-central-1", "123456789012"

# What handlers ask for and the role may not do, and why it need not.
NOT_NEEDED = {
    "eks:": "environments on Kubernetes",
    "elasticfilesystem:": "functions with a file system",
    "firehose:": "logs, or streams of a table, that are sent on",
    "kinesis:": "streams of a table",
    "kms:": "your own key, which the page speaks of apart",
    "s3files:": "functions with a file system",
    "s3tables:": "tables of a bucket's metadata",
    "vpc-lattice:": "endpoints of service networks",
    "vpce:": "endpoints of other regions",
    "ec2:attachvpngateway": "gateways to other networks",
    "ec2:detachvpngateway": "gateways to other networks",
    "ec2:describevpngateways": "gateways to other networks",
    "iam:attachrolepolicy": "roles with managed policies",
    "iam:detachrolepolicy": "roles with managed policies",
    "iam:putrolepermissionsboundary": "roles with a boundary",
    "iam:deleterolepermissionsboundary": "roles with a boundary",
    "iam:putgrouppolicy": "policies of groups",
    "iam:getgrouppolicy": "policies of groups",
    "iam:deletegrouppolicy": "policies of groups",
    "iam:putuserpolicy": "policies of users",
    "iam:getuserpolicy": "policies of users",
    "iam:deleteuserpolicy": "policies of users",
}


@pytest.fixture(scope="module")
def policy() -> list[Statement]:
    names = {"STACK": STACK, "REGION": REGION, "ACCOUNT": ACCOUNT}
    return documented(PROJECT / "docs" / "deploy.md", "Who deploys", **names)


def needed(types: set[str]) -> dict[str, set[str]]:
    """The actions that the handlers of types call, by type."""
    found: dict[str, set[str]] = {}
    for schema in files("cfnlint.data.schemas").joinpath("resources").iterdir():
        if schema.name.endswith(".json"):
            document = json.loads(schema.read_text(encoding="utf-8"))
            if (name := document["typeName"]) in types:
                handlers = document.get("handlers", {}).values()
                asked = {action.lower() for one in handlers for action in one.get("permissions", [])}
                found[name] = found.get(name, set()) | asked
    return found


@pytest.fixture(scope="module")
def actions() -> set[str]:
    batch = parse(PROJECT / "batch-template.yaml")
    resources = [*transformed()["Resources"].values(), *batch["Resources"].values()]
    types = {resource["Type"] for resource in resources}
    by_type = needed(types)
    assert by_type.keys() == types
    assert all(by_type.values()), "each type says what it needs"
    return {action for asked in by_type.values() for action in asked}


def resources(policy: list[Statement]) -> Iterator[str]:
    """A resource that each statement is about."""
    for statement in policy:
        yield from (one.replace("*", "x") if one != "*" else one for one in listed(statement["Resource"]))


def may(policy: list[Statement], action: str) -> bool:
    service = action.partition(":")[0]
    return any(
        allowed(policy, action, resource)
        for resource in resources(policy)
        if resource == "*" or resource.split(":")[2] == service
    )


def test_the_role_may_do_what_the_resources_need(policy: list[Statement], actions: set[str]) -> None:
    left_out = {
        one for one in actions if not may(policy, one) and not any(one.startswith(out) for out in NOT_NEEDED)
    }
    assert not left_out


def test_no_reason_is_left_over(policy: list[Statement], actions: set[str]) -> None:
    left_out = [one for one in actions if not may(policy, one)]
    assert not [out for out in NOT_NEEDED if not any(one.startswith(out) for one in left_out)]


@pytest.mark.parametrize(
    ("action", "resource"),
    [
        ("dynamodb:DeleteTable", f"arn:aws:dynamodb:{REGION}:{ACCOUNT}:table/payroll"),
        ("s3:DeleteBucket", "arn:aws:s3:::payroll"),
        ("lambda:UpdateFunctionCode", f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:payroll"),
        ("iam:PutRolePolicy", f"arn:aws:iam::{ACCOUNT}:role/admin"),
        ("iam:PassRole", f"arn:aws:iam::{ACCOUNT}:role/admin"),
        ("iam:AttachRolePolicy", f"arn:aws:iam::{ACCOUNT}:role/{STACK}-JobRole-1"),
        ("iam:CreateUser", "*"),
        ("ec2:RunInstances", "*"),
        ("kms:Decrypt", "*"),
    ],
)
def test_what_is_not_the_stacks_is_out_of_reach(policy: list[Statement], action: str, resource: str) -> None:
    assert not allowed(policy, action, resource)
