"""What the functions submit and set is what the job takes: parameters, environment, exit codes, ids, error codes."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

import csv_import.__main__ as job
import submission
from csv_import import errors as job_errors
from csv_import.rejects import RejectCode
from csv_import.settings import settings_from
from imports import State, import_id, received
from settings import Settings
from tests.template.stacks import BATCH_TEMPLATE, PROJECT, ROOT_TEMPLATE, of_type, parse
from tests.unit.contracts.page import OBJECT, names_in, quoted, section, table
from tests.unit.functions.builders import ENVIRONMENT


class Spy(Mapping[str, str]):
    """An environment that knows what it was asked for."""

    def __init__(self, values: Mapping[str, str]) -> None:
        self.values_ = values
        self.asked: set[str] = set()

    def __getitem__(self, name: str) -> str:
        self.asked.add(name)
        return self.values_[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self.values_)

    def __len__(self) -> int:
        return len(self.values_)


def job_definition(stage: str = "load") -> dict[str, Any]:
    definition = parse(BATCH_TEMPLATE)["Resources"][f"{stage.title()}JobDefinition"]
    properties: dict[str, Any] = definition["Properties"]
    return properties


def job_container(stage: str = "load") -> dict[str, Any]:
    definition = job_definition(stage)
    ((container,),) = (task["Containers"] for task in definition["EcsProperties"]["TaskProperties"])
    assert isinstance(container, dict)
    return container


def submitted(state: State = State.LOADING, parts: int = 1) -> dict[str, Any]:
    settings = Settings.from_environment(ENVIRONMENT)
    import_ = received(OBJECT, at="2026-11-23T10:00:00.000000Z")
    return dict(submission.next_job(replace(import_, state=state, parts=parts, submissions=3), settings))


class TestSubmission:
    def test_what_is_submitted_is_what_the_contract_says(self) -> None:
        fields = {quoted(row[0])[0] for row in table("SubmitJob")} | {"jobDefinition"}
        assert submitted(parts=2).keys() == fields
        assert submitted().keys() == submitted(State.PLANNING).keys() == fields - {"arrayProperties"}
        (parameters,) = (quoted(row[1])[0] for row in table("SubmitJob") if "parameters" in row[0])
        assert set(re.findall(r'"(\w+)":', parameters)) == submitted()["parameters"].keys()
        assert all(isinstance(value, str) for value in submitted()["parameters"].values())

    def test_the_command_is_the_contracts(self) -> None:
        for stage in ("plan", "load"):
            (command,) = (text for text in quoted(section("SubmitJob")) if text.startswith(f'["{stage}"'))
            assert job_container(stage)["Command"] == json.loads(command)

    def test_the_image_starts_the_package(self) -> None:
        (entrypoint,) = (text for text in quoted(section("SubmitJob")) if text.startswith('["python"'))
        dockerfile = (PROJECT / "batch_job" / "Dockerfile").read_text(encoding="utf-8")
        (started,) = re.findall(r"^ENTRYPOINT (.*)$", dockerfile, re.M)
        assert json.loads(started) == json.loads(entrypoint)

    def test_the_job_parses_what_the_functions_submit(self, monkeypatch: pytest.MonkeyPatch) -> None:
        parameters = {**job_definition()["Parameters"], **submitted()["parameters"]}
        command = [
            parameters[word.removeprefix("Ref::")] if word.startswith("Ref::") else word
            for word in job_container()["Command"]
        ]
        seen = []
        monkeypatch.setattr(job, "connect", lambda *_: None)
        monkeypatch.setitem(job._STAGES, "load", lambda settings, _: seen.append(settings))
        monkeypatch.setattr("signal.signal", lambda *_: None)
        environment = dict.fromkeys(job_environment(), "x") | {
            "LOG_LEVEL": "CRITICAL",
            "READING_MODE": "lenient",
            "ALLOWED_MODES": "put",
            "WRITE_BUDGET": "0",
        }
        assert job.main(command, {**environment, "AWS_BATCH_JOB_ID": "j"}) == 0
        parameters = submitted()["parameters"]
        assert (seen[0].import_id, seen[0].run, seen[0].submission) == (parameters["import_id"], 1, 3)
        assert command[0] == submitted()["parameters"]["stage"]

    def test_the_functions_find_the_import_of_a_job_in_what_they_submitted(self) -> None:
        request = submitted()
        assert submission.import_of_job(request) == request["parameters"]["import_id"]
        assert submission.import_of_job({"jobName": request["jobName"]}) == request["parameters"]["import_id"]


def job_environment(stage: str = "load") -> set[str]:
    return {each["Name"] for each in job_container(stage)["Environment"]}


class TestEnvironment:
    def of(self, column: int, mark: str = "✓") -> set[str]:
        return {name for row in table("Environment") if row[column] == mark for name in quoted(row[0])}

    def test_of_the_functions(self) -> None:
        spy = Spy(ENVIRONMENT)
        Settings.from_environment(spy)
        assert spy.asked == self.of(1)

    def test_of_the_functions_in_the_template(self) -> None:
        template = parse(ROOT_TEMPLATE)
        shared = template["Globals"]["Function"]["Environment"]["Variables"]
        functions = of_type(template, "AWS::Serverless::Function")
        assert functions
        for name, function in functions.items():
            own = function["Properties"].get("Environment", {}).get("Variables", {})
            assert self.of(1) <= {*shared, *own}, name

    def test_of_the_job(self) -> None:
        by_batch = {name for name in names_in("Environment") if name.startswith("AWS_BATCH")}
        values = dict.fromkeys((self.of(2) | by_batch) - {"LOG_LEVEL", "READING_MODE"}, "1")
        spy = Spy(values | {"ALLOWED_MODES": "put"})
        settings_from(spy, import_id="a-1", run="1")
        assert spy.asked - self.of(2, "plan") == self.of(2) | by_batch

    def test_of_the_job_in_the_template(self) -> None:
        assert job_environment() == self.of(2)
        assert job_environment("plan") == self.of(2) | self.of(2, "plan")


class TestExitCodes:
    def test_the_jobs_stops_end_with_a_code_of_the_contract(self) -> None:
        codes = {int(row[0]) for row in table("Exit codes")}
        stops = [
            each
            for each in vars(job_errors).values()
            if isinstance(each, type) and issubclass(each, job_errors.JobStop)
        ]
        assert {each.exit_code for each in stops} | {0, job.BUG} == codes

    def test_batch_ends_on_the_codes_that_are_not_retried(self) -> None:
        final = {row[0] for row in table("Exit codes") if row[2] == "no"}
        for stage in ("plan", "load"):
            exits = job_definition(stage)["RetryStrategy"]["EvaluateOnExit"]
            assert {each["OnExitCode"] for each in exits if each["Action"] == "EXIT"} == final
            assert all(each["Action"] == "EXIT" for each in exits), "no match means retry"


def test_an_import_id_is_what_the_contract_says() -> None:
    import hashlib

    found = import_id(bucket="b", key="x/Über  Größe!.CSV", version_id="null", sequencer="55")
    digest = hashlib.sha256("b\0x/Über  Größe!.CSV\0sequencer:55".encode()).hexdigest()[:20]
    assert found == f"ber-gr-e-csv-{digest}"


def test_every_reject_code_is_explained_to_operators() -> None:
    operations = (PROJECT / "docs" / "operations.md").read_text(encoding="utf-8")
    explained = set(quoted(operations))
    assert {str(code) for code in RejectCode} <= explained


def test_every_code_that_the_job_stops_with_is_explained_to_operators() -> None:
    operations = (PROJECT / "docs" / "operations.md").read_text(encoding="utf-8")
    explained = set(quoted(operations))
    raised: set[str] = set()
    stops = "JobStop|BadData|BadConfiguration|TryAgain|ServiceAway|LeaseLost"
    for path in sorted(Path(PROJECT, "batch_job", "csv_import").rglob("*.py")):
        raised |= set(
            re.findall(rf'(?:{stops}|super\(\).__init__)\(\s*"(\w+)"', path.read_text(encoding="utf-8"))
        )
    assert len(raised) > 20
    assert raised <= explained, raised - explained
