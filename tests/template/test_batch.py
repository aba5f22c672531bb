"""The Batch environment runs the job as docs/contracts.md has it, and costs nothing while no job runs."""

import json
import re
from typing import Any

import pytest

from tests.template.stacks import Template, of_type


@pytest.fixture
def definition(batch: Template) -> dict[str, Any]:
    [resource] = of_type(batch, "AWS::Batch::JobDefinition").values()
    properties: dict[str, Any] = resource["Properties"]
    return properties


@pytest.fixture
def container(definition: dict[str, Any]) -> dict[str, Any]:
    properties: dict[str, Any] = definition["ContainerProperties"]
    return properties


def _table(contracts: str, title: str) -> list[list[str]]:
    """The body of the table under a heading of the contracts."""
    section = contracts.split(f"## {title}\n")[1].split("\n## ", maxsplit=1)[0]
    rows = [line for line in section.splitlines() if line.startswith("|")][2:]
    return [[cell.strip() for cell in row.strip("|").split("|")] for row in rows]


def test_the_command_is_the_contracts(container: dict[str, Any], contracts: str) -> None:
    [command] = re.findall(r"`Command` is `(\[.*?\])`", contracts)
    assert container["Command"] == json.loads(command)


def test_the_environment_is_the_contracts(container: dict[str, Any], contracts: str) -> None:
    stated = {name.strip("`") for name, _, job, _ in _table(contracts, "Environment") if job == "✓"}
    given = [variable["Name"] for variable in container["Environment"]]
    assert sorted(given) == sorted(stated)
    assert not [name for name in given if name.startswith("AWS_BATCH")]


def test_variables_come_from_the_parameters_that_they_are_called_after(container: dict[str, Any]) -> None:
    assert {v["Name"]: v["Value"] for v in container["Environment"]} == {
        "LEDGER_TABLE": {"Ref": "LedgerTableName"},
        "ARTIFACTS_BUCKET": {"Ref": "ArtifactsBucketName"},
        "TABLE_NAME": {"Ref": "TableName"},
        "READING_MODE": {"Ref": "ReadingMode"},
        "ALLOWED_TABLES": {"Ref": "AllowedTables"},
        "ALLOWED_MODES": {"Ref": "AllowedModes"},
        "WRITE_BUDGET": {"Ref": "WriteBudgetUnits"},
        "LOG_LEVEL": {"Ref": "LogLevel"},
    }


def test_exactly_the_verdicts_of_the_contract_end_a_job(definition: dict[str, Any], contracts: str) -> None:
    verdicts = {code for code, _, retried in _table(contracts, "Exit codes of the job") if retried == "no"}
    entries = definition["RetryStrategy"]["EvaluateOnExit"]
    # Any other entry could match something that deserves another attempt; no match means retry.
    assert all(entry.keys() == {"OnExitCode", "Action"} and entry["Action"] == "EXIT" for entry in entries)
    assert {entry["OnExitCode"] for entry in entries} == verdicts == {"65", "78", "1"}
    assert definition["RetryStrategy"]["Attempts"] == {"Ref": "JobAttempts"}


def test_an_attempt_ends_some_time(definition: dict[str, Any]) -> None:
    assert definition["Timeout"] == {"AttemptDurationSeconds": {"Ref": "JobTimeoutSeconds"}}


def test_no_submission_can_do_without_its_import(definition: dict[str, Any]) -> None:
    assert definition["Parameters"] == {"stage": "load", "run": "1"}


def test_an_update_leaves_the_revision_that_is_in_use(definition: dict[str, Any]) -> None:
    assert definition["ResourceRetentionPolicy"] == {"SkipDeregisterOnUpdate": True}


def test_the_job_runs_on_fargate_with_a_public_address(
    definition: dict[str, Any], container: dict[str, Any]
) -> None:
    assert definition["Type"] == "container"
    assert definition["PlatformCapabilities"] == ["FARGATE"]
    assert container["NetworkConfiguration"] == {"AssignPublicIp": "ENABLED"}
    assert {r["Type"]: r["Value"] for r in container["ResourceRequirements"]} == {
        "VCPU": {"Ref": "VCpu"},
        "MEMORY": {"Ref": "MemoryMiB"},
    }
    assert "User" not in container
    assert not container.get("Privileged")


def test_the_job_writes_the_log_group_that_has_a_retention(container: dict[str, Any]) -> None:
    log = container["LogConfiguration"]
    assert log["LogDriver"] == "awslogs"
    assert log["Options"]["awslogs-group"] == {"Ref": "JobLogGroup"}


def test_the_compute_environment_can_be_changed_in_place(batch: Template) -> None:
    [environment] = of_type(batch, "AWS::Batch::ComputeEnvironment").values()
    properties = environment["Properties"]
    assert properties["ReplaceComputeEnvironment"] is False
    assert properties["ComputeResources"]["Type"] == "FARGATE"
    assert not properties.keys() & {"ComputeEnvironmentName", "ServiceRole", "Tags"}


def test_jobs_that_cannot_start_leave_the_queue(batch: Template) -> None:
    # docs.aws.amazon.com/batch/latest/userguide/job_stuck_in_runnable_time_limit_actions.html
    [queue] = of_type(batch, "AWS::Batch::JobQueue").values()
    actions = queue["Properties"]["JobStateTimeLimitActions"]
    assert {a["Reason"] for a in actions} == {
        "CAPACITY:INSUFFICIENT_INSTANCE_CAPACITY",
        "MISCONFIGURATION:COMPUTE_ENVIRONMENT_MAX_RESOURCE",
        "MISCONFIGURATION:JOB_RESOURCE_REQUIREMENT",
    }
    assert {(a["State"], a["Action"]) for a in actions} == {("RUNNABLE", "CANCEL")}
    assert all(600 <= a["MaxTimeSeconds"] <= 86_400 for a in actions)


def test_nothing_in_the_network_is_billed_by_the_hour(batch: Template) -> None:
    types = {resource["Type"] for resource in batch["Resources"].values()}
    assert not types & {"AWS::EC2::NatGateway", "AWS::EC2::EIP", "AWS::EC2::Instance"}
    assert {e["Properties"]["VpcEndpointType"] for e in of_type(batch, "AWS::EC2::VPCEndpoint").values()} == {
        "Gateway"
    }


def test_s3_and_dynamodb_are_reached_through_gateway_endpoints(batch: Template) -> None:
    names = {
        e["Properties"]["ServiceName"]["Fn::Sub"] for e in of_type(batch, "AWS::EC2::VPCEndpoint").values()
    }
    assert names == {"com.amazonaws.${AWS::Region}.s3", "com.amazonaws.${AWS::Region}.dynamodb"}


def test_nothing_comes_in_and_only_https_goes_out(batch: Template) -> None:
    [group] = of_type(batch, "AWS::EC2::SecurityGroup").values()
    assert "SecurityGroupIngress" not in group["Properties"]
    assert not of_type(batch, "AWS::EC2::SecurityGroupIngress")
    [egress] = group["Properties"]["SecurityGroupEgress"]
    assert (egress["IpProtocol"], egress["FromPort"], egress["ToPort"]) == ("tcp", 443, 443)


def test_two_subnets_stand_in_two_zones_and_have_the_way_out(batch: Template) -> None:
    subnets = of_type(batch, "AWS::EC2::Subnet")
    zones = {s["Properties"]["AvailabilityZone"]["Fn::Select"][0] for s in subnets.values()}
    assert zones == {0, 1}
    associations = of_type(batch, "AWS::EC2::SubnetRouteTableAssociation").values()
    assert {a["Properties"]["SubnetId"]["Ref"] for a in associations} == subnets.keys()
