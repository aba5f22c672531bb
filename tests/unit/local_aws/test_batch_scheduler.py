"""Real child processes, each of them an interpreter that runs a line of code."""

import json
import os
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from local_aws.batch_process import LOSSES
from local_aws.batch_scheduler import Platform, Scheduler
from tests.unit.local_aws.kinds import Submit
from tests.unit.local_aws.processes import WAIT_S, Changes, definition, next_running, until_ended


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


def test_terminating_ends_a_running_job_with_the_reason(
    scheduler: Scheduler, changes: Changes, submitted: Submit
) -> None:
    scheduler.submit(submitted(definition=definition("import signal; signal.pause()")))
    next_running(changes)
    scheduler.end("j", reason="no longer wanted", running_too=True)
    last = until_ended(changes)[-1]
    assert (last.status, last.status_reason, len(last.attempts)) == ("FAILED", "no longer wanted", 1)


def test_cancelling_leaves_a_running_job_alone(
    scheduler: Scheduler, changes: Changes, submitted: Submit, tmp_path: Path
) -> None:
    gate = tmp_path / "gate"
    os.mkfifo(gate)
    scheduler.submit(submitted(definition=definition(f"open({str(gate)!r}).read()")))
    next_running(changes)
    scheduler.end("j", reason="no longer wanted", running_too=False)
    gate.write_text("go on")
    assert until_ended(changes)[-1].status == "SUCCEEDED"


def test_what_was_not_running_yet_never_does(
    scheduler: Scheduler, changes: Changes, submitted: Submit
) -> None:
    for name in ("a", "b", "waits"):
        scheduler.submit(
            replace(submitted(definition=definition("import signal; signal.pause()")), job_id=name)
        )
    scheduler.end("waits", reason="no longer wanted", running_too=False)
    last = until_ended(changes, "waits")[-1]
    assert (last.status, last.attempts) == ("FAILED", ())
    assert last.describe()["isCancelled"]
    for name in ("a", "b"):
        scheduler.end(name, reason="enough", running_too=True)


def test_a_lost_host_leaves_no_exit_code_and_the_job_begins_again(
    scheduler: Scheduler, changes: Changes, submitted: Submit
) -> None:
    code = "import os, signal; os.environ['AWS_BATCH_JOB_ATTEMPT'] == '1' and signal.pause()"
    scheduler.submit(submitted(definition=definition(code)))
    next_running(changes)
    assert scheduler.lose("j", LOSSES["HOST_LOST"])
    last = until_ended(changes)[-1]
    assert last.status == "SUCCEEDED"
    assert "exitCode" not in last.attempts[0]["container"]
    assert last.attempts[0]["statusReason"].startswith("Host EC2")
    assert last.attempts[1]["container"]["exitCode"] == 0


def test_a_reclaimed_spot_task_hears_of_it_in_time(
    scheduler: Scheduler, changes: Changes, submitted: Submit, tmp_path: Path
) -> None:
    ready = tmp_path / "ready"
    os.mkfifo(ready)
    code = (
        "import os, signal, sys; signal.signal(signal.SIGTERM, lambda *_: sys.exit(75));"
        f"os.environ['AWS_BATCH_JOB_ATTEMPT'] == '1' and (open({str(ready)!r}, 'w').close(), signal.pause())"
    )
    scheduler.submit(submitted(definition=definition(code)))
    ready.read_text()
    assert scheduler.lose("j", LOSSES["SPOT_RECLAIMED"])
    first, second = until_ended(changes)[-1].attempts
    assert (first["container"]["exitCode"], first["statusReason"]) == (75, "Your Spot Task was interrupted.")
    assert second["container"]["exitCode"] == 0


def test_what_does_not_run_loses_no_machine(
    scheduler: Scheduler, changes: Changes, submitted: Submit
) -> None:
    scheduler.submit(submitted(definition=definition("pass")))
    until_ended(changes)
    assert not scheduler.lose("j", LOSSES["HOST_LOST"])
    assert not scheduler.lose("missing", LOSSES["HOST_LOST"])


def test_the_next_attempt_waits_for_its_turn(tmp_path: Path, changes: Changes, submitted: Submit) -> None:
    platform = Platform(
        entrypoint=(sys.executable, "-c"),
        environment=lambda job: {},
        work_folder=tmp_path,
        log_folder=tmp_path,
        slots=1,
    )
    scheduler, gate = Scheduler(platform, on_change=changes.put), tmp_path / "gate"
    os.mkfifo(gate)
    failing = f"import sys; open({str(gate)!r}).read(); sys.exit(75)"
    scheduler.submit(submitted(definition=definition(failing), retryStrategy={"attempts": 2}))
    scheduler.submit(replace(submitted(definition=definition("pass")), job_id="other"))
    gate.write_text("go on")
    begun = [changes.get(timeout=WAIT_S) for _ in range(9)]
    assert [job.job_id for job in begun if job.status == "STARTING"] == ["j", "other", "j"]
    gate.write_text("go on")
    until_ended(changes)
