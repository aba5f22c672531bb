"""A second CloudFormation reads the application too: moto's, after the SAM transform.

What moto cannot do is put out of its way: nested outputs get lost there, so the Batch stack's are given as they would
be; it knows no list of one empty text, and leaves holes in a list where a condition takes something out. The types in
`UNKNOWN` it does not know: the emulator alone makes those. It ignores rules and a table's time to live.
"""

import io
import json
import zipfile
from typing import Any
from urllib.parse import unquote

import boto3
import pytest
import yaml

from tests.template.stacks import NO_VALUE, Template, decide, defaults, deployed
from tests.template.transform import CODE_BUCKET, CODE_KEY, transformed

REGION, ACCOUNT = "eu-central-1", "123456789012"
IMAGE = f"{ACCOUNT}.dkr.ecr.{REGION}.amazonaws.com/csv-import:1"
QUEUE = f"arn:aws:batch:{REGION}:{ACCOUNT}:job-queue/q"
DEFINITION = f"arn:aws:batch:{REGION}:{ACCOUNT}:job-definition/load"
PLAN_DEFINITION = f"arn:aws:batch:{REGION}:{ACCOUNT}:job-definition/plan"
OF_THE_BATCH_STACK = {
    "JobQueueArn": QUEUE,
    "PlanJobDefinitionArn": f"{PLAN_DEFINITION}:2",
    "LoadJobDefinitionArn": f"{DEFINITION}:3",
    "JobLogGroupArn": f"arn:aws:logs:{REGION}:{ACCOUNT}:log-group:jobs:*",
}
UNKNOWN = {
    "AWS::CloudFormation::Stack",
    "AWS::CloudWatch::Alarm",
    "AWS::Lambda::EventInvokeConfig",
    "AWS::S3::BucketPolicy",
    "AWS::SNS::Subscription",
    "AWS::SNS::TopicPolicy",
    "AWS::SQS::QueuePolicy",
}


def in_motos_words(root: Template, parameters: dict[str, str]) -> Template:
    def words(node: Any) -> Any:
        if isinstance(node, list):
            return [words(one) for one in node if not left_out(one)]
        if not isinstance(node, dict):
            return node
        name, _, output = ".".join(listed(node.get("Fn::GetAtt", ""))).partition(".Outputs.")
        if name == "BatchStack":
            return OF_THE_BATCH_STACK[output]
        if "Fn::If" in node:
            return {"Fn::If": [words(one) for one in node["Fn::If"]]}
        return {key: words(value) for key, value in node.items()}

    def left_out(element: Any) -> bool:
        is_choice = isinstance(element, dict) and "Fn::If" in element
        return is_choice and decide(element, root, parameters) == NO_VALUE

    template: Template = words(transformed())
    kept = {name: one for name, one in template["Resources"].items() if one["Type"] not in UNKNOWN}
    template["Resources"] = kept
    template["Parameters"]["AllowedTables"]["Type"] = "String"
    empty = {"Fn::Equals": [{"Ref": "AllowedTables"}, ""]}
    template["Conditions"]["HasAllowedTables"] = {"Fn::Not": [empty]}
    return template


def listed(path: Any) -> list[str]:
    return path if isinstance(path, list) else [path]


class Moto:
    """An account in moto with the functions' code."""

    def __init__(self) -> None:
        make: Any = boto3.client
        self.clients = {
            name: make(name, region_name=REGION)
            for name in ("cloudformation", "s3", "dynamodb", "iam", "lambda", "logs", "sns", "events", "sqs")
        }
        self.clients["s3"].create_bucket(
            Bucket=CODE_BUCKET, CreateBucketConfiguration={"LocationConstraint": REGION}
        )
        packed = io.BytesIO()
        with zipfile.ZipFile(packed, "w") as archive:
            archive.writestr("trigger.py", "")
        self.clients["s3"].put_object(Bucket=CODE_BUCKET, Key=CODE_KEY, Body=packed.getvalue())

    def deploy(self, template: Template, parameters: dict[str, str]) -> tuple[set[str], dict[str, str]]:
        """Make the stack; gives the logical ids of its resources, and its outputs."""
        cloudformation = self.clients["cloudformation"]
        given = [{"ParameterKey": key, "ParameterValue": value} for key, value in parameters.items()]
        cloudformation.create_stack(
            StackName="s",
            TemplateBody=json.dumps(template),
            Capabilities=["CAPABILITY_IAM"],
            Parameters=given,
        )
        (stack,) = cloudformation.describe_stacks(StackName="s")["Stacks"]
        assert stack["StackStatus"] == "CREATE_COMPLETE"
        resources = cloudformation.list_stack_resources(StackName="s")["StackResourceSummaries"]
        self.physical = {one["LogicalResourceId"]: one["PhysicalResourceId"] for one in resources}
        outputs = {one["OutputKey"]: one["OutputValue"] for one in stack["Outputs"]}
        return self.physical.keys() - {""}, outputs

    def statements(self, role: str) -> list[dict[str, Any]]:
        """The statements of all policies of a role, as IAM has them."""
        iam, name = self.clients["iam"], self.physical[role]
        found = []
        for policy in iam.list_role_policies(RoleName=name)["PolicyNames"]:
            document = iam.get_role_policy(RoleName=name, PolicyName=policy)["PolicyDocument"]
            # moto keeps some as Python writes them; YAML reads either.
            found += (
                yaml.safe_load(unquote(document))["Statement"]
                if isinstance(document, str)
                else document["Statement"]
            )
        return found

    def holdings(self) -> list[Any]:
        """Everything that a stack could leave behind."""
        clients = self.clients
        return [
            [one["Name"] for one in clients["s3"].list_buckets()["Buckets"]],
            clients["dynamodb"].list_tables()["TableNames"],
            clients["iam"].list_roles()["Roles"],
            clients["lambda"].list_functions()["Functions"],
            clients["logs"].describe_log_groups()["logGroups"],
            clients["sns"].list_topics()["Topics"],
            clients["events"].list_rules()["Rules"],
            clients["sqs"].list_queues().get("QueueUrls", []),
        ]


@pytest.fixture
def moto(in_moto: None) -> Moto:
    return Moto()


KEY = f"arn:aws:kms:{REGION}:{ACCOUNT}:key/mine"
TABLE = f"arn:aws:dynamodb:{REGION}:{ACCOUNT}:table/other"
CHOICES: dict[str, dict[str, str]] = {
    "defaults": {},
    "a sort key and the index": {"SortKeyName": "Line", "SortKeyType": "N", "CreatedTimeIndex": "true"},
    "an existing table": {"ExistingTableName": "mine"},
    "everything else": {
        **{"KmsKeyArn": KEY, "AllowedTables": TABLE, "AlarmEmail": "a@example.org", "HasDashboard": "false"},
        **{"Architecture": "arm64", "AccessLogBucketName": CODE_BUCKET},
    },
}


@pytest.mark.parametrize("chosen", CHOICES.values(), ids=CHOICES)
def test_it_makes_what_we_expect_and_leaves_nothing(
    root: Template, moto: Moto, chosen: dict[str, str]
) -> None:
    before = moto.holdings()
    parameters = {"ImageUri": IMAGE, **chosen}
    template = in_motos_words(root, defaults(root, **parameters))
    made, outputs = moto.deploy(template, parameters)
    assert made == set(deployed({**root, "Resources": template["Resources"]}, **parameters))
    assert outputs.keys() == root["Outputs"].keys()
    assert outputs["ItemsTableName"] == (chosen.get("ExistingTableName") or moto.physical["ItemsTable"])
    moto.clients["cloudformation"].delete_stack(StackName="s")
    assert moto.holdings() == before


def test_the_table_has_its_keys_and_its_index(root: Template, moto: Moto) -> None:
    chosen = {"ImageUri": IMAGE, **CHOICES["a sort key and the index"]}
    _, outputs = moto.deploy(in_motos_words(root, defaults(root, **chosen)), chosen)
    dynamodb = moto.clients["dynamodb"]
    table = dynamodb.describe_table(TableName=outputs["ItemsTableName"])["Table"]
    assert [(key["AttributeName"], key["KeyType"]) for key in table["KeySchema"]] == [
        ("ProductId", "HASH"),
        ("Line", "RANGE"),
    ]
    assert [index["IndexName"] for index in table["GlobalSecondaryIndexes"]] == ["CreatedTimeIndex"]


def test_what_policies_say_of_other_resources_comes_out_as_we_read_it(root: Template, moto: Moto) -> None:
    chosen = {"ImageUri": IMAGE, **CHOICES["everything else"]}
    _, outputs = moto.deploy(in_motos_words(root, defaults(root, **chosen)), chosen)
    tracker = {statement.get("Sid"): statement for statement in moto.statements("TrackerRole")}
    assert tracker["SubmitJobs"]["Resource"] == [QUEUE, f"{DEFINITION}:*", f"{PLAN_DEFINITION}:*"]
    assert tracker["WriteReports"]["Resource"] == f"arn:aws:s3:::{outputs['ArtifactsBucketName']}/imports/*"
    execution = {statement.get("Sid"): statement for statement in moto.statements("ExecutionRole")}
    repository = f"arn:aws:ecr:{REGION}:{ACCOUNT}:repository/csv-import"
    assert execution["Pull"]["Resource"] == [repository, f"{repository}/*"]
    job = moto.statements("JobRole")
    assert [one["Resource"] for one in job if one.get("Sid") == "WriteRows"] == [
        f"arn:aws:dynamodb:{REGION}:{ACCOUNT}:table/{outputs['ItemsTableName']}"
    ]
    assert [one["Resource"] for one in job if "kms:Decrypt" in one["Action"]] == [KEY]
    assert [one["Resource"] for one in job if one["Resource"] == TABLE] == [TABLE]


def test_functions_know_what_the_stack_made(root: Template, moto: Moto) -> None:
    chosen = {"ImageUri": IMAGE}
    _, outputs = moto.deploy(in_motos_words(root, defaults(root)), chosen)
    for name in ("TriggerFunctionName", "TrackerFunctionName", "SweepFunctionName"):
        found = moto.clients["lambda"].get_function_configuration(FunctionName=outputs[name])
        variables = found["Environment"]["Variables"]
        assert variables["LEDGER_TABLE"] == outputs["LedgerTableName"]
        assert variables["TABLE_NAME"] == outputs["ItemsTableName"]
        assert variables["ARTIFACTS_BUCKET"] == outputs["ArtifactsBucketName"]
        assert variables["JOB_QUEUE"] == QUEUE
        assert variables["DEPLOYMENT"] == "s"
