"""The queue leads to one compute environment, which costs nothing while no job runs; updates of both go through."""

import pytest

from tests.template.batch_stack import COMPUTE_TYPES, EACH, deployment, only
from tests.template.stacks import Template, of_type


@pytest.mark.parametrize(("compute", "network"), EACH)
def test_one_queue_leads_to_one_compute_environment(batch: Template, compute: str, network: str) -> None:
    chosen = deployment(batch, compute, network)
    [name] = of_type(chosen, "AWS::Batch::ComputeEnvironment")
    [order] = only(chosen, "AWS::Batch::JobQueue")["ComputeEnvironmentOrder"]
    assert order["ComputeEnvironment"] == {"Ref": name}
    assert only(chosen, "AWS::Batch::ComputeEnvironment")["ComputeResources"]["Type"] == compute


@pytest.mark.parametrize(("compute", "network"), EACH)
def test_a_changed_compute_environment_needs_no_name_that_is_taken(
    batch: Template, compute: str, network: str
) -> None:
    environment = only(deployment(batch, compute, network), "AWS::Batch::ComputeEnvironment")
    assert not environment.keys() & {"ComputeEnvironmentName", "ServiceRole", "Tags"}


@pytest.mark.parametrize("old", COMPUTE_TYPES)
@pytest.mark.parametrize("new", COMPUTE_TYPES)
def test_only_hosts_become_hosts_of_another_kind_in_place(batch: Template, old: str, new: str) -> None:
    # docs.aws.amazon.com/batch/latest/userguide/updating-compute-environments.html: of Fargate Batch changes no type.
    before, after = (of_type(deployment(batch, one), "AWS::Batch::ComputeEnvironment") for one in (old, new))
    hosts = {"EC2", "SPOT"}
    assert (before.keys() == after.keys()) == (old == new or {old, new} == hosts)
    for compute, environments in ((old, before), (new, after)):
        [environment] = environments.values()
        assert environment["Properties"].get("ReplaceComputeEnvironment", True) is (compute not in hosts)


@pytest.mark.parametrize(("old", "new"), [("FARGATE", "FARGATE_SPOT"), ("EC2", "SPOT")])
def test_the_queue_stays_where_only_its_environment_changes(batch: Template, old: str, new: str) -> None:
    before, after = (of_type(deployment(batch, one), "AWS::Batch::JobQueue") for one in (old, new))
    assert before.keys() == after.keys()


@pytest.mark.parametrize("compute", ["FARGATE", "FARGATE_SPOT"])
def test_fargate_is_told_nothing_that_is_for_hosts(batch: Template, compute: str) -> None:
    resources = only(deployment(batch, compute), "AWS::Batch::ComputeEnvironment")["ComputeResources"]
    assert resources.keys() == {"Type", "MaxvCpus", "Subnets", "SecurityGroupIds"}
    assert not of_type(deployment(batch, compute), "AWS::IAM::Role")


@pytest.mark.parametrize(
    ("compute", "strategy"),
    [("EC2", "BEST_FIT_PROGRESSIVE"), ("SPOT", "SPOT_PRICE_CAPACITY_OPTIMIZED")],
)
def test_hosts_come_and_go_with_the_jobs(batch: Template, compute: str, strategy: str) -> None:
    resources = only(deployment(batch, compute), "AWS::Batch::ComputeEnvironment")["ComputeResources"]
    assert resources["MinvCpus"] == 0
    assert resources["AllocationStrategy"] == strategy, "BEST_FIT could not be changed in place"


def test_hosts_are_encrypted_and_keep_their_credentials_to_themselves(batch: Template) -> None:
    template = only(deployment(batch, "EC2"), "AWS::EC2::LaunchTemplate")["LaunchTemplateData"]
    assert template["MetadataOptions"] == {"HttpTokens": "required", "HttpPutResponseHopLimit": 1}
    [disk] = template["BlockDeviceMappings"]
    assert disk["Ebs"]["Encrypted"] is True


@pytest.mark.parametrize("compute", COMPUTE_TYPES)
def test_jobs_that_cannot_start_leave_the_queue(batch: Template, compute: str) -> None:
    # docs.aws.amazon.com/batch/latest/userguide/job_stuck_in_runnable_time_limit_actions.html
    actions = only(deployment(batch, compute), "AWS::Batch::JobQueue")["JobStateTimeLimitActions"]
    assert {a["Reason"] for a in actions} == {
        "CAPACITY:INSUFFICIENT_INSTANCE_CAPACITY",
        "MISCONFIGURATION:COMPUTE_ENVIRONMENT_MAX_RESOURCE",
        "MISCONFIGURATION:JOB_RESOURCE_REQUIREMENT",
    }
    assert {(a["State"], a["Action"]) for a in actions} == {("RUNNABLE", "CANCEL")}
    assert all(600 <= a["MaxTimeSeconds"] <= 86_400 for a in actions)


def test_the_bound_of_all_roles_is_the_hosts_too(batch: Template) -> None:
    bound = "arn:aws:iam::123456789012:policy/bound"
    assert "PermissionsBoundary" not in only(deployment(batch, "EC2"), "AWS::IAM::Role")
    role = only(deployment(batch, "EC2", PermissionsBoundaryArn=bound), "AWS::IAM::Role")
    assert role["PermissionsBoundary"] == bound
