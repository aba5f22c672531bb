"""The application in containers, as the pipeline makes it: an image in a registry, and `sam deploy` with its digest."""

import json
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from local_aws import environments
from local_aws.embedded import STACK, EmbeddedAws
from local_aws.sam_cli import host_environment
from tests.container.phases import Built, run_phases
from tests.end_to_end.application import Application

COMMIT = "0123456789abcdef0123456789abcdef01234567"
MEMORY_MIB = 256
"""An eighth of the default, and less than the templates let anybody choose."""

_RUN_LABEL = "csv-to-dynamodb.run"


@dataclass(frozen=True)
class System:
    """The deployed application, and what the pipeline's two builds left."""

    application: Application
    image: Built
    deployment: Built

    @property
    def image_uri(self) -> str:
        """The image by digest, as the first build exported it."""
        return self.image.exported["IMAGE_URI"]

    def containers(self, image: str) -> list[dict[str, Any]]:
        """What runs of an image now, as `docker inspect` shows it."""
        listed = _docker("ps", "--quiet", "--filter", f"label={_RUN_LABEL}").split()
        found = json.loads(_docker("inspect", *listed)) if listed else []
        return [one for one in found if one["Config"]["Image"] == image]


def build_image(project: Path, registry: str) -> Built:
    """Run buildspec.yml as written on a commit."""
    given = {"REPOSITORY_URI": f"{registry}/csv-to-dynamodb", "TAG": COMMIT, "PLATFORM": "linux/amd64"}
    return run_phases(project / "buildspec.yml", folder=project, environment={**host_environment(), **given})


def deploy(project: Path, aws: EmbeddedAws, image_uri: str) -> Built:
    """Run pipeline/deploy.yml as written; all of AWS is the emulator."""
    aws.client("s3").create_bucket(Bucket="pipeline")
    given = {
        "IMAGE_URI": image_uri,
        "STACK": STACK,
        "PARAMETERS": "Architecture=x86_64 HasDashboard=false",
        "PACKAGES_BUCKET": "pipeline",
        "DEPLOYER_ROLE_ARN": f"arn:aws:iam::{environments.ACCOUNT}:role/deployer",
        "SAM_SKIP_PULL_IMAGE": "true",
        "AWS_ENDPOINT_URL": aws.endpoint,
        "AWS_DEFAULT_REGION": environments.REGION,
        "AWS_ACCESS_KEY_ID": environments.ACCOUNT,
        "AWS_SECRET_ACCESS_KEY": environments.SIGNING_KEY,
    }
    return run_phases(
        project / "pipeline" / "deploy.yml", folder=project, environment={**host_environment(), **given}
    )


def deployed(aws: EmbeddedAws) -> Application:
    """The application as the stack's outputs name it."""
    (stack,) = aws.client("cloudformation").describe_stacks(StackName=STACK)["Stacks"]
    outputs: Mapping[str, str] = {one["OutputKey"]: one["OutputValue"] for one in stack["Outputs"]}
    return Application(replace(aws, outputs=outputs))


def load_definition(application: Application) -> dict[str, Any]:
    """The job definition that the stack made."""
    arn = application.aws.outputs["LoadJobDefinitionArn"]
    batch = application.aws.client("batch")
    described = batch.describe_job_definitions(jobDefinitions=[arn])["jobDefinitions"]
    # The emulator gives all revisions of the name.
    (found,) = [one for one in described if one["jobDefinitionArn"] == arn]
    assert isinstance(found, dict)
    return found


def lower_memory(application: Application) -> None:
    """Have the trigger submit with a next revision of the job definition, whose container has `MEMORY_MIB`."""
    batch, functions = application.aws.client("batch"), application.aws.client("lambda")
    definition = load_definition(application)
    (task,) = definition["ecsProperties"]["taskProperties"]
    for needed in task["containers"][0]["resourceRequirements"]:
        if needed["type"] == "MEMORY":
            needed["value"] = str(MEMORY_MIB)
    taken = {
        "jobDefinitionName",
        "type",
        "parameters",
        "retryStrategy",
        "timeout",
        "ecsProperties",
        "platformCapabilities",
    }
    made = batch.register_job_definition(**{name: definition[name] for name in taken & definition.keys()})
    trigger = application.aws.outputs["TriggerFunctionName"]
    environment = functions.get_function_configuration(FunctionName=trigger)["Environment"]["Variables"]
    environment["LOAD_JOB_DEFINITION"] = made["jobDefinitionArn"]
    functions.update_function_configuration(FunctionName=trigger, Environment={"Variables": environment})


def _docker(*words: str) -> str:
    return subprocess.run(["docker", *words], check=True, capture_output=True, text=True).stdout
