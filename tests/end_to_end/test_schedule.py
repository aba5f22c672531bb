"""The sweep's schedule runs here as on AWS, in the time of this machine."""

import pytest

from tests.end_to_end.application import Application


@pytest.mark.slow
def test_the_sweep_comes_by_itself(application: Application) -> None:
    with application.without_notifications():
        dropped = application.drop("forgotten.csv", b"ProductId,Name\nr1,a\nr2,b\n")
    application.invoke("TriggerFunctionName", application.event(dropped))
    events = application.aws.client("events")
    (rule,) = [one for one in events.list_rules()["Rules"] if "ScheduleExpression" in one]
    assert rule["ScheduleExpression"] == "rate(5 minutes)"
    assert application.import_of(dropped.import_id).updated_at.startswith(f"{LONG_AGO:%Y-%m-%d}")
    events.put_rule(Name=rule["Name"], ScheduleExpression="rate(1 minute)")
    check_loaded_once(application, dropped)
