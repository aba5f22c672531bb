import re
from typing import Any

import pytest

from imports import State, import_id, received
from settings import Settings
from submission import import_of_job, next_job
from tests.unit.functions.builders import AT, ENVIRONMENT, IMPORT_ID, an_import, an_object

SETTINGS = Settings.from_environment(ENVIRONMENT)


def test_the_arguments_of_a_submission() -> None:
    assert next_job(an_import(run=3, submissions=2), SETTINGS) == {
        "jobName": f"load-{IMPORT_ID}-r3",
        "jobQueue": "arn:queue",
        "jobDefinition": "arn:definition",
        "parameters": {"import_id": IMPORT_ID, "stage": "load", "run": "3", "submission": "2"},
    }


def test_the_arguments_of_a_plan() -> None:
    assert next_job(an_import(state=State.PLANNING, run=3), SETTINGS) == {
        "jobName": f"plan-{IMPORT_ID}-r3",
        "jobQueue": "arn:queue",
        "jobDefinition": "arn:plan-definition",
        "parameters": {"import_id": IMPORT_ID, "stage": "plan", "run": "3"},
    }


@pytest.mark.parametrize(
    ("parts", "work", "size"),
    [
        (1, None, None),
        (2, None, 2),
        (10_000, None, 10_000),
        (9, (0, 3, 8), 3),
        (9, (4,), None),
        (1, (0,), None),
    ],
    ids=["one part", "two parts", "the most", "some of them", "one of them", "the only one"],
)
def test_an_array_has_a_child_for_each_part_that_is_left(
    parts: int, work: tuple[int, ...] | None, size: int | None
) -> None:
    request = next_job(an_import(parts=parts, work=work), SETTINGS)
    assert request.get("arrayProperties") == (size and {"size": size})


@pytest.mark.parametrize("key", ["a.csv", "x" * 1024, "📦 Übersicht.csv", "-.csv"])
def test_a_job_name_is_one_that_batch_takes(key: str) -> None:
    request = next_job(an_import(import_id=received(an_object(key=key), at=AT).import_id), SETTINGS)
    assert re.fullmatch("[A-Za-z0-9][A-Za-z0-9_-]{0,127}", request["jobName"])


@pytest.mark.parametrize("state", [State.PLANNING, State.LOADING])
@pytest.mark.parametrize("key", ["a.csv", "load-r1.csv", "plan-r1.csv", "x" * 1024, "📦.csv"])
def test_the_import_is_found_by_the_name_where_there_are_no_parameters(key: str, state: State) -> None:
    import_ = an_import(import_id=received(an_object(key=key), at=AT).import_id, state=state)
    request = next_job(import_, SETTINGS)
    expected = import_id(bucket="input", key=key, version_id="v1", sequencer="")
    assert import_of_job({"jobName": request["jobName"]}) == expected
    assert import_of_job({"jobName": request["jobName"], "parameters": {}}) == expected


@pytest.mark.parametrize(
    ("detail", "expected"),
    [
        ({"jobName": "nightly-report", "parameters": {"import_id": IMPORT_ID}}, IMPORT_ID),
        ({"jobName": "nightly-report"}, None),
        ({"jobName": f"load-{IMPORT_ID}"}, None),
        ({"jobName": f"x-load-{IMPORT_ID}-r1"}, None),
        ({"jobName": f"load-{IMPORT_ID}-r1-x"}, None),
        ({}, None),
    ],
)
def test_other_jobs_are_not_ours(detail: dict[str, Any], expected: str | None) -> None:
    assert import_of_job(detail) == expected
