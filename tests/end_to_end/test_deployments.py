"""Every kind of capacity in every kind of network is made, changed and removed, and nothing is left behind."""

import subprocess
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from local_aws import environments
from local_aws.deployment import deploy, update
from local_aws.embedded import IMAGE, EmbeddedAws, empty, running
from local_aws.emulator import PROJECT
from teardown.inventory import Inventory, take_inventory
from teardown.plan import plan_removal
from teardown.removal import remove
from tests.end_to_end.account import holdings
from tests.end_to_end.application import Application, container_of

SAMPLE = (PROJECT / "samples" / "sample.csv").read_bytes()
COMPUTE_TYPES = ("FARGATE", "FARGATE_SPOT", "EC2", "SPOT")
NEXT = dict(zip(COMPUTE_TYPES, (*COMPUTE_TYPES[1:], COMPUTE_TYPES[0]), strict=True))
NETWORKS = ("PUBLIC", "PRIVATE", "GIVEN")
REGISTRY = f"{environments.ACCOUNT}.dkr.ecr.{environments.REGION}.amazonaws.com"
KEY = "arn:aws:kms:us-east-1:000000000000:key/mine"
MADE = {
    *("bucket", "table", "function", "role", "log group", "queue", "topic", "rule", "alarm", "dashboard"),
    *("security group", "compute environment", "job queue", "job definition"),
}
EVERYTHING = {
    "Architecture": "arm64",
    "DeletionProtection": "true",
    "CreatedTimeIndex": "true",
    "AlarmEmail": "a@example.org",
    "AccessLogBucketName": "logs",
    "HasDashboard": "false",
    "AvailabilityZones": f"{environments.REGION}c,{environments.REGION}b",
    "PermissionsBoundaryArn": f"arn:aws:iam::{environments.ACCOUNT}:policy/bound",
}


@dataclass(frozen=True)
class Account:
    """An account with a network of its own and nothing else."""

    aws: EmbeddedAws
    template_url: str
    given: Mapping[str, str]

    def deploy(self, stack: str, **parameters: str) -> dict[str, str]:
        return deploy(
            self.aws.client("cloudformation"),
            stack=stack,
            template_url=self.template_url,
            parameters={"ImageUri": IMAGE, **parameters},
        )

    def update(self, stack: str, **parameters: str) -> dict[str, str]:
        return update(
            self.aws.client("cloudformation"),
            stack=stack,
            template_url=self.template_url,
            parameters={"ImageUri": IMAGE, **parameters},
        )

    def network(self, network: str) -> Mapping[str, str]:
        return {"Network": network, **(self.given if network == "GIVEN" else {})}

    def inventory(self, stack: str) -> Inventory:
        return take_inventory(self.aws.client, stack)

    def remove(self, stack: str, *, rows_too: bool = True) -> list[str]:
        said: list[str] = []
        remove(
            plan_removal(self.inventory(stack), rows_too=rows_too),
            self.aws.client,
            said.append,
            poll_s=0.1,
        )
        return said


@pytest.fixture(scope="module")
def account(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Account]:
    with empty(tmp_path_factory.mktemp("aws")) as aws:
        ec2 = aws.client("ec2")
        vpc = ec2.create_vpc(CidrBlock="10.9.0.0/16")["Vpc"]["VpcId"]
        subnets = [
            ec2.create_subnet(VpcId=vpc, CidrBlock=f"10.9.{number}.0/24")["Subnet"]["SubnetId"]
            for number in (1, 2)
        ]
        yield Account(aws, aws.package(), {"VpcId": vpc, "SubnetIds": ",".join(subnets)})


def environment_of(account: Account, outputs: Mapping[str, str]) -> dict[str, Any]:
    """The compute environment behind a deployment's queue."""
    batch = account.aws.client("batch")
    (queue,) = batch.describe_job_queues(jobQueues=[outputs["JobQueueArn"]])["jobQueues"]
    (order,) = queue["computeEnvironmentOrder"]
    all_of_them = batch.describe_compute_environments()["computeEnvironments"]
    (found,) = [one for one in all_of_them if one["computeEnvironmentArn"] == order["computeEnvironment"]]
    assert isinstance(found, dict)
    return found


def endpoints(account: Account, before: set[tuple[str, str]]) -> list[str]:
    """The services that a network reaches through endpoints of its own."""
    made = [name for kind, name in holdings(account.aws) - before if kind == "endpoint"]
    if not made:
        return []
    found = account.aws.client("ec2").describe_vpc_endpoints(VpcEndpointIds=made)["VpcEndpoints"]
    return sorted(one["ServiceName"].partition(f"{environments.REGION}.")[2] for one in found)


def expected_endpoints(compute: str, network: str) -> list[str]:
    gateways, of_jobs = ["dynamodb", "s3"], ["ecr.api", "ecr.dkr", "logs"]
    of_hosts = ["ecs", "ecs-agent", "ecs-telemetry"] if compute in ("EC2", "SPOT") else []
    needed = {"PUBLIC": gateways, "PRIVATE": gateways + of_jobs + of_hosts, "GIVEN": []}
    return sorted(needed[network])


def definition_of(account: Account, outputs: Mapping[str, str]) -> dict[str, Any]:
    """The container of the job definition that jobs are submitted with."""
    arn = outputs["LoadJobDefinitionArn"]
    described = account.aws.client("batch").describe_job_definitions(jobDefinitions=[arn])["jobDefinitions"]
    # The emulator gives all revisions of the name.
    (found,) = [one for one in described if one["jobDefinitionArn"] == arn]
    return container_of(found)


def memory(container: Mapping[str, Any]) -> str:
    (found,) = [one["value"] for one in container["resourceRequirements"] if one["type"] == "MEMORY"]
    return str(found)


@pytest.mark.parametrize("network", NETWORKS)
@pytest.mark.parametrize("compute", COMPUTE_TYPES)
def test_made_changed_and_removed(account: Account, compute: str, network: str) -> None:
    before = holdings(account.aws)
    stack = f"{compute}-{network}".replace("_", "-").lower()
    outputs = account.deploy(stack, ComputeType=compute, **account.network(network))
    made = {kind for kind, _ in holdings(account.aws) - before}
    assert made >= MADE
    resources = environment_of(account, outputs)["computeResources"]
    assert resources["type"] == compute
    if network == "GIVEN":
        assert resources["subnets"] == account.given["SubnetIds"].split(",")
    assert endpoints(account, before) == expected_endpoints(compute, network)
    changed = account.update(
        stack, ComputeType=NEXT[compute], ImageUri="other:2", MemoryMiB="4096", **account.network(network)
    )
    assert environment_of(account, changed)["computeResources"]["type"] == NEXT[compute]
    assert changed["LoadJobDefinitionArn"].endswith(":2")
    definition = definition_of(account, changed)
    assert (definition["image"], memory(definition)) == ("other:2", "4096")
    assert endpoints(account, before) == expected_endpoints(NEXT[compute], network)
    assert outputs.keys() == changed.keys()
    for kept in ("InputBucketName", "ItemsTableName", "LedgerTableName"):
        assert outputs[kept] == changed[kept]
    account.remove(stack)
    assert holdings(account.aws) == before


@pytest.mark.parametrize(("one", "other"), [("FARGATE", "FARGATE_SPOT"), ("EC2", "SPOT")])
def test_the_queue_stays_while_its_capacity_goes_to_and_fro(account: Account, one: str, other: str) -> None:
    """The emulator deletes no environment that a queue has, and gives a queue none that is not there."""
    before = holdings(account.aws)
    queue = account.deploy("capacity", ComputeType=one)["JobQueueArn"]
    for compute in (other, one):
        changed = account.update("capacity", ComputeType=compute)
        assert changed["JobQueueArn"] == queue
        assert environment_of(account, changed)["computeResources"]["type"] == compute
        assert len(account.aws.client("batch").describe_compute_environments()["computeEnvironments"]) == 1
    account.remove("capacity")
    assert holdings(account.aws) == before


def test_with_every_option(account: Account) -> None:
    before = holdings(account.aws)
    account.deploy("options", **EVERYTHING)
    made = [name for kind, name in holdings(account.aws) - before if kind == "subnet"]
    subnets = account.aws.client("ec2").describe_subnets(SubnetIds=made)["Subnets"]
    assert (
        ",".join(s["AvailabilityZone"] for s in sorted(subnets, key=lambda s: s["CidrBlock"]))
        == (EVERYTHING["AvailabilityZones"])
    )
    more = EVERYTHING | {"KmsKeyArn": KEY, "HasDashboard": "true", "DeletionProtection": "false"}
    account.update("options", **more)
    account.remove("options")
    assert holdings(account.aws) == before


def test_two_deployments_in_one_account_keep_out_of_each_others_way(account: Account) -> None:
    before = holdings(account.aws)
    one, two = account.deploy("dev"), account.deploy("prod", ComputeType="SPOT")
    assert not {*one.values()} & {*two.values()}
    account.remove("dev")
    assert {("bucket", two["InputBucketName"]), ("table", two["ItemsTableName"])} <= holdings(account.aws)
    account.remove("prod")
    assert holdings(account.aws) == before


def test_the_rows_stay_unless_that_is_said(account: Account) -> None:
    before = holdings(account.aws)
    outputs = account.deploy("rows")
    account.remove("rows", rows_too=False)
    assert holdings(account.aws) - before == {("table", outputs["ItemsTableName"])}
    account.aws.client("dynamodb").delete_table(TableName=outputs["ItemsTableName"])


def test_what_is_protected_is_named_and_stays_even_where_the_rows_are_to_go(account: Account) -> None:
    before = holdings(account.aws)
    outputs = account.deploy("protected", DeletionProtection="true")
    tables = {outputs["ItemsTableName"], outputs["LedgerTableName"]}
    plan = plan_removal(account.inventory("protected"), rows_too=True)
    assert {f"table {table}" for table in tables} <= {what for what, _ in plan.kept}
    account.remove("protected")
    assert holdings(account.aws) - before == {("table", table) for table in tables}
    dynamodb = account.aws.client("dynamodb")
    for table in tables:
        described = dynamodb.describe_table(TableName=table)["Table"]
        assert described["DeletionProtectionEnabled"], "what stays stays protected"
        dynamodb.update_table(TableName=table, DeletionProtectionEnabled=False)
        dynamodb.delete_table(TableName=table)


def test_tables_that_a_deployment_left_behind_go_with_the_rows(account: Account) -> None:
    """One that a changed key replaced, which the emulator does not do, and one that it changed for yours."""
    before = holdings(account.aws)
    replaced = account.deploy("changing")["ItemsTableName"]
    dynamodb = account.aws.client("dynamodb")
    key = {"AttributeName": "Sku", "AttributeType": "S"}
    dynamodb.create_table(
        TableName="mine",
        BillingMode="PAY_PER_REQUEST",
        AttributeDefinitions=[key],
        KeySchema=[{"AttributeName": "Sku", "KeyType": "HASH"}],
        Tags=[{"Key": "aws:cloudformation:stack-id", "Value": account.inventory("changing").stack_id}],
    )
    assert account.inventory("changing").left_behind == ("mine",)
    account.update("changing", ExistingTableName="mine")
    assert set(account.inventory("changing").left_behind) == {"mine", replaced}
    account.remove("changing")
    assert holdings(account.aws) - before == {("table", "mine")}, "what was given stays"
    dynamodb.delete_table(TableName="mine")


class Interrupted(Exception):
    """Somebody pressed Ctrl-C."""


@pytest.mark.parametrize("line", ["stopped events", "ended 0 jobs", "deleted bucket", "deleted table"])
def test_a_removal_that_was_interrupted_goes_on(account: Account, line: str) -> None:
    before = holdings(account.aws)
    account.deploy("halfway")
    plan = plan_removal(account.inventory("halfway"), rows_too=True)

    def stop(said: str) -> None:
        if said.startswith(line):
            raise Interrupted

    with pytest.raises(Interrupted):
        remove(plan, account.aws.client, stop, poll_s=0.1)
    assert holdings(account.aws) != before
    account.remove("halfway")
    assert holdings(account.aws) == before


def test_a_repository_of_another_stack_is_emptied_and_stays(account: Account) -> None:
    ecr = account.aws.client("ecr")
    owner = [{"Key": "aws:cloudformation:stack-name", "Value": "pipeline"}]
    ecr.create_repository(repositoryName="theirs", tags=owner)
    ecr.put_image(repositoryName="theirs", imageManifest="{}", imageTag="1")
    before = holdings(account.aws)
    account.deploy("images", ImageUri=f"{REGISTRY}/theirs:1")
    account.remove("images")
    assert holdings(account.aws) == before
    assert not ecr.list_images(repositoryName="theirs")["imageIds"]


def command(aws: EmbeddedAws, *arguments: str, answer: str = "") -> subprocess.CompletedProcess[str]:
    """Run `python -m teardown` as `make destroy` does, against the emulator."""
    environment = {
        "AWS_ENDPOINT_URL": aws.endpoint,
        "AWS_REGION": environments.REGION,
        "AWS_DEFAULT_REGION": environments.REGION,
        "AWS_ACCESS_KEY_ID": environments.ACCOUNT,
        "AWS_SECRET_ACCESS_KEY": environments.SIGNING_KEY,
        "PATH": "/usr/bin:/bin",
    }
    return subprocess.run(
        [sys.executable, "-m", "teardown", "--poll", "0.1", *arguments],
        cwd=PROJECT,
        env=environment,
        input=answer,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def test_a_deployment_that_was_used_goes_with_all_that_it_gathered(tmp_path: Path) -> None:
    """Files in several versions, deleted ones, reports, an upload under way, a repository; then nothing."""
    with running(tmp_path) as aws:
        image = f"{REGISTRY}/csv-import:1"
        aws.client("ecr").create_repository(repositoryName="csv-import")
        update(
            aws.client("cloudformation"),
            stack="csv-to-dynamodb",
            template_url=aws.package(),
            parameters={"ImageUri": image},
        )
        application = Application(aws)
        dropped = [application.drop("a.csv", SAMPLE) for _ in range(2)]
        for one in dropped:
            assert application.closed(one.import_id).state == "DONE"
        s3 = aws.client("s3")
        s3.delete_object(Bucket=application.bucket, Key="a.csv")
        s3.create_multipart_upload(Bucket=application.bucket, Key="half.csv")

        asked = command(aws, "csv-to-dynamodb", answer="no\n")
        assert asked.returncode == 1
        assert "Nothing was changed." in asked.stdout
        assert application.bucket in asked.stdout
        assert application.items("a.csv"), "nothing was changed"

        done = command(aws, "csv-to-dynamodb", answer="csv-to-dynamodb\n")
        assert done.returncode == 0, done.stdout + done.stderr
        assert "It is gone." in done.stdout
        assert {kind for kind, _ in holdings(aws)} & {"bucket", "function", "table", "repository"} == {
            "table"
        }
        assert application.items("a.csv"), "the rows stay"

        again = command(aws, "--yes", "csv-to-dynamodb")
        assert again.returncode == 1
        assert "does not exist" in again.stderr
        assert "Traceback" not in again.stderr


def test_a_deployment_goes_while_a_job_runs_and_a_file_comes(tmp_path: Path) -> None:
    """The job is ended, what it still writes goes too, and nothing starts another."""
    with running(tmp_path, parameters={"WriteBudgetUnits": "1"}) as aws:
        application = Application(aws)
        rows = b"ProductId,Name\n" + b"".join(b"p%d,x\n" % number for number in range(1000))
        application.running_job_of(application.drop("long.csv", rows).import_id)
        before = job_ids(aws, application)
        said: list[str] = []

        def say(line: str) -> None:
            said.append(line)
            if line.startswith("closed queue"):
                application.drop("late.csv", rows)

        remove(
            plan_removal(take_inventory(aws.client, "csv-to-dynamodb"), rows_too=True),
            aws.client,
            say,
            poll_s=0.1,
        )
        assert any(line.startswith("ended 1 jobs") for line in said), said
        kinds = {kind for kind, _ in holdings(aws)}
        assert not kinds & (MADE - {"security group"}), "every account has a default one"
        assert job_ids(aws, application) == before, "nothing was submitted meanwhile"
        ended = aws.client("batch").describe_jobs(jobs=sorted(before))["jobs"]
        assert [job["status"] for job in ended] == ["FAILED"]


def job_ids(aws: EmbeddedAws, application: Application) -> set[str]:
    """The ids of all jobs, ended ones too."""
    queue, any_name = application.aws.outputs["JobQueueArn"], [{"name": "JOB_NAME", "values": ["*"]}]
    listed = aws.client("batch").list_jobs(jobQueue=queue, filters=any_name)["jobSummaryList"]
    return {job["jobId"] for job in listed}
