"""The functions as SAM builds them, each in Lambda's container, on one embedded AWS."""

import contextlib
import json
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from local_aws import environments
from local_aws.batch_jobs import STATUSES
from local_aws.embedded import EmbeddedAws
from local_aws.emulator import PROJECT
from local_aws.sam_cli import SamCli

FUNCTIONS = ("TriggerFunction", "TrackerFunction", "SweepFunction")

Event = Mapping[str, Any]


@dataclass(frozen=True, kw_only=True)
class Invoked:
    """What a function answered and logged, and the jobs that Batch has then."""

    function: str
    answer: Any
    log: str
    jobs: tuple[Mapping[str, Any], ...]


class LocalFunctions:
    """The built functions, invoked one at a time against one embedded AWS."""

    def __init__(self, aws: EmbeddedAws, *, container_address: str, folder: Path = PROJECT) -> None:
        self._aws = aws
        self._endpoint = f"http://{container_address}:{aws.endpoint.rpartition(':')[2]}"
        self._sam = SamCli(
            executable=PROJECT / ".venv-sam" / "bin" / "sam",
            folder=folder,
            environment={
                "AWS_ENDPOINT_URL": aws.endpoint,
                "AWS_DEFAULT_REGION": environments.REGION,
                "AWS_ACCESS_KEY_ID": environments.ACCOUNT,
                "AWS_SECRET_ACCESS_KEY": environments.SIGNING_KEY,
            },
        )

    def build(self) -> None:
        """Build them with `sam build`; raises `SamError`."""
        self._sam.build()

    def invoke(self, path: Path) -> Invoked:
        """Invoke the function that an event is for with `sam local invoke`; raises `SamError`."""
        event = json.loads(path.read_text(encoding="utf-8"))
        function = function_of(event)
        self._make_buckets(event)
        with tempfile.TemporaryDirectory() as scratch:
            answer, log = self._sam.local_invoke(
                function, path, variables=self.variables(function), scratch=Path(scratch)
            )
        return Invoked(function=function, answer=answer, log=log, jobs=tuple(self._jobs()))

    @contextlib.contextmanager
    def served(self, port: int, *, events: Iterable[Path] = ()) -> Iterator[str]:
        """Serve them all with `sam local start-lambda`, ready for `events`; gives the endpoint. Raises `SamError`."""
        for path in events:
            self._make_buckets(json.loads(path.read_text(encoding="utf-8")))
        with (
            tempfile.TemporaryDirectory() as scratch,
            self._sam.start_lambda(
                port=port,
                variables={function: self.variables(function) for function in FUNCTIONS},
                scratch=Path(scratch),
            ) as endpoint,
        ):
            yield endpoint

    def variables(self, function: str) -> dict[str, str]:
        """Give a function the variables that it was deployed with, and where its container finds AWS."""
        deployed = self._aws.client("lambda").get_function_configuration(
            FunctionName=self._aws.outputs[f"{function}Name"]
        )
        return {**deployed["Environment"]["Variables"], "AWS_ENDPOINT_URL": self._endpoint}

    def _make_buckets(self, event: Event) -> None:
        """Have the buckets that an event of S3 names, versioned as the input bucket is; no object is in them."""
        s3 = self._aws.client("s3")
        there = {bucket["Name"] for bucket in s3.list_buckets()["Buckets"]}
        for name in {record["s3"]["bucket"]["name"] for record in event.get("Records", ())} - there:
            s3.create_bucket(Bucket=name)
            s3.put_bucket_versioning(Bucket=name, VersioningConfiguration={"Status": "Enabled"})

    def _jobs(self) -> list[Mapping[str, Any]]:
        """Give the jobs of every status, in the order of a job's life: one that goes on meanwhile is not missed."""
        batch, queue = self._aws.client("batch"), self._aws.outputs["JobQueueArn"]
        listed = [batch.list_jobs(jobQueue=queue, jobStatus=status)["jobSummaryList"] for status in STATUSES]
        ids = sorted({job["jobId"] for some in listed for job in some})
        found: list[Mapping[str, Any]] = batch.describe_jobs(jobs=ids)["jobs"] if ids else []
        return sorted(found, key=lambda job: (job["createdAt"], job["jobName"]))


def function_of(event: Event) -> str:
    """Name the function, by its logical id, that takes an event: S3's, Batch's, or the schedule's."""
    if "Records" in event or "Event" in event:
        return "TriggerFunction"
    return "TrackerFunction" if event.get("source") == "aws.batch" else "SweepFunction"
