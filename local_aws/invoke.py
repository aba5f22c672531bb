"""`make invoke`: an event goes to the function that is meant for it, built by SAM and in Lambda's container."""

import json
import sys
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from local_aws import environments
from local_aws.docker_engine import DockerError, Engine
from local_aws.embedded import EmbeddedAws, running
from local_aws.emulator import PROJECT, EmulatorError
from local_aws.sam_cli import SamCli, SamError

LAMBDA_IMAGE = "public.ecr.aws/lambda/python:3.13"
EVENTS = PROJECT / "events"

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
        function = function_of(json.loads(path.read_text(encoding="utf-8")))
        with tempfile.TemporaryDirectory() as scratch:
            answer, log = self._sam.local_invoke(
                function, path, variables=self.variables(function), scratch=Path(scratch)
            )
        return Invoked(function=function, answer=answer, log=log, jobs=tuple(self._jobs()))

    def variables(self, function: str) -> dict[str, str]:
        """Give a function the variables that it was deployed with, and where its container finds AWS."""
        deployed = self._aws.client("lambda").get_function_configuration(
            FunctionName=self._aws.outputs[f"{function}Name"]
        )
        return {**deployed["Environment"]["Variables"], "AWS_ENDPOINT_URL": self._endpoint}

    def _jobs(self) -> list[Mapping[str, Any]]:
        batch = self._aws.client("batch")
        listed = batch.list_jobs(jobQueue=self._aws.outputs["JobQueueArn"])["jobSummaryList"]
        ids = [job["jobId"] for job in listed]
        found: list[Mapping[str, Any]] = batch.describe_jobs(jobs=ids)["jobs"] if ids else []
        return sorted(found, key=lambda job: (job["createdAt"], job["jobName"]))


def function_of(event: Event) -> str:
    """Name the function, by its logical id, that takes an event: S3's, Batch's, or the schedule's."""
    if "Records" in event or "Event" in event:
        return "TriggerFunction"
    return "TrackerFunction" if event.get("source") == "aws.batch" else "SweepFunction"


def before(path: Path) -> list[Path]:
    """Give the events that come before one: the end of a job follows on the drop of the file that it was for.

    A job's import has the name of its file in it (docs/contracts.md, import ids).
    """
    event = json.loads(path.read_text(encoding="utf-8"))
    if function_of(event) != "TrackerFunction":
        return []
    import_id = event["detail"]["parameters"]["import_id"]
    return [put for put in sorted(EVENTS.glob("put-*.json")) if _starts(put, import_id)]


def _starts(put: Path, import_id: str) -> bool:
    keys = [one["s3"]["object"]["key"] for one in json.loads(put.read_text(encoding="utf-8"))["Records"]]
    slugs = [key.rpartition("/")[2].lower().replace(".", "-") for key in keys]
    return import_id.rpartition("-")[0] in slugs


def shown(invoked: Invoked) -> str:
    """Show an invocation to a person."""
    lines = [f"{invoked.function} answered", json.dumps(invoked.answer, indent=2, ensure_ascii=False), ""]
    lines += [line for job in invoked.jobs for line in _shown_job(job)] or ["No job was submitted."]
    return "\n".join(lines)


def _shown_job(job: Mapping[str, Any]) -> list[str]:
    (task,) = job["ecsProperties"]["taskProperties"]
    (container,) = task["containers"]
    words = [job["parameters"].get(word.removeprefix("Ref::"), word) for word in container["command"]]
    return [
        f"Submitted job {job['jobName']} ({job['jobId']})",
        f"  definition  {job['jobDefinition'].rpartition('/')[2]}",
        f"  image       {container['image']}",
        f"  command     {' '.join(words)}",
    ]


def main() -> None:
    """Invoke one event and show what became of it."""
    path = Path(sys.argv[1])
    if not path.is_file():
        sys.exit(
            f"There is no event {path}. The samples are: {', '.join(sorted(e.name for e in EVENTS.glob('*.json')))}"
        )
    try:
        address = Engine(run="invoke").host_address(LAMBDA_IMAGE)
        with (
            tempfile.TemporaryDirectory() as folder,
            running(Path(folder), container_address=address) as aws,
        ):
            functions = LocalFunctions(aws, container_address=address)
            sys.stderr.write("Building the functions with SAM ...\n")
            functions.build()
            for earlier in before(path):
                sys.stderr.write(f"First {earlier.name}, which the job's import comes from ...\n")
                functions.invoke(earlier)
            sys.stdout.write(shown(functions.invoke(path)) + "\n")
    except FileNotFoundError as error:
        sys.exit(f"{error.filename} is not installed; make invoke needs Docker.")
    except (DockerError, EmulatorError, SamError) as error:
        sys.exit(str(error))


if __name__ == "__main__":
    main()
