from dataclasses import FrozenInstanceError

import pytest

from csv_import.errors import BadConfiguration
from csv_import.settings import Mode, Settings, ShapeLimits, settings_from

ENVIRONMENT = {
    "LEDGER_TABLE": "ledger",
    "ARTIFACTS_BUCKET": "artifacts",
    "TABLE_NAME": "items",
    "AWS_BATCH_JOB_ID": "job-1",
}


def settings(run: str = "1", **environment: str) -> Settings:
    return settings_from({**ENVIRONMENT, **environment}, import_id="a-1", run=run)


def test_what_the_job_definition_the_submission_and_batch_gave() -> None:
    found = settings("2", AWS_BATCH_JOB_ATTEMPT="3", AWS_BATCH_JOB_ARRAY_INDEX="77", LOG_LEVEL="DEBUG")
    assert (found.import_id, found.run, found.index, found.job_id, found.attempt) == (
        "a-1",
        2,
        77,
        "job-1",
        3,
    )
    assert (found.ledger_table, found.artifacts_bucket, found.table_name) == ("ledger", "artifacts", "items")
    assert found.log_level == "DEBUG"


def test_a_plain_jobs_first_attempt() -> None:
    found = settings()
    assert (found.index, found.attempt, found.log_level) == (0, 1, "INFO")
    assert settings(LOG_LEVEL="").log_level == "INFO"


def test_metrics_bear_the_deployments_name() -> None:
    assert settings(DEPLOYMENT="csv-stack").deployment == "csv-stack"
    assert settings().deployment == settings(DEPLOYMENT="").deployment == "csv-to-dynamodb"


def test_how_strictly_rows_are_taken() -> None:
    assert settings().reading_mode is settings(READING_MODE="").reading_mode is Mode.STRICT
    assert settings(READING_MODE="lenient").reading_mode is Mode.LENIENT
    with pytest.raises(BadConfiguration, match="READING_MODE is none of strict, lenient: 'mild'"):
        settings(READING_MODE="mild")


@pytest.mark.parametrize(
    ("given", "units"), [({}, 0), ({"WRITE_BUDGET": ""}, 0), ({"WRITE_BUDGET": "2500"}, 2500)]
)
def test_the_tables_write_budget(given: dict[str, str], units: int) -> None:
    assert settings(**given).write.budget_units_per_s == units


def test_an_array_child_goes_by_its_parents_id() -> None:
    assert settings(AWS_BATCH_JOB_ID="abc:12", AWS_BATCH_JOB_ARRAY_INDEX="12").job_id == "abc"


def test_what_a_spec_may_ask_for() -> None:
    assert (settings().allowed_tables, settings().allowed_modes) == ((), ("put", "insert", "update"))
    found = settings(
        ALLOWED_TABLES="arn:aws:dynamodb:eu-central-1:123456789012:table/a, b,", ALLOWED_MODES="put, delete"
    )
    assert (found.allowed_tables, found.allowed_modes) == (("a", "b"), ("put", "delete"))


@pytest.mark.parametrize("modes", ["puts", "put,upsert", ","])
def test_modes_that_there_are_not(modes: str) -> None:
    with pytest.raises(BadConfiguration, match="ALLOWED_MODES takes put, insert, update, delete"):
        settings(ALLOWED_MODES=modes)


def test_every_part_and_every_attempt_is_another_owner() -> None:
    owners = {
        settings(AWS_BATCH_JOB_ID=job, AWS_BATCH_JOB_ARRAY_INDEX=part, AWS_BATCH_JOB_ATTEMPT=attempt).owner
        for job in ("j1", "j11", "j1:1")
        for part in ("0", "1", "11")
        for attempt in ("1", "2", "12")
    }
    assert len(owners) == 2 * 3 * 3


def test_all_missing_settings_are_told_at_once() -> None:
    with pytest.raises(BadConfiguration) as caught:
        settings_from({"TABLE_NAME": "", "ARTIFACTS_BUCKET": "a"}, import_id="a-1", run="1")
    assert (caught.value.code, caught.value.exit_code) == ("missing_setting", 78)
    assert caught.value.message == "not set in the environment: LEDGER_TABLE, TABLE_NAME, AWS_BATCH_JOB_ID"


@pytest.mark.parametrize(
    ("run", "environment", "message"),
    [
        ("one", {}, "--run is not a whole number: 'one'"),
        ("", {}, "--run is not a whole number: ''"),
        ("1.0", {}, "--run is not a whole number: '1.0'"),
        ("0", {}, "--run is 0; it must be at least 1"),
        ("Ref::run", {}, "--run is not a whole number: 'Ref::run'"),
        ("1", {"AWS_BATCH_JOB_ATTEMPT": "0"}, "AWS_BATCH_JOB_ATTEMPT is 0; it must be at least 1"),
        ("1", {"AWS_BATCH_JOB_ARRAY_INDEX": "-1"}, "AWS_BATCH_JOB_ARRAY_INDEX is -1; it must be at least 0"),
        ("1", {"AWS_BATCH_JOB_ARRAY_INDEX": "x"}, "AWS_BATCH_JOB_ARRAY_INDEX is not a whole number: 'x'"),
        ("1", {"WRITE_BUDGET": "-1"}, "WRITE_BUDGET is -1; it must be at least 0"),
        ("1", {"WRITE_BUDGET": "much"}, "WRITE_BUDGET is not a whole number: 'much'"),
        ("1", {"LOG_LEVEL": "LOUD"}, "LOG_LEVEL is none of DEBUG, INFO, WARNING, ERROR, CRITICAL: 'LOUD'"),
    ],
)
def test_settings_that_cannot_be(run: str, environment: dict[str, str], message: str) -> None:
    with pytest.raises(BadConfiguration) as caught:
        settings(run, **environment)
    assert (caught.value.code, caught.value.message) == ("invalid_setting", message)


def test_settings_stay_as_they_are() -> None:
    with pytest.raises(FrozenInstanceError):
        settings().run = 2  # type: ignore[misc]


def test_the_whole_of_memory_is_a_formula() -> None:
    """`ReadLimits` gives it; with the defaults it leaves a container of 512 MiB plenty."""
    found = settings()
    read, write = found.read, found.write
    bound = 6 * read.chunk_bytes + 3 * ShapeLimits().max_shaped_bytes + 4 * read.max_record_bytes
    bound += 2 * (write.max_unacknowledged_bytes + write.lanes * write.max_batch_bytes)
    bound += 3 * (found.accounting.max_digest_bytes + found.accounting.max_unsaved_bytes)
    assert bound < 128 << 20
