"""pipeline-template.yaml, the buildspecs and the workflows: what hands what to whom, and what each may do."""

import json
import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.policies import Statement, allowed, documented, listed
from tests.template.stacks import PIPELINE_TEMPLATE, PROJECT, Template, decide, failed_rules, of_type, parse

WORKFLOWS = PROJECT / ".github" / "workflows"
HERE = {"AWS::Partition": "aws", "AWS::Region": "REGION", "AWS::AccountId": "ACCOUNT"}
# All that either kind of pipeline makes, to look at; a stack has one kind.
ON = {
    "StackName": "STACK",
    "Repository": "owner/name",
    "ConnectionArn": "arn:aws:codeconnections:REGION:123456789012:connection/c",
    "GitHubActions": "true",
}


@pytest.fixture
def template() -> Template:
    return parse(PIPELINE_TEMPLATE)


def parameters(template: Template, **changed: str) -> dict[str, str]:
    stated = {name: str(one["Default"]) for name, one in template["Parameters"].items()}
    return stated | HERE | changed


def made(template: Template, **changed: str) -> dict[str, Template]:
    """The resources of a stack with these parameters."""
    given = parameters(template, **changed)
    return {
        name: decide(resource, template, given)
        for name, resource in template["Resources"].items()
        if "Condition" not in resource or decide({"Condition": resource["Condition"]}, template, given)
    }


def policies_of(resources: dict[str, Template], role: str) -> list[Statement]:
    """All statements of a role, its managed policies' too."""
    properties = resources[role]["Properties"]
    managed = [resources[one["Ref"]]["Properties"] for one in properties.get("ManagedPolicyArns", [])]
    documents = [one["PolicyDocument"] for one in [*properties.get("Policies", []), *managed]]
    return [statement for document in documents for statement in document["Statement"]]


def actions_of(resources: dict[str, Template], role: str) -> set[str]:
    return {action for one in policies_of(resources, role) for action in listed(one["Action"])}


def buildspec(name: str) -> dict[str, Any]:
    found: dict[str, Any] = yaml.safe_load((PROJECT / name).read_text(encoding="utf-8"))
    return found


def workflow(name: str) -> dict[str, Any]:
    found: dict[str, Any] = yaml.safe_load((WORKFLOWS / name).read_text(encoding="utf-8"))
    return found


def test_without_a_pipeline_there_is_a_repository_and_nothing_else(template: Template) -> None:
    assert made(template).keys() == {"ImageRepository"}


def test_the_repository_keeps_tags_what_they_are_scans_forgets_and_goes_with_the_stack(
    template: Template,
) -> None:
    repository = made(template)["ImageRepository"]["Properties"]
    assert repository["ImageTagMutability"] == "IMMUTABLE"
    assert repository["ImageScanningConfiguration"] == {"ScanOnPush": True}
    assert repository["EmptyOnDelete"] is True
    text = repository["LifecyclePolicy"]["LifecyclePolicyText"]["Fn::Sub"].replace("${KeptImages}", "100")
    first, last = json.loads(text)["rules"]
    assert first["selection"]["tagStatus"] == "untagged"
    assert last["selection"] == {"tagStatus": "any", "countType": "imageCountMoreThan", "countNumber": 100}
    assert first["rulePriority"] < last["rulePriority"]


@pytest.mark.parametrize(
    ("given", "failed"),
    [
        ({}, set()),
        ({"GitHubActions": "true", "Repository": "owner/name"}, set()),
        ({"ConnectionArn": ON["ConnectionArn"], "Repository": "owner/name"}, set()),
        (ON, {"OneKindOfPipeline"}),
        ({"GitHubActions": "true"}, {"APipelineHasASource"}),
        ({"ConnectionArn": ON["ConnectionArn"]}, {"APipelineHasASource"}),
    ],
    ids=["none", "GitHub", "AWS", "both", "GitHub without a repository", "AWS without a repository"],
)
def test_a_commit_has_one_pipeline_at_most_and_that_a_source(
    template: Template, given: dict[str, str], failed: set[str]
) -> None:
    assert failed_rules(template, parameters(template, **given)) == failed


def test_a_commit_is_fetched_tested_built_and_deployed_in_this_order(template: Template) -> None:
    stages = made(template, **ON)["Pipeline"]["Properties"]["Stages"]
    assert [stage["Name"] for stage in stages] == ["Source", "Test", "Image", "Deploy"]
    projects = [stage["Actions"][0]["Configuration"].get("ProjectName", {}).get("Ref") for stage in stages]
    assert projects == [None, "TestProject", "ImageProject", "DeployProject"]


def test_the_tag_is_the_commit_and_the_digest_is_what_is_deployed(template: Template) -> None:
    _, _, image, deploy = made(template, **ON)["Pipeline"]["Properties"]["Stages"]
    handed = [
        json.loads(one["Actions"][0]["Configuration"]["EnvironmentVariables"]) for one in (image, deploy)
    ]
    assert handed[0] == [{"name": "TAG", "value": "#{Source.CommitId}"}]
    assert handed[1] == [{"name": "IMAGE_URI", "value": "#{Image.IMAGE_URI}"}]
    assert image["Actions"][0]["Namespace"] == "Image"
    assert buildspec("buildspec.yml")["env"]["exported-variables"] == ["IMAGE_URI"]


@pytest.mark.parametrize(
    ("project", "file", "command"),
    [
        ("TestProject", "pipeline/test.yml", "make test"),
        ("ImageProject", "buildspec.yml", "make image"),
        ("DeployProject", "pipeline/deploy.yml", "make deploy"),
    ],
)
def test_each_project_runs_its_buildspec_with_every_variable_that_the_script_knows(
    template: Template, project: str, file: str, command: str
) -> None:
    properties = made(template, **ON)[project]["Properties"]
    assert properties["Source"]["BuildSpec"] == file
    commands = [one for phase in buildspec(file)["phases"].values() for one in phase.get("commands", [])]
    assert command in commands
    scripts = [PROJECT / "pipeline" / name for name in (f"{command.removeprefix('make ')}.sh", "settings.py")]
    text = "".join(script.read_text(encoding="utf-8") for script in scripts if script.exists())
    for variable in properties["Environment"].get("EnvironmentVariables", []):
        assert re.search(rf"(\$\{{?|get\(.){variable['Name']}\b", text), variable


def test_only_the_images_build_is_privileged(template: Template) -> None:
    projects = of_type({"Resources": made(template, **ON)}, "AWS::CodeBuild::Project")
    privileged = {
        name for name, one in projects.items() if one["Properties"]["Environment"]["PrivilegedMode"]
    }
    assert privileged == {"ImageProject"}


@pytest.mark.parametrize(
    ("architecture", "kind"), [("x86_64", "LINUX_CONTAINER"), ("arm64", "ARM_CONTAINER")]
)
def test_the_image_is_built_on_its_own_processor(template: Template, architecture: str, kind: str) -> None:
    properties = made(template, **ON, Architecture=architecture)["ImageProject"]["Properties"]
    environment = properties["Environment"]
    assert environment["Type"] == kind
    assert ("aarch64" in environment["Image"]) == (architecture == "arm64")
    platforms = {one["Name"]: one["Value"] for one in environment["EnvironmentVariables"]}
    assert platforms["PLATFORM"] == {"x86_64": "linux/amd64", "arm64": "linux/arm64"}[architecture]


def test_each_role_may_do_what_its_step_does_and_no_more(template: Template) -> None:
    resources = made(template, **ON)
    log = {"logs:CreateLogStream", "logs:PutLogEvents"}
    source = {"s3:GetObject", "s3:GetObjectVersion"}
    push = actions_of(resources, "GitHubImageRole")
    deploy = actions_of(resources, "GitHubDeployRole")
    assert actions_of(resources, "TestProjectRole") == log | source
    assert actions_of(resources, "ImageProjectRole") == log | source | {"s3:PutObject"} | push
    assert actions_of(resources, "DeployProjectRole") == log | source | deploy
    assert {action.partition(":")[0] for action in push} == {"ecr"}
    assert {action for action in deploy if action.startswith("iam:")} == {"iam:PassRole"}
    assert not [action for action in push | deploy if "*" in action]


OBJECTS = {
    "the source": "PipelineBucket/pipeline/source/a",
    "the image's result": "PipelineBucket/pipeline/image/a",
    "functions' code": "PackagesBucket/STACK/a",
}


@pytest.mark.parametrize(
    ("role", "reads", "writes"),
    [
        ("TestProjectRole", {"the source"}, set()),
        ("ImageProjectRole", {"the source"}, {"the image's result"}),
        ("DeployProjectRole", {"the source", "functions' code"}, {"functions' code"}),
        ("GitHubImageRole", set(), set()),
        ("GitHubDeployRole", {"functions' code"}, {"functions' code"}),
    ],
)
def test_no_step_writes_what_a_later_one_takes_but_its_own_result(
    template: Template, role: str, reads: set[str], writes: set[str]
) -> None:
    statements = [on_buckets(one) for one in policies_of(made(template, **ON), role)]
    for action, wanted in (("s3:GetObject", reads), ("s3:PutObject", writes), ("s3:DeleteObject", set())):
        assert {what for what, where in OBJECTS.items() if allowed(statements, action, where)} == wanted


def test_nothing_of_the_pipelines_steps_is_its_packages(template: Template) -> None:
    """What tests and image leave and where the functions' code lies are two buckets; neither knows the other."""
    resources = made(template, **ON)
    assert resources["Pipeline"]["Properties"]["ArtifactStore"]["Location"] == {"Ref": "PipelineBucket"}
    variables = resources["DeployProject"]["Properties"]["Environment"]["EnvironmentVariables"]
    assert {"Name": "PACKAGES_BUCKET", "Value": {"Ref": "PackagesBucket"}} in variables
    assert template["Outputs"]["PackagesBucketName"]["Value"] == {"Ref": "PackagesBucket"}
    code = [
        on_buckets(one) for one in policies_of(resources, "DeployerRole") if one["Sid"] == "FunctionsCode"
    ]
    assert {what for what, where in OBJECTS.items() if allowed(code, "s3:GetObject", where)} == {
        "functions' code"
    }


def on_buckets(statement: Statement) -> Statement:
    """A statement whose resources in buckets are `OBJECTS`' names."""
    resources = [
        one["Fn::Sub"].replace(".Arn}", "").replace("${", "")
        if isinstance(one, dict) and "Fn::Sub" in one
        else one
        for one in listed(statement["Resource"])
    ]
    return {**statement, "Resource": [str(one) for one in resources]}


def test_artifacts_end_and_packages_stay(template: Template) -> None:
    """What lies in the bucket already is not uploaded again, so its age says nothing of whether it is needed."""
    resources = made(template, **ON)
    (artifacts,), (packages,) = (
        resources[name]["Properties"]["LifecycleConfiguration"]["Rules"]
        for name in ("PipelineBucket", "PackagesBucket")
    )
    assert artifacts["ExpirationInDays"] == 90
    assert "ExpirationInDays" not in packages


def test_with_github_alone_there_are_no_artifacts(template: Template) -> None:
    resources = made(template, GitHubActions="true", Repository="owner/name")
    assert "PackagesBucket" in resources
    assert not {"PipelineBucket", "PipelineBucketPolicy", "Pipeline"} & resources.keys()


def test_what_is_allowed_everywhere_knows_no_resource(template: Template) -> None:
    resources = made(template, **ON)
    everywhere = {
        action
        for role in of_type({"Resources": resources}, "AWS::IAM::Role")
        if role != "DeployerRole"
        for one in policies_of(resources, role)
        if one["Resource"] == "*"
        for action in listed(one["Action"])
    }
    assert everywhere == {"ecr:GetAuthorizationToken", "cloudformation:GetTemplateSummary"}


def test_only_github_on_the_branch_takes_the_roles_of_the_workflow(template: Template) -> None:
    for role in ("GitHubImageRole", "GitHubDeployRole"):
        (trust,) = made(template, **ON)[role]["Properties"]["AssumeRolePolicyDocument"]["Statement"]
        equal = trust["Condition"]["StringEquals"]
        assert equal["token.actions.githubusercontent.com:aud"] == "sts.amazonaws.com"
        assert equal["token.actions.githubusercontent.com:sub"] == {
            "Fn::Sub": "repo:${Repository}:ref:refs/heads/${Branch}"
        }


def test_githubs_provider_is_made_only_where_there_is_none(template: Template) -> None:
    arn = "arn:aws:iam::123456789012:oidc-provider/token.actions.githubusercontent.com"
    assert "GitHubProvider" in made(template, **ON)
    resources = made(template, **ON, GitHubProviderArn=arn)
    assert "GitHubProvider" not in resources
    (trust,) = resources["GitHubImageRole"]["Properties"]["AssumeRolePolicyDocument"]["Statement"]
    assert trust["Principal"] == {"Federated": arn}


def test_the_deployer_may_do_what_the_page_says_of_who_deploys(template: Template) -> None:
    """Except that the functions' code lies in the pipeline's bucket, and not in one of SAM's."""
    statements = policies_of(made(template, **ON), "DeployerRole")
    page = documented(PROJECT / "docs" / "deploy.md", "Who deploys")
    assert [written(one) for one in statements if one["Sid"] != "FunctionsCode"] == [
        written(one) for one in page if one["Sid"] != "FunctionsCode"
    ]
    (code,) = [one for one in statements if one["Sid"] == "FunctionsCode"]
    assert code["Action"] == "s3:GetObject"


def written(statement: Statement) -> tuple[str, list[str], list[str], object]:
    """A statement as Sid, actions, resources and condition, with the page's placeholders."""
    placeholders = {"Partition": "aws", "Region": "REGION", "AccountId": "ACCOUNT"}
    resources = []
    for one in listed(statement["Resource"]):
        text = one["Fn::Sub"] if isinstance(one, dict) else one
        for name, value in placeholders.items():
            text = text.replace(f"${{AWS::{name}}}", value)
        resources.append(text.replace("${StackName}", "STACK"))
    return statement["Sid"], listed(statement["Action"]), resources, statement.get("Condition")


def test_the_key_is_the_deployers_where_there_is_one(template: Template) -> None:
    key = "arn:aws:kms:eu-central-1:123456789012:key/k"
    assert not allowed(
        [one for one in policies_of(made(template, **ON), "DeployerRole") if one["Sid"] == "Key"],
        "kms:Decrypt",
        key,
    )
    with_key = policies_of(made(template, **ON, KmsKeyArn=key), "DeployerRole")
    assert allowed([one for one in with_key if one["Sid"] == "Key"], "kms:CreateGrant", key)


def test_every_change_is_linted_validated_and_tested() -> None:
    commands = [step.get("run", "") for job in workflow("ci.yml")["jobs"].values() for step in job["steps"]]
    assert any("cfn-lint template.yaml batch-template.yaml pipeline-template.yaml" in one for one in commands)
    assert any("sam validate --lint" in one for one in commands)
    assert {"make test", "make test-containers"} <= set(commands)


@pytest.mark.parametrize("path", sorted(WORKFLOWS.glob("*.yml")), ids=lambda path: path.name)
def test_workflows_hold_no_key_and_begin_with_reading_only(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert "secrets." not in text
    assert not re.search("aws-(access-key-id|secret-access-key)", text)
    assert workflow(path.name)["permissions"] == {"contents": "read"}
    for job in workflow(path.name)["jobs"].values():
        assert job["timeout-minutes"] <= 60
        runs = [step.get("run", "") for step in job["steps"]]
        assert not [one for one in runs if "${{ github.event" in one], (
            "a name that others chose is no command"
        )


@pytest.mark.parametrize("path", sorted(WORKFLOWS.glob("*.yml")), ids=lambda path: path.name)
def test_actions_are_fixed_by_commit(path: Path) -> None:
    """A tag can be moved to other code; the comment says which version the commit is."""
    used = re.findall(r"uses: (.+)", path.read_text(encoding="utf-8"))
    assert used
    for one in used:
        assert re.fullmatch(r"[\w.-]+/[\w.-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+", one), one


def test_the_workflow_builds_and_deploys_as_the_pipeline_does(template: Template) -> None:
    jobs = workflow("deploy.yml")["jobs"]
    assert jobs["deploy"]["needs"] == "image"
    given: dict[str, set[str]] = {}
    for name, job in jobs.items():
        assert job["permissions"] == {"contents": "read", "id-token": "write"}
        (step,) = [step for step in job["steps"] if f"make {name}" in step.get("run", "")]
        given[name] = set(step["env"])
    resources = made(template, **ON)
    for name, project in (("image", "ImageProject"), ("deploy", "DeployProject")):
        environment = resources[project]["Properties"]["Environment"]["EnvironmentVariables"]
        assert {one["Name"] for one in environment} <= given[name]
    assert "TAG" in given["image"]
    assert "IMAGE_URI" in given["deploy"]
