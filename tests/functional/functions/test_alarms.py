"""The alarms of the template, on what the functions measure: a failure is heard, and an idle deployment is silent."""

from collections.abc import Iterable
from datetime import timedelta

import pytest

from tests.functional.functions.world import World
from tests.template.alarms import Alarm, Point, alarms_of, points_of
from tests.template.stacks import ROOT_TEMPLATE, parse

STUCK_AFTER_S = 1800
SWEEP_EVERY = timedelta(minutes=5)


@pytest.fixture(scope="module")
def alarms() -> dict[str, Alarm]:
    return alarms_of(parse(ROOT_TEMPLATE), StuckAfterSeconds=str(STUCK_AFTER_S))


def gone_off(alarms: dict[str, Alarm], points: Iterable[Point]) -> set[str]:
    points = list(points)
    return {name for name, alarm in alarms.items() if alarm.goes_off_at(points) is not None}


def measured(world: World) -> list[Point]:
    return [point for line in world.metric_lines for point in points_of(line)]


def sweep_for(world: World, time: timedelta) -> None:
    for _ in range(time // SWEEP_EVERY):
        world.now += SWEEP_EVERY
        world.sweep()


def run(world: World, status: str) -> None:
    import_id = world.start()
    world.claim(import_id, "job-1")
    if status == "SUCCEEDED":
        world.write_part(import_id)
    world.end("job-1", status)
    world.track("job-1")


def test_an_import_that_failed_sets_off_its_alarm_and_no_other(
    world: World, alarms: dict[str, Alarm]
) -> None:
    run(world, "FAILED")
    assert gone_off(alarms, measured(world)) == {"ImportFailedAlarm"}


def test_an_import_that_was_done_sets_off_none(world: World, alarms: dict[str, Alarm]) -> None:
    run(world, "SUCCEEDED")
    assert measured(world)
    assert gone_off(alarms, measured(world)) == set()


def test_an_idle_deployment_sets_off_none_and_measures_nothing(
    world: World, alarms: dict[str, Alarm]
) -> None:
    run(world, "SUCCEEDED")
    before = len(world.metric_lines)
    sweep_for(world, timedelta(days=1))
    assert len(world.metric_lines) == before
    assert gone_off(alarms, measured(world)) == set()


def test_a_job_that_does_not_begin_sets_off_its_alarm_when_the_wait_is_too_long(
    world: World, alarms: dict[str, Alarm]
) -> None:
    world.start()
    began = world.now.timestamp()
    sweep_for(world, timedelta(seconds=STUCK_AFTER_S) - SWEEP_EVERY)
    assert gone_off(alarms, measured(world)) == set()
    sweep_for(world, SWEEP_EVERY * 2)
    assert gone_off(alarms, measured(world)) == {"JobsStuckAlarm"}
    at = alarms["JobsStuckAlarm"].goes_off_at(measured(world))
    assert at
    assert STUCK_AFTER_S <= at - began <= STUCK_AFTER_S + 600


def test_a_job_that_runs_for_long_sets_off_none(world: World, alarms: dict[str, Alarm]) -> None:
    world.claim(world.start(), "job-1")
    sweep_for(world, timedelta(seconds=STUCK_AFTER_S * 3))
    assert measured(world)
    assert gone_off(alarms, measured(world)) == set()


def test_what_another_deployment_measures_is_not_heard(world: World, alarms: dict[str, Alarm]) -> None:
    run(world, "FAILED")
    others = [Point(**(vars(point) | {"dimensions": {"Deployment": "other"}})) for point in measured(world)]
    assert gone_off(alarms, others) == set()


def throttled(minute: int, table: str = "ItemsTable", index: str | None = None) -> Point:
    return Point(
        namespace="AWS/DynamoDB",
        name="WriteThrottleEvents",
        dimensions={"TableName": table, **({"GlobalSecondaryIndexName": index} if index else {})},
        value=3,
        at_s=minute * 60,
    )


@pytest.mark.parametrize(
    ("points", "heard"),
    [
        pytest.param([throttled(minute) for minute in (1, 6, 11)], True, id="a quarter of an hour"),
        pytest.param([throttled(minute) for minute in range(10)], False, id="ten minutes"),
        pytest.param([throttled(minute) for minute in (1, 6, 16, 21)], False, id="with a pause"),
        pytest.param([throttled(minute, index="by-date") for minute in (1, 6, 11)], True, id="an index"),
        pytest.param([throttled(1), throttled(6, index="i"), throttled(11)], True, id="in turn"),
        pytest.param([throttled(minute, table="others") for minute in (1, 6, 11)], False, id="another table"),
    ],
)
def test_throttling_of_the_table_or_an_index_is_heard_when_it_lasts(
    alarms: dict[str, Alarm], points: list[Point], heard: bool
) -> None:
    assert gone_off(alarms, points) == ({"ThrottlingAlarm"} if heard else set())


def test_an_existing_table_is_watched_where_there_is_one() -> None:
    points = [throttled(minute, table="mine") for minute in (1, 6, 11)]
    assert gone_off(alarms_of(parse(ROOT_TEMPLATE), ExistingTableName="mine"), points) == {"ThrottlingAlarm"}


def test_a_dead_letter_is_heard_at_once_and_for_as_long_as_it_lies_there(alarms: dict[str, Alarm]) -> None:
    def visible(count: int) -> Point:
        return Point(
            namespace="AWS/SQS",
            name="ApproximateNumberOfMessagesVisible",
            dimensions={"QueueName": "DeadLetters"},
            value=count,
            at_s=60,
        )

    assert gone_off(alarms, [visible(1)]) == {"DeadLetterAlarm"}
    assert gone_off(alarms, [visible(0)]) == set()
