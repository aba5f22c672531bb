"""S3 and DynamoDB of moto's server, over real HTTP, with an import that functions/ would have submitted."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import boto3
import pytest
from aws_lambda_powertools import Logger
from csv_import.__main__ import main
from csv_import.services import Services, connect
from csv_import.settings import Settings, settings_from
from csv_import.waiting import StopSign
from moto.server import ThreadedMotoServer

REGION = "eu-central-1"


@pytest.fixture(scope="session")
def moto_endpoint() -> Iterator[str]:
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    yield f"http://{host}:{port}"
    server.stop()


@dataclass
class World:
    """An account with the stack's buckets and tables, and what a test does with them."""

    s3: Any
    dynamodb: Any
    environment: dict[str, str]
    dropped: int = 0
    last_modified: dict[str, Any] = field(default_factory=dict)

    def table(self, *, key: dict[str, str] | None = None, indexes: list[dict[str, Any]] | None = None) -> None:
        key = key or {"ProductId": "S"}
        names = [*key, *(each["KeySchema"][0]["AttributeName"] for each in indexes or [])]
        types = {**{name: "S" for name in names}, **key}
        self.dynamodb.create_table(
            TableName="items",
            KeySchema=[
                {"AttributeName": name, "KeyType": kind} for name, kind in zip(key, ("HASH", "RANGE"), strict=False)
            ],
            AttributeDefinitions=[{"AttributeName": name, "AttributeType": types[name]} for name in types],
            BillingMode="PAY_PER_REQUEST",
            **({"GlobalSecondaryIndexes": indexes} if indexes else {}),
        )

    def drop(self, content: bytes, *, key: str = "in/products.csv", run: int = 1) -> str:
        """Upload a file, and write the ledger as functions/ does when it has submitted the job."""
        self.dropped += 1
        answer = self.s3.put_object(Bucket="input", Key=key, Body=content)
        import_id = f"products-{hashlib.sha256(str(self.dropped).encode()).hexdigest()[:20]}"
        self.last_modified[import_id] = self.s3.head_object(
            Bucket="input", Key=key, VersionId=answer["VersionId"]
        )["LastModified"]
        self.dynamodb.put_item(
            TableName="ledger",
            Item={
                "pk": {"S": f"import#{import_id}"},
                "sk": {"S": "import"},
                "import_id": {"S": import_id},
                "bucket": {"S": "input"},
                "key": {"S": key},
                "version_id": {"S": answer["VersionId"]},
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
        return connect(Logger(service="test", level="CRITICAL"), stop or StopSign())

    def load(self, import_id: str, **environment: str) -> int:
        """Run the job's own entry; returns its exit code."""
        return main(["load", "--import-id", import_id, "--run", "1"], {**self.environment, **environment})

    def items(self) -> dict[str, dict[str, Any]]:
        pages = self.dynamodb.get_paginator("scan").paginate(TableName="items")
        items = [item for page in pages for item in page["Items"]]
        return {next(iter(item["ProductId"].values())): item for item in items}

    def part(self, import_id: str) -> dict[str, Any]:
        return self._record(import_id, "run#0001#part#00000")

    def record(self, import_id: str) -> dict[str, Any]:
        return self._record(import_id, "import")

    def counters(self, import_id: str) -> dict[str, int]:
        return {name: int(value) for name, value in self.part(import_id)["counters"].items()}

    def artifact(self, import_id: str, name: str) -> bytes:
        key = f"imports/{import_id}/run-0001/{name}"
        body: bytes = self.s3.get_object(Bucket="artifacts", Key=key)["Body"].read()
        return body

    def _record(self, import_id: str, sk: str) -> dict[str, Any]:
        from csv_import.accounting.ledger import _rich

        key = {"pk": {"S": f"import#{import_id}"}, "sk": {"S": sk}}
        return _rich(self.dynamodb.get_item(TableName="ledger", Key=key, ConsistentRead=True).get("Item") or {})


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
    location = {"LocationConstraint": REGION}
    for bucket in ("input", "artifacts"):
        s3.create_bucket(Bucket=bucket, CreateBucketConfiguration=location)
    s3.put_bucket_versioning(Bucket="input", VersioningConfiguration={"Status": "Enabled"})
    dynamodb.create_table(
        TableName="ledger",
        KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}, {"AttributeName": "sk", "KeyType": "RANGE"}],
        AttributeDefinitions=[{"AttributeName": name, "AttributeType": "S"} for name in ("pk", "sk")],
        BillingMode="PAY_PER_REQUEST",
    )
    environment = {
        "LEDGER_TABLE": "ledger",
        "ARTIFACTS_BUCKET": "artifacts",
        "TABLE_NAME": "items",
        "AWS_BATCH_JOB_ID": "job-1",
        "AWS_BATCH_JOB_ATTEMPT": "1",
        "LOG_LEVEL": "CRITICAL",
    }
    yield World(s3, dynamodb, environment)
    import urllib.request

    urllib.request.urlopen(  # moto's own way to forget everything
        urllib.request.Request(f"{moto_endpoint}/moto-api/reset", method="POST"), timeout=10
    ).close()
