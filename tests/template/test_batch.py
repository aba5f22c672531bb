"""The Batch environment runs the job as docs/contracts.md has it, and costs nothing while no job runs."""

import json
import re
from typing import Any

import pytest

from tests.template.stacks import PROJECT, Template, deployed, of_type, references

COMPUTE_TYPES = ("FARGATE", "FARGATE_SPOT", "EC2", "SPOT")
NETWORKS: dict[str, dict[str, str]] = {
    "PUBLIC": {},
    "PRIVATE": {},
    "GIVEN": {"VpcId": "vpc-1", "SubnetIds": "subnet-1,subnet-2"},
}
EACH = [(compute, network) for compute in COMPUTE_TYPES for network in NETWORKS]


def _deployed(batch: Template, compute: str = "FARGATE", network: str = "PUBLIC", **more: str) -> Template:
    """What a deployment with a compute type and a network has."""
    chosen = {"ComputeType": compute, "Network": network, **NETWORKS[network], **more}
    return {"Resources": deployed(batch, **chosen)}


def _only(template: Template, resource_type: str) -> dict[str, Any]:
    """The properties of the one resource of a type."""
    [resource] = of_type(template, resource_type).values()
    properties: dict[str, Any] = resource["Properties"]
    return properties


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
    definition = _definition(_deployed(batch, compute, network), stage)
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
    definition = _definition(_deployed(batch, "FARGATE", network, **more), stage)
    assert _task(definition)["NetworkConfiguration"] == {"AssignPublicIp": address}


@pytest.mark.parametrize(
    ("architecture", "cpu", "instances"),
    [("x86_64", "X86_64", "default_x86_64"), ("arm64", "ARM64", "default_arm64")],
)
def test_the_architecture_is_the_jobs_and_the_hosts(
    batch: Template, stage: str, architecture: str, cpu: str, instances: str
) -> None:
    fargate = _definition(_deployed(batch, "FARGATE", Architecture=architecture), stage)
    assert _task(fargate)["RuntimePlatform"] == {"CpuArchitecture": cpu, "OperatingSystemFamily": "LINUX"}
    ec2 = _only(_deployed(batch, "EC2", Architecture=architecture), "AWS::Batch::ComputeEnvironment")
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
    chosen = _deployed(batch, compute)
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


@pytest.mark.parametrize(("compute", "network"), EACH)
def test_one_queue_leads_to_one_compute_environment(batch: Template, compute: str, network: str) -> None:
    chosen = _deployed(batch, compute, network)
    [name] = of_type(chosen, "AWS::Batch::ComputeEnvironment")
    [order] = _only(chosen, "AWS::Batch::JobQueue")["ComputeEnvironmentOrder"]
    assert order["ComputeEnvironment"] == {"Ref": name}
    assert _only(chosen, "AWS::Batch::ComputeEnvironment")["ComputeResources"]["Type"] == compute


@pytest.mark.parametrize(("compute", "network"), EACH)
def test_a_changed_compute_environment_needs_no_name_that_is_taken(
    batch: Template, compute: str, network: str
) -> None:
    environment = _only(_deployed(batch, compute, network), "AWS::Batch::ComputeEnvironment")
    assert not environment.keys() & {"ComputeEnvironmentName", "ServiceRole", "Tags"}


@pytest.mark.parametrize("old", COMPUTE_TYPES)
@pytest.mark.parametrize("new", COMPUTE_TYPES)
def test_only_hosts_become_hosts_of_another_kind_in_place(batch: Template, old: str, new: str) -> None:
    # docs.aws.amazon.com/batch/latest/userguide/updating-compute-environments.html: of Fargate Batch changes no type.
    before, after = (of_type(_deployed(batch, one), "AWS::Batch::ComputeEnvironment") for one in (old, new))
    hosts = {"EC2", "SPOT"}
    assert (before.keys() == after.keys()) == (old == new or {old, new} == hosts)
    for compute, environments in ((old, before), (new, after)):
        [environment] = environments.values()
        assert environment["Properties"].get("ReplaceComputeEnvironment", True) is (compute not in hosts)


@pytest.mark.parametrize(("old", "new"), [("FARGATE", "FARGATE_SPOT"), ("EC2", "SPOT")])
def test_the_queue_stays_where_only_its_environment_changes(batch: Template, old: str, new: str) -> None:
    before, after = (of_type(_deployed(batch, one), "AWS::Batch::JobQueue") for one in (old, new))
    assert before.keys() == after.keys()


@pytest.mark.parametrize("compute", ["FARGATE", "FARGATE_SPOT"])
def test_fargate_is_told_nothing_that_is_for_hosts(batch: Template, compute: str) -> None:
    resources = _only(_deployed(batch, compute), "AWS::Batch::ComputeEnvironment")["ComputeResources"]
    assert resources.keys() == {"Type", "MaxvCpus", "Subnets", "SecurityGroupIds"}
    assert not of_type(_deployed(batch, compute), "AWS::IAM::Role")


@pytest.mark.parametrize(
    ("compute", "strategy"),
    [("EC2", "BEST_FIT_PROGRESSIVE"), ("SPOT", "SPOT_PRICE_CAPACITY_OPTIMIZED")],
)
def test_hosts_come_and_go_with_the_jobs(batch: Template, compute: str, strategy: str) -> None:
    resources = _only(_deployed(batch, compute), "AWS::Batch::ComputeEnvironment")["ComputeResources"]
    assert resources["MinvCpus"] == 0
    assert resources["AllocationStrategy"] == strategy, "BEST_FIT could not be changed in place"


def test_hosts_are_encrypted_and_keep_their_credentials_to_themselves(batch: Template) -> None:
    template = _only(_deployed(batch, "EC2"), "AWS::EC2::LaunchTemplate")["LaunchTemplateData"]
    assert template["MetadataOptions"] == {"HttpTokens": "required", "HttpPutResponseHopLimit": 1}
    [disk] = template["BlockDeviceMappings"]
    assert disk["Ebs"]["Encrypted"] is True


@pytest.mark.parametrize("compute", COMPUTE_TYPES)
def test_jobs_that_cannot_start_leave_the_queue(batch: Template, compute: str) -> None:
    # docs.aws.amazon.com/batch/latest/userguide/job_stuck_in_runnable_time_limit_actions.html
    actions = _only(_deployed(batch, compute), "AWS::Batch::JobQueue")["JobStateTimeLimitActions"]
    assert {a["Reason"] for a in actions} == {
        "CAPACITY:INSUFFICIENT_INSTANCE_CAPACITY",
        "MISCONFIGURATION:COMPUTE_ENVIRONMENT_MAX_RESOURCE",
        "MISCONFIGURATION:JOB_RESOURCE_REQUIREMENT",
    }
    assert {(a["State"], a["Action"]) for a in actions} == {("RUNNABLE", "CANCEL")}
    assert all(600 <= a["MaxTimeSeconds"] <= 86_400 for a in actions)


def _endpoints(template: Template, kind: str) -> set[str]:
    """The services that have an endpoint of a kind."""
    return {
        e["Properties"]["ServiceName"]["Fn::Sub"].removeprefix("com.amazonaws.${AWS::Region}.")
        for e in of_type(template, "AWS::EC2::VPCEndpoint").values()
        if e["Properties"]["VpcEndpointType"] == kind
    }


@pytest.mark.parametrize("compute", COMPUTE_TYPES)
def test_nothing_in_the_default_network_is_billed_by_the_hour(batch: Template, compute: str) -> None:
    chosen = _deployed(batch, compute)
    types = {resource["Type"] for resource in chosen["Resources"].values()}
    assert not types & {"AWS::EC2::NatGateway", "AWS::EC2::EIP", "AWS::EC2::Instance"}
    assert not _endpoints(chosen, "Interface")


@pytest.mark.parametrize("network", ["PUBLIC", "PRIVATE"])
def test_s3_and_dynamodb_are_reached_through_gateway_endpoints(batch: Template, network: str) -> None:
    assert _endpoints(_deployed(batch, network=network), "Gateway") == {"s3", "dynamodb"}


@pytest.mark.parametrize(
    ("compute", "more"), [("FARGATE", set()), ("EC2", {"ecs", "ecs-agent", "ecs-telemetry"})]
)
def test_a_private_network_has_endpoints_instead_of_a_way_out(
    batch: Template, compute: str, more: set[str]
) -> None:
    # docs.aws.amazon.com/AmazonECS/latest/developerguide/vpc-endpoints.html
    chosen = _deployed(batch, compute, "PRIVATE")
    assert _endpoints(chosen, "Interface") == {"ecr.api", "ecr.dkr", "logs"} | more
    types = {resource["Type"] for resource in chosen["Resources"].values()}
    assert not types & {"AWS::EC2::InternetGateway", "AWS::EC2::Route"}
    for endpoint in of_type(chosen, "AWS::EC2::VPCEndpoint").values():
        if endpoint["Properties"]["VpcEndpointType"] == "Interface":
            assert endpoint["Properties"]["PrivateDnsEnabled"] is True
    group = chosen["Resources"]["EndpointSecurityGroup"]["Properties"]
    [ingress] = group["SecurityGroupIngress"]
    assert ingress["SourceSecurityGroupId"] == {"Ref": "JobSecurityGroup"}
    assert (ingress["FromPort"], ingress["ToPort"]) == (443, 443)


@pytest.mark.parametrize("compute", COMPUTE_TYPES)
def test_in_a_given_network_nothing_is_made_but_the_security_group(batch: Template, compute: str) -> None:
    chosen = _deployed(batch, compute, "GIVEN")
    network = {r["Type"] for r in chosen["Resources"].values() if r["Type"].startswith("AWS::EC2::")}
    assert network - {"AWS::EC2::LaunchTemplate"} == {"AWS::EC2::SecurityGroup"}
    resources = _only(chosen, "AWS::Batch::ComputeEnvironment")["ComputeResources"]
    assert resources["Subnets"] == "subnet-1,subnet-2", "a list, once CloudFormation has read it"
    assert _only(chosen, "AWS::EC2::SecurityGroup")["VpcId"] == "vpc-1"


@pytest.mark.parametrize(
    ("compute", "network", "given"),
    [
        ("FARGATE", "PUBLIC", False),
        ("EC2", "PUBLIC", True),
        ("SPOT", "PUBLIC", True),
        ("EC2", "PRIVATE", False),
    ],
)
def test_only_a_host_in_a_public_subnet_is_given_an_address_by_it(
    batch: Template, compute: str, network: str, given: bool
) -> None:
    for subnet in of_type(_deployed(batch, compute, network), "AWS::EC2::Subnet").values():
        assert subnet["Properties"]["MapPublicIpOnLaunch"] is given


@pytest.mark.parametrize("network", ["PUBLIC", "PRIVATE"])
def test_only_requests_of_the_account_to_what_is_its_own_pass_the_gateways(
    batch: Template, network: str
) -> None:
    own = {
        "aws:PrincipalAccount": {"Ref": "AWS::AccountId"},
        "aws:ResourceAccount": {"Ref": "AWS::AccountId"},
    }
    gateways = [
        e["Properties"]
        for e in of_type(_deployed(batch, network=network), "AWS::EC2::VPCEndpoint").values()
        if e["Properties"]["VpcEndpointType"] == "Gateway"
    ]
    statements = [one for gateway in gateways for one in gateway["PolicyDocument"]["Statement"]]
    assert len(gateways) == 2
    assert [s["Condition"] for s in statements if "Condition" in s] == [{"StringEquals": own}] * 2
    # docs.aws.amazon.com/AmazonECR/latest/userguide/vpc-endpoints.html has the bucket of the layers.
    [layers] = [s for s in statements if "Condition" not in s]
    assert layers["Action"] == "s3:GetObject"
    assert layers["Resource"] == {
        "Fn::Sub": "arn:${AWS::Partition}:s3:::prod-${AWS::Region}-starport-layer-bucket/*"
    }


def test_subnets_stand_in_the_zones_that_are_named(batch: Template) -> None:
    subnets = of_type(_deployed(batch, ZoneA="eu-west-1c", ZoneB="eu-west-1a"), "AWS::EC2::Subnet")
    zones = {name: subnet["Properties"]["AvailabilityZone"] for name, subnet in subnets.items()}
    assert zones == {"SubnetA": "eu-west-1c", "SubnetB": "eu-west-1a"}


def test_the_bound_of_all_roles_is_the_hosts_too(batch: Template) -> None:
    bound = "arn:aws:iam::123456789012:policy/bound"
    assert "PermissionsBoundary" not in _only(_deployed(batch, "EC2"), "AWS::IAM::Role")
    role = _only(_deployed(batch, "EC2", PermissionsBoundaryArn=bound), "AWS::IAM::Role")
    assert role["PermissionsBoundary"] == bound


def test_a_definition_is_told_by_its_arn_with_revision(batch: Template) -> None:
    """Not by Ref: the type's schema has the name for its identifier, which without a revision is the newest."""
    arns = [one["Value"] for name, one in batch["Outputs"].items() if name.endswith("DefinitionArn")]
    assert arns
    assert {value["Fn::GetAtt"][1] for value in arns} == {"JobDefinitionArn"}


@pytest.mark.parametrize(("compute", "network"), EACH)
def test_nothing_comes_in_and_only_https_goes_out(batch: Template, compute: str, network: str) -> None:
    chosen = _deployed(batch, compute, network)
    group = chosen["Resources"]["JobSecurityGroup"]["Properties"]
    assert "SecurityGroupIngress" not in group
    assert not of_type(chosen, "AWS::EC2::SecurityGroupIngress")
    [egress] = group["SecurityGroupEgress"]
    assert (egress["IpProtocol"], egress["FromPort"], egress["ToPort"]) == ("tcp", 443, 443)


@pytest.mark.parametrize("network", ["PUBLIC", "PRIVATE"])
def test_two_subnets_stand_in_two_zones_and_have_their_routes(batch: Template, network: str) -> None:
    chosen = _deployed(batch, network=network)
    subnets = of_type(chosen, "AWS::EC2::Subnet")
    zones = {s["Properties"]["AvailabilityZone"]["Fn::Select"][0] for s in subnets.values()}
    assert zones == {0, 1}
    associations = of_type(chosen, "AWS::EC2::SubnetRouteTableAssociation").values()
    assert {a["Properties"]["SubnetId"]["Ref"] for a in associations} == subnets.keys()


@pytest.mark.parametrize(("compute", "network"), EACH)
def test_every_name_that_a_deployment_refers_to_is_part_of_it(
    batch: Template, compute: str, network: str
) -> None:
    chosen = _deployed(batch, compute, network)
    named = {n for n in references(chosen["Resources"]) if not n.startswith("AWS::")}
    assert named <= chosen["Resources"].keys() | batch["Parameters"].keys()
