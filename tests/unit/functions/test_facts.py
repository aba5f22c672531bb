from collections.abc import Mapping, Sequence
from typing import Any

import pytest

from facts import equation_holds, job_in_question, remaining_work, settled_records
from imports import Part, PartStatus, Plan, State
from tests.unit.functions.builders import a_part, an_import, rows

NO_PARTS: list[Part] = []
RUNNING = [a_part(PartStatus.RUNNING)]
DONE = [a_part(PartStatus.DONE)]
UNANSWERED = {"submitted_at": "2026-11-23T10:00:00.000000Z"}
RECORDED = UNANSWERED | {"submitted_job": "recorded"}
CLAIMED = RECORDED | {"load_job": "claimant"}
PLANS = RECORDED | {"state": State.PLANNING, "plan_job": "planner"}


@pytest.mark.parametrize(
    ("import_", "parts", "expected"),
    [
        ({"state": State.RECEIVED}, NO_PARTS, None),
        ({"state": State.DONE, **CLAIMED}, DONE, None),
        (UNANSWERED, NO_PARTS, None),
        (RECORDED, NO_PARTS, "recorded"),
        (CLAIMED, RUNNING, "claimant"),
        (CLAIMED, DONE, None),
        ({**RECORDED, "state": State.PLANNING}, NO_PARTS, "recorded"),
        (PLANS, NO_PARTS, "planner"),
        (PLANS | {"plan": Plan(run=1, parts=2)}, NO_PARTS, None),
        (PLANS | {"plan": Plan(run=1, parts=2), "run": 2}, NO_PARTS, "planner"),
    ],
)
def test_the_job_in_question_is_the_claimant_or_else_the_recorded_one(
    import_: Mapping[str, Any], parts: Sequence[Part], expected: str | None
) -> None:
    assert job_in_question(an_import(**import_), parts) == expected


@pytest.mark.parametrize("outcome", ["written", "superseded", "rejected", "skipped"])
def test_each_outcome_counts_in_the_equation(outcome: str) -> None:
    assert equation_holds(rows(3, **{outcome: 3}))
    assert not equation_holds(rows(3, **{outcome: 2}))
    assert not equation_holds(rows(3, **{outcome: 4}))


@pytest.mark.parametrize(
    ("parts", "expected"),
    [
        ([], None),
        (RUNNING, None),
        ([a_part(part=2)], (0, 1)),
        ([a_part(part=0), a_part(PartStatus.FAILED, part=1), a_part(PartStatus.PLANNED, part=2)], (1, 2)),
        ([a_part(part=number) for number in range(3)], ()),
    ],
    ids=["none begun", "none done", "one done", "some done", "all done"],
)
def test_the_work_that_is_left(parts: list[Part], expected: tuple[int, ...] | None) -> None:
    assert remaining_work(an_import(parts=3), parts) == expected


def test_settled_records_are_those_of_all_parts() -> None:
    assert (
        settled_records([a_part(settled_records=3), a_part(PartStatus.RUNNING, part=1, settled_records=4)])
        == 7
    )
