"""What docs/deploy.md says that people need is what they need: they do their work with it, and with nothing else."""

import json
import subprocess
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError

from imports import import_id
from local_aws import environments
from local_aws.deployment import deploy
from local_aws.embedded import STACK, EmbeddedAws, empty
from local_aws.emulator import PROJECT
from tests.end_to_end.application import Application
from tests.policies import documented, listed

PAGE = PROJECT / "docs" / "deploy.md"
TABLE, REPOSITORY = "mine", "csv-import"
IMAGE = f"{environments.ACCOUNT}.dkr.ecr.{environments.REGION}.amazonaws.com/{REPOSITORY}:1"
ROWS = b"ProductId,Name\n" + b"".join(b"p%d,x\n" % number for number in range(1000))

BY_SERVICES = "S3, DynamoDB and SQS ask KMS in the caller's name"
LARGE_FILES = "the command line gives an upload of several parts up when it is interrupted"
OTHER_STACKS = "only where a stack made the repository, which is then emptied and stays"
FAILED_STACKS = "only where CloudFormation could not delete a resource"
UPDATES = "only where updates left older revisions"
# Actions that no person here asks for, and why they are allowed all the same.
NOT_ASKED_FOR = {
    "operator": {
        "kms:Decrypt": BY_SERVICES,
        "kms:GenerateDataKey": BY_SERVICES,
        "s3:AbortMultipartUpload": LARGE_FILES,
    },
    "remover": {
        "ecr:BatchDeleteImage": OTHER_STACKS,
        "ecr:ListImages": OTHER_STACKS,
        "cloudformation:DescribeStackEvents": FAILED_STACKS,
        "batch:DeregisterJobDefinition": UPDATES,
    },
}


@dataclass(frozen=True)
class Person:
    """Somebody with a role whose policy is the documented one."""

    aws: EmbeddedAws
    name: str
    statements: list[Mapping[str, Any]]

    @property
    def variables(self) -> dict[str, str]:
        """Credentials, region and endpoint, as a shell would have them."""
        role = f"arn:aws:iam::{environments.ACCOUNT}:role/{self.name}"
        answer = self.aws.client("sts").assume_role(RoleArn=role, RoleSessionName="person")["Credentials"]
        return {
            "AWS_ENDPOINT_URL": self.aws.endpoint,
            "AWS_REGION": environments.REGION,
            "AWS_ACCESS_KEY_ID": answer["AccessKeyId"],
            "AWS_SECRET_ACCESS_KEY": answer["SecretAccessKey"],
            "AWS_SESSION_TOKEN": answer["SessionToken"],
        }

    def client(self, service: str) -> Any:
        variables = self.variables
        session = boto3.session.Session(
            aws_access_key_id=variables["AWS_ACCESS_KEY_ID"],
            aws_secret_access_key=variables["AWS_SECRET_ACCESS_KEY"],
            aws_session_token=variables["AWS_SESSION_TOKEN"],
            region_name=environments.REGION,
        )
        make: Any = session.client
        return make(service, endpoint_url=self.aws.endpoint, config=Config(proxies={}))

    def calls(self) -> list[dict[str, Any]]:
        """What the person asked for."""
        lines = (self.aws.logs / "calls.jsonl").read_text(encoding="utf-8").splitlines()
        return [one for one in map(json.loads, lines) if one["role"] == self.name]

    def unused(self) -> set[str]:
        """Actions that are allowed and that nobody asked for."""
        granted = {action for statement in self.statements for action in listed(statement["Action"])}
        return granted - {one["action"] for one in self.calls()}


@pytest.fixture(scope="module")
def application(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Application]:
    """A deployment into an existing table, with a key, and an image whose repository is there."""
    with empty(tmp_path_factory.mktemp("aws")) as aws:
        aws.client("ecr").create_repository(repositoryName=REPOSITORY)
        aws.client("dynamodb").create_table(
            TableName=TABLE,
            BillingMode="PAY_PER_REQUEST",
            AttributeDefinitions=[{"AttributeName": "ProductId", "AttributeType": "S"}],
            KeySchema=[{"AttributeName": "ProductId", "KeyType": "HASH"}],
        )
        outputs = deploy(
            aws.client("cloudformation"),
            stack=STACK,
            template_url=aws.package(),
            parameters={
                **{"ImageUri": IMAGE, "ExistingTableName": TABLE, "WriteBudgetUnits": "1"},
                "KmsKeyArn": aws.client("kms").create_key()["KeyMetadata"]["Arn"],
            },
        )
        yield Application(replace(aws, outputs=outputs))


def person(application: Application, name: str, *headings: str) -> Person:
    """Make somebody who may do what stands under some headings."""
    words = {
        **{"STACK": STACK, "REGION": environments.REGION, "ACCOUNT": environments.ACCOUNT},
        **{"TABLE": TABLE, "REPOSITORY": REPOSITORY, "KEY": "arn:aws:kms:::key/mine"},
    }
    found = [statement for heading in headings for statement in documented(PAGE, heading, **words)]
    iam = application.aws.client("iam")
    anybody = {"Effect": "Allow", "Principal": {"AWS": "*"}, "Action": "sts:AssumeRole"}
    trust = {"Version": "2012-10-17", "Statement": [anybody]}
    iam.create_role(RoleName=name, AssumeRolePolicyDocument=json.dumps(trust))
    policy = json.dumps({"Version": "2012-10-17", "Statement": found})
    # CloudFormation names a log group as it names everything else; the emulator's names it otherwise.
    here = policy.replace(f":log-group:{STACK}-*", f":log-group:/aws/cloudformation/{STACK}/*")
    iam.put_role_policy(RoleName=name, PolicyName="documented", PolicyDocument=here)
    return Person(application.aws, name, found)


def test_an_operator_does_the_days_work_and_no_more(application: Application) -> None:
    operator = person(
        application, "operator", "An operator", "An operator of an existing table, or with your own key"
    )
    drop_files_and_read_what_became_of_them(application, operator)
    look_after_what_went_wrong(application, operator)
    look_around(application, operator)
    assert not [one for one in operator.calls() if not one["allowed"]]
    assert operator.unused() == NOT_ASKED_FOR["operator"].keys()
    with pytest.raises(ClientError, match="AccessDenied"):
        operator.client("dynamodb").delete_table(TableName=application.ledger.table)
    with pytest.raises(ClientError, match="AccessDenied"):
        artifacts = application.aws.outputs["ArtifactsBucketName"]
        operator.client("s3").put_object(Bucket=artifacts, Key="imports/x", Body=b"")
    with pytest.raises(ClientError, match="AccessDenied"):
        operator.client("cloudformation").delete_stack(StackName=STACK)


def drop_files_and_read_what_became_of_them(application: Application, operator: Person) -> None:
    s3, dynamodb, outputs = operator.client("s3"), operator.client("dynamodb"), application.aws.outputs
    version = s3.put_object(Bucket=application.bucket, Key="a.csv", Body=b"ProductId,Name\na,1\n")[
        "VersionId"
    ]
    s3.get_object(Bucket=application.bucket, Key="a.csv")
    s3.get_object(Bucket=application.bucket, Key="a.csv", VersionId=version)
    id_ = import_id(bucket=application.bucket, key="a.csv", version_id=version, sequencer="")
    application.closed(id_)
    for bucket in (application.bucket, outputs["ArtifactsBucketName"]):
        s3.list_objects_v2(Bucket=bucket)
        s3.list_object_versions(Bucket=bucket)
    s3.get_object(Bucket=outputs["ArtifactsBucketName"], Key=f"imports/{id_}/run-0001/report.json")
    for table in (application.ledger.table, TABLE):
        dynamodb.describe_table(TableName=table)
        dynamodb.scan(TableName=table)
    dynamodb.get_item(TableName=TABLE, Key={"ProductId": {"S": "a"}})
    dynamodb.query(
        TableName=application.ledger.table,
        IndexName="open-imports",
        KeyConditionExpression="#open = :yes",
        ExpressionAttributeNames={"#open": "open"},
        ExpressionAttributeValues={":yes": {"S": "yes"}},
    )


def look_after_what_went_wrong(application: Application, operator: Person) -> None:
    s3, batch, sqs = operator.client("s3"), operator.client("batch"), operator.client("sqs")
    s3.put_object(Bucket=application.bucket, Key="long.csv", Body=ROWS)
    job = application.running_job_named("long-csv")
    batch.terminate_job(jobId=job["jobId"], reason="enough")
    url = application.aws.outputs["DeadLetterQueueUrl"]
    application.aws.client("sqs").send_message(QueueUrl=url, MessageBody="an event")
    sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["All"])
    (message,) = sqs.receive_message(QueueUrl=url)["Messages"]
    sqs.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
    logs = operator.client("logs")
    group = next(
        one["logGroupName"]
        for one in logs.describe_log_groups()["logGroups"]
        if "TriggerLogGroup" in one["logGroupName"]
    )
    application.aws.client("logs").create_log_stream(logGroupName=group, logStreamName="s")
    logs.describe_log_streams(logGroupName=group)
    logs.filter_log_events(logGroupName=group)
    logs.get_log_events(logGroupName=group, logStreamName="s")


def look_around(application: Application, operator: Person) -> None:
    cloudformation, cloudwatch = operator.client("cloudformation"), operator.client("cloudwatch")
    cloudformation.describe_stacks(StackName=STACK)
    cloudformation.describe_stack_resources(StackName=STACK)
    cloudwatch.describe_alarms()
    cloudwatch.get_metric_data(MetricDataQueries=[], StartTime=0, EndTime=1)
    batch = operator.client("batch")
    batch.describe_job_queues(jobQueues=[application.aws.outputs["JobQueueArn"]])
    queue, named = application.aws.outputs["JobQueueArn"], [{"name": "JOB_NAME", "values": ["load-*"]}]
    (job, *_) = batch.list_jobs(jobQueue=queue, filters=named)["jobSummaryList"]
    batch.describe_jobs(jobs=[job["jobId"]])


def test_who_removes_a_deployment_can_with_what_the_page_says(
    application: Application, tmp_path: Path
) -> None:
    remover = person(application, "remover", "Who removes a deployment")
    s3 = application.aws.client("s3")
    s3.create_multipart_upload(Bucket=application.bucket, Key="half.csv")
    application.drop("last.csv", ROWS)
    application.running_job_named("last-csv")
    done = subprocess.run(
        [sys.executable, "-m", "teardown", "--poll", "0.1", "--yes", STACK],
        cwd=PROJECT,
        env={**remover.variables, "PATH": "/usr/bin:/bin", "HOME": str(tmp_path)},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert not [one for one in remover.calls() if not one["allowed"]]
    assert remover.unused() == NOT_ASKED_FOR["remover"].keys()
    assert application.aws.client("dynamodb").list_tables()["TableNames"] == [TABLE]
