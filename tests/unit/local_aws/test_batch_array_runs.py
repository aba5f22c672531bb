"""Arrays of real child processes."""

from pathlib import Path

from local_aws.batch_process import LOSSES
from local_aws.batch_scheduler import Scheduler
from tests.unit.local_aws.kinds import Submit
from tests.unit.local_aws.processes import Changes, definition, next_running, until_ended

PAUSE = "import signal; signal.pause()"


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
    next_running(changes)
    scheduler.end("j", reason="enough", running_too=True)
    parent = until_ended(changes)[-1]
    assert parent.describe()["arrayProperties"]["statusSummary"]["FAILED"] == 4
    assert parent.describe()["isTerminated"]
    assert {scheduler.find(f"j:{index}").describe()["isTerminated"] for index in range(4)} == {True}  # type: ignore[union-attr]


def test_cancelling_an_array_ends_the_children_that_do_not_run_yet(
    scheduler: Scheduler, changes: Changes, submitted: Submit
) -> None:
    scheduler.submit(submitted(definition=definition(PAUSE), arrayProperties={"size": 4}))
    running = {next_running(changes), next_running(changes)}
    scheduler.end("j", reason="enough", running_too=False)
    statuses = {job.job_id: job.status for job in scheduler.jobs()}
    assert {job_id for job_id, status in statuses.items() if status == "RUNNING"} == running
    assert sorted(statuses.values()) == ["FAILED", "FAILED", "PENDING", "RUNNING", "RUNNING"]
    scheduler.end("j", reason="enough", running_too=True)
    until_ended(changes)


def test_terminating_a_child_leaves_its_siblings_and_fails_the_parent(
    scheduler: Scheduler, changes: Changes, submitted: Submit, tmp_path: Path
) -> None:
    code = "import os, signal; os.environ['AWS_BATCH_JOB_ARRAY_INDEX'] == '0' and signal.pause()"
    scheduler.submit(submitted(definition=definition(code), arrayProperties={"size": 3}))
    until_ended(changes, "j:1", "j:2")
    parent = scheduler.find("j")
    assert parent is not None
    assert parent.status == "PENDING"
    scheduler.end("j:0", reason="no longer wanted", running_too=True)
    parent = until_ended(changes)[-1]
    assert (parent.status, parent.children["FAILED"], parent.children["SUCCEEDED"]) == ("FAILED", 1, 2)
    assert "isTerminated" not in parent.describe()


def test_a_child_has_attempts_of_its_own(scheduler: Scheduler, changes: Changes, submitted: Submit) -> None:
    code = "import os, sys; sys.exit(75 if os.environ['AWS_BATCH_JOB_ARRAY_INDEX'] == '1' else 0)"
    scheduler.submit(submitted(definition=definition(code), arrayProperties={"size": 3}))
    parent = until_ended(changes)[-1]
    attempts = {job.index: len(job.attempts) for job in scheduler.jobs()}
    assert attempts == {None: 0, 0: 1, 1: 3, 2: 1}
    assert (parent.status, parent.children["FAILED"]) == ("FAILED", 1)


def test_a_child_that_loses_its_host_begins_again_alone(
    scheduler: Scheduler, changes: Changes, submitted: Submit
) -> None:
    code = "import os, signal; os.environ['AWS_BATCH_JOB_ATTEMPT'] == '1' and signal.pause()"
    scheduler.submit(submitted(definition=definition(code), arrayProperties={"size": 2}))
    for job_id in (next_running(changes), next_running(changes)):
        assert scheduler.lose(job_id, LOSSES["HOST_LOST"])
    assert until_ended(changes)[-1].status == "SUCCEEDED"
    assert {len(job.attempts) for job in scheduler.jobs() if job.index is not None} == {2}


def test_so_many_children_run_at_a_time_as_there_are_slots(
    scheduler: Scheduler, changes: Changes, submitted: Submit
) -> None:
    scheduler.submit(submitted(definition=definition("pass"), arrayProperties={"size": 8}))
    at_work: set[str] = set()
    most = 0
    for job in until_ended(changes, every=True):
        if job.index is not None:
            (at_work.add if job.status in ("STARTING", "RUNNING") else at_work.discard)(job.job_id)
            most = max(most, len(at_work))
    assert most == 2


def test_the_parent_is_told_of_when_it_waits_and_when_it_ends(
    scheduler: Scheduler, changes: Changes, submitted: Submit
) -> None:
    scheduler.submit(submitted(definition=definition("pass"), arrayProperties={"size": 3}))
    told = until_ended(changes, every=True)
    assert [job.status for job in told if job.index is None] == ["PENDING", "SUCCEEDED"]
    assert told[0].job_id == told[-1].job_id == "j"
    for index in range(3):
        statuses = [job.status for job in told if job.index == index]
        assert statuses == ["RUNNABLE", "STARTING", "RUNNING", "SUCCEEDED"]
