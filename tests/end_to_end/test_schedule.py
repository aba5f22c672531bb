"""The sweep's schedule runs here as on AWS, in the time of this machine."""

from datetime import UTC, datetime, timedelta

import pytest

from tests.end_to_end.application import Application


@pytest.mark.slow
def test_the_sweep_comes_by_itself(application: Application) -> None:
    with application.without_notifications():
        dropped = application.drop("forgotten.csv", b"ProductId,Name\nr1,a\nr2,b\n")
    application.register(dropped, datetime.now(UTC) - timedelta(hours=1))

    events = application.aws.client("events")
    (rule,) = [one for one in events.list_rules()["Rules"] if "ScheduleExpression" in one]
    assert rule["ScheduleExpression"] == "rate(5 minutes)"
    events.put_rule(Name=rule["Name"], ScheduleExpression="rate(1 minute)")
    assert application.closed(dropped.import_id).state == "DONE"
    assert set(application.items(dropped.key)) == {"r1", "r2"}
