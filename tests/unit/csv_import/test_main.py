import io
import signal
from collections.abc import Iterator
from typing import Any

import pytest
from aws_lambda_powertools import Logger

import csv_import.__main__ as entry
from csv_import.errors import BadConfiguration, BadData, Interrupted, JobStop, LeaseLost, ServiceAway
from csv_import.settings import Settings
from tests.unit.csv_import.log import captured_log, lines_of

COMMAND = ["load", "--import-id", "a-1", "--run", "1"]
ENVIRONMENT = {
    "LEDGER_TABLE": "ledger",
    "ARTIFACTS_BUCKET": "artifacts",
    "TABLE_NAME": "items",
    "AWS_BATCH_JOB_ID": "job-1:7",
    "AWS_BATCH_JOB_ATTEMPT": "2",
    "AWS_BATCH_JOB_ARRAY_INDEX": "7",
}
HOSTILE = 'in/a "b"\n{"level":"ERROR"}\r\\\u2028.csv'


@pytest.fixture(autouse=True)
def log() -> Iterator[io.StringIO]:
    before = signal.getsignal(signal.SIGTERM)
    with captured_log() as stream:
        yield stream
    signal.signal(signal.SIGTERM, before)


@pytest.fixture(autouse=True)
def stage(monkeypatch: pytest.MonkeyPatch) -> "Stage":
    stage = Stage()
    monkeypatch.setattr(entry, "connect", lambda logger, stop: (logger, stop))
    monkeypatch.setitem(entry._STAGES, "load", stage)
    monkeypatch.setenv("LOG_LEVEL", "NONSENSE")  # the environment that is passed in counts
    return stage


class Stage:
    """Stands for the stage: does what a test wants."""

    def __init__(self) -> None:
        self.error: BaseException | None = None
        self.signal = False

    def __call__(self, settings: Settings, services: tuple[Logger, Any]) -> None:
        logger, stop = services
        logger.debug("details")
        logger.info("loading", object=HOSTILE)
        if self.signal:
            signal.raise_signal(signal.SIGTERM)
            stop.pause(0)
        if self.error is not None:
            raise self.error


@pytest.mark.parametrize(
    ("error", "exit_code"),
    [
        (None, 0),
        (BadData("no_header", "empty"), 65),
        (BadConfiguration("table_missing", "no table"), 78),
        (ServiceAway("s3_unavailable", "away"), 75),
        (LeaseLost("lease_lost", "taken over"), 75),
        (Interrupted(), 75),
        (JobStop("internal_error", "?"), 1),
        (RuntimeError("a bug"), 1),
        (AssertionError("the books do not balance"), 1),
    ],
)
def test_exit_codes(stage: Stage, log: io.StringIO, error: Exception | None, exit_code: int) -> None:
    stage.error = error
    assert entry.main(COMMAND, ENVIRONMENT) == exit_code
    lines = lines_of(log.getvalue())
    if isinstance(error, JobStop):
        assert (lines[-1]["code"], lines[-1]["reason"]) == (error.code, error.message)
        assert lines[-1]["exit_code"] == exit_code
        assert "exception" not in lines[-1]
    elif error is not None:
        assert type(error).__name__ in lines[-1]["exception"]


@pytest.mark.parametrize("message", ["plain", HOSTILE, "\n\n", '"', "{}"])
def test_a_log_line_is_one_json_object_whatever_is_in_it(
    stage: Stage, log: io.StringIO, message: str
) -> None:
    stage.error = BadData("object_gone", message)
    entry.main(COMMAND, ENVIRONMENT)
    lines = lines_of(log.getvalue())
    assert len(lines) == 2
    assert lines[0]["object"] == HOSTILE
    assert lines[1]["reason"] == message


def test_every_line_carries_import_run_index_and_attempt(log: io.StringIO) -> None:
    entry.main(COMMAND, ENVIRONMENT)
    (line,) = lines_of(log.getvalue())
    assert {name: line[name] for name in ("import_id", "run", "index", "attempt")} == {
        "import_id": "a-1",
        "run": 1,
        "index": 7,
        "attempt": 2,
    }
    assert line["object"] == HOSTILE


@pytest.mark.parametrize(
    ("level", "messages"),
    [
        ("DEBUG", ["details", "loading"]),
        ("debug", ["details", "loading"]),
        ("INFO", ["loading"]),
        ("ERROR", []),
    ],
)
def test_the_level_is_the_one_that_was_set(log: io.StringIO, level: str, messages: list[str]) -> None:
    entry.main(COMMAND, {**ENVIRONMENT, "LOG_LEVEL": level})
    assert [line["message"] for line in lines_of(log.getvalue())] == messages


@pytest.mark.parametrize(
    ("command", "environment", "code"),
    [
        (COMMAND, {}, "missing_setting"),
        ([*COMMAND[:-1], "Ref::run"], ENVIRONMENT, "invalid_setting"),
        (COMMAND, {**ENVIRONMENT, "LOG_LEVEL": "LOUD"}, "invalid_setting"),
        (COMMAND, {**ENVIRONMENT, "AWS_BATCH_JOB_ATTEMPT": "-"}, "invalid_setting"),
    ],
)
def test_settings_that_do_not_fit(
    log: io.StringIO, command: list[str], environment: dict[str, str], code: str
) -> None:
    assert entry.main(command, environment) == 78
    (line,) = lines_of(log.getvalue())
    assert (line["code"], line["exit_code"]) == (code, 78)


def test_sigterm_is_try_again(stage: Stage) -> None:
    stage.signal = True
    assert entry.main(COMMAND, ENVIRONMENT) == 75


@pytest.mark.parametrize("command", [[], ["unload"], ["load", "--import-id", "a"], [*COMMAND, "--more"]])
def test_a_command_that_does_not_fit_the_image_is_not_retried(log: io.StringIO, command: list[str]) -> None:
    assert entry.main(command, ENVIRONMENT) == 78
    assert lines_of(log.getvalue())[-1]["code"] == "invalid_command"


def test_the_process_ends_with_the_exit_code(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    stage.error = BadData("no_header", "empty")
    monkeypatch.setattr("sys.argv", ["csv_import", *COMMAND])
    for name, value in ENVIRONMENT.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("LOG_LEVEL", "INFO")
    with pytest.raises(SystemExit) as caught:
        entry.run()
    assert caught.value.code == 65


def test_nothing_is_claimed_when_there_are_no_credentials(
    monkeypatch: pytest.MonkeyPatch, log: io.StringIO
) -> None:
    def without(*_: object) -> None:
        raise BadConfiguration("no_credentials", "the job has no AWS credentials: is its role set?")

    monkeypatch.setattr(entry, "connect", without)
    assert entry.main(COMMAND, ENVIRONMENT) == 78
