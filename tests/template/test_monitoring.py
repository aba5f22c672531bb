"""What code measures, dashboard and alarms name; each way to fail has an alarm that somebody can hear."""

import json
import re
from datetime import UTC, datetime
from typing import Any

import pytest

import metrics
from announcement import DETAIL_TYPE, SOURCE, closed_event
from csv_import.accounting import metrics as job_metrics
from csv_import.accounting.counters import Counters
from csv_import.writing.effort import Effort
from imports import Failure, State
from metrics import Metric
from tests.template.alarms import STACK, alarms_of
from tests.template.stacks import Template, deployed, of_type
from tests.unit.functions.builders import an_import

NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)

# Metrics of AWS's own that alarms and widgets use, by the services' documentation.
AWS_METRICS = {
    "AWS/DynamoDB": {"WriteThrottleEvents", "ConsumedWriteCapacityUnits"},
    "AWS/Lambda": {"Errors"},
    "AWS/SQS": {"ApproximateNumberOfMessagesVisible"},
}


@pytest.fixture
def alarms(root: Template) -> dict[str, Any]:
    return {name: a["Properties"] for name, a in of_type(root, "AWS::CloudWatch::Alarm").items()}


@pytest.fixture
def widgets(root: Template) -> list[dict[str, Any]]:
    text, names = root["Resources"]["Dashboard"]["Properties"]["DashboardBody"]["Fn::Sub"]
    assert names.keys() == {"Table"}
    found: list[dict[str, Any]] = json.loads(text)["widgets"]
    return found


def _shown(widgets: list[dict[str, Any]]) -> list[list[Any]]:
    return [metric for widget in widgets for metric in widget["properties"]["metrics"]]


def _is_of_jobs(metric: list[Any]) -> bool:
    return "TableName" in metric


def answered(effort: Effort) -> Effort:
    effort.sent()
    effort.answered(0.01)
    return effort


def test_the_dashboard_shows_every_metric_that_code_puts_out(widgets: list[dict[str, Any]]) -> None:
    ours = {
        metric[1] for metric in _shown(widgets) if metric[0] == metrics.NAMESPACE and not _is_of_jobs(metric)
    }
    assert ours == {metric.value for metric in Metric}


def test_what_jobs_tell_of_themselves_is_kept_apart(widgets: list[dict[str, Any]]) -> None:
    """Some names are the same; were the dimensions so too, a sum would count every row twice."""
    shown = [metric for metric in _shown(widgets) if _is_of_jobs(metric)]
    assert shown
    line = job_metrics.Metrics("stack", "items").since_last(Counters(), answered(Effort()), NOW)
    (directive,) = line["_aws"]["CloudWatchMetrics"]
    assert directive["Namespace"] == metrics.NAMESPACE
    assert directive["Dimensions"] == [[metrics.DIMENSION, "TableName"]]
    for _, name, *dimensions in shown:
        assert dimensions[:4] == [metrics.DIMENSION, "${AWS::StackName}", "TableName", "${Table}"]
        assert name in {metric["Name"] for metric in directive["Metrics"]}


def test_widgets_name_nothing_that_nobody_puts_out(widgets: list[dict[str, Any]]) -> None:
    for metric in _shown(widgets):
        if isinstance(metric[0], dict):
            read = re.fullmatch(r"""SELECT SUM\((\w+)\) FROM "(.+)" WHERE .*""", metric[0]["expression"])
            assert read
            assert read[1] in AWS_METRICS[read[2]]
            continue
        namespace, name, *dimensions = metric
        if namespace == metrics.NAMESPACE:
            assert dimensions[:2] == [metrics.DIMENSION, "${AWS::StackName}"], name
        else:
            assert name in AWS_METRICS[namespace], name


def test_throttles_and_units_are_those_of_the_table_with_its_indexes(widgets: list[dict[str, Any]]) -> None:
    queries = [metric[0]["expression"] for metric in _shown(widgets) if isinstance(metric[0], dict)]
    assert queries == [
        f"""SELECT SUM({name}) FROM "AWS/DynamoDB" WHERE TableName = '${{Table}}'"""
        for name in ("WriteThrottleEvents", "ConsumedWriteCapacityUnits")
    ]


def test_widgets_stand_beside_each_other(widgets: list[dict[str, Any]]) -> None:
    cells = [
        (x, y)
        for w in widgets
        for x in range(w["x"], w["x"] + w["width"])
        for y in range(w["y"], w["y"] + w["height"])
    ]
    assert len(cells) == len(set(cells))
    assert max(x for x, _ in cells) < 24, "a dashboard has 24 columns"


def test_the_dashboard_can_be_done_without(root: Template) -> None:
    assert "Dashboard" in deployed(root)
    assert "Dashboard" not in deployed(root, HasDashboard="false")


EXACTLY = {"operator": "GreaterThanOrEqualToThreshold", "missing": "notBreaching"}
ALARMS = {
    # One failed import is worth a message; a minute is the finest that standard metrics have.
    "ImportFailedAlarm": {
        **{"namespace": metrics.NAMESPACE, "name": Metric.IMPORTS_FAILED, "statistic": "Sum"},
        **{"dimensions": {metrics.DIMENSION: STACK}, "exactly": True},
        **{"period_s": 60, "periods": 1, "threshold": 1.0},
    },
    # It stays while a message lies there, and a message stays until somebody deletes it.
    "DeadLetterAlarm": {
        **{"namespace": "AWS/SQS", "name": "ApproximateNumberOfMessagesVisible", "statistic": "Maximum"},
        **{"dimensions": {"QueueName": "DeadLetters"}, "exactly": True},
        **{"period_s": 60, "periods": 1, "threshold": 1.0},
    },
    # The sweep measures every five minutes, and the longest wait is the one that counts.
    "JobsStuckAlarm": {
        **{"namespace": metrics.NAMESPACE, "name": Metric.OLDEST_WAIT_SECONDS, "statistic": "Maximum"},
        **{"dimensions": {metrics.DIMENSION: STACK}, "exactly": True},
        **{"period_s": 300, "periods": 1, "threshold": 3600.0},
    },
    # A table that grows throttles for minutes; a quarter of an hour is more than that. Its indexes count.
    "ThrottlingAlarm": {
        **{"namespace": "AWS/DynamoDB", "name": "WriteThrottleEvents", "statistic": "Sum"},
        **{"dimensions": {"TableName": "ItemsTable"}, "exactly": False},
        **{"period_s": 300, "periods": 3, "threshold": 1.0},
    },
}


def test_each_way_to_fail_has_its_alarm_with_reasoned_values(root: Template) -> None:
    assert {name: vars(alarm) for name, alarm in alarms_of(root).items()} == {
        name: values | EXACTLY for name, values in ALARMS.items()
    }


def test_alarms_are_explained_heard_and_silent_while_idle(alarms: dict[str, Any]) -> None:
    for name, alarm in alarms.items():
        assert len(alarm["AlarmDescription"]) > 30, name
        assert alarm["AlarmActions"] == [{"Ref": "AlarmTopic"}], name
        assert alarm["TreatMissingData"] == "notBreaching", name


def test_an_address_is_mailed_to_where_one_is_given(root: Template) -> None:
    assert not of_type({"Resources": deployed(root)}, "AWS::SNS::Subscription")
    given = deployed(root, AlarmEmail="a@example.org")
    [subscription] = of_type({"Resources": given}, "AWS::SNS::Subscription").values()
    assert subscription["Properties"]["Endpoint"] == "a@example.org"
    assert subscription["Properties"]["TopicArn"] == {"Ref": "AlarmTopic"}


def test_only_alarms_and_our_rules_may_publish(root: Template) -> None:
    statements = root["Resources"]["AlarmTopicPolicy"]["Properties"]["PolicyDocument"]["Statement"]
    allowed = {s["Principal"]["Service"]: s["Condition"] for s in statements if s["Effect"] == "Allow"}
    assert allowed == {
        "cloudwatch.amazonaws.com": {"StringEquals": {"aws:SourceAccount": {"Ref": "AWS::AccountId"}}},
        "events.amazonaws.com": {
            "ArnEquals": {
                "aws:SourceArn": [
                    {"Fn::GetAtt": [name, "Arn"]} for name in ("ImportFailedRule", "QueueBlockedRule")
                ]
            }
        },
    }
    [denied] = [s for s in statements if s["Effect"] == "Deny"]
    assert denied["Condition"] == {"Bool": {"aws:SecureTransport": "false"}}


def _pick(document: Any, path: str) -> Any:
    for step in path.removeprefix("$.").split("."):
        document = document[step]
    return document


def test_the_mail_of_a_failed_import_has_what_the_event_has(root: Template) -> None:
    rule = root["Resources"]["ImportFailedRule"]["Properties"]
    pattern = rule["EventPattern"]
    assert (pattern["source"], pattern["detail-type"]) == ([SOURCE], [DETAIL_TYPE])
    assert pattern["detail"] == {"deployment": [{"Ref": "AWS::StackName"}], "state": ["FAILED"]}
    failed = an_import(state=State.FAILED, failure=Failure("not_text", "a secret"))
    detail = closed_event(failed, [], deployment="mine", artifacts_bucket="a", table_name="t")
    [target] = rule["Targets"]
    transformer = target["InputTransformer"]
    values = {name: _pick({"detail": detail}, path) for name, path in transformer["InputPathsMap"].items()}
    assert set(re.findall(r"<(\w+)>", transformer["InputTemplate"])) == values.keys()
    assert values["code"] == "not_text"
    assert all(isinstance(value, str) for value in values.values())


def test_a_blocked_queue_is_told_of(root: Template) -> None:
    # docs.aws.amazon.com/batch/latest/userguide/batch-job-queue-blocked-events.html
    pattern = root["Resources"]["QueueBlockedRule"]["Properties"]["EventPattern"]
    assert (pattern["source"], pattern["detail-type"]) == (["aws.batch"], ["Batch Job Queue Blocked"])
    assert pattern["detail"]["jobQueue"] == [{"Fn::GetAtt": ["BatchStack", "Outputs.JobQueueArn"]}]
