"""Who is told: other systems by an event, people by the topic, metrics by the function's log."""

import json
import time
from collections.abc import Iterator
from typing import Any

import pytest

from tests.end_to_end.application import PATIENCE_S, POLL_S, Application


class Inbox:
    """A queue that a test listens with."""

    def __init__(self, application: Application, name: str) -> None:
        self.sqs = application.aws.client("sqs")
        self.url = self.sqs.create_queue(QueueName=name)["QueueUrl"]
        asked = self.sqs.get_queue_attributes(QueueUrl=self.url, AttributeNames=["QueueArn"])
        self.arn: str = asked["Attributes"]["QueueArn"]
        anyone = {"Effect": "Allow", "Principal": "*", "Action": "sqs:SendMessage", "Resource": self.arn}
        policy = {"Version": "2012-10-17", "Statement": [anyone]}
        self.sqs.set_queue_attributes(QueueUrl=self.url, Attributes={"Policy": json.dumps(policy)})

    def take(self) -> str:
        """Wait for the next message."""
        deadline = time.monotonic() + PATIENCE_S
        while time.monotonic() < deadline:
            for message in self.sqs.receive_message(QueueUrl=self.url).get("Messages", []):
                self.sqs.delete_message(QueueUrl=self.url, ReceiptHandle=message["ReceiptHandle"])
                return str(message["Body"])
            time.sleep(POLL_S)
        raise AssertionError("nothing came")


@pytest.fixture(scope="module")
def listener(application: Application) -> Inbox:
    """Hears of closed imports as any other system of the account would."""
    inbox = Inbox(application, "listener")
    events = application.aws.client("events")
    pattern = {"source": ["csv-to-dynamodb"], "detail-type": ["CSV Import Closed"]}
    events.put_rule(Name="listener", EventPattern=json.dumps(pattern))
    events.put_targets(Rule="listener", Targets=[{"Id": "1", "Arn": inbox.arn}])
    return inbox


@pytest.fixture(scope="module")
def mail(application: Application) -> Iterator[Inbox]:
    """What a person who subscribed to the topic gets."""
    inbox = Inbox(application, "mail")
    sns = application.aws.client("sns")
    topic = application.aws.outputs["AlarmTopicArn"]
    subscription = sns.subscribe(
        TopicArn=topic, Protocol="sqs", Endpoint=inbox.arn, Attributes={"RawMessageDelivery": "true"}
    )
    yield inbox
    sns.unsubscribe(SubscriptionArn=subscription["SubscriptionArn"])


def measured(application: Application, name: str) -> list[dict[str, Any]]:
    """The metric lines that the functions wrote, of those that have a metric."""
    logs = application.aws.client("logs")
    groups = [group["logGroupName"] for group in logs.describe_log_groups()["logGroups"]]
    found = [
        event["message"]
        for group in groups
        for event in logs.filter_log_events(logGroupName=group)["events"]
        if event["message"].startswith('{"_aws"')
    ]
    documents = [json.loads(text) for text in found]
    return [one for one in documents if name in one]


def test_an_event_tells_of_a_closed_import(application: Application, listener: Inbox) -> None:
    dropped = application.drop("told.csv", b"ProductId,Name\nt1,a\nt2,b,c\n")
    application.closed(dropped.import_id)
    event = json.loads(listener.take())
    assert (event["source"], event["detail-type"]) == ("csv-to-dynamodb", "CSV Import Closed")
    detail = event["detail"]
    assert detail["import_id"] == dropped.import_id
    assert detail["deployment"] == "csv-to-dynamodb"
    assert (detail["state"], detail["rows_read"], detail["rows_written"], detail["rows_rejected"]) == (
        *("DONE", 2, 1, 1),
    )
    s3 = application.aws.client("s3")
    report = json.loads(
        s3.get_object(Bucket=detail["report"]["bucket"], Key=detail["report"]["key"])["Body"].read()
    )
    assert report["closed_at"] == detail["closed_at"]
    assert s3.get_object(Bucket=detail["report"]["bucket"], Key=detail["rejects_key"])["Body"].read()


def test_a_failed_import_is_mailed_with_its_code_and_report(application: Application, mail: Inbox) -> None:
    dropped = application.drop("failed.csv", b"Sku,Name\n1,a\n")
    application.closed(dropped.import_id)
    message = mail.take()
    assert dropped.import_id in message
    assert "missing_key_column" in message
    assert f"s3://{application.aws.outputs['ArtifactsBucketName']}/imports/{dropped.import_id}/" in message


def test_a_closed_import_is_no_open_one(application: Application) -> None:
    dropped = application.drop("settled.csv", b"ProductId,Name\ns1,a\n")
    application.closed(dropped.import_id)
    deadline = time.monotonic() + PATIENCE_S
    while application.import_of(dropped.import_id).open and time.monotonic() < deadline:
        time.sleep(POLL_S)
    assert not application.import_of(dropped.import_id).open


def test_what_the_function_prints_is_a_metric_line(application: Application) -> None:
    dropped = application.drop("measured.csv", b"ProductId,Name\nm1,a\nm2,b\n")
    application.closed(dropped.import_id)
    deadline = time.monotonic() + PATIENCE_S
    while not (found := measured(application, "RowsRead")) and time.monotonic() < deadline:
        time.sleep(POLL_S)
    assert found[-1]["Deployment"] == "csv-to-dynamodb"
    assert found[-1]["_aws"]["CloudWatchMetrics"][0]["Namespace"] == "CsvToDynamoDB"


def test_what_a_function_cannot_handle_becomes_a_dead_letter(application: Application) -> None:
    """Lambda tries it three times in all, and then sends the event with the error."""
    application.aws.client("lambda").invoke(
        FunctionName=application.aws.outputs["TriggerFunctionName"],
        InvocationType="Event",
        Payload=json.dumps({"this": "is no event"}).encode(),
    )
    sqs = application.aws.client("sqs")
    deadline = time.monotonic() + PATIENCE_S
    messages: list[Any] = []
    while not messages and time.monotonic() < deadline:
        messages = sqs.receive_message(QueueUrl=application.aws.outputs["DeadLetterQueueUrl"]).get(
            "Messages", []
        )
        time.sleep(POLL_S)
    (message,) = messages
    letter = json.loads(message["Body"])
    assert letter["requestPayload"] == {"this": "is no event"}
    assert letter["requestContext"]["approximateInvokeCount"] == 3
    assert "this is no S3 event notification" in letter["responsePayload"]["errorMessage"]
