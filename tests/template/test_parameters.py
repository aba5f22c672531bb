"""Whoever deploys is told what each parameter means, and wrong combinations are refused before anything is made."""

import re
import tomllib
from typing import Any

import pytest

from tests.template.stacks import PROJECT, Template, defaults, failed_rules

# docs.aws.amazon.com/batch/latest/APIReference/API_ResourceRequirement.html
FARGATE_MEMORY_MIB = {
    "0.25": {512, 1024, 2048},
    "0.5": set(range(1024, 4096 + 1, 1024)),
    "1": set(range(2048, 8192 + 1, 1024)),
    "2": set(range(4096, 16384 + 1, 1024)),
    "4": set(range(8192, 30720 + 1, 1024)),
}


def test_every_parameter_is_described(root: Template, batch: Template) -> None:
    undescribed = [
        n for t in (root, batch) for n, p in t["Parameters"].items() if not p.get("Description", "").strip()
    ]
    assert undescribed == []


def test_every_parameter_stands_in_one_group_and_has_a_label(root: Template) -> None:
    interface = root["Metadata"]["AWS::CloudFormation::Interface"]
    grouped = [name for group in interface["ParameterGroups"] for name in group["Parameters"]]
    assert sorted(grouped) == sorted(root["Parameters"])
    assert sorted(interface["ParameterLabels"]) == sorted(root["Parameters"])


def test_only_the_image_must_be_given(root: Template) -> None:
    assert [name for name, p in root["Parameters"].items() if "Default" not in p] == ["ImageUri"]


def test_every_default_meets_its_own_constraints(root: Template, batch: Template) -> None:
    for template in (root, batch):
        for name, parameter in template["Parameters"].items():
            default = parameter.get("Default")
            if default is not None and "AllowedValues" in parameter:
                assert default in parameter["AllowedValues"], name
            if default is not None and "MinValue" in parameter:
                assert parameter["MinValue"] <= default <= parameter["MaxValue"], name


def test_a_deployment_with_defaults_passes_the_rules(root: Template) -> None:
    assert failed_rules(root, defaults(root)) == set()


def test_rules_accept_exactly_the_memory_that_fargate_offers_beside_a_vcpu(root: Template) -> None:
    for vcpu in root["Parameters"]["VCpu"]["AllowedValues"]:
        for memory in root["Parameters"]["MemoryMiB"]["AllowedValues"]:
            accepted = not failed_rules(root, defaults(root, VCpu=vcpu, MemoryMiB=memory))
            assert accepted == (int(memory) in FARGATE_MEMORY_MIB[vcpu]), (vcpu, memory)


@pytest.mark.parametrize(
    ("network", "refused"),
    [("PUBLIC", set()), ("PRIVATE", set()), ("GIVEN", {"ZonesAreForNetworksMadeHere"})],
)
def test_zones_are_named_for_subnets_that_are_made_here(
    root: Template, network: str, refused: set[str]
) -> None:
    given = {"VpcId": "vpc-1", "SubnetIds": "subnet-1"} if network == "GIVEN" else {}
    chosen = defaults(root, Network=network, AvailabilityZones="us-west-1a,us-west-1c", **given)
    assert failed_rules(root, chosen) == refused


@pytest.mark.parametrize("zones", ["eu-west-1a,eu-west-1b", "us-gov-west-1a,us-gov-west-1c", ""])
def test_two_zones_are_named_or_none(root: Template, zones: str) -> None:
    pattern = root["Parameters"]["AvailabilityZones"]["AllowedPattern"]
    assert re.fullmatch(pattern, zones)
    for wrong in ("eu-west-1a", "eu-west-1", "eu-west-1a, eu-west-1b", "eu-west-1a,eu-west-1b,eu-west-1c"):
        assert not re.fullmatch(pattern, wrong)


@pytest.mark.parametrize("compute", ["FARGATE", "FARGATE_SPOT", "EC2", "SPOT"])
@pytest.mark.parametrize("architecture", ["x86_64", "arm64"])
def test_every_kind_of_capacity_runs_on_both_processors(
    root: Template, compute: str, architecture: str
) -> None:
    # docs/decisions/0032: Batch's pages refuse Fargate Spot to Windows alone.
    chosen = defaults(root, ComputeType=compute, Architecture=architecture)
    assert failed_rules(root, chosen) == set()


@pytest.mark.parametrize(
    ("sort_key", "refused"), [("", set()), ("Line", set()), ("ProductId", {"KeysDiffer"})]
)
def test_rules_refuse_a_sort_key_that_is_the_partition_key(
    root: Template, sort_key: str, refused: set[str]
) -> None:
    assert failed_rules(root, defaults(root, SortKeyName=sort_key)) == refused


GIVEN = {"Network": "GIVEN", "VpcId": "vpc-1", "SubnetIds": "subnet-1"}


@pytest.mark.parametrize(
    ("chosen", "refused"),
    [
        (GIVEN, set()),
        (GIVEN | {"VpcId": ""}, {"GivenNetworkIsGiven"}),
        (GIVEN | {"SubnetIds": ""}, {"GivenNetworkIsGiven"}),
        (GIVEN | {"Network": "PUBLIC"}, {"OwnNetworkIsNotGiven"}),
        ({"Network": "PRIVATE"}, set()),
        ({"Network": "PRIVATE", "SubnetIds": "subnet-1"}, {"OwnNetworkIsNotGiven"}),
        (GIVEN | {"AssignPublicIp": "true", "ComputeType": "FARGATE_SPOT"}, set()),
        (
            GIVEN | {"AssignPublicIp": "true", "ComputeType": "EC2"},
            {"PublicAddressesAreForFargateInYourSubnets"},
        ),
        ({"AssignPublicIp": "true"}, {"PublicAddressesAreForFargateInYourSubnets"}),
        ({"ExistingTableName": "mine"}, set()),
        ({"ExistingTableName": "mine", "CreatedTimeIndex": "true"}, {"ExistingTableHasItsIndexes"}),
    ],
)
def test_rules_refuse_what_does_not_go_together(
    root: Template, chosen: dict[str, str], refused: set[str]
) -> None:
    assert failed_rules(root, defaults(root, **chosen)) == refused


def test_rules_refuse_jobs_that_are_larger_than_all_capacity(root: Template) -> None:
    fitting = {"0.25": "512", "0.5": "1024", "1": "2048", "2": "4096", "4": "8192"}
    for vcpu in root["Parameters"]["VCpu"]["AllowedValues"]:
        for most in (*range(1, 9), 10_000):
            chosen = defaults(root, VCpu=vcpu, MemoryMiB=fitting[vcpu], MaxVCpus=str(most))
            assert (not failed_rules(root, chosen)) == (float(vcpu) <= most), (vcpu, most)


def test_what_an_import_needs_is_kept_for_longer_than_it_can_take(root: Template) -> None:
    """The worst that parameters allow: each attempt runs into its timeout, and all that waits ten days."""
    parameters = root["Parameters"]
    longest_days = (
        parameters["JobAttempts"]["MaxValue"] * parameters["JobTimeoutSeconds"]["MaxValue"] / 86_400
    )
    waiting_days = 10
    for name in ("ReportRetentionDays", "InputVersionDays", "LedgerRetentionDays"):
        assert longest_days + waiting_days <= parameters[name]["MinValue"], name
    rules = root["Resources"]["ArtifactsBucket"]["Properties"]["LifecycleConfiguration"]["Rules"]
    [expiry] = [rule for rule in rules if "ExpirationInDays" in rule]
    assert longest_days + waiting_days <= expiry["NoncurrentVersionExpiration"]["NoncurrentDays"]


@pytest.mark.parametrize(
    ("name", "good", "bad"),
    [
        (
            "PartitionKeyName",
            ["Id", "A", "Order No.", "größe", "x" * 255],
            ["", " Id", "Id ", "a\nb", "x" * 256],
        ),
        ("SortKeyName", ["", "Id", "A", "Order No.", "x" * 255], [" ", " Id", "Id ", "a\nb", "x" * 256]),
        (
            "AllowedTables",
            ["", "arn:aws:dynamodb:eu-central-1:123456789012:table/My.table_1-x"],
            ["mine", "arn:aws:dynamodb:eu-central-1:123456789012:table/mine/index/i"],
        ),
        ("VpcId", ["", "vpc-0123456789abcdef0"], ["subnet-1", "vpc-1 "]),
        ("SubnetIds", ["", "subnet-1", "subnet-1,subnet-2"], ["subnet-1, subnet-2", "subnet-1,"]),
        ("AlarmEmail", ["", "a@example.org"], ["a", "a b@example.org"]),
        (
            "KmsKeyArn",
            [
                "",
                "arn:aws:kms:eu-central-1:123456789012:key/mrk-1a",
                "arn:aws-cn:kms:cn-north-1:123456789012:key/1",
            ],
            ["alias/mine", "arn:aws:kms:eu-central-1:123456789012:alias/mine"],
        ),
        ("ExistingTableName", ["", "My.table_1-x"], ["ab", "arn:aws:dynamodb:r:123456789012:table/mine"]),
        ("AccessLogBucketName", ["", "my-logs.example"], ["s3://my-logs", "My-Logs"]),
    ],
)
def test_texts_are_checked_before_anything_is_made(
    root: Template, name: str, good: list[str], bad: list[str]
) -> None:
    pattern = root["Parameters"][name]["AllowedPattern"]
    assert all(re.fullmatch(pattern, text) for text in good)
    assert not any(re.fullmatch(pattern, text) for text in bad)
    assert root["Parameters"][name]["ConstraintDescription"]


def test_the_batch_stack_is_given_all_its_parameters_and_no_other(root: Template, batch: Template) -> None:
    assert root["Resources"]["BatchStack"]["Properties"]["Parameters"].keys() == batch["Parameters"].keys()


def test_both_templates_state_the_same_defaults(root: Template, batch: Template) -> None:
    shared = root["Parameters"].keys() & batch["Parameters"].keys()
    for name in shared - {"ImageUri"}:
        assert str(root["Parameters"][name]["Default"]) == str(batch["Parameters"][name]["Default"]), name


@pytest.fixture
def config() -> dict[str, Any]:
    return tomllib.loads((PROJECT / "samconfig.toml").read_text(encoding="utf-8"))


@pytest.mark.parametrize("environment", ["default", "prod"])
def test_samconfig_grants_the_capabilities_that_roles_and_the_nested_stack_need(
    config: dict[str, Any], environment: str
) -> None:
    deploy = config[environment]["deploy"]["parameters"]
    assert set(deploy["capabilities"].split()) == {"CAPABILITY_IAM", "CAPABILITY_AUTO_EXPAND"}
    assert deploy["resolve_s3"] and deploy["confirm_changeset"]
    assert config[environment]["validate"]["parameters"]["lint"]


def test_environments_of_one_account_have_nothing_in_common(config: dict[str, Any]) -> None:
    environments = [name for name, value in config.items() if isinstance(value, dict)]
    assert environments == ["default", "prod"]
    stacks = {config[name]["global"]["parameters"]["stack_name"] for name in environments}
    prefixes = {config[name]["deploy"]["parameters"]["s3_prefix"] for name in environments}
    tags = {config[name]["deploy"]["parameters"]["tags"] for name in environments}
    assert len(stacks) == len(prefixes) == len(tags) == 2


def test_stacks_of_different_environments_can_stand_side_by_side(root: Template, batch: Template) -> None:
    """No resource has a name of its own that a second stack would want too."""
    named = {"BucketName", "TableName", "FunctionName", "RoleName", "QueueName", "TopicName", "LogGroupName"}
    named |= {
        "AlarmName",
        "DashboardName",
        "ComputeEnvironmentName",
        "JobQueueName",
        "JobDefinitionName",
        "Name",
    }
    for template in (root, batch):
        for name, resource in template["Resources"].items():
            assert not resource.get("Properties", {}).keys() & named, name
