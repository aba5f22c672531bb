"""A file that is cut into parts: trigger, plan, an array of jobs, and a table as the sequential loop leaves it."""

from collections.abc import Iterator
from contextlib import suppress
from typing import Any
from urllib.error import HTTPError

import pytest

from imports import total
from local_aws.embedded import running
from tests.end_to_end.application import Application, eventually
from tests.end_to_end.test_imports import check

KIB = 1024
PARTS = 4


def rows(count: int) -> bytes:
    """Rows of which every third has a key that comes again in other parts, and every hundredth does not fit."""
    lines = [b"ProductId,Name\n"]
    for row in range(count):
        key = b"again-%d" % (row % 500) if row % 3 == 0 else b"only-%d" % row
        lines.append(b'%b,"row\n%d"%b\n' % (key, row, b",too many" * (row % 100 == 99)))
    return b"".join(lines)


@pytest.fixture(scope="module")
def application(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Application]:
    parameters = {"SplitThresholdBytes": str(64 * KIB), "PartBytes": str(40 * KIB)}
    with running(tmp_path_factory.mktemp("aws"), parameters=parameters) as aws:
        yield Application(aws)


def array_of(application: Application, import_id: str) -> dict[str, Any]:
    (array,) = [job for job in application.jobs_of(import_id) if "arrayProperties" in job]
    return array


def test_a_large_file_ends_as_the_sequential_loop_leaves_it(application: Application) -> None:
    content = rows(7_000)
    dropped = application.drop("large.csv", content)
    check(application, dropped.import_id, "large.csv", content)

    closed, parts = application.import_of(dropped.import_id), application.parts_of(dropped.import_id)
    assert closed.parts == len(parts) > PARTS
    array = array_of(application, dropped.import_id)
    assert array["arrayProperties"]["statusSummary"]["SUCCEEDED"] == len(parts)
    report = application.report(dropped.import_id)
    counted = total(parts)
    for name in ("rows_read", "rows_written", "rows_superseded", "rows_rejected"):
        assert counted[name] == report[name], name
    assert report["rows_rejected"] == 70
    assert report["bytes"]["read"] == len(content)


def test_a_child_whose_machine_is_reclaimed_goes_on_alone(application: Application) -> None:
    content = rows(6_000)
    dropped = application.drop("reclaimed.csv", content)
    reclaimed: list[str] = []

    def has_reclaimed_one() -> bool:
        reclaimed.extend(reclaim_a_child(application, dropped.import_id))
        return bool(reclaimed)

    eventually(has_reclaimed_one)
    assert len(reclaimed) == 1
    check(application, dropped.import_id, "reclaimed.csv", content)

    array = array_of(application, dropped.import_id)["jobId"]
    batch = application.aws.client("batch")
    listed = batch.list_jobs(arrayJobId=array, jobStatus="SUCCEEDED")["jobSummaryList"]
    children = batch.describe_jobs(jobs=[child["jobId"] for child in listed])["jobs"]
    reasons = {child["jobId"]: [one["statusReason"] for one in child["attempts"]] for child in children}
    # One that was done when SIGTERM came has no second attempt.
    assert {job_id for job_id, said in reasons.items() if len(said) > 1} <= set(reclaimed)
    assert [said[0] for job_id, said in reasons.items() if job_id in reclaimed] == [
        "Your Spot Task was interrupted."
    ]


def reclaim_a_child(application: Application, import_id: str) -> Iterator[str]:
    """Take the machine of a child that runs, if one does."""
    for array in application.jobs_of(import_id):
        running = application.aws.client("batch").list_jobs(arrayJobId=array["jobId"])["jobSummaryList"]
        for child in running[:1]:
            with suppress(HTTPError):  # it has ended meanwhile
                application.aws.lose_machine(child["jobId"], "SPOT_RECLAIMED")
                yield child["jobId"]


def test_a_small_file_beside_it_is_one_job(application: Application) -> None:
    content = rows(100)
    dropped = application.drop("small.csv", content)
    check(application, dropped.import_id, "small.csv", content)
    (job,) = application.jobs_of(dropped.import_id)
    assert "arrayProperties" not in job
