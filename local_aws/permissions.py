"""Roles and their policies count: what the templates do not allow is refused here as on AWS; runs in the emulator.

The emulator evaluates policies for functions by itself (with AUTH=true). It lacks the credentials of jobs, it
does not know which resources some requests name, and it keeps no list of what was asked: here each checked request of a
role becomes a line of JSON with `role`, `action`, `resource` and `allowed`.
"""

import hashlib
import json
import threading
from pathlib import Path
from typing import Any

from ministack import app
from ministack.core import iam_actions, iam_evaluator
from ministack.services import sts

from local_aws.batch_jobs import Job
from local_aws.request_resources import resources_of

_BETWEEN = " "
"""Stands between the ARNs of a request that names more than one resource."""


def install(calls: Path) -> None:
    """Complete the emulator's evaluation of policies; checked requests are listed in the file `calls`."""
    _name_the_resources()
    _list_requests(calls)
    _check_each_resource()
    _count_loopback_as_secure()


def job_credentials(job: Job) -> dict[str, str]:
    """Give the credentials of a job's role, as variables; none where its definition names no role."""
    role = job.role
    if not role:
        return {}
    digest = hashlib.sha256(f"{role}:{job.job_id}".encode()).hexdigest()
    account, name = role.split(":")[4], role.rpartition("/")[2]
    key, secret, token = f"ASIA{digest[:16].upper()}", digest[16:56], digest
    session = {
        "Arn": f"arn:aws:sts::{account}:assumed-role/{name}/{job.file_name}",
        "UserId": f"{name}:{job.file_name}",
        "SecretAccessKey": secret,
        "SessionToken": token,
    }
    sts.register_session(key, session)
    return {"AWS_ACCESS_KEY_ID": key, "AWS_SECRET_ACCESS_KEY": secret, "AWS_SESSION_TOKEN": token}


def _name_the_resources() -> None:
    """Let requests be checked on what they name, where the emulator does not know."""
    others = iam_actions.extract_resource_arn

    def extract(service: str, *request: Any) -> str:
        _, path, _, body, _, region, account = request
        if arns := resources_of(service, path, body, region=region, account=account):
            return _BETWEEN.join(arns)
        named: str = others(service, *request)
        return named

    iam_actions.extract_resource_arn = extract


def _list_requests(calls: Path) -> None:
    check = iam_evaluator.enforce
    lock = threading.Lock()

    def enforce(access_key: str, action: str, *request: Any, resource_arn: str = "*", **more: Any) -> Any:
        denied = check(access_key, action, *request, resource_arn=resource_arn, **more)
        session = sts._sessions.get(access_key) or {}
        if ":assumed-role/" in (arn := str(session.get("Arn", ""))):
            asked = {
                "role": arn.split("/")[1],
                "action": action,
                "resource": resource_arn,
                "allowed": not denied,
            }
            with lock, calls.open("a", encoding="utf-8") as lines:
                lines.write(json.dumps(asked) + "\n")
        return denied

    iam_evaluator.enforce = enforce


def _check_each_resource() -> None:
    one = iam_evaluator.enforce

    def enforce(*request: Any, resource_arn: str = "*", **more: Any) -> Any:
        # Only SubmitJob's were joined: an object's key may hold blanks of its own.
        joined = "batch:SubmitJob" in request
        for arn in resource_arn.split(_BETWEEN) if joined else [resource_arn]:
            if denied := one(*request, resource_arn=arn, **more):
                return denied
        return None

    iam_evaluator.enforce = enforce


def _count_loopback_as_secure() -> None:
    """Take requests as if they came over TLS: the buckets refuse all others."""
    pin = app.pin_request_origin
    app.pin_request_origin = lambda address, _secure: pin(address, True)
