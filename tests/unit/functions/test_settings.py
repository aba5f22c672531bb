import pytest

from errors import SettingsError
from settings import Settings
from tests.unit.functions.builders import ENVIRONMENT


def test_all_variables_are_read() -> None:
    assert Settings.from_environment(ENVIRONMENT) == Settings(
        deployment="test",
        ledger_table="ledger",
        artifacts_bucket="artifacts",
        table_name="items",
        idempotency_table="idempotency",
        job_queue="arn:queue",
        plan_job_definition="arn:plan-definition",
        load_job_definition="arn:definition",
        split_threshold_bytes=1_000_000,
        submit_grace_s=300,
        cancel_after_s=86_400,
        ledger_retention_days=365,
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
@pytest.mark.parametrize(
    ("name", "unit"),
    [
        ("SUBMIT_GRACE_SECONDS", "seconds"),
        ("CANCEL_AFTER_SECONDS", "seconds"),
        ("LEDGER_RETENTION_DAYS", "days"),
    ],
)
def test_a_time_that_is_no_number_above_nought_is_refused(name: str, unit: str, text: str) -> None:
    with pytest.raises(SettingsError, match=f"{name} must be a whole number of {unit}"):
        Settings.from_environment(ENVIRONMENT | {name: text})
