"""S3 and DynamoDB of moto's server, over real HTTP, with an import that functions/ would have submitted."""

from __future__ import annotations

import hashlib
import io
import signal
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any

import boto3
import pytest
from aws_lambda_powertools import Logger
from boto3.dynamodb.types import TypeDeserializer
from moto.server import ThreadedMotoServer

from csv_import.__main__ import main
from csv_import.errors import JobStop
from csv_import.services import Services, connect
from csv_import.settings import AccountingLimits, ReadLimits, Settings, WriteLimits, settings_from
from csv_import.stages.load import load
from csv_import.waiting import StopSign
from tests.unit.csv_import.log import captured_log

REGION = "eu-central-1"
ENVIRONMENT = {
    "LEDGER_TABLE": "ledger",
    "ARTIFACTS_BUCKET": "artifacts",
    "TABLE_NAME": "items",
    "AWS_BATCH_JOB_ID": "job-1",
    "AWS_BATCH_JOB_ATTEMPT": "1",
    "LOG_LEVEL": "CRITICAL",
}
"""What the stack and Batch tell the job."""


@pytest.fixture(scope="session")
def moto_endpoint() -> Iterator[str]:
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    yield f"http://{host}:{port}"
    server.stop()


class Clock:
    """A time that stands still until somebody pauses."""

    def __init__(self) -> None:
        self.passed_s = 0.0

    def now(self) -> datetime:
        return datetime(2026, 11, 23, 12, 0, tzinfo=UTC) + timedelta(seconds=self.passed_s)

    def seconds(self) -> float:
        return self.passed_s


class Pauses(StopSign):
    """Pauses that take no time on the wall, and their time on the clock."""

    def __init__(self, clock: Clock) -> None:
        super().__init__()
        self._clock = clock

    def pause(self, seconds: float) -> None:
        self._clock.passed_s += seconds
        super().pause(0)


@dataclass
class World:
    """An account with the stack's buckets and tables, and what a test does with them."""

    s3: Any
    dynamodb: Any
    environment: dict[str, str]
    dropped: int = 0
    last_modified: dict[str, Any] = field(default_factory=dict)
    _services: Services | None = None

    def table(self, *, key: dict[str, str] | None = None, index: dict[str, str] | None = None) -> None:
        """Create the target: names and types of its key, and of the partition key of an index."""
        key = key or {"ProductId": "S"}
        types = {**key, **(index or {})}
        indexes = [
            {
                "IndexName": f"by-{name}",
                "KeySchema": [{"AttributeName": name, "KeyType": "HASH"}],
                "Projection": {"ProjectionType": "ALL"},
            }
            for name in index or {}
        ]
        self.dynamodb.create_table(
            TableName="items",
            KeySchema=[
                {"AttributeName": name, "KeyType": kind}
                for name, kind in zip(key, ("HASH", "RANGE"), strict=False)
            ],
            AttributeDefinitions=[
                {"AttributeName": name, "AttributeType": kind} for name, kind in types.items()
            ],
            BillingMode="PAY_PER_REQUEST",
            **({"GlobalSecondaryIndexes": indexes} if indexes else {}),
        )

    def drop(
        self, content: bytes, *, key: str = "in/products.csv", run: int = 1, bucket: str = "input"
    ) -> str:
        """Upload a file, and write the ledger as functions/ does when it has submitted the job."""
        self.dropped += 1
        answer = self.s3.put_object(Bucket=bucket, Key=key, Body=content)
        version = {"VersionId": answer["VersionId"]} if "VersionId" in answer else {}
        import_id = f"products-{hashlib.sha256(str(self.dropped).encode()).hexdigest()[:20]}"
        head = self.s3.head_object(Bucket=bucket, Key=key, **version)
        self.last_modified[import_id] = head["LastModified"]
        self.dynamodb.put_item(
            TableName="ledger",
            Item={
                "pk": {"S": f"import#{import_id}"},
                "sk": {"S": "import"},
                "import_id": {"S": import_id},
                "bucket": {"S": bucket},
                "key": {"S": key},
                **({"version_id": {"S": answer["VersionId"]}} if version else {}),
                "etag": {"S": answer["ETag"].strip('"')},
                "size": {"N": str(len(content))},
                "state": {"S": "LOADING"},
                "open": {"S": "yes"},
                "run": {"N": str(run)},
                "parts": {"N": "1"},
                "updated_at": {"S": "2026-11-23T10:00:00.000000Z"},
            },
        )
        return import_id

    def settings(self, import_id: str, **environment: str) -> Settings:
        return settings_from({**self.environment, **environment}, import_id=import_id, run="1")

    def services(self, stop: StopSign | None = None) -> Services:
        """Clients take long to make, and every part asks for some."""
        if self._services is None:
            self._services = connect(Logger(service="test", level="CRITICAL"), StopSign())
        return replace(self._services, stop=stop or StopSign())

    def load(self, import_id: str, **environment: str) -> int:
        """Run the job's own entry; returns its exit code."""
        return main(["load", "--import-id", import_id, "--run", "1"], {**self.environment, **environment})

    def attempt(
        self,
        import_id: str,
        number: int = 1,
        *,
        clock: Clock | None = None,
        read: ReadLimits | None = None,
        write: WriteLimits | None = None,
        segment_records: int = 10_000,
        checkpoint_rest_s: float = 3600.0,
        lease_s: float = 60.0,
        heartbeat_s: float = 3600.0,
        **environment: str,
    ) -> JobStop | None:
        """Run the stage with limits and a clock of the test's own; returns why it stopped, if it did."""
        clock = clock or Clock()
        settings = replace(
            self.settings(import_id, AWS_BATCH_JOB_ATTEMPT=str(number), **environment),
            read=read or ReadLimits(),
            write=write or WriteLimits(),
            accounting=AccountingLimits(
                segment_records=segment_records,
                heartbeat_s=heartbeat_s,
                checkpoint_rest_s=checkpoint_rest_s,
                lease_s=lease_s,
            ),
        )
        services = replace(self.services(Pauses(clock)), now=clock.now, clock=clock.seconds)
        try:
            load(settings, services)
        except JobStop as stop:
            return stop
        return None

    def scan(self) -> list[dict[str, Any]]:
        pages = self.dynamodb.get_paginator("scan").paginate(TableName="items")
        return [item for page in pages for item in page["Items"]]

    def items(self) -> dict[str, dict[str, Any]]:
        return {next(iter(item["ProductId"].values())): item for item in self.scan()}

    def part(self, import_id: str) -> dict[str, Any]:
        return self.item(import_id, "run#0001#part#00000")

    def record(self, import_id: str) -> dict[str, Any]:
        return self.item(import_id, "import")

    def counters(self, import_id: str) -> dict[str, int]:
        return {name: int(value) for name, value in self.part(import_id)["counters"].items()}

    def rows(self, import_id: str) -> dict[str, int]:
        """Counters that must not depend on timing or attempts."""
        effort = {"requests", "throttles", "retries"}
        return {name: value for name, value in self.counters(import_id).items() if name not in effort}

    def artifacts(self, import_id: str) -> list[str]:
        prefix = f"imports/{import_id}/run-0001/"
        found = self.s3.list_objects_v2(Bucket="artifacts", Prefix=prefix).get("Contents", [])
        return [each["Key"].removeprefix(prefix) for each in found]

    def rejects(self, import_id: str, ending: str = "csv") -> bytes:
        """The rejects of all segments, one after the other."""
        names = [name for name in self.artifacts(import_id) if name.startswith("rejects/")]
        return b"".join(self.artifact(import_id, name) for name in names if name.endswith(f".{ending}"))

    def artifact(self, import_id: str, name: str) -> bytes:
        key = f"imports/{import_id}/run-0001/{name}"
        body: bytes = self.s3.get_object(Bucket="artifacts", Key=key)["Body"].read()
        return body

    def item(self, import_id: str, sk: str) -> dict[str, Any]:
        """What the ledger has under an import and a sort key; empty if nothing."""
        key = {"pk": {"S": f"import#{import_id}"}, "sk": {"S": sk}}
        item = self.dynamodb.get_item(TableName="ledger", Key=key, ConsistentRead=True).get("Item") or {}
        return {name: TypeDeserializer().deserialize(value) for name, value in item.items()}


def create_ledger(dynamodb: Any) -> None:
    dynamodb.create_table(
        TableName="ledger",
        KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}, {"AttributeName": "sk", "KeyType": "RANGE"}],
        AttributeDefinitions=[{"AttributeName": name, "AttributeType": "S"} for name in ("pk", "sk")],
        BillingMode="PAY_PER_REQUEST",
    )


@pytest.fixture(autouse=True)
def log() -> Iterator[io.StringIO]:
    """What the job logs in this process."""
    with captured_log() as stream:
        yield stream


@pytest.fixture(autouse=True)
def sigterm() -> Iterator[None]:
    """The job's entry takes the signal over; pytest gets it back."""
    before = signal.getsignal(signal.SIGTERM)
    yield
    signal.signal(signal.SIGTERM, before)


@pytest.fixture
def world(moto_endpoint: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    for name, value in {
        "AWS_ENDPOINT_URL": moto_endpoint,
        "AWS_ACCESS_KEY_ID": "testing",
        "AWS_SECRET_ACCESS_KEY": "testing",
        "AWS_DEFAULT_REGION": REGION,
        "AWS_CONFIG_FILE": "/dev/null",
        "AWS_SHARED_CREDENTIALS_FILE": "/dev/null",
        "NO_PROXY": "127.0.0.1",
    }.items():
        monkeypatch.setenv(name, value)
    monkeypatch.delenv("AWS_PROFILE", raising=False)
    monkeypatch.delenv("AWS_SESSION_TOKEN", raising=False)
    s3 = boto3.client("s3")
    dynamodb = boto3.client("dynamodb")
    location: Any = {"LocationConstraint": REGION}
    for bucket in ("input", "artifacts", "unversioned"):
        s3.create_bucket(Bucket=bucket, CreateBucketConfiguration=location)
    s3.put_bucket_versioning(Bucket="input", VersioningConfiguration={"Status": "Enabled"})
    create_ledger(dynamodb)
    yield World(s3, dynamodb, {**ENVIRONMENT})
    urllib.request.urlopen(  # moto's own way to forget everything
        urllib.request.Request(f"{moto_endpoint}/moto-api/reset", method="POST"), timeout=10
    ).close()
