"""The deployed application as a person with a terminal sees it: drop, wait, look."""

import json
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import quote_plus

import artifacts
import times
from cli.watching import watch
from imports import Import, Part, import_id, received
from ledger import Ledger
from local_aws.embedded import EmbeddedAws
from objects import ObjectVersion

PATIENCE_S = 90.0
POLL_S = 0.05


@dataclass(frozen=True)
class Dropped:
    """An object in the input bucket, and the import that it is to become."""

    key: str
    version_id: str
    etag: str
    size: int
    import_id: str


class Application:
    """The application on the embedded default."""

    def __init__(self, aws: EmbeddedAws) -> None:
        self.aws = aws
        self.bucket = aws.outputs["InputBucketName"]
        self.ledger = Ledger(aws.client("dynamodb"), aws.outputs["LedgerTableName"])

    def drop(self, key: str, content: bytes) -> Dropped:
        """Put an object into the input bucket."""
        put = self.aws.client("s3").put_object(Bucket=self.bucket, Key=key, Body=content)
        id_ = import_id(bucket=self.bucket, key=key, version_id=put["VersionId"], sequencer="")
        return Dropped(key, put["VersionId"], put["ETag"].strip('"'), len(content), id_)

    def register(self, dropped: Dropped, at: datetime) -> None:
        """Leave the ledger as the trigger does when it dies right after it has registered the import."""
        found = ObjectVersion(
            bucket=self.bucket,
            key=dropped.key,
            version_id=dropped.version_id,
            sequencer="0055AED6DCD90281E5",
            etag=dropped.etag,
            size=dropped.size,
            event_time=times.stamp(at),
        )
        import_ = received(found, at=times.stamp(at))
        assert import_.import_id == dropped.import_id
        assert self.ledger.register([import_], self.ledger.queue(self.bucket, dropped.key))

    def closed(self, id_: str) -> Import:
        """Wait until an import is closed."""
        for _ in watch(
            lambda: self.ledger.read(id_),
            give_up_after_s=PATIENCE_S,
            poll_s=POLL_S,
            clock=time.monotonic,
            sleep=time.sleep,
        ):
            pass
        return self.import_of(id_)

    def import_of(self, id_: str) -> Import:
        """Give an import as the ledger has it."""
        import_, _ = self._found(id_)
        return import_

    def parts_of(self, id_: str) -> list[Part]:
        """Give the parts of an import."""
        _, parts = self._found(id_)
        return parts

    def imports_of(self, key: str) -> list[str]:
        """Give the ids of all imports of a key."""
        pages = self.aws.client("dynamodb").get_paginator("scan").paginate(TableName=self.ledger.table)
        items = [item for page in pages for item in page["Items"] if item["sk"]["S"] == "import"]
        return [item["import_id"]["S"] for item in items if item["key"]["S"] == key]

    def report(self, id_: str) -> dict[str, Any]:
        """Give an import's report."""
        report: dict[str, Any] = json.loads(self.artifact(id_, "report.json"))
        return report

    def counts(self, id_: str) -> dict[str, int]:
        """Give what the report says of rows, without the word."""
        return {
            name.removeprefix("rows_"): n for name, n in self.report(id_).items() if name.startswith("rows_")
        }

    def artifact(self, id_: str, name: str) -> bytes:
        """Give an artifact of an import's first run."""
        key = artifacts.root(id_, 1) + name
        s3 = self.aws.client("s3")
        content: bytes = s3.get_object(Bucket=self.aws.outputs["ArtifactsBucketName"], Key=key)["Body"].read()
        return content

    def items(self, key: str) -> dict[str, dict[str, Any]]:
        """Give the items that came from a key, by their partition key's value."""
        table = self.aws.outputs["ItemsTableName"]
        pages = self.aws.client("dynamodb").get_paginator("scan").paginate(TableName=table)
        items = [item for page in pages for item in page["Items"] if item["Filename"]["S"] == key]
        return {next(iter(item["ProductId"].values())): item for item in items}

    def jobs_of(self, id_: str) -> list[dict[str, Any]]:
        """Give the Batch jobs of an import."""
        batch = self.aws.client("batch")
        named = [{"name": "JOB_NAME", "values": [f"load-{id_}-r1"]}]
        listed = batch.list_jobs(jobQueue=self.aws.outputs["JobQueueArn"], filters=named)["jobSummaryList"]
        jobs: list[dict[str, Any]] = batch.describe_jobs(jobs=[job["jobId"] for job in listed])["jobs"]
        return jobs

    def running_job_of(self, id_: str) -> dict[str, Any]:
        """Wait until a Batch job of an import runs."""
        return self.running_job_named(id_)

    def running_job_named(self, slug: str) -> dict[str, Any]:
        """Wait until a Batch job runs whose import's id begins so."""
        batch, deadline = self.aws.client("batch"), time.monotonic() + PATIENCE_S
        while time.monotonic() < deadline:
            queue = self.aws.outputs["JobQueueArn"]
            for job in batch.list_jobs(jobQueue=queue, jobStatus="RUNNING")["jobSummaryList"]:
                if job["jobName"].startswith(f"load-{slug}"):
                    found: dict[str, Any] = job
                    return found
            time.sleep(POLL_S)
        raise AssertionError(f"no job of {slug} runs")

    def ended_jobs_of(self, id_: str) -> list[dict[str, Any]]:
        """Wait until all Batch jobs of an import have ended."""
        deadline = time.monotonic() + PATIENCE_S
        while time.monotonic() < deadline:
            jobs = self.jobs_of(id_)
            if all(job["status"] in ("SUCCEEDED", "FAILED") for job in jobs):
                return jobs
            time.sleep(POLL_S)
        raise AssertionError(f"the jobs of {id_} do not end")

    def invoke(self, function: str, event: Mapping[str, Any]) -> dict[str, Any]:
        """Invoke a function and give its answer; `function` is the output that has its name."""
        answer = self.aws.client("lambda").invoke(
            FunctionName=self.aws.outputs[function], Payload=json.dumps(event).encode()
        )
        payload: dict[str, Any] = json.loads(answer["Payload"].read())
        assert "FunctionError" not in answer, payload
        return payload

    def let_time_pass(self, dropped: Dropped, since: datetime) -> None:
        """Let an import's last change lie so far back that the sweep looks after it."""
        self.aws.client("dynamodb").update_item(
            TableName=self.ledger.table,
            Key={"pk": {"S": f"import#{dropped.import_id}"}, "sk": {"S": "import"}},
            UpdateExpression="SET updated_at = :then",
            ExpressionAttributeValues={":then": {"S": times.stamp(since)}},
        )

    @contextmanager
    def without_notifications(self) -> Iterator[None]:
        """Keep S3 from telling the trigger of what is dropped."""
        s3 = self.aws.client("s3")
        configuration = s3.get_bucket_notification_configuration(Bucket=self.bucket)
        del configuration["ResponseMetadata"]
        s3.put_bucket_notification_configuration(Bucket=self.bucket, NotificationConfiguration={})
        try:
            yield
        finally:
            s3.put_bucket_notification_configuration(
                Bucket=self.bucket, NotificationConfiguration=configuration
            )

    def event(self, *dropped: Dropped) -> dict[str, Any]:
        """Make the event that S3 sends of these objects, a record for each."""
        return {"Records": [self._record(one) for one in dropped]}

    def _record(self, dropped: Dropped) -> dict[str, Any]:
        return {
            "eventVersion": "2.1",
            "eventSource": "aws:s3",
            "awsRegion": "us-east-1",
            "eventTime": "2026-11-23T10:00:00.000Z",
            "eventName": "ObjectCreated:Put",
            "s3": {
                "s3SchemaVersion": "1.0",
                "bucket": {"name": self.bucket, "arn": f"arn:aws:s3:::{self.bucket}"},
                "object": {
                    "key": quote_plus(dropped.key, safe="/"),
                    "size": dropped.size,
                    "eTag": dropped.etag,
                    "versionId": dropped.version_id,
                    "sequencer": "0055AED6DCD90281E5",
                },
            },
        }

    def _found(self, id_: str) -> tuple[Import, list[Part]]:
        found = self.ledger.read(id_)
        assert found is not None, f"the ledger has no import {id_}"
        return found


def eventually(happened: Callable[[], object]) -> None:
    """Return once it has happened, or when patience ends."""
    give_up_at = time.monotonic() + PATIENCE_S
    while not happened() and time.monotonic() < give_up_at:
        time.sleep(POLL_S)


def container_of(job: Mapping[str, Any]) -> dict[str, Any]:
    """Give the one container of a job's one task, with its end."""
    (task,) = job["ecsProperties"]["taskProperties"]
    (container,) = task["containers"]
    assert isinstance(container, dict)
    return container
