"""`make invoke`: an event goes to the function that is meant for it, built by SAM and in Lambda's container."""

import contextlib
import json
import sys
import tempfile
import threading
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from local_aws.docker_engine import DockerError, Engine
from local_aws.embedded import running
from local_aws.emulator import PROJECT, EmulatorError
from local_aws.local_functions import FUNCTIONS, Invoked, LocalFunctions, function_of
from local_aws.sam_cli import SamError

LAMBDA_IMAGE = "public.ecr.aws/lambda/python:3.13"
EVENTS = PROJECT / "events"


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
    """Invoke one event and show what became of it, or serve the functions: `--serve PORT`."""
    try:
        if sys.argv[1] == "--serve":
            _serve(int(sys.argv[2]))
        else:
            _invoke(Path(sys.argv[1]))
    except FileNotFoundError as error:
        sys.exit(f"{error.filename} is not installed; make invoke and make start-lambda need Docker.")
    except (DockerError, EmulatorError, SamError) as error:
        sys.exit(str(error))
    except KeyboardInterrupt:
        sys.exit(130)


@contextlib.contextmanager
def _built() -> Iterator[LocalFunctions]:
    """Deploy the application on an embedded AWS, and build its functions with SAM."""
    address = Engine(run="invoke").host_address(LAMBDA_IMAGE)
    with tempfile.TemporaryDirectory() as folder, running(Path(folder), container_address=address) as aws:
        sys.stderr.write("Building the functions with SAM ...\n")
        functions = LocalFunctions(aws, container_address=address)
        functions.build()
        yield functions


def _serve(port: int) -> None:
    with _built() as functions, functions.served(port, events=EVENTS.glob("*.json")) as endpoint:
        sys.stdout.write(
            f"Serving {', '.join(FUNCTIONS)} until Ctrl-C. For example:\n  aws lambda invoke --endpoint-url {endpoint} "
            "--function-name TriggerFunction --payload fileb://events/put-one.json /dev/stdout\n"
        )
        sys.stdout.flush()
        threading.Event().wait()


def _invoke(path: Path) -> None:
    if not path.is_file():
        sys.exit(
            f"There is no event {path}. The samples are: {', '.join(sorted(e.name for e in EVENTS.glob('*.json')))}"
        )
    with _built() as functions:
        for earlier in before(path):
            sys.stderr.write(f"First {earlier.name}, which the job's import comes from ...\n")
            functions.invoke(earlier)
        sys.stdout.write(shown(functions.invoke(path)) + "\n")


if __name__ == "__main__":
    main()
