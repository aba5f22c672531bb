"""The job definitions run the job as docs/contracts.md has it: with its commands, variables and exit codes."""

import json
import re
from typing import Any

import pytest

from tests.template.batch_stack import EACH, deployment, only
from tests.template.stacks import PROJECT, Template, of_type

STAGES = ("plan", "load")


def _definition(template: Template, stage: str = "load") -> dict[str, Any]:
    properties: dict[str, Any] = template["Resources"][f"{stage.title()}JobDefinition"]["Properties"]
    return properties


@pytest.fixture(params=STAGES)
def stage(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def definition(batch: Template, stage: str) -> dict[str, Any]:
    assert len(of_type(batch, "AWS::Batch::JobDefinition")) == len(STAGES)
    return _definition(batch, stage)


@pytest.fixture
def container(definition: dict[str, Any]) -> dict[str, Any]:
    return _container(definition)


def _task(definition: dict[str, Any]) -> dict[str, Any]:
    [task] = definition["EcsProperties"]["TaskProperties"]
    assert isinstance(task, dict)
    return task


def _container(definition: dict[str, Any]) -> dict[str, Any]:
    [container] = _task(definition)["Containers"]
    assert isinstance(container, dict)
    return container


def _table(contracts: str, title: str) -> list[list[str]]:
    """The body of the table under a heading of the contracts."""
    section = contracts.split(f"## {title}\n")[1].split("\n## ", maxsplit=1)[0]
    rows = [line for line in section.splitlines() if line.startswith("|")][2:]
    return [[cell.strip() for cell in row.strip("|").split("|")] for row in rows]


def test_the_command_is_the_contracts(container: dict[str, Any], stage: str, contracts: str) -> None:
    [command] = [text for text in re.findall(r"`(\[.*?\])`", contracts) if text.startswith(f'["{stage}"')]
    assert container["Command"] == json.loads(command)


def test_the_container_is_called_after_its_stage(container: dict[str, Any], stage: str) -> None:
    assert container["Name"] == stage
    assert container["LogConfiguration"]["Options"]["awslogs-stream-prefix"] == stage


def test_the_environment_is_the_contracts(container: dict[str, Any], stage: str, contracts: str) -> None:
    stated = {name.strip("`") for name, _, job, _ in _table(contracts, "Environment") if job in ("✓", stage)}
    given = [variable["Name"] for variable in container["Environment"]]
    assert sorted(given) == sorted(stated)
    assert not [name for name in given if name.startswith("AWS_BATCH")]


def test_variables_come_from_the_parameters_that_they_are_called_after(
    container: dict[str, Any], stage: str
) -> None:
    cut = {"PART_BYTES": {"Ref": "PartBytes"}, "MAX_PARTS": {"Ref": "MaxParts"}}
    assert {v["Name"]: v["Value"] for v in container["Environment"]} == {
        "DEPLOYMENT": {"Ref": "DeploymentName"},
        "LEDGER_TABLE": {"Ref": "LedgerTableName"},
        "ARTIFACTS_BUCKET": {"Ref": "ArtifactsBucketName"},
        "TABLE_NAME": {"Ref": "TableName"},
        "READING_MODE": {"Ref": "ReadingMode"},
        "ALLOWED_TABLES": {"Ref": "AllowedTables"},
        "ALLOWED_MODES": {"Ref": "AllowedModes"},
        "WRITE_BUDGET": {"Ref": "WriteBudgetUnits"},
        "LOG_LEVEL": {"Ref": "LogLevel"},
        **(cut if stage == "plan" else {}),
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


def test_no_submission_can_do_without_its_import(definition: dict[str, Any], stage: str) -> None:
    assert definition["Parameters"] == {"stage": stage, "run": "1"}


def test_an_update_leaves_the_revision_that_is_in_use(definition: dict[str, Any]) -> None:
    assert definition["ResourceRetentionPolicy"] == {"SkipDeregisterOnUpdate": True}


@pytest.mark.parametrize(("compute", "network"), EACH)
def test_the_definition_fits_what_it_runs_on(batch: Template, stage: str, compute: str, network: str) -> None:
    definition = _definition(deployment(batch, compute, network), stage)
    fargate = compute.startswith("FARGATE")
    assert definition["Type"] == "container"
    assert definition["PlatformCapabilities"] == ["FARGATE" if fargate else "EC2"]
    # docs.aws.amazon.com/batch/latest/APIReference/API_EcsTaskProperties.html: these three are for Fargate
    for name in ("PlatformVersion", "RuntimePlatform", "NetworkConfiguration"):
        assert (name in _task(definition)) == fargate, name


@pytest.mark.parametrize(
    ("network", "more", "address"),
    [
        ("PUBLIC", {}, "ENABLED"),
        ("PRIVATE", {}, "DISABLED"),
        ("PRIVATE", {"AssignPublicIp": "true"}, "DISABLED"),
        ("GIVEN", {}, "DISABLED"),
        ("GIVEN", {"AssignPublicIp": "true"}, "ENABLED"),
    ],
)
def test_a_fargate_job_has_a_public_address_where_it_needs_one(
    batch: Template, stage: str, network: str, more: dict[str, str], address: str
) -> None:
    definition = _definition(deployment(batch, "FARGATE", network, **more), stage)
    assert _task(definition)["NetworkConfiguration"] == {"AssignPublicIp": address}


@pytest.mark.parametrize(
    ("architecture", "cpu", "instances"),
    [("x86_64", "X86_64", "default_x86_64"), ("arm64", "ARM64", "default_arm64")],
)
def test_the_architecture_is_the_jobs_and_the_hosts(
    batch: Template, stage: str, architecture: str, cpu: str, instances: str
) -> None:
    fargate = _definition(deployment(batch, "FARGATE", Architecture=architecture), stage)
    assert _task(fargate)["RuntimePlatform"] == {"CpuArchitecture": cpu, "OperatingSystemFamily": "LINUX"}
    ec2 = only(deployment(batch, "EC2", Architecture=architecture), "AWS::Batch::ComputeEnvironment")
    assert ec2["ComputeResources"]["InstanceTypes"] == [instances]


def test_the_container_has_what_it_needs_and_no_more(
    definition: dict[str, Any], container: dict[str, Any]
) -> None:
    assert {r["Type"]: r["Value"] for r in container["ResourceRequirements"]} == {
        "VCPU": {"Ref": "VCpu"},
        "MEMORY": {"Ref": "MemoryMiB"},
    }
    assert "User" not in container, "the image's own user"
    assert container["Privileged"] is False
    assert container["ReadonlyRootFilesystem"] is True
    assert _task(definition)["TaskRoleArn"] == {"Ref": "JobRoleArn"}
    assert _task(definition)["ExecutionRoleArn"] == {"Ref": "ExecutionRoleArn"}


def test_the_one_folder_that_can_be_written_is_a_volume_of_the_image(
    definition: dict[str, Any], container: dict[str, Any]
) -> None:
    # ECS copies the folder with its owner and rights where VOLUME and mount point are the same path:
    # docs.aws.amazon.com/AmazonECS/latest/developerguide/bind-mounts.html. Fargate takes no host path.
    [volume] = _task(definition)["Volumes"]
    [mount] = container["MountPoints"]
    assert volume == {"Name": mount["SourceVolume"]}
    dockerfile = (PROJECT / "batch_job" / "Dockerfile").read_text(encoding="utf-8")
    assert f'VOLUME ["{mount["ContainerPath"]}"]' in dockerfile.splitlines()
    assert mount["ReadOnly"] is False


@pytest.mark.parametrize(("compute", "disk"), [("FARGATE", {"SizeInGiB": 200}), ("EC2", None)])
def test_a_plan_has_the_largest_disk_that_fargate_gives(
    batch: Template, compute: str, disk: dict[str, int] | None
) -> None:
    # docs.aws.amazon.com/batch/latest/APIReference/API_EphemeralStorage.html: 21 to 200, on Fargate only
    chosen = deployment(batch, compute)
    assert _task(_definition(chosen, "plan")).get("EphemeralStorage") == disk
    assert "EphemeralStorage" not in _task(_definition(chosen, "load")), (
        "digests of one part fit into what is free"
    )


def test_a_job_has_the_longest_time_to_stop_that_fargate_gives(container: dict[str, Any]) -> None:
    # docs.aws.amazon.com/batch/latest/APIReference/API_TaskContainerProperties.html: 2 to 120
    assert container["StopTimeout"] == 120


def test_the_job_writes_the_log_group_that_has_a_retention(container: dict[str, Any]) -> None:
    log = container["LogConfiguration"]
    assert log["LogDriver"] == "awslogs"
    assert log["Options"]["awslogs-group"] == {"Ref": "JobLogGroup"}


def test_a_definition_is_told_by_its_arn_with_revision(batch: Template) -> None:
    """Not by Ref: the type's schema has the name for its identifier, which without a revision is the newest."""
    arns = [one["Value"] for name, one in batch["Outputs"].items() if name.endswith("DefinitionArn")]
    assert arns
    assert {value["Fn::GetAtt"][1] for value in arns} == {"JobDefinitionArn"}
