"""Functions get the environment of docs/contracts.md and hear of what they are there for."""

import json
import re
from typing import Any

import pytest

from tests.template.stacks import NO_VALUE, PROJECT, Template, of_type

FUNCTIONS = ("Trigger", "Tracker", "Sweep")


def _contract(contracts: str) -> set[str]:
    """The variables that the table "Environment" gives the functions."""
    table = contracts.split("## Environment")[1].split("\n## ", maxsplit=1)[0]
    lines = [line for line in table.splitlines() if line.startswith("| `")]
    rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]
    plain = {
        name for names, functions, *_ in rows if functions == "✓" for name in re.findall(r"`(\w+)`", names)
    }
    renamed = {re.findall(r"`(\w+)`", functions)[0] for _, functions, *_ in rows if "`" in functions}
    return plain | renamed


@pytest.mark.parametrize("name", FUNCTIONS)
def test_a_function_has_exactly_the_environment_of_the_contract(
    expanded: Template, contracts: str, name: str
) -> None:
    variables = expanded["Resources"][f"{name}Function"]["Properties"]["Environment"]["Variables"]
    there = {variable for variable, value in variables.items() if value != NO_VALUE}
    assert there == _contract(contracts) | {"POWERTOOLS_SERVICE_NAME"}
    assert variables["POWERTOOLS_SERVICE_NAME"] == name.lower()


def test_variables_name_the_resources_that_they_are_called_after(expanded: Template) -> None:
    variables = expanded["Resources"]["TriggerFunction"]["Properties"]["Environment"]["Variables"]
    assert variables["LEDGER_TABLE"] == {"Ref": "LedgerTable"}
    assert variables["ARTIFACTS_BUCKET"] == {"Ref": "ArtifactsBucket"}
    assert variables["DEPLOYMENT"] == {"Ref": "AWS::StackName"}
    assert variables["TABLE_NAME"] == {
        "Fn::If": ["MakesTable", {"Ref": "ItemsTable"}, {"Ref": "ExistingTableName"}]
    }
    assert variables["IDEMPOTENCY_TABLE"] == {"Ref": "IdempotencyTable"}
    assert variables["JOB_QUEUE"] == {"Fn::GetAtt": ["BatchStack", "Outputs.JobQueueArn"]}
    assert variables["SPLIT_THRESHOLD_BYTES"] == {"Ref": "SplitThresholdBytes"}
    assert variables["PLAN_JOB_DEFINITION"] == {"Fn::GetAtt": ["BatchStack", "Outputs.PlanJobDefinitionArn"]}
    assert variables["LOAD_JOB_DEFINITION"] == {"Fn::GetAtt": ["BatchStack", "Outputs.LoadJobDefinitionArn"]}


@pytest.mark.parametrize(("name", "timeout_s"), [("Trigger", 60), ("Tracker", 900), ("Sweep", 900)])
def test_a_function_runs_its_handler_with_time_enough(expanded: Template, name: str, timeout_s: int) -> None:
    function = expanded["Resources"][f"{name}Function"]["Properties"]
    assert function["Handler"] == f"{name.lower()}.handler"
    assert (PROJECT / "functions" / f"{name.lower()}.py").exists()
    assert function["Runtime"] == "python3.13"
    assert function["Architectures"] == [{"Ref": "Architecture"}]
    assert function["Timeout"] == timeout_s
    assert "Tracing" not in function


def test_every_function_states_its_code_for_tools_that_do_not_read_globals(root: Template) -> None:
    for function in of_type(root, "AWS::Serverless::Function").values():
        assert function["Properties"]["CodeUri"] == "functions/"


@pytest.mark.parametrize(("name", "retries"), [("Trigger", 2), ("Tracker", 2), ("Sweep", 0)])
def test_how_often_lambda_repeats_a_failed_invocation_is_decided(
    expanded: Template, name: str, retries: int
) -> None:
    config = expanded["Resources"][f"{name}FunctionEventInvokeConfig"]["Properties"]
    assert config["MaximumRetryAttempts"] == retries


@pytest.mark.parametrize("name", FUNCTIONS)
def test_what_a_function_fails_at_for_the_last_time_is_kept(expanded: Template, name: str) -> None:
    config = expanded["Resources"][f"{name}FunctionEventInvokeConfig"]["Properties"]
    [failure] = config["DestinationConfig"].values()
    assert failure["Destination"] == {"Fn::GetAtt": ["DeadLetters", "Arn"]}
    queue = expanded["Resources"]["DeadLetters"]["Properties"]
    assert queue["MessageRetentionPeriod"] == 14 * 24 * 3600, "the longest that SQS keeps a message"


def test_the_end_of_a_job_that_cannot_be_delivered_is_kept(expanded: Template) -> None:
    rule = expanded["Resources"]["TrackerFunctionJobEnded"]["Properties"]
    assert rule["DeadLetterConfig"] == {"Arn": {"Fn::GetAtt": ["DeadLetters", "Arn"]}}
    statements = expanded["Resources"]["DeadLettersPolicy"]["Properties"]["PolicyDocument"]["Statement"]
    [allowed] = [s for s in statements if s["Effect"] == "Allow"]
    assert allowed["Condition"] == {
        "ArnEquals": {"aws:SourceArn": {"Fn::GetAtt": ["TrackerFunctionJobEnded", "Arn"]}}
    }


def test_every_log_group_is_kept_as_long_as_the_parameter_says(root: Template, batch: Template) -> None:
    groups = of_type(root, "AWS::Logs::LogGroup") | of_type(batch, "AWS::Logs::LogGroup")
    assert groups.keys() == {"TriggerLogGroup", "TrackerLogGroup", "SweepLogGroup", "JobLogGroup"}
    for group in groups.values():
        assert group["Properties"]["RetentionInDays"] == {"Ref": "LogRetentionDays"}


def test_the_sweep_runs_every_five_minutes(expanded: Template) -> None:
    [rule] = [
        r["Properties"]
        for r in of_type(expanded, "AWS::Events::Rule").values()
        if "Schedule" in r["Properties"]
    ]
    assert rule["Schedule"] == "rate(5 minutes)"
    assert rule["Targets"][0]["Arn"] == {"Fn::GetAtt": ["SweepFunction", "Arn"]}


def _leaf(event: Any, path: list[str]) -> Any:
    for step in path:
        event = event.get(step) if isinstance(event, dict) else None
    return event


def _matches(pattern: dict[str, Any], event: dict[str, Any], path: tuple[str, ...] = ()) -> bool:
    """EventBridge's matching for values and `exists` of leaves: an absent path does not exist, at whatever level."""
    for step, expected in pattern.items():
        here = (*path, step)
        if isinstance(expected, dict):
            if not _matches(expected, event, here):
                return False
            continue
        value = _leaf(event, list(here))
        if not any(
            (value is not None) == e["exists"] if isinstance(e, dict) else value == e for e in expected
        ):
            return False
    return True


@pytest.fixture
def tracker_pattern(expanded: Template) -> dict[str, Any]:
    """The tracker's event pattern, with the queue of the sample events."""
    pattern: dict[str, Any] = expanded["Resources"]["TrackerFunctionJobEnded"]["Properties"]["Pattern"]
    assert pattern["detail"]["jobQueue"] == [{"Fn::GetAtt": ["BatchStack", "Outputs.JobQueueArn"]}]
    pattern["detail"]["jobQueue"] = [_event("job-succeeded")["detail"]["jobQueue"]]
    return pattern


def _event(name: str) -> dict[str, Any]:
    event: dict[str, Any] = json.loads((PROJECT / "events" / f"{name}.json").read_text(encoding="utf-8"))
    return event


@pytest.mark.parametrize("name", ["job-succeeded", "job-failed"])
def test_the_tracker_hears_of_ended_jobs(tracker_pattern: dict[str, Any], name: str) -> None:
    assert _matches(tracker_pattern, _event(name))


def test_the_tracker_hears_of_array_parents(tracker_pattern: dict[str, Any]) -> None:
    event = _event("job-succeeded")
    event["detail"]["arrayProperties"] = {"size": 12, "statusSummary": {"SUCCEEDED": 12}}
    assert _matches(tracker_pattern, event)


@pytest.mark.parametrize(
    "change",
    [
        {"arrayProperties": {"index": 0, "statusSummary": {}}},
        {"status": "RUNNING"},
        {"jobQueue": "arn:aws:batch:eu-central-1:123456789012:job-queue/another"},
    ],
    ids=["child of an array", "running job", "another queue"],
)
def test_the_tracker_is_spared_other_events(tracker_pattern: dict[str, Any], change: dict[str, Any]) -> None:
    event = _event("job-succeeded")
    event["detail"] |= change
    assert not _matches(tracker_pattern, event)
