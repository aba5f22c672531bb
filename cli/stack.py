"""A deployed stack → the functions' own application, with the credentials of whoever calls."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from aws_lambda_powertools import Logger
from botocore.config import Config
from botocore.exceptions import ClientError

from settings import Settings
from wiring import Application, build

if TYPE_CHECKING:
    from mypy_boto3_cloudformation.type_defs import StackTypeDef

OUTPUTS = {
    "LEDGER_TABLE": "LedgerTableName",
    "ARTIFACTS_BUCKET": "ArtifactsBucketName",
    "TABLE_NAME": "ItemsTableName",
    "IDEMPOTENCY_TABLE": "IdempotencyTableName",
    "JOB_QUEUE": "JobQueueArn",
    "PLAN_JOB_DEFINITION": "PlanJobDefinitionArn",
    "LOAD_JOB_DEFINITION": "LoadJobDefinitionArn",
}
PARAMETERS = {
    "SPLIT_THRESHOLD_BYTES": "SplitThresholdBytes",
    "SUBMIT_GRACE_SECONDS": "SubmitGraceSeconds",
    "LEDGER_RETENTION_DAYS": "LedgerRetentionDays",
    "CANCEL_AFTER_SECONDS": "CancelAfterSeconds",
}
"""Where each variable of the functions' environment stands in what CloudFormation tells of the stack."""


class StackError(Exception):
    """The stack cannot be found, or is none of ours."""


def connect(name: str, client: Callable[..., Any]) -> Application:
    """Put together the application of the stack `name`.

    `client` gives a client of a service, as `boto3.session.Session.client` does. Raises `StackError` and botocore's
    errors.
    """
    config = Config(retries={"mode": "standard", "total_max_attempts": 5}, connect_timeout=5, read_timeout=30)
    return build(
        Settings.from_environment(environment_of(_described(name, client))),
        dynamodb=client("dynamodb", config=config),
        batch=client("batch", config=config),
        s3=client("s3", config=config),
        events=client("events", config=config),
        clock=lambda: datetime.now(UTC),
        logger=Logger(service="csvimport", level="WARNING", stream=sys.stderr, utc=True),
        write_line=lambda _: None,  # metrics are what functions put out
    )


def environment_of(stack: StackTypeDef) -> Mapping[str, str]:
    """Give the environment that the stack's functions have; raises `StackError`."""
    outputs = {each["OutputKey"]: each["OutputValue"] for each in stack.get("Outputs", [])}
    parameters = {each["ParameterKey"]: each["ParameterValue"] for each in stack.get("Parameters", [])}
    try:
        return {
            "DEPLOYMENT": stack["StackName"],
            **{variable: outputs[name] for variable, name in OUTPUTS.items()},
            **{variable: parameters[name] for variable, name in PARAMETERS.items()},
        }
    except KeyError as missing:
        raise StackError(
            f"the stack {stack['StackName']} has no {missing.args[0]}: it is another application, "
            "another version of this one, or not deployed yet"
        ) from missing


def _described(name: str, client: Callable[..., Any]) -> StackTypeDef:
    try:
        (stack,) = client("cloudformation").describe_stacks(StackName=name)["Stacks"]
    except ClientError as error:
        if error.response["Error"]["Code"] != "ValidationError":
            raise
        raise StackError(f"there is no stack {name} in this account and region") from error
    found: StackTypeDef = stack
    return found
