"""Environments of one account keep apart: who may touch one by the documented policies touches no other."""

import tomllib
from itertools import permutations

import pytest

from tests.policies import Statement, allowed, documented, listed
from tests.template.stacks import PROJECT, parse
from tests.template.transform import transformed

REGION, ACCOUNT = "eu-central-1", "123456789012"
ROOT, NESTED = "1A2B3C4D5E6F", "6F5E4D3C2B1A"
PEOPLE = ("An operator", "Who removes a deployment", "Who deploys", "Who hands the role over")

# What ARNs of these types are like, by the name that CloudFormation makes of stack and logical id.
ARNS = {
    "AWS::DynamoDB::Table": "arn:aws:dynamodb:{region}:{account}:table/{name}",
    "AWS::Events::Rule": "arn:aws:events:{region}:{account}:rule/{name}",
    "AWS::IAM::Role": "arn:aws:iam::{account}:role/{name}",
    "AWS::IAM::InstanceProfile": "arn:aws:iam::{account}:instance-profile/{name}",
    "AWS::Lambda::Function": "arn:aws:lambda:{region}:{account}:function:{name}",
    "AWS::Logs::LogGroup": "arn:aws:logs:{region}:{account}:log-group:{name}",
    "AWS::S3::Bucket": "arn:aws:s3:::{name}",
    "AWS::SNS::Topic": "arn:aws:sns:{region}:{account}:{name}",
    "AWS::SQS::Queue": "arn:aws:sqs:{region}:{account}:{name}",
    "AWS::CloudFormation::Stack": "arn:aws:cloudformation:{region}:{account}:stack/{name}/1",
}


def stacks() -> list[str]:
    """The names of the environments in samconfig.toml."""
    config = tomllib.loads((PROJECT / "samconfig.toml").read_text(encoding="utf-8"))
    return [one["global"]["parameters"]["stack_name"] for one in config.values() if isinstance(one, dict)]


def arns(stack: str) -> list[str]:
    """The ARNs of all that a deployment has and whose names are made of the stack's."""
    nested = f"{stack}-BatchStack-{ROOT}"
    batch = parse(PROJECT / "batch-template.yaml")
    made = [("AWS::CloudFormation::Stack", stack)]
    for name, template, suffix in ((stack, transformed(), ROOT), (nested, batch, NESTED)):
        made += [(r["Type"], f"{name}-{logical}-{suffix}") for logical, r in template["Resources"].items()]
    return [
        ARNS[type_].format(
            region=REGION, account=ACCOUNT, name=name.lower() if type_ == "AWS::S3::Bucket" else name
        )
        for type_, name in made
        if type_ in ARNS
    ]


def test_every_environment_has_a_name() -> None:
    assert {"csv-to-dynamodb", "prod-csv-to-dynamodb"} <= {*stacks()}


@pytest.mark.parametrize("heading", PEOPLE)
@pytest.mark.parametrize(("mine", "theirs"), [*permutations(stacks(), 2)])
def test_a_policy_for_one_environment_reaches_nothing_of_another(
    heading: str, mine: str, theirs: str
) -> None:
    statements = named(heading, mine)
    assert not [arn for arn in (*arns(theirs), *objects(theirs)) if reaches(statements, arn)]


@pytest.mark.parametrize("stack", stacks())
def test_who_deploys_reaches_all_of_the_environment(stack: str) -> None:
    statements = named("Who deploys", stack)
    assert len(arns(stack)) > len(ARNS), "of every kind"
    assert not [arn for arn in arns(stack) if not reaches(statements, arn)]


def named(heading: str, stack: str) -> list[Statement]:
    """The statements under a heading that are about resources by name."""
    words = {"STACK": stack, "REGION": REGION, "ACCOUNT": ACCOUNT, "BUCKET": "aws-sam-cli-managed-default-x"}
    found = documented(PROJECT / "docs" / "deploy.md", heading, **words, ROLE="r", REPOSITORY="r")
    return [one for one in found if one["Resource"] != "*"]


def objects(stack: str) -> list[str]:
    return [f"{arn}/a.csv" for arn in arns(stack) if arn.startswith("arn:aws:s3")]


def reaches(statements: list[Statement], arn: str) -> bool:
    """Whether a statement allows something on a resource, whatever it is and with whatever condition."""
    bare: list[Statement] = [{k: v for k, v in one.items() if k != "Condition"} for one in statements]
    return any(allowed(bare, action, arn) for one in bare for action in listed(one["Action"]))
