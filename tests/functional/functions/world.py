"""AWS around the functions: moto's DynamoDB and S3, a Batch that records, a clock that is set by hand."""

import io
import itertools
import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any, cast
from urllib.parse import unquote_plus

import boto3
from aws_lambda_powertools import Logger
from aws_lambda_powertools.utilities.typing import LambdaContext
from moto import mock_aws

import sweep
import tracker
import trigger
from imports import import_id
from settings import Settings
from tests.functional.functions.fakes import FakeBatch, FakeContext, FakeEvents, Item
from wiring import Application, build

REGION = "eu-central-1"
INPUT = "input"
GRACE_S = 300
SPLIT_BYTES = 512 * 1024 * 1024
CANCEL_AFTER_S = 86_400
RETENTION_DAYS = 365
START = datetime(2026, 11, 23, 10, 0, tzinfo=UTC)


@dataclass
class World:
    """The functions, all that surrounds them, and the deeds of the job that they start."""

    dynamodb: Any
    ledger: Any
    s3: Any
    batch: FakeBatch
    events: FakeEvents
    metric_lines: list[str]
    logs: io.StringIO
    app: Application
    now: datetime = START
    counter: Iterator[int] = field(default_factory=lambda: itertools.count(1))

    # the functions

    def trigger(self, event: Item) -> Item:
        return trigger.handler(event, cast(LambdaContext, FakeContext()), self.app)

    def track(self, job_id: str, **changes: Any) -> Item:
        """Deliver the event of a job's end."""
        detail = self.batch.jobs[job_id] | changes
        return self.track_event(
            {"detail-type": "Batch Job State Change", "source": "aws.batch", "detail": detail}
        )

    def track_event(self, event: Item) -> Item:
        return tracker.handler(event, cast(LambdaContext, FakeContext()), self.app)

    def sweep(self, remaining_ms: Callable[[], int] = lambda: 60_000) -> Item:
        return sweep.handler({}, cast(LambdaContext, FakeContext(remaining_ms)), self.app)

    def pass_grace(self) -> None:
        self.now += timedelta(seconds=GRACE_S)

    def pass_patience(self) -> None:
        """Let as much time pass as a job may wait for its start."""
        self.now += timedelta(seconds=CANCEL_AFTER_S)

    # objects and events

    def event(self, *keys: str) -> Item:
        """Make the event of new versions of these (encoded) keys."""
        return {"Records": [self.record(key) for key in keys]}

    def record(self, key: str) -> Item:
        """Put a new version of an (encoded) key, and make the record of its event."""
        number = next(self.counter)
        put = self.s3.put_object(Bucket=INPUT, Key=unquote_plus(key), Body=b"x" * 321)
        return {
            "eventName": "ObjectCreated:Put",
            "eventTime": "2026-11-23T09:59:59.000Z",
            "s3": {
                "bucket": {"name": INPUT},
                "object": {
                    "key": key,
                    "size": 321,
                    "eTag": put["ETag"].strip('"'),
                    "versionId": put["VersionId"],
                    "sequencer": f"{number:016X}",
                },
            },
        }

    def start(self, key: str = "sample.csv") -> str:
        """Let an object arrive; gives the id of its import."""
        event = self.event(key)
        self.trigger(event)
        return id_of(event["Records"][0])

    # the ledger

    def item(self, import_id: str, sk: str = "import") -> Item:
        """Read an item as it stands, or {}."""
        return cast(Item, self.ledger.get_item(Key={"pk": f"import#{import_id}", "sk": sk}).get("Item", {}))

    def imports(self) -> list[Item]:
        """List all imports."""
        return [cast(Item, item) for item in self.ledger.scan()["Items"] if item["sk"] == "import"]

    def forget_events(self) -> None:
        """Empty the idempotency table."""
        for item in self.dynamodb.scan(TableName="idempotency")["Items"]:
            self.dynamodb.delete_item(TableName="idempotency", Key={"id": item["id"]})

    # the job

    def claim(self, import_id: str, job_id: str) -> bool:
        """Claim a stage of an import as its job does: with the contract's conditions."""
        told = self.batch.jobs[job_id]["parameters"]
        state, name = ("PLANNING", "plan_job") if told.get("stage") == "plan" else ("LOADING", "load_job")
        condition = "#state = :state AND #run = :run AND (attribute_not_exists(#job) OR #job = :job)"
        values = {
            ":job": job_id,
            ":state": state,
            ":run": int(told.get("run", 1)),
            ":pinned": {"table_name": "items", "header": ["ProductId"], "columns": 1},
        }
        if "submission" in told:
            condition += " AND submissions = :submission"
            values[":submission"] = int(told["submission"])
        try:
            self.ledger.update_item(
                Key={"pk": f"import#{import_id}", "sk": "import"},
                UpdateExpression="SET #job = :job, pinned = :pinned",
                ConditionExpression=condition,
                ExpressionAttributeNames={"#state": "state", "#run": "run", "#job": name},
                ExpressionAttributeValues=values,
            )
        except self.dynamodb.exceptions.ConditionalCheckFailedException:
            return False
        self.batch.jobs[job_id]["status"] = "RUNNING"
        return True

    def plan(self, import_id: str, parts: int) -> None:
        """Write what a plan comes to, as its job does at its end."""
        for part in range(parts):
            self.write_part(import_id, "PLANNED", part=part, sk=f"run#0001#part#{part:05d}", counters={})
        self.ledger.update_item(
            Key={"pk": f"import#{import_id}", "sk": "import"},
            UpdateExpression="SET #plan = :plan",
            ExpressionAttributeNames={"#plan": "plan"},
            ExpressionAttributeValues={":plan": {"run": 1, "parts": parts, "shared_parts": 0}},
        )

    def write_part(self, import_id: str, status: str = "DONE", **attributes: Any) -> None:
        """Write part 0 as the job does."""
        counters = {"rows_read": 6, "rows_written": 6, "rows_superseded": 0, "rows_rejected": 0}
        item = {
            "pk": f"import#{import_id}",
            "sk": "run#0001#part#00000",
            "import_id": import_id,
            "run": 1,
            "part": 0,
            "status": status,
            "counters": counters | {"rows_skipped": 0},
            "started_at": "2026-11-23T10:00:10.000000Z",
        }
        self.ledger.put_item(Item=item | attributes)

    def end(self, job_id: str, status: str, **detail: Any) -> None:
        """Let a job end."""
        self.batch.jobs[job_id] |= {"status": status, **detail}

    # artifacts

    def put_artifact(self, import_id: str, name: str, body: bytes) -> None:
        self.s3.put_object(Bucket="artifacts", Key=f"imports/{import_id}/run-0001/{name}", Body=body)

    def artifact(self, import_id: str, name: str) -> bytes | None:
        """Read an artifact, None if there is none."""
        try:
            answer = self.s3.get_object(Bucket="artifacts", Key=f"imports/{import_id}/run-0001/{name}")
        except self.s3.exceptions.NoSuchKey:
            return None
        with answer["Body"] as body:
            return cast(bytes, body.read())

    def report(self, import_id: str) -> Item:
        body = self.artifact(import_id, "report.json")
        assert body is not None, "there is no report"
        return cast(Item, json.loads(body))

    # logs

    def log_lines(self) -> list[Item]:
        return [json.loads(line) for line in self.logs.getvalue().splitlines()]

    def metrics(self) -> list[Item]:
        """Give what was measured, a document for each moment, without what CloudWatch is told about it."""
        documents = [json.loads(line) for line in self.metric_lines]
        return [{key: value for key, value in one.items() if key != "_aws"} for one in documents]

    # what others hear

    def told(self, import_id: str) -> list[Item]:
        """Give the events of an import."""
        return [detail for detail in self.events.details if detail["import_id"] == import_id]


def id_of(record: Mapping[str, Any]) -> str:
    """Give the import id of a record with a key that needs no decoding."""
    thing = record["s3"]["object"]
    return import_id(
        bucket=record["s3"]["bucket"]["name"],
        key=thing["key"],
        version_id=thing["versionId"],
        sequencer=thing["sequencer"],
    )


def through(app: Application, gate: Callable[[str], None]) -> Application:
    """Give the application with a gate before each effect that another process could see."""

    class Gated:
        def __init__(self, inner: Any, names: set[str]) -> None:
            self.inner = inner
            self.names = names

        def __getattr__(self, name: str) -> Any:
            found = getattr(self.inner, name)
            if name not in self.names:
                return found

            def call(*arguments: Any, **keywords: Any) -> Any:
                gate(name)
                return found(*arguments, **keywords)

            return call

    ledger = Gated(
        app.ledger,
        {
            "register",
            "read",
            "parts",
            "import_of",
            "end_leases",
            "queue",
            "reopen",
            "begin_submission",
            "record_submission",
            "close",
            "settle",
            "open_imports",
            "expire",
        },
    )
    jobs = Gated(app.jobs, {"submit", "describe"})
    artifacts = Gated(app.artifacts, {"put_json"})
    bus = Gated(app.event_bus, {"put"})
    return replace(
        app,
        ledger=cast(Any, ledger),
        jobs=cast(Any, jobs),
        artifacts=cast(Any, artifacts),
        event_bus=cast(Any, bus),
    )


@cache
def session() -> boto3.session.Session:
    """Give one session for all worlds: to load the service models takes longer than most tests."""
    return boto3.session.Session(
        aws_access_key_id="testing", aws_secret_access_key="testing", region_name=REGION
    )


@contextmanager
def new_world() -> Iterator[World]:
    """Build a world."""
    with mock_aws():
        dynamodb = session().client("dynamodb")
        s3: Any = session().client("s3")
        create_tables(dynamodb)
        for bucket in (INPUT, "artifacts"):
            s3.create_bucket(Bucket=bucket, CreateBucketConfiguration={"LocationConstraint": REGION})
        s3.put_bucket_versioning(Bucket=INPUT, VersioningConfiguration={"Status": "Enabled"})
        batch = FakeBatch()
        events = FakeEvents()
        metric_lines: list[str] = []
        logs = io.StringIO()
        settings = Settings(
            deployment="test",
            ledger_table="ledger",
            artifacts_bucket="artifacts",
            table_name="items",
            idempotency_table="idempotency",
            job_queue="arn:queue",
            plan_job_definition="arn:plan-definition",
            load_job_definition="arn:definition",
            split_threshold_bytes=SPLIT_BYTES,
            submit_grace_s=GRACE_S,
            cancel_after_s=CANCEL_AFTER_S,
            ledger_retention_days=RETENTION_DAYS,
        )
        app = build(
            settings,
            dynamodb=dynamodb,
            batch=cast(Any, batch),
            s3=s3,
            events=cast(Any, events),
            clock=lambda: world.now,
            logger=Logger(service=f"test-{id(logs)}", stream=logs, level="INFO"),
            write_line=metric_lines.append,
        )
        table: Any = session().resource("dynamodb").Table("ledger")
        world = World(
            dynamodb=dynamodb,
            ledger=table,
            s3=s3,
            batch=batch,
            events=events,
            metric_lines=metric_lines,
            logs=logs,
            app=app,
        )
        yield world


def create_tables(dynamodb: Any) -> None:
    """Create ledger and idempotency table as the template has them."""
    dynamodb.create_table(
        TableName="ledger",
        BillingMode="PAY_PER_REQUEST",
        AttributeDefinitions=[
            {"AttributeName": name, "AttributeType": "S"} for name in ("pk", "sk", "open", "updated_at")
        ],
        KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}, {"AttributeName": "sk", "KeyType": "RANGE"}],
        GlobalSecondaryIndexes=[
            {
                "IndexName": "open-imports",
                "KeySchema": [
                    {"AttributeName": "open", "KeyType": "HASH"},
                    {"AttributeName": "updated_at", "KeyType": "RANGE"},
                ],
                "Projection": {"ProjectionType": "ALL"},
            }
        ],
    )
    dynamodb.create_table(
        TableName="idempotency",
        BillingMode="PAY_PER_REQUEST",
        AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
        KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
    )
