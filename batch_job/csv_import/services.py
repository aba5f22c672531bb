"""The clients and clocks of one process, built once, so that a test can pass in others."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import boto3
from aws_lambda_powertools import Logger
from botocore.config import Config
from botocore.exceptions import BotoCoreError

from csv_import.errors import BadConfiguration
from csv_import.settings import Settings
from csv_import.waiting import Backoff, StopSign


def _utc_now() -> datetime:
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class Services:
    """What a stage needs from the world.

    Args:
        session: botocore's session: credentials, region, configuration.
        s3, dynamodb: low-level clients.
        logger: JSON lines.
        stop: set by SIGTERM.
        now: the time, with time zone.
        clock: seconds that only grow.
        verify: how TLS certificates are checked.
    """

    session: Any
    s3: Any
    dynamodb: Any
    logger: Logger
    stop: StopSign
    now: Callable[[], datetime] = field(default=_utc_now)
    clock: Callable[[], float] = field(default=time.monotonic)
    verify: bool | str = True

    def backoff(self, settings: Settings) -> Callable[[], Backoff]:
        """Makes the backoffs of this process: interrupted by SIGTERM."""
        limits = settings.write

        def new() -> Backoff:
            return Backoff(
                limits.retry_base_s,
                limits.retry_cap_s,
                limits.retry_budget_s,
                clock=self.clock,
                pause=self.stop.pause,
            )

        return new


def connect(logger: Logger, stop: StopSign) -> Services:
    """Build the clients from the SDK's standard configuration.

    Raises:
        BadConfiguration: `no_credentials` or `invalid_sdk_configuration`.
    """
    config = Config(
        retries={"mode": "standard", "total_max_attempts": 8}, connect_timeout=10, read_timeout=30
    )
    try:
        session = boto3.session.Session()
        if session.get_credentials() is None:
            raise BadConfiguration("no_credentials", "the job has no AWS credentials: is its role set?")
        s3 = session.client("s3", config=config)
        dynamodb = session.client("dynamodb", config=config)
    except BotoCoreError as error:
        raise BadConfiguration("invalid_sdk_configuration", str(error)) from error
    return Services(
        session=session,
        s3=s3,
        dynamodb=dynamodb,
        logger=logger,
        stop=stop,
        verify=session._session.get_config_variable("ca_bundle") or True,
    )
