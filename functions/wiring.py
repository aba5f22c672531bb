"""The application's parts put together: once per process on AWS, from fakes in a test."""

import os
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from typing import TYPE_CHECKING, Any

import boto3
from aws_lambda_powertools import Logger
from aws_lambda_powertools.utilities.idempotency import DynamoDBPersistenceLayer, IdempotencyConfig
from aws_lambda_powertools.utilities.typing import LambdaContext
from botocore.config import Config

import metrics
from artifacts import Artifacts
from event_bus import EventBus
from input_versions import InputVersions
from jobs import Jobs
from ledger import Ledger
from settings import Settings

if TYPE_CHECKING:
    from mypy_boto3_batch import BatchClient
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_events import EventBridgeClient
    from mypy_boto3_s3 import S3Client

IDEMPOTENCY_EXPIRY_S = 48 * 60 * 60
"""Lambda retries asynchronous events for hours, S3 may deliver late: two days cover both."""


@dataclass(frozen=True, kw_only=True)
class Application:
    """All that the functions work with."""

    settings: Settings
    ledger: Ledger
    jobs: Jobs
    artifacts: Artifacts
    input_versions: InputVersions
    event_bus: EventBus
    idempotency_store: DynamoDBPersistenceLayer
    idempotency: IdempotencyConfig
    clock: Callable[[], datetime]
    logger: Logger
    write_line: Callable[[str], object]
    """Writes a line to the function's log as it is."""

    def measure(self, values: metrics.Values) -> None:
        """Put out metrics of this moment."""
        self.write_line(metrics.line(values, deployment=self.settings.deployment, at=self.clock()) + "\n")


def build(
    settings: Settings,
    *,
    dynamodb: "DynamoDBClient",
    batch: "BatchClient",
    s3: "S3Client",
    events: "EventBridgeClient",
    clock: Callable[[], datetime],
    logger: Logger,
    write_line: Callable[[str], object],
) -> Application:
    """Put the application together from clients, clock and log.

    The persistence layer keeps the first configuration that it sees, so it is made beside it, once.
    """
    return Application(
        settings=settings,
        ledger=Ledger(dynamodb, settings.ledger_table),
        jobs=Jobs(batch),
        artifacts=Artifacts(s3, settings.artifacts_bucket),
        input_versions=InputVersions(s3),
        event_bus=EventBus(events),
        idempotency_store=DynamoDBPersistenceLayer(
            table_name=settings.idempotency_table, boto3_client=dynamodb
        ),
        idempotency=IdempotencyConfig(
            event_key_jmespath="import_id",
            raise_on_no_idempotency_key=True,
            expires_after_seconds=IDEMPOTENCY_EXPIRY_S,
            hash_function="sha256",
        ),
        clock=clock,
        logger=logger,
        write_line=write_line,
    )


def from_environment(environment: Mapping[str, str]) -> Application:
    """Put the application together as it runs in Lambda; credentials, region and endpoints are the SDK's."""
    config = Config(retries={"mode": "standard", "total_max_attempts": 5}, connect_timeout=5, read_timeout=30)
    session = boto3.session.Session()
    return build(
        Settings.from_environment(environment),
        dynamodb=session.client("dynamodb", config=config),
        batch=session.client("batch", config=config),
        s3=session.client("s3", config=config),
        events=session.client("events", config=config),
        clock=lambda: datetime.now(UTC),
        logger=Logger(service=environment.get("POWERTOOLS_SERVICE_NAME", "csv-to-dynamodb"), utc=True),
        write_line=sys.stdout.write,
    )


@cache
def application() -> Application:
    """Give the process's application; built at the first invocation, kept for the others."""
    return from_environment(os.environ)


def invoke(
    handle: Callable[[dict[str, Any], LambdaContext, Application], dict[str, Any]],
    event: dict[str, Any],
    context: LambdaContext,
    app: Application | None,
) -> dict[str, Any]:
    """Call a handler with the application and with the invocation's context in each log line."""
    app = app or application()

    def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
        return handle(event, context, app)

    return app.logger.inject_lambda_context(handler, clear_state=True)(event, context)
