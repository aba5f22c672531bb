"""AWS::Batch::* in the emulator's CloudFormation: Ref and GetAtt, revisions, and what the API then shows."""

import json
from collections.abc import Iterator
from typing import Any

import pytest

from local_aws.deployment import deploy
from local_aws.embedded import EmbeddedAws, running

RESOURCES: dict[str, Any] = {
    "Environment": {
        "Type": "AWS::Batch::ComputeEnvironment",
        "Properties": {
            "Type": "MANAGED",
            "ComputeResources": {"Type": "FARGATE", "MaxvCpus": {"Ref": "Count"}},
        },
    },
    "Queue": {
        "Type": "AWS::Batch::JobQueue",
        "Properties": {
            "Priority": 1,
            "ComputeEnvironmentOrder": [{"Order": 1, "ComputeEnvironment": {"Ref": "Environment"}}],
        },
    },
    "Definition": {
        "Type": "AWS::Batch::JobDefinition",
        "Properties": {
            "Type": "container",
            "Parameters": {"Run": "1"},
            "ResourceRetentionPolicy": {"SkipDeregisterOnUpdate": {"Ref": "Keep"}},
            "RetryStrategy": {
                "Attempts": {"Ref": "Count"},
                "EvaluateOnExit": [{"OnExitCode": "65", "Action": "EXIT"}],
            },
            "Timeout": {"AttemptDurationSeconds": {"Ref": "Count"}},
            "ContainerProperties": {
                "Image": "i",
                "Command": ["load", "Ref::Run"],
                "Environment": [{"Name": "A", "Value": "b"}],
            },
        },
    },
}
TEMPLATE = {
    "Parameters": {"Count": {"Type": "Number"}, "Keep": {"Type": "String"}},
    "Resources": RESOURCES,
    "Outputs": {
        "Environment": {"Value": {"Ref": "Environment"}},
        "Queue": {"Value": {"Ref": "Queue"}},
        "QueueArn": {"Value": {"Fn::GetAtt": ["Queue", "JobQueueArn"]}},
        "Definition": {"Value": {"Ref": "Definition"}},
        "DefinitionArn": {"Value": {"Fn::GetAtt": ["Definition", "JobDefinitionArn"]}},
    },
}


@pytest.fixture(scope="module")
def aws(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EmbeddedAws]:
    with running(tmp_path_factory.mktemp("aws")) as aws:
        yield aws


def make(aws: EmbeddedAws, stack: str, *, keep: str) -> dict[str, str]:
    s3 = aws.client("s3")
    s3.create_bucket(Bucket="templates")
    s3.put_object(Bucket="templates", Key="batch.json", Body=json.dumps(TEMPLATE).encode())
    return deploy(
        aws.client("cloudformation"),
        stack=stack,
        template_url=f"{aws.endpoint}/templates/batch.json",
        parameters={"Count": "3", "Keep": keep},
    )


def update(aws: EmbeddedAws, stack: str, *, count: str) -> dict[str, str]:
    cloudformation = aws.client("cloudformation")
    cloudformation.update_stack(
        StackName=stack,
        UsePreviousTemplate=True,
        Parameters=[
            {"ParameterKey": "Count", "ParameterValue": count},
            {"ParameterKey": "Keep", "UsePreviousValue": True},
        ],
    )
    cloudformation.get_waiter("stack_update_complete").wait(
        StackName=stack, WaiterConfig={"Delay": 0.1, "MaxAttempts": 600}
    )
    outputs = cloudformation.describe_stacks(StackName=stack)["Stacks"][0]["Outputs"]
    return {output["OutputKey"]: output["OutputValue"] for output in outputs}


def revisions(aws: EmbeddedAws, arn: str) -> list[dict[str, Any]]:
    name = arn.rpartition("/")[2].partition(":")[0]
    found: list[dict[str, Any]] = aws.client("batch").describe_job_definitions(jobDefinitionName=name)[
        "jobDefinitions"
    ]
    return found


def test_references_are_arns(aws: EmbeddedAws) -> None:
    outputs = make(aws, "references", keep="true")
    assert ":compute-environment/references-Environment-" in outputs["Environment"]
    assert outputs["Queue"] == outputs["QueueArn"]
    assert ":job-queue/references-Queue-" in outputs["Queue"]
    assert outputs["Definition"] == outputs["DefinitionArn"]
    assert ":job-definition/references-Definition-" in outputs["Definition"]
    assert outputs["Definition"].endswith(":1")


def test_the_api_shows_what_the_template_says(aws: EmbeddedAws) -> None:
    outputs = make(aws, "shown", keep="true")
    batch = aws.client("batch")
    (queue,) = batch.describe_job_queues(jobQueues=[outputs["Queue"]])["jobQueues"]
    assert queue["computeEnvironmentOrder"] == [{"order": 1, "computeEnvironment": outputs["Environment"]}]
    (definition,) = revisions(aws, outputs["Definition"])
    assert definition["retryStrategy"] == {
        "attempts": 3,
        "evaluateOnExit": [{"onExitCode": "65", "action": "EXIT"}],
    }
    assert definition["timeout"] == {"attemptDurationSeconds": 3}
    assert definition["parameters"] == {"Run": "1"}
    assert definition["containerProperties"]["environment"] == [{"name": "A", "value": "b"}]


@pytest.mark.parametrize(("keep", "first"), [("true", "ACTIVE"), ("false", "INACTIVE")])
def test_an_update_registers_a_revision(aws: EmbeddedAws, keep: str, first: str) -> None:
    make(aws, f"keep-{keep}", keep=keep)
    outputs = update(aws, f"keep-{keep}", count="5")
    assert outputs["Definition"].endswith(":2")
    one, two = revisions(aws, outputs["Definition"])
    assert (one["status"], one["retryStrategy"]["attempts"]) == (first, 3)
    assert (two["status"], two["retryStrategy"]["attempts"]) == ("ACTIVE", 5)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"jobQueue": "missing"}, "job queue"),
        ({"jobDefinition": "missing"}, "JobDefinition missing"),
        ({"jobDefinition": "missing:7"}, "JobDefinition missing:7"),
        ({"jobName": "not a name"}, "jobName"),
        ({"arrayProperties": {"size": 1}}, "2 to 10000"),
        ({"dependsOn": [{"jobId": "x"}]}, "dependsOn"),
    ],
    ids=["queue", "definition", "revision", "name", "array of one", "dependencies"],
)
def test_what_aws_refuses_is_refused(aws: EmbeddedAws, changes: dict[str, Any], words: str) -> None:
    batch = aws.client("batch")
    request = {
        "jobName": "n",
        "jobQueue": aws.outputs["JobQueueArn"],
        "jobDefinition": aws.outputs["LoadJobDefinitionArn"],
        **changes,
    }
    with pytest.raises(batch.exceptions.ClientException, match=words):
        batch.submit_job(**request)


def test_a_job_nobody_knows(aws: EmbeddedAws) -> None:
    batch = aws.client("batch")
    assert batch.describe_jobs(jobs=["missing"])["jobs"] == []
    with pytest.raises(batch.exceptions.ClientException, match="missing"):
        batch.terminate_job(jobId="missing", reason="r")
