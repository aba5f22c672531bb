"""`status`, `resume` and `repeat` on a deployed stack, by what CloudFormation tells of it."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, cast

import boto3
import pytest
from typer.testing import CliRunner, Result

from cli import stack
from cli.app import app
from settings import Settings
from tests.functional.functions.world import World, id_of, new_world
from tests.template.stacks import ROOT_TEMPLATE, defaults, parse

PROJECT = Path(__file__).parents[3]
Call = Callable[..., Result]
OUTPUTS = {
    "LedgerTableName": "ledger",
    "ArtifactsBucketName": "artifacts",
    "ItemsTableName": "items",
    "IdempotencyTableName": "idempotency",
    "JobQueueArn": "arn:queue",
    "PlanJobDefinitionArn": "arn:plan-definition",
    "LoadJobDefinitionArn": "arn:definition",
}
STACK: Any = {
    "StackName": "csv",
    "Outputs": [{"OutputKey": key, "OutputValue": value} for key, value in OUTPUTS.items()],
    "Parameters": [
        {"ParameterKey": "SplitThresholdBytes", "ParameterValue": "1000"},
        {"ParameterKey": "SubmitGraceSeconds", "ParameterValue": "300"},
        {"ParameterKey": "LedgerRetentionDays", "ParameterValue": "365"},
        {"ParameterKey": "CancelAfterSeconds", "ParameterValue": "86400"},
    ],
}


@pytest.fixture
def world(monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    for name in ("AWS_PROFILE", "AWS_ENDPOINT_URL", "CSVIMPORT_STACK"):
        monkeypatch.delenv(name, raising=False)
    with new_world() as world:
        yield world


@pytest.fixture
def call(world: World, monkeypatch: pytest.MonkeyPatch) -> Call:
    """Call a command on the stack `csv`; all but CloudFormation and Batch is moto's."""

    class Session:
        def __init__(self, **_: object) -> None: ...

        def client(self, service: str, **_: object) -> Any:
            known = {"dynamodb": world.dynamodb, "s3": world.s3, "batch": world.batch, "events": world.events}
            return known.get(service) or cast(Any, boto3).client(service, region_name="eu-central-1")

    def described(name: str, client: object) -> Any:
        if name != "csv":
            raise stack.StackError(f"there is no stack {name} in this account and region")
        return STACK

    monkeypatch.setattr("boto3.session.Session", Session)
    monkeypatch.setattr("cli.stack._described", described)
    return lambda *arguments: CliRunner().invoke(app, [*arguments, "--stack", "csv"])


def failed(world: World) -> str:
    import_id = world.start("a.csv")
    world.claim(import_id, "job-1")
    world.write_part(import_id, "FAILED", error={"code": "table_missing", "message": "no such table"})
    world.end("job-1", "FAILED")
    world.track("job-1")
    return import_id


def test_the_stack_tells_what_the_functions_are_told() -> None:
    told = stack.environment_of(STACK)
    assert Settings.from_environment(told).split_threshold_bytes == 1000
    template = parse(ROOT_TEMPLATE)
    variables = template["Globals"]["Function"]["Environment"]["Variables"].keys()
    assert told.keys() == variables - {"POWERTOOLS_LOG_LEVEL", "AWS_ENDPOINT_URL"}, "which a stack has not"
    assert set(stack.OUTPUTS.values()) <= template["Outputs"].keys()
    assert set(stack.PARAMETERS.values()) <= defaults(template).keys()


def test_another_stack_is_none_of_ours() -> None:
    with pytest.raises(stack.StackError, match="LedgerTableName"):
        stack.environment_of(cast(Any, {**STACK, "Outputs": []}))


def test_no_import_is_open(call: Call) -> None:
    result = call("status")
    assert (result.exit_code, result.stdout) == (0, "no import is open\n")


def test_open_imports_are_listed(world: World, call: Call) -> None:
    ids = [world.start("a.csv"), world.start("b.csv")]
    result = call("status")
    assert [line.split()[0] for line in result.stdout.splitlines()] == ids
    assert [each["import_id"] for each in json.loads(call("status", "--json").stdout)["imports"]] == ids


def test_an_import_is_shown(world: World, call: Call) -> None:
    import_id = failed(world)
    shown = json.loads(call("status", import_id, "--json").stdout)
    assert (shown["state"], shown["error"]["code"]) == ("FAILED", "table_missing")
    assert (shown["parts_by_status"], shown["rows_read"]) == ({"FAILED": 1}, 6)
    text = call("status", import_id).stdout
    assert "table_missing: no such table" in text
    assert "s3://input/a.csv" in text


def test_a_version_says_whom_it_waits_for(world: World, call: Call) -> None:
    records = [world.record("a.csv") for _ in range(2)]
    world.trigger({"Records": records})
    first, second = map(id_of, records)
    assert f"behind    {first}" in call("status", second).stdout


@pytest.mark.parametrize(("command", "run"), [("resume", 1), ("repeat", 2)])
def test_an_import_is_opened_and_submitted(world: World, call: Call, command: str, run: int) -> None:
    import_id = failed(world)
    result = call(command, import_id)
    assert result.exit_code == 0, result.stderr
    assert f"{import_id}: run {run}, 1 of 1 parts to load; LOADING" in result.stdout
    assert world.item(import_id)["submitted_job"] == "job-2"


@pytest.mark.parametrize("command", ["resume", "repeat"])
def test_what_cannot_be_opened_is_told_with_its_code(world: World, call: Call, command: str) -> None:
    result = call(command, world.start("a.csv"))
    assert result.exit_code == 1
    assert "import_open: " in result.stderr


@pytest.mark.parametrize("command", ["status", "resume", "repeat"])
def test_an_unknown_import(call: Call, command: str) -> None:
    result = call(command, "gone-1")
    assert (result.exit_code, "gone-1" in result.stderr) == (1, True)


def test_an_unknown_stack(call: Call) -> None:
    result = CliRunner().invoke(app, ["status", "--stack", "none"])
    assert (result.exit_code, "no stack none" in result.stderr) == (2, True)


@pytest.mark.parametrize("command", ["status", "resume", "repeat"])
def test_every_command_and_option_stands_in_the_document(command: str) -> None:
    text = (PROJECT / "docs" / "operations.md").read_text(encoding="utf-8")
    assert f"$ csvimport {command}" in text
    for option in ("--stack", "--region", "--profile", *(["--json"] if command == "status" else [])):
        assert option in text
