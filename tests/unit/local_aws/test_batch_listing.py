from dataclasses import replace
from typing import Any

import pytest

from local_aws.batch_arrays import children_of
from local_aws.batch_jobs import RUNNABLE, RUNNING, SUCCEEDED, Job, attempted
from local_aws.batch_listing import listed
from local_aws.batch_refusals import RefusedError
from local_aws.batch_retries import End
from tests.unit.local_aws.kinds import Submit

QUEUE = "arn:aws:batch:r:a:job-queue/q"


@pytest.fixture
def jobs(submitted: Submit) -> list[Job]:
    """An array of three, of which one runs, and two plain jobs after it."""
    parent = replace(submitted(arrayProperties={"size": 3}), job_id="array", name="load-a-r1")
    first, *others = children_of(parent)
    plain = replace(submitted(), job_id="plain", name="load-b-r1", created_at=2000, status=RUNNING)
    other = replace(submitted(), job_id="other", name="Load-a-r2", created_at=3000, status=RUNNING)
    return [parent, *others, replace(first, status=RUNNING), plain, other]


def ids(answer: dict[str, Any]) -> list[str]:
    return [job["jobId"] for job in answer["jobSummaryList"]]


def test_a_queue_has_no_children_and_shows_what_runs_if_nothing_is_said(jobs: list[Job]) -> None:
    assert ids(listed(jobs, {"jobQueue": QUEUE})) == ["other", "plain"]
    assert ids(listed(jobs, {"jobQueue": "q", "jobStatus": "PENDING"})) == ["array"]
    assert ids(listed(jobs, {"jobQueue": "another"})) == []


def test_an_array_has_its_children_by_status(jobs: list[Job]) -> None:
    assert ids(listed(jobs, {"arrayJobId": "array"})) == ["array:0"]
    assert ids(listed(jobs, {"arrayJobId": "array", "jobStatus": RUNNABLE})) == ["array:1", "array:2"]
    assert ids(listed(jobs, {"arrayJobId": "plain"})) == []


def test_a_name_or_its_beginning_takes_jobs_of_any_status(jobs: list[Job]) -> None:
    def named(name: str) -> list[str]:
        return ids(listed(jobs, {"jobQueue": QUEUE, "filters": [{"name": "JOB_NAME", "values": [name]}]}))

    assert named("load-a-r1") == ["array"]
    assert named("load-a*") == ["other", "array"]
    assert named("*") == ["other", "plain", "array"]


def test_pages_follow_each_other_though_jobs_come_and_go(jobs: list[Job]) -> None:
    asked: dict[str, Any] = {"arrayJobId": "array", "jobStatus": RUNNABLE, "maxResults": 1}
    page = listed(jobs, asked)
    assert ids(page) == ["array:1"]
    gone = [job for job in jobs if job.job_id != "array:1"]
    page = listed(gone, {**asked, "nextToken": page["nextToken"]})
    assert ids(page) == ["array:2"]
    assert "nextToken" not in page


def test_a_page_holds_a_thousand(submitted: Submit) -> None:
    children = children_of(submitted(arrayProperties={"size": 1001}))
    page = listed(children, {"arrayJobId": "j", "jobStatus": RUNNABLE})
    assert len(ids(page)) == 1000
    assert ids(
        listed(children, {"arrayJobId": "j", "jobStatus": RUNNABLE, "nextToken": page["nextToken"]})
    ) == ["j:1000"]


def test_a_summary_says_what_a_parent_and_a_child_are(jobs: list[Job]) -> None:
    (parent,) = listed(jobs, {"jobQueue": QUEUE, "jobStatus": "PENDING"})["jobSummaryList"]
    assert (parent["arrayProperties"]["size"], parent["status"]) == (3, "PENDING")
    ended = replace(attempted(jobs[1], End(exit_code=0), log="l", at=9), status=SUCCEEDED)
    (child,) = listed([ended], {"arrayJobId": "array", "jobStatus": SUCCEEDED})["jobSummaryList"]
    assert (child["arrayProperties"], child["container"]) == ({"index": 1}, {"exitCode": 0})


@pytest.mark.parametrize(
    "request_",
    [
        {},
        {"jobQueue": QUEUE, "arrayJobId": "array"},
        {"multiNodeJobId": "m"},
        {"jobQueue": QUEUE, "filters": [{"name": "JOB_NAME", "values": ["a"]}] * 2},
        {"jobQueue": QUEUE, "filters": [{"name": "JOB_DEFINITION", "values": ["a"]}]},
        {"jobQueue": QUEUE, "nextToken": "x"},
    ],
    ids=["nothing", "two places", "nodes", "two filters", "another filter", "a token of somebody else"],
)
def test_what_cannot_be_listed_is_refused(jobs: list[Job], request_: dict[str, Any]) -> None:
    with pytest.raises(RefusedError):
        listed(jobs, request_)
