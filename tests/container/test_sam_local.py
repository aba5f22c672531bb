"""`sam build` and `sam local invoke` for every sample event: the handler's answer, and a submission in the emulator."""

import json
import socket
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from local_aws.embedded import running
from local_aws.emulator import PROJECT
from local_aws.invoke import before
from local_aws.local_functions import Invoked, LocalFunctions
from tests.functional.functions.world import REGION, new_world

EVENTS = PROJECT / "events"
PUTS = ("put-one", "put-two-records", "put-special-key", "test-event", "not-a-csv")
ENDS = ("job-succeeded", "job-failed")


def answer_of_the_handler(path: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """What the trigger answers in this process, with fakes around it."""
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "testing")
    event = json.loads(path.read_text(encoding="utf-8"))
    with new_world() as world:
        for name in {record["s3"]["bucket"]["name"] for record in event.get("Records", ())}:
            world.s3.create_bucket(Bucket=name, CreateBucketConfiguration={"LocationConstraint": REGION})
        answer: dict[str, Any] = world.trigger(event)
        return answer


@pytest.fixture(scope="module")
def functions(
    container_address: str, project: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[LocalFunctions]:
    """The functions as `sam build` makes them, on an AWS that Lambda's containers find."""
    with running(tmp_path_factory.mktemp("aws"), container_address=container_address) as aws:
        built = LocalFunctions(aws, container_address=container_address, folder=project)
        built.build()
        yield built


def submitted(invoked: Invoked) -> set[str]:
    return {job["parameters"]["import_id"] for job in invoked.jobs}


def test_each_sample_event_is_tried_here() -> None:
    assert {path.stem for path in EVENTS.glob("*.json")} == {*PUTS, *ENDS}


@pytest.mark.parametrize("name", PUTS)
def test_an_event_of_s3_is_answered_as_by_the_handler_and_submitted(
    functions: LocalFunctions, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = EVENTS / f"{name}.json"
    invoked = functions.invoke(path)
    expected = answer_of_the_handler(path, monkeypatch)
    assert invoked.function == "TriggerFunction"
    assert invoked.answer == expected
    started = {one["import_id"] for one in expected["imports"]}
    assert started <= submitted(invoked)
    jobs = [job for job in invoked.jobs if job["parameters"]["import_id"] in started]
    assert [job["jobName"] for job in jobs] == [f"load-{job['parameters']['import_id']}-r1" for job in jobs]
    assert len(jobs) == len(started), "once each"


@pytest.mark.parametrize("name", ENDS)
def test_the_end_of_a_job_advances_the_import_that_a_put_event_started(
    functions: LocalFunctions, name: str
) -> None:
    path = EVENTS / f"{name}.json"
    (earlier,) = before(path)
    functions.invoke(earlier)
    invoked = functions.invoke(path)
    import_id = json.loads(path.read_text(encoding="utf-8"))["detail"]["parameters"]["import_id"]
    assert invoked.function == "TrackerFunction"
    assert (invoked.answer["failed"], invoked.answer["ignored"]) == (0, [])
    assert [one["import_id"] for one in invoked.answer["imports"]] == [import_id]
    assert import_id in submitted(invoked)


def test_the_schedule_finds_what_is_open(functions: LocalFunctions, tmp_path: Path) -> None:
    schedule = tmp_path / "schedule.json"
    schedule.write_text('{"source": "aws.events", "detail-type": "Scheduled Event", "detail": {}}')
    invoked = functions.invoke(schedule)
    assert (invoked.function, invoked.answer["failed"]) == ("SweepFunction", 0)


def test_the_functions_are_served_to_clients_of_lambda(
    functions: LocalFunctions, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = EVENTS / "put-one.json"
    expected = answer_of_the_handler(path, monkeypatch)
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    with functions.served(port, events=[path]) as endpoint:
        direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        url = f"{endpoint}/2015-03-31/functions/TriggerFunction/invocations"
        with direct.open(urllib.request.Request(url, path.read_bytes(), method="POST"), timeout=60) as answer:
            assert json.loads(answer.read()) == expected


def test_the_command_shows_answer_and_submission(container_address: str) -> None:
    """As `make invoke` calls it, in this checkout."""
    assert container_address
    done = subprocess.run(
        [sys.executable, "-m", "local_aws.invoke", "events/put-one.json"],
        cwd=PROJECT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert "TriggerFunction answered" in done.stdout
    assert "Submitted job load-sample-csv-" in done.stdout


def test_an_event_that_is_not_there_is_named_with_those_that_are() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "local_aws.invoke", "events/none.json"],
        cwd=PROJECT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    assert "put-one.json" in done.stderr
    assert "Traceback" not in done.stderr
