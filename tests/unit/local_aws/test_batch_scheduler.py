"""Real child processes, each of them an interpreter that runs a line of code."""

import json
import os
import queue
import sys
from pathlib import Path
from typing import Any

import pytest

from local_aws.batch_jobs import Job
from local_aws.batch_scheduler import Platform, Scheduler
from tests.unit.local_aws.kinds import Submit

Changes = queue.Queue[Job]

WAIT_S = 30


@pytest.fixture
def changes() -> Changes:
    return queue.Queue()


@pytest.fixture
def scheduler(tmp_path: Path, changes: Changes) -> Scheduler:
    platform = Platform(
        entrypoint=(sys.executable, "-c"),
        environment=lambda job: {"FROM_PLATFORM": job.job_id},
        work_folder=tmp_path / "jobs",
        log_folder=tmp_path / "logs",
        slots=2,
    )
    return Scheduler(platform, on_change=changes.put)


def definition(code: str, **more: Any) -> dict[str, Any]:
    return {"containerProperties": {"image": "i", "command": [code], **more}}


def until_ended(changes: Changes, job_id: str = "j") -> list[Job]:
    """Take the changes of one job until its end."""
    seen = []
    while True:
        job = changes.get(timeout=WAIT_S)
        if job.job_id == job_id:
            seen.append(job)
            if job.ended:
                return seen


def test_a_job_goes_through_its_states_to_its_end(
    scheduler: Scheduler, changes: Changes, submitted: Submit
) -> None:
    scheduler.submit(submitted(definition=definition("print('done')")))
    seen = until_ended(changes)
    assert [job.status for job in seen] == ["RUNNABLE", "STARTING", "RUNNING", "SUCCEEDED"]
    assert seen[-1].describe()["container"]["exitCode"] == 0


def test_a_job_gets_its_variables_and_nothing_of_ours(
    scheduler: Scheduler, changes: Changes, submitted: Submit, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OF_THE_PARENT", "1")
    code = "import json, os; print(json.dumps(dict(os.environ)))"
    scheduler.submit(submitted(definition=definition(code, environment=[{"name": "A", "value": "1"}])))
    log = until_ended(changes)[-1].attempts[-1]["container"]["logStreamName"]
    given = json.loads((tmp_path / "logs" / log).read_text())
    platform_noise = {"LC_CTYPE", "__CF_USER_TEXT_ENCODING"}
    assert {name: value for name, value in given.items() if name not in platform_noise} == {
        "A": "1",
        "FROM_PLATFORM": "j",
        "AWS_BATCH_JOB_ID": "j",
        "AWS_BATCH_JOB_ATTEMPT": "1",
        "AWS_BATCH_JQ_NAME": "q",
        "AWS_BATCH_CE_NAME": "ce",
    }


def test_a_failure_is_tried_again_with_the_next_number(
    scheduler: Scheduler, changes: Changes, submitted: Submit
) -> None:
    code = "import os, sys; sys.exit(75 if os.environ['AWS_BATCH_JOB_ATTEMPT'] < '3' else 0)"
    scheduler.submit(submitted(definition=definition(code)))
    seen = until_ended(changes)
    assert [attempt["container"]["exitCode"] for attempt in seen[-1].attempts] == [75, 75, 0]
    assert [job.status for job in seen].count("RUNNABLE") == 3


def test_a_verdict_is_not_tried_again(scheduler: Scheduler, changes: Changes, submitted: Submit) -> None:
    scheduler.submit(submitted(definition=definition("import sys; sys.exit(65)")))
    last = until_ended(changes)[-1]
    assert (last.status, len(last.attempts)) == ("FAILED", 1)


def test_a_killed_process_has_the_exit_code_of_a_killed_container(
    scheduler: Scheduler, changes: Changes, submitted: Submit
) -> None:
    code = "import os, signal; os.kill(os.getpid(), signal.SIGKILL)"
    scheduler.submit(submitted(definition=definition(code)))
    assert [attempt["container"]["exitCode"] for attempt in until_ended(changes)[-1].attempts] == [137] * 3


def test_what_cannot_be_started_is_tried_again_and_fails(
    tmp_path: Path, changes: Changes, submitted: Submit
) -> None:
    platform = Platform(
        entrypoint=(str(tmp_path / "missing"),),
        environment=lambda job: {},
        work_folder=tmp_path,
        log_folder=tmp_path,
        slots=1,
    )
    Scheduler(platform, on_change=changes.put).submit(submitted())
    last = until_ended(changes)[-1]
    assert (last.status, len(last.attempts)) == ("FAILED", 3)
    assert "exitCode" not in last.describe()["container"]


def test_a_job_that_takes_too_long_is_stopped_for_good(
    scheduler: Scheduler, changes: Changes, submitted: Submit
) -> None:
    code = "import signal; signal.pause()"
    scheduler.submit(submitted(definition=definition(code), timeout={"attemptDurationSeconds": 0.2}))
    last = until_ended(changes)[-1]
    assert (last.status, len(last.attempts)) == ("FAILED", 1)
    assert last.status_reason == "Job attempt duration exceeded timeout"


def until_running(changes: Changes) -> None:
    while changes.get(timeout=WAIT_S).status != "RUNNING":
        pass


def test_terminating_ends_a_running_job_with_the_reason(
    scheduler: Scheduler, changes: Changes, submitted: Submit
) -> None:
    scheduler.submit(submitted(definition=definition("import signal; signal.pause()")))
    until_running(changes)
    scheduler.end("j", reason="no longer wanted", running_too=True)
    last = until_ended(changes)[-1]
    assert (last.status, last.status_reason, len(last.attempts)) == ("FAILED", "no longer wanted", 1)


def test_cancelling_leaves_a_running_job_alone(
    scheduler: Scheduler, changes: Changes, submitted: Submit, tmp_path: Path
) -> None:
    gate = tmp_path / "gate"
    os.mkfifo(gate)
    scheduler.submit(submitted(definition=definition(f"open({str(gate)!r}).read()")))
    until_running(changes)
    scheduler.end("j", reason="no longer wanted", running_too=False)
    gate.write_text("go on")
    assert until_ended(changes)[-1].status == "SUCCEEDED"


def test_an_array_runs_each_index_once_and_its_parent_ends_last(
    scheduler: Scheduler, changes: Changes, submitted: Submit, tmp_path: Path
) -> None:
    code = "import os, sys; print(os.environ['AWS_BATCH_JOB_ARRAY_INDEX'])"
    scheduler.submit(submitted(definition=definition(code), arrayProperties={"size": 5}))
    parent = until_ended(changes)[-1]
    assert parent.status == "SUCCEEDED"
    assert parent.describe()["arrayProperties"]["statusSummary"]["SUCCEEDED"] == 5
    assert sorted(log.read_text().strip() for log in (tmp_path / "logs").iterdir()) == list("01234")


def test_terminating_an_array_ends_all_children(
    scheduler: Scheduler, changes: Changes, submitted: Submit
) -> None:
    code = "import signal; signal.pause()"
    scheduler.submit(submitted(definition=definition(code), arrayProperties={"size": 4}))
    until_running(changes)
    scheduler.end("j", reason="enough", running_too=True)
    parent = until_ended(changes)[-1]
    assert parent.describe()["arrayProperties"]["statusSummary"]["FAILED"] == 4
