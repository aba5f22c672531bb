"""The embedded default as one context manager: an emulator, with the application deployed in it if that is wanted."""

import contextlib
import json
import os
import sys
import urllib.request
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

import botocore.session
from boto3.session import Session
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.config import Config
from botocore.credentials import Credentials

from local_aws import emulator, environments
from local_aws.deployment import deploy
from local_aws.packaging import package

STACK = "csv-to-dynamodb"
TEMPLATE = emulator.PROJECT / "template.yaml"
PACKAGES_BUCKET = "packages"
IMAGE = "csv-import:local"
"""The image that no one pulls: jobs run from their source."""


@dataclass(frozen=True, kw_only=True)
class EmbeddedAws:
    """AWS on this machine, with the application in it.

    `outputs` are the stack's; `logs` is the folder with the logs of emulator and functions
    (`emulator.log`) and of each attempt of each job.
    """

    endpoint: str
    session: Session
    outputs: Mapping[str, str]
    logs: Path

    def client(self, service: str) -> Any:
        """Give a client of a service of this AWS."""
        return _client(self.session, service, self.endpoint)

    def package(self, template: Path = TEMPLATE) -> str:
        """Upload a template and what it names; gives the template's URL. Raises `PackagingError`."""
        s3 = self.client("s3")
        s3.create_bucket(Bucket=PACKAGES_BUCKET)
        return package(
            template,
            bucket=PACKAGES_BUCKET,
            endpoint=self.endpoint,
            upload=lambda key, content: s3.put_object(Bucket=PACKAGES_BUCKET, Key=key, Body=content),
        )

    def lose_machine(self, job_id: str, loss: str) -> None:
        """Take the machine away from under a running job: `HOST_LOST` at once, `SPOT_RECLAIMED` after SIGTERM.

        AWS has no such call, so no client has it. Raises `urllib.error.HTTPError` where the job does not run.
        """
        url, body = f"{self.endpoint}/v1/losemachine", json.dumps({"jobId": job_id, "loss": loss}).encode()
        request = AWSRequest("POST", url, data=body)
        signer = Credentials(environments.ACCOUNT, environments.SIGNING_KEY)
        SigV4Auth(signer, "batch", environments.REGION).add_auth(request)
        direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        direct.open(urllib.request.Request(url, body, dict(request.headers), method="POST")).close()  # noqa: S310 - on loopback


@contextlib.contextmanager
def running(
    run_folder: Path,
    *,
    parameters: Mapping[str, str] | None = None,
    template: Path = TEMPLATE,
    container_address: str | None = None,
    runs_containers: bool = False,
) -> Iterator[EmbeddedAws]:
    """Start AWS, deploy the template with `parameters`, and end it all with the `with` block.

    Everything that is written goes into `run_folder`. `container_address` and `runs_containers` are the emulator's.
    Raises `EmulatorError`, `PackagingError` and `DeploymentError`.
    """
    with empty(run_folder, container_address=container_address, runs_containers=runs_containers) as aws:
        outputs = deploy(
            aws.client("cloudformation"),
            stack=STACK,
            template_url=aws.package(template),
            parameters={"ImageUri": IMAGE, **(parameters or {})},
        )
        yield replace(aws, outputs=outputs)


@contextlib.contextmanager
def empty(
    run_folder: Path, *, container_address: str | None = None, runs_containers: bool = False
) -> Iterator[EmbeddedAws]:
    """Start AWS with nothing deployed, and end it with the `with` block; raises `EmulatorError`."""
    run_folder = run_folder.resolve()
    with emulator.started(
        run_folder,
        project_python=sys.executable,
        container_address=container_address,
        runs_containers=runs_containers,
    ) as process:
        yield EmbeddedAws(endpoint=process.endpoint, session=_session(), outputs={}, logs=run_folder / "logs")


def _session() -> Session:
    """Make a session that reads neither the user's profiles nor credentials."""
    nothing = {
        "profile": (None, None, None, None),
        "config_file": (None, None, os.devnull, None),
        "credentials_file": (None, None, os.devnull, None),
    }
    return Session(
        aws_access_key_id=environments.ACCOUNT,
        aws_secret_access_key=environments.SIGNING_KEY,
        region_name=environments.REGION,
        botocore_session=botocore.session.Session(session_vars=nothing),
    )


def _client(session: Session, service: str, endpoint: str) -> Any:
    config = Config(proxies={}, retries={"mode": "standard"})
    make: Any = partial(session.client, service, endpoint_url=endpoint, config=config)
    return make()
