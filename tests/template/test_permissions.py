"""Each role may do what its code does, on the resources that it does it on, and no more."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from moto.iam.aws_managed_policies import aws_managed_policies_data

from tests.template.stacks import Template, of_type, references

# Actions that know no resource, by their pages in the Service Authorization Reference.
WITHOUT_RESOURCE = {"batch:DescribeJobs", "ecr:GetAuthorizationToken"}

LOG = {"logs:CreateLogStream", "logs:PutLogEvents"}
ADVANCE = {
    "dynamodb:GetItem",
    "dynamodb:UpdateItem",
    "dynamodb:Query",
    "batch:SubmitJob",
    "batch:DescribeJobs",
    "s3:GetObject",
    "s3:PutObject",
    "s3:ListBucket",
    "s3:AbortMultipartUpload",
    "events:PutEvents",
    "sqs:SendMessage",
}
EXPECTED = {
    "TriggerRole": LOG
    | ADVANCE
    | {"dynamodb:DescribeTable", "dynamodb:PutItem", "dynamodb:DeleteItem", "s3:ListBucketVersions"},
    "TrackerRole": LOG | ADVANCE,
    "SweepRole": LOG | ADVANCE | {"batch:CancelJob"},
    "JobRole": {
        "s3:GetObject",
        "s3:GetObjectVersion",
        "s3:ListBucket",
        "s3:PutObject",
        "dynamodb:BatchWriteItem",
        "dynamodb:DescribeTable",
        "dynamodb:PutItem",
        "dynamodb:Query",
        "dynamodb:UpdateItem",
    },
    "ExecutionRole": LOG
    | {
        "ecr:GetAuthorizationToken",
        "ecr:BatchCheckLayerAvailability",
        "ecr:BatchGetImage",
        "ecr:GetDownloadUrlForLayer",
    },
}


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def _statements(template: Template, role: str) -> Iterator[Template]:
    """What a role is allowed by its own policies and by those that stand apart, in every deployment."""
    for policy in template["Resources"][role]["Properties"]["Policies"]:
        yield from policy["PolicyDocument"]["Statement"]
    for policy in of_type(template, "AWS::IAM::Policy").values():
        if {"Ref": role} in policy["Properties"]["Roles"] and "Condition" not in policy:
            yield from policy["Properties"]["PolicyDocument"]["Statement"]


def _resources(template: Template, role: str, action: str) -> set[str]:
    """The logical ids that a role's statements with an action name."""
    return {
        name
        for statement in _statements(template, role)
        if action in _listed(statement["Action"])
        for name in references(statement["Resource"])
        if not name.startswith("AWS::")
    }


def test_each_role_is_allowed_exactly_the_actions_of_its_code(expanded: Template) -> None:
    allowed = {
        role: {action for s in _statements(expanded, role) for action in _listed(s["Action"])}
        for role in of_type(expanded, "AWS::IAM::Role")
    }
    assert allowed == EXPECTED


def test_no_role_is_allowed_a_pattern_of_actions(expanded: Template) -> None:
    for role in of_type(expanded, "AWS::IAM::Role"):
        for statement in _statements(expanded, role):
            assert statement["Effect"] == "Allow"
            assert not [action for action in _listed(statement["Action"]) if "*" in action], role


def test_every_resource_is_named_where_the_action_knows_one(expanded: Template) -> None:
    for role in of_type(expanded, "AWS::IAM::Role"):
        for statement in _statements(expanded, role):
            if "*" in _listed(statement["Resource"]):
                assert set(_listed(statement["Action"])) <= WITHOUT_RESOURCE, role


def test_no_role_has_a_managed_policy(expanded: Template) -> None:
    for role in of_type(expanded, "AWS::IAM::Role").values():
        assert "ManagedPolicyArns" not in role["Properties"]


def test_what_bounds_one_role_bounds_all(expanded: Template) -> None:
    for role in of_type(expanded, "AWS::IAM::Role").values():
        assert role["Properties"]["PermissionsBoundary"] == {
            "Fn::If": ["HasPermissionsBoundary", {"Ref": "PermissionsBoundaryArn"}, {"Ref": "AWS::NoValue"}]
        }


def test_functions_have_the_roles_of_the_root_template_and_sam_makes_none(
    root: Template, expanded: Template
) -> None:
    assert (
        of_type(root, "AWS::IAM::Role").keys()
        == of_type(expanded, "AWS::IAM::Role").keys()
        == EXPECTED.keys()
    )
    for name, function in of_type(root, "AWS::Serverless::Function").items():
        assert function["Properties"]["Role"] == {"Fn::GetAtt": [name.replace("Function", "Role"), "Arn"]}


def test_only_the_job_writes_rows_and_reads_the_input_whose_versions_the_trigger_lists(
    expanded: Template,
) -> None:
    named = {
        role: {name for s in _statements(expanded, role) for name in references(s["Resource"])}
        for role in of_type(expanded, "AWS::IAM::Role")
    }
    assert [role for role, names in named.items() if "ItemsTable" in names] == ["JobRole"]
    assert [role for role, names in named.items() if "InputBucket" in names] == ["TriggerRole", "JobRole"]
    listing = [s for s in _statements(expanded, "TriggerRole") if "InputBucket" in references(s["Resource"])]
    assert [(s["Action"], s["Resource"]) for s in listing] == [
        ("s3:ListBucketVersions", {"Fn::GetAtt": ["InputBucket", "Arn"]})
    ]
    assert [role for role, names in named.items() if "IdempotencyTable" in names] == ["TriggerRole"]


def test_the_job_writes_rows_into_allowed_tables_only_and_leaves_artifacts_under_imports_only(
    expanded: Template,
) -> None:
    [write] = [
        s
        for s in _statements(expanded, "JobRole")
        if "dynamodb:BatchWriteItem" in s["Action"] and "Fn::If" in s["Resource"]
    ]
    condition, own, existing = write["Resource"]["Fn::If"]
    assert (condition, own) == ("MakesTable", {"Fn::GetAtt": ["ItemsTable", "Arn"]})
    assert existing["Fn::Sub"].endswith(":table/${ExistingTableName}")
    assert expanded["Resources"]["JobTablesPolicy"]["Condition"] == "HasAllowedTables"
    [leave] = [s for s in _statements(expanded, "JobRole") if s["Action"] == ["s3:GetObject", "s3:PutObject"]]
    assert leave["Resource"] == {"Fn::Sub": "${ArtifactsBucket.Arn}/imports/*"}


def test_jobs_are_submitted_to_this_queue_with_every_revision_of_both_definitions(expanded: Template) -> None:
    [submit] = [s for s in _statements(expanded, "TrackerRole") if s["Action"] == "batch:SubmitJob"]
    queue, *definitions = submit["Resource"]
    assert queue == {"Fn::GetAtt": ["BatchStack", "Outputs.JobQueueArn"]}
    for definition, output in zip(definitions, ("LoadJobDefinitionArn", "PlanJobDefinitionArn"), strict=True):
        arn, names = definition["Fn::Sub"]
        assert arn == "arn:${AWS::Partition}:batch:${AWS::Region}:${AWS::AccountId}:${JobDefinition}:*"
        named = {"Fn::GetAtt": ["BatchStack", f"Outputs.{output}"]}
        assert names == {"JobDefinition": {"Fn::Select": [5, {"Fn::Split": [":", named]}]}}


def test_your_key_is_used_through_the_services_that_hold_the_data_and_by_those_who_need_it(
    expanded: Template,
) -> None:
    policies = of_type(expanded, "AWS::IAM::Policy").values()
    [conditional] = [policy for policy in policies if policy.get("Condition") == "HasKmsKey"]
    [statement] = conditional["Properties"]["PolicyDocument"]["Statement"]
    assert statement["Resource"] == {"Ref": "KmsKeyArn"}
    assert {
        service["Fn::Sub"].partition(".")[0]
        for service in statement["Condition"]["StringEquals"]["kms:ViaService"]
    } == {*("dynamodb", "lambda", "s3", "sqs")}
    assert {"Ref": "ExecutionRole"} not in conditional["Properties"]["Roles"]


def test_functions_tell_of_closed_imports_on_the_default_bus_only(expanded: Template) -> None:
    [put] = [s for s in _statements(expanded, "TrackerRole") if s["Action"] == "events:PutEvents"]
    assert put["Resource"]["Fn::Sub"].endswith(":event-bus/default")


# What AWS's own policy for hosts has besides, and why ours has not.
NOT_FOR_OUR_HOSTS = {
    "ecs:CreateCluster": "Batch makes the cluster",
    "ecs:Submit*": "the three that there are stand by name",
    "ecs:ListTagsForResource": "jobs and hosts carry no tags that the agent would need",
    "ecr:GetAuthorizationToken": "the execution role pulls the image",
    "ecr:BatchCheckLayerAvailability": "the execution role pulls the image",
    "ecr:GetDownloadUrlForLayer": "the execution role pulls the image",
    "ecr:BatchGetImage": "the execution role pulls the image",
    "logs:CreateLogStream": "the execution role writes the log",
    "logs:PutLogEvents": "the execution role writes the log",
}
SUBMIT = {"ecs:SubmitAttachmentStateChanges", "ecs:SubmitContainerStateChange", "ecs:SubmitTaskStateChange"}

# Which resource an action is asked of: docs.aws.amazon.com/service-authorization/latest/reference, ECS and EC2.
ASKED_OF = {
    "*": {"ec2:DescribeTags", "ecs:DiscoverPollEndpoint"},
    "cluster/*": SUBMIT | {"ecs:DeregisterContainerInstance", "ecs:RegisterContainerInstance"},
    "container-instance/*": {
        *("ecs:Poll", "ecs:StartTelemetrySession", "ecs:TagResource", "ecs:UpdateContainerInstancesState")
    },
}


def _host_statements(batch: Template) -> list[Template]:
    [role] = of_type(batch, "AWS::IAM::Role").values()
    assert "ManagedPolicyArns" not in role["Properties"]
    [policy] = role["Properties"]["Policies"]
    found: list[Template] = policy["PolicyDocument"]["Statement"]
    return found


def test_a_host_may_do_what_awss_own_policy_for_hosts_has_but_for_what_ours_never_do(batch: Template) -> None:
    """AmazonEC2ContainerServiceforEC2Role, as moto has it from AWS."""
    document = json.loads(aws_managed_policies_data)["AmazonEC2ContainerServiceforEC2Role"]["Document"]
    theirs = {action for statement in document["Statement"] for action in _listed(statement["Action"])}
    ours = {action for statement in _host_statements(batch) for action in _listed(statement["Action"])}
    assert ours - SUBMIT == theirs - NOT_FOR_OUR_HOSTS.keys()
    assert NOT_FOR_OUR_HOSTS.keys() <= theirs
    assert ours >= SUBMIT


def test_a_host_may_do_it_on_hosts_and_clusters_only(batch: Template) -> None:
    asked_of: dict[str, set[str]] = {}
    for statement in _host_statements(batch):
        resource = statement["Resource"]
        name = resource if resource == "*" else resource["Fn::Sub"].rpartition(":")[2]
        asked_of.setdefault(name, set()).update(_listed(statement["Action"]))
    assert asked_of == ASKED_OF
    [tag] = [s for s in _host_statements(batch) if s["Action"] == "ecs:TagResource"]
    assert tag["Condition"] == {"StringEquals": {"ecs:CreateAction": "RegisterContainerInstance"}}


@pytest.mark.parametrize(
    ("image", "names"),
    [
        ("123456789012.dkr.ecr.eu-central-1.amazonaws.com/csv-import:1", ["csv-import", "csv-import/*"]),
        (
            "123456789012.dkr.ecr.cn-north-1.amazonaws.com.cn/team/csv-import@sha256:0a1b",
            ["team", "team/*"],
        ),
        (
            "123456789012.dkr.ecr.eu-central-1.amazonaws.com/csv-import@sha256:0a1b",
            ["csv-import", "csv-import/*"],
        ),
        ("csv-import:local", ["", "/*"]),
    ],
)
def test_the_image_is_pulled_from_its_own_repository(root: Template, image: str, names: list[str]) -> None:
    [pull] = [s for s in _statements(root, "ExecutionRole") if s.get("Sid") == "Pull"]
    found = []
    for resource in pull["Resource"]:
        text, variables = resource["Fn::Sub"]
        found.append(
            text.replace("${Name}", _computed(variables["Name"], image)).rpartition(":repository/")[2]
        )
    assert found == names


def _computed(node: Any, image: str) -> Any:
    match node:
        case {"Fn::Select": [index, rest]}:
            return _computed(rest, image)[int(index)]
        case {"Fn::Split": [separator, rest]}:
            return _computed(rest, image).split(separator)
        case {"Fn::Sub": text}:
            return text.replace("${ImageUri}", image)
    raise AssertionError(node)


def test_the_sweep_may_query_the_index_of_open_imports(expanded: Template) -> None:
    queried = [
        s["Resource"] for s in _statements(expanded, "SweepRole") if "dynamodb:Query" in _listed(s["Action"])
    ]
    assert {"Fn::Sub": "${LedgerTable.Arn}/index/open-imports"} in queried


def test_each_function_writes_its_own_log_only(expanded: Template) -> None:
    for name in ("Trigger", "Tracker", "Sweep"):
        assert _resources(expanded, f"{name}Role", "logs:PutLogEvents") == {f"{name}LogGroup"}
        function = expanded["Resources"][f"{name}Function"]["Properties"]
        assert function["LoggingConfig"] == {"LogGroup": {"Ref": f"{name}LogGroup"}}


def test_roles_are_taken_by_the_services_that_need_them(expanded: Template) -> None:
    takers = {
        name: role["Properties"]["AssumeRolePolicyDocument"]["Statement"][0]["Principal"]["Service"]
        for name, role in of_type(expanded, "AWS::IAM::Role").items()
    }
    functions = dict.fromkeys(("TriggerRole", "TrackerRole", "SweepRole"), "lambda.amazonaws.com")
    assert takers == functions | dict.fromkeys(("JobRole", "ExecutionRole"), "ecs-tasks.amazonaws.com")
