"""Array jobs as a client of AWS Batch sees them: ids, pages, events, ends."""

import json
from collections.abc import Iterator
from typing import Any

import pytest

from tests.end_to_end.application import Application, eventually

NOBODY = {"import_id": "nobody-00000000000000000000", "run": "1", "submission": "1"}
"""An import that nobody registered: its jobs claim nothing, and end well."""


@pytest.fixture(scope="module")
def events(application: Application) -> Iterator[str]:
    """A queue that gets every `Batch Job State Change`."""
    sqs, rules = application.aws.client("sqs"), application.aws.client("events")
    url: str = sqs.create_queue(QueueName="changes")["QueueUrl"]
    arn = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    rules.put_rule(Name="changes", EventPattern=json.dumps({"source": ["aws.batch"]}))
    rules.put_targets(Rule="changes", Targets=[{"Id": "changes", "Arn": arn}])
    yield url


def submit(application: Application, size: int, **more: Any) -> str:
    answer = application.aws.client("batch").submit_job(
        jobName="array",
        jobQueue=application.aws.outputs["JobQueueArn"],
        jobDefinition=application.aws.outputs["LoadJobDefinitionArn"],
        parameters=NOBODY,
        arrayProperties={"size": size},
        **more,
    )
    job_id: str = answer["jobId"]
    return job_id


def described(application: Application, *job_ids: str) -> list[dict[str, Any]]:
    jobs: list[dict[str, Any]] = application.aws.client("batch").describe_jobs(jobs=list(job_ids))["jobs"]
    return jobs


def until_ended(application: Application, job_id: str) -> dict[str, Any]:
    eventually(lambda: described(application, job_id)[0]["status"] in ("SUCCEEDED", "FAILED"))
    return described(application, job_id)[0]


def test_an_array_is_described_listed_and_told_of(application: Application, events: str) -> None:
    parent_id = submit(application, 3)
    parent = until_ended(application, parent_id)
    assert parent["status"] == "SUCCEEDED"
    assert parent["arrayProperties"]["size"] == 3
    assert {name: n for name, n in parent["arrayProperties"]["statusSummary"].items() if n} == {
        "SUCCEEDED": 3
    }

    batch = application.aws.client("batch")
    pages = batch.get_paginator("list_jobs").paginate(
        arrayJobId=parent_id, jobStatus="SUCCEEDED", PaginationConfig={"PageSize": 2}
    )
    found = [[job["jobId"] for job in page["jobSummaryList"]] for page in pages]
    assert found == [[f"{parent_id}:0", f"{parent_id}:1"], [f"{parent_id}:2"]]
    (child,) = described(application, f"{parent_id}:1")
    assert child["arrayProperties"] == {"index": 1}
    assert child["parameters"]["import_id"] == NOBODY["import_id"]

    told = changes(application, events, parent_id, count=14)
    assert told[parent_id] == ["PENDING", "SUCCEEDED"]
    for index in range(3):
        assert told[f"{parent_id}:{index}"] == ["RUNNABLE", "STARTING", "RUNNING", "SUCCEEDED"]


def changes(application: Application, url: str, parent_id: str, *, count: int) -> dict[str, list[str]]:
    """Take events from the queue until there are so many of an array."""
    sqs, told, seen = application.aws.client("sqs"), dict[str, list[str]](), list[str]()

    def all_there() -> bool:
        answer = sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10)
        for message in answer.get("Messages", ()):
            detail = json.loads(message["Body"])["detail"]
            if detail["jobId"].partition(":")[0] == parent_id:
                seen.append(detail["jobId"])
                told.setdefault(detail["jobId"], []).append(detail["status"])
            sqs.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
        return len(seen) >= count

    eventually(all_there)
    return told


def test_a_large_array_is_there_at_once_and_ends_when_it_is_told_to(application: Application) -> None:
    parent_id = submit(application, 10_000)
    (last,) = described(application, f"{parent_id}:9999")
    assert last["arrayProperties"] == {"index": 9999}
    application.aws.client("batch").terminate_job(jobId=parent_id, reason="not wanted")
    parent = until_ended(application, parent_id)
    summary = parent["arrayProperties"]["statusSummary"]
    assert (parent["status"], summary["FAILED"] + summary["SUCCEEDED"]) == ("FAILED", 10_000)
    assert parent["isTerminated"]


@pytest.mark.parametrize("size", [0, 1, 10_001])
def test_an_array_that_aws_refuses_is_refused(application: Application, size: int) -> None:
    with pytest.raises(application.aws.client("batch").exceptions.ClientException, match="2 to 10000"):
        submit(application, size)


def test_more_than_a_hundred_jobs_are_not_described_at_once(application: Application) -> None:
    batch = application.aws.client("batch")
    with pytest.raises(batch.exceptions.ClientException, match="100"):
        batch.describe_jobs(jobs=["j"] * 101)
