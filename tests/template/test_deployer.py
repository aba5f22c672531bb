"""The role for CloudFormation in docs/deploy.md may do what the resource types of the templates say that they need.

Each type's schema names, for each of its handlers, the permissions that it calls with; cfn-lint has the schemas of
AWS's registry. They name those of every property, whether or not we set it.
"""

import json
from collections.abc import Iterator
from importlib.resources import files

import pytest

from tests.policies import Statement, allowed, documented, listed
from tests.template.stacks import BATCH_TEMPLATE, PROJECT, ROOT_TEMPLATE, Template, of_type, parse
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
    "iam:putrolepermissionsboundary": "roles with a boundary, which the page speaks of apart",
    "iam:deleterolepermissionsboundary": "roles with a boundary, which they are to keep",
    "iam:putgrouppolicy": "policies of groups",
    "iam:getgrouppolicy": "policies of groups",
    "iam:deletegrouppolicy": "policies of groups",
    "iam:putuserpolicy": "policies of users",
    "iam:getuserpolicy": "policies of users",
    "iam:deleteuserpolicy": "policies of users",
}


BOUNDARY = f"arn:aws:iam::{ACCOUNT}:policy/bound"
ROLE = f"arn:aws:iam::{ACCOUNT}:role/{STACK}-JobRole-1"
DEPLOYER = f"arn:aws:iam::{ACCOUNT}:role/deployer"
# Services that are handed a role of the stack.
SERVICES = ("batch", "ec2", "ecs-tasks", "lambda")


def stated(heading: str) -> list[Statement]:
    """The statements under a heading of the page, for this stack."""
    names = {"STACK": STACK, "REGION": REGION, "ACCOUNT": ACCOUNT, "BOUNDARY": BOUNDARY, "ROLE": DEPLOYER}
    return documented(PROJECT / "docs" / "deploy.md", heading, **names)


@pytest.fixture(scope="module")
def policy() -> list[Statement]:
    return stated("Who deploys")


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
        allowed(policy, action, resource, context={"iam:PassedToService": "lambda.amazonaws.com"})
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


@pytest.mark.parametrize("service", SERVICES)
def test_roles_are_handed_to_those_who_take_them(policy: list[Statement], service: str) -> None:
    context = {"iam:PassedToService": f"{service}.amazonaws.com"}
    assert allowed(policy, "iam:PassRole", ROLE, context=context)
    assert not allowed(policy, "iam:PassRole", DEPLOYER, context=context)


def test_roles_are_handed_to_nobody_else(policy: list[Statement]) -> None:
    trusted = {
        statement["Principal"]["Service"]
        for template in (ROOT_TEMPLATE, BATCH_TEMPLATE)
        for role in of_type(parse(template), "AWS::IAM::Role").values()
        for statement in role["Properties"]["AssumeRolePolicyDocument"]["Statement"]
    }
    assert trusted == {f"{service}.amazonaws.com" for service in SERVICES} - {"batch.amazonaws.com"}
    for service in ("cloudformation", "glue", "sagemaker"):
        context = {"iam:PassedToService": f"{service}.amazonaws.com"}
        assert not allowed(policy, "iam:PassRole", ROLE, context=context)


def test_who_hands_the_role_over_hands_this_one_to_cloudformation_alone() -> None:
    person = stated("Who hands the role over")
    to_cloudformation = {"iam:PassedToService": "cloudformation.amazonaws.com"}
    assert allowed(person, "iam:PassRole", DEPLOYER, context=to_cloudformation)
    assert not allowed(person, "iam:PassRole", ROLE, context=to_cloudformation)
    assert not allowed(
        person, "iam:PassRole", DEPLOYER, context={"iam:PassedToService": "lambda.amazonaws.com"}
    )
    assert not allowed(person, "iam:PassRole", DEPLOYER)


def test_who_hands_the_role_over_may_expand_the_template_and_change_this_stack_alone() -> None:
    person = stated("Who hands the role over")
    transform = parse(ROOT_TEMPLATE)["Transform"].removeprefix("AWS::")
    arn = f"arn:aws:cloudformation:{REGION}:aws:transform/{transform}"
    assert allowed(person, "cloudformation:CreateChangeSet", arn)
    here = f"arn:aws:cloudformation:{REGION}:{ACCOUNT}:stack"
    assert allowed(person, "cloudformation:ExecuteChangeSet", f"{here}/{STACK}/1")
    assert not allowed(person, "cloudformation:ExecuteChangeSet", f"{here}/{STACK}-other/1")


def test_within_a_boundary_no_role_is_without_it(policy: list[Statement]) -> None:
    bounded = policy + stated("Who deploys within a boundary")
    within, without = {"iam:PermissionsBoundary": BOUNDARY}, {"iam:PermissionsBoundary": f"{BOUNDARY}2"}
    for action in ("iam:CreateRole", "iam:PutRolePolicy", "iam:PutRolePermissionsBoundary"):
        assert allowed(bounded, action, ROLE, context=within), action
        assert not allowed(bounded, action, ROLE, context=without), action
        assert not allowed(bounded, action, ROLE), action
    assert not allowed(bounded, "iam:DeleteRolePermissionsBoundary", ROLE, context=within)
    assert allowed(bounded, "iam:DeleteRole", ROLE)


def granted(template: Template) -> Iterator[str]:
    """The actions that roles of a template are allowed."""
    for role in of_type(template, "AWS::IAM::Role").values():
        for policy in role["Properties"].get("Policies", []):
            yield from actions_of(policy["PolicyDocument"])
    for policy in of_type(template, "AWS::IAM::Policy").values():
        yield from actions_of(policy["Properties"]["PolicyDocument"])


def actions_of(document: Template) -> Iterator[str]:
    for statement in document["Statement"]:
        yield from listed(statement["Action"])


def test_the_boundary_suffices_and_makes_nobody_an_administrator() -> None:
    boundary = stated("The boundary")
    asked = {action for path in (ROOT_TEMPLATE, BATCH_TEMPLATE) for action in granted(parse(path))}
    assert not [action for action in asked if not allowed(boundary, action, "x")]
    for action in (
        "iam:CreateUser",
        "iam:PassRole",
        "s3:DeleteObject",
        "sts:AssumeRole",
        "dynamodb:DeleteTable",
    ):
        assert not allowed(boundary, action, "x"), action
