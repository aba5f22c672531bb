import pytest

from errors import SettingsError
from settings import Settings

ENVIRONMENT = {
    "DEPLOYMENT": "test",
    "LEDGER_TABLE": "ledger",
    "ARTIFACTS_BUCKET": "artifacts",
    "TABLE_NAME": "items",
    "IDEMPOTENCY_TABLE": "idempotency",
    "JOB_QUEUE": "arn:queue",
    "LOAD_JOB_DEFINITION": "arn:definition",
    "SUBMIT_GRACE_SECONDS": "300",
}


def test_all_variables_are_read() -> None:
    assert Settings.from_environment(ENVIRONMENT) == Settings(
        deployment="test",
        ledger_table="ledger",
        artifacts_bucket="artifacts",
        table_name="items",
        idempotency_table="idempotency",
        job_queue="arn:queue",
        load_job_definition="arn:definition",
        submit_grace_s=300,
    )


@pytest.mark.parametrize("name", ENVIRONMENT)
@pytest.mark.parametrize("text", [None, "", "  "])
def test_a_missing_variable_is_named(name: str, text: str | None) -> None:
    environment = {key: value for key, value in ENVIRONMENT.items() if key != name}
    if text is not None:
        environment[name] = text
    with pytest.raises(SettingsError, match=name):
        Settings.from_environment(environment)


def test_all_problems_are_told_at_once() -> None:
    with pytest.raises(SettingsError) as caught:
        Settings.from_environment({})
    assert len(caught.value.problems) == len(ENVIRONMENT)


@pytest.mark.parametrize("text", ["0", "-1", "5m", "1.5", "³"])
def test_a_grace_that_is_no_number_of_seconds_is_refused(text: str) -> None:
    with pytest.raises(SettingsError, match="SUBMIT_GRACE_SECONDS must be a whole number"):
        Settings.from_environment(ENVIRONMENT | {"SUBMIT_GRACE_SECONDS": text})
