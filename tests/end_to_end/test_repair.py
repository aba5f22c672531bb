"""Whatever dies half way, and wherever: the sweep, or the next event, brings the import to its end."""

from datetime import UTC, datetime, timedelta

import pytest

from decision import Submit
from imports import State
from tests.end_to_end.application import Application, Dropped, container_of

LONG_AGO = datetime.now(UTC) - timedelta(hours=1)
BOTH = {"read": 2, "written": 2, "superseded": 0, "skipped": 0, "rejected": 0}
CONTENT = b"ProductId,Name\nr1,a\nr2,b\n"


@pytest.fixture
def dropped(application: Application, request: pytest.FixtureRequest) -> Dropped:
    """A file that the trigger has not heard of."""
    with application.without_notifications():
        return application.drop(f"{request.node.name}.csv", CONTENT)


def begin(application: Application, dropped: Dropped) -> None:
    """Leave the ledger as a function does when it dies right before it submits."""
    import_ = application.import_of(dropped.import_id)
    assert application.ledger.begin_submission(import_, Submit(State.LOADING, ""), at=LONG_AGO)


def check_loaded_once(application: Application, dropped: Dropped) -> None:
    assert application.closed(dropped.import_id).state == "DONE"
    assert application.counts(dropped.import_id) == BOTH
    assert set(application.items(dropped.key)) == {"r1", "r2"}


def test_died_before_it_announced_a_submission(application: Application, dropped: Dropped) -> None:
    application.register(dropped, LONG_AGO)
    answer = application.invoke("SweepFunctionName", {})
    assert dropped.import_id in [import_["import_id"] for import_ in answer["imports"]]
    check_loaded_once(application, dropped)
    assert len(application.jobs_of(dropped.import_id)) == 1


def test_died_between_ledger_and_submission(application: Application, dropped: Dropped) -> None:
    application.register(dropped, LONG_AGO)
    begin(application, dropped)
    application.invoke("SweepFunctionName", {})
    check_loaded_once(application, dropped)
    assert len(application.jobs_of(dropped.import_id)) == 1


def test_died_between_submission_and_its_record(application: Application, dropped: Dropped) -> None:
    application.register(dropped, LONG_AGO)
    begin(application, dropped)
    for _ in range(2):  # the one that nobody recorded, and the one that repeats it
        submit(application, dropped)
    check_loaded_once(application, dropped)
    jobs = application.ended_jobs_of(dropped.import_id)
    assert [container_of(job)["exitCode"] for job in jobs] == [0, 0]


def test_a_lost_event_of_the_jobs_end(application: Application, dropped: Dropped) -> None:
    events = application.aws.client("events")
    (rule,) = [r for r in events.list_rules()["Rules"] if "State Change" in r.get("EventPattern", "")]
    events.disable_rule(Name=rule["Name"])
    try:
        application.register(dropped, LONG_AGO)
        begin(application, dropped)
        submit(application, dropped)
        application.ended_jobs_of(dropped.import_id)
        assert not application.import_of(dropped.import_id).state.closed
        application.let_time_pass(dropped, LONG_AGO)
        application.invoke("SweepFunctionName", {})
    finally:
        events.enable_rule(Name=rule["Name"])
    check_loaded_once(application, dropped)


def submit(application: Application, dropped: Dropped) -> None:
    application.aws.client("batch").submit_job(
        jobName=f"load-{dropped.import_id}-r1",
        jobQueue=application.aws.outputs["JobQueueArn"],
        jobDefinition=application.aws.outputs["LoadJobDefinitionArn"],
        parameters={"import_id": dropped.import_id, "stage": "load", "run": "1", "submission": "1"},
    )
