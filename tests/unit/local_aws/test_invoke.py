"""Which function an event is for, and what has to come before it."""

from pathlib import Path
from typing import Any

import pytest

from local_aws.emulator import PROJECT
from local_aws.invoke import before, shown
from local_aws.local_functions import Invoked, function_of
from local_aws.sam_cli import host_environment

EVENTS = PROJECT / "events"


@pytest.mark.parametrize(
    ("event", "function"),
    [
        ({"Records": []}, "TriggerFunction"),
        ({"Service": "Amazon S3", "Event": "s3:TestEvent"}, "TriggerFunction"),
        ({"source": "aws.batch", "detail": {}}, "TrackerFunction"),
        ({"source": "aws.events", "detail-type": "Scheduled Event"}, "SweepFunction"),
    ],
    ids=["objects", "test event", "job", "schedule"],
)
def test_an_event_goes_to_the_function_that_is_for_it(event: dict[str, Any], function: str) -> None:
    assert function_of(event) == function


@pytest.mark.parametrize(
    ("name", "earlier"),
    [
        ("put-one", []),
        ("job-succeeded", ["put-one.json"]),
        ("job-failed", ["put-two-records.json"]),
    ],
)
def test_the_end_of_a_job_follows_on_the_drop_of_its_file(name: str, earlier: list[str]) -> None:
    assert [path.name for path in before(EVENTS / f"{name}.json")] == earlier


def test_a_job_is_shown_with_its_command(tmp_path: Path) -> None:
    container = {
        "image": "i@sha256:0",
        "command": ["load", "--import-id", "Ref::import_id", "--run", "Ref::run"],
    }
    job = {
        "jobName": "load-a-r1",
        "jobId": "j",
        "jobDefinition": "arn:aws:batch:r:a:job-definition/d:3",
        "parameters": {"import_id": "a", "run": "1"},
        "ecsProperties": {"taskProperties": [{"containers": [container]}]},
    }
    text = shown(Invoked(function="TriggerFunction", answer={"failed": 0}, log="", jobs=(job,)))
    assert text.splitlines()[0] == "TriggerFunction answered"
    assert "  definition  d:3" in text
    assert "  command     load --import-id a --run 1" in text


def test_no_job_is_said_so() -> None:
    assert shown(Invoked(function="TriggerFunction", answer={}, log="", jobs=())).endswith(
        "No job was submitted."
    )


def test_tools_see_nothing_of_the_users_aws() -> None:
    environment = {
        "PATH": "/bin",
        "HOME": "/h",
        "AWS_PROFILE": "p",
        "AWS_ACCESS_KEY_ID": "k",
        "HTTPS_PROXY": "x",
        "X": "y",
    }
    assert host_environment(environment) == {
        "PATH": "/bin",
        "HOME": "/h",
        "HTTPS_PROXY": "x",
        "SAM_CLI_TELEMETRY": "0",
    }
