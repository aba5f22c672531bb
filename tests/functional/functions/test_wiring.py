"""The application as Lambda builds it: from the environment alone."""

from collections.abc import Iterator
from typing import Any, cast

import pytest
from aws_lambda_powertools.utilities.typing import LambdaContext

import trigger
import wiring
from errors import SettingsError
from tests.functional.functions.fakes import FakeContext
from tests.functional.functions.world import World

ENVIRONMENT = {
    "DEPLOYMENT": "test",
    "LEDGER_TABLE": "ledger",
    "ARTIFACTS_BUCKET": "artifacts",
    "TABLE_NAME": "items",
    "IDEMPOTENCY_TABLE": "idempotency",
    "JOB_QUEUE": "arn:aws:batch:eu-central-1:123456789012:job-queue/none",
    "PLAN_JOB_DEFINITION": "arn:plan-definition",
    "LOAD_JOB_DEFINITION": "arn:aws:batch:eu-central-1:123456789012:job-definition/none:1",
    "SPLIT_THRESHOLD_BYTES": "1000000",
    "SUBMIT_GRACE_SECONDS": "300",
    "CANCEL_AFTER_SECONDS": "86400",
    "LEDGER_RETENTION_DAYS": "365",
}
CONTEXT = cast(LambdaContext, FakeContext())


@pytest.fixture(autouse=True)
def fresh_process() -> Iterator[None]:
    wiring.application.cache_clear()
    yield
    wiring.application.cache_clear()


@pytest.fixture
def complete(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in ENVIRONMENT.items():
        monkeypatch.setenv(name, value)


@pytest.mark.usefixtures("complete")
def test_a_handler_builds_its_application_at_the_first_invocation(
    world: World, capsys: pytest.CaptureFixture[str]
) -> None:
    answer = trigger.handler(world.event("chart.png"), CONTEXT)
    assert answer["ignored"][0]["key"] == "chart.png"
    assert '"message":"ignored"' in capsys.readouterr().out


@pytest.mark.usefixtures("world", "complete")
def test_the_application_is_built_once() -> None:
    assert wiring.application() is wiring.application()


@pytest.mark.usefixtures("world")
def test_a_missing_setting_fails_the_invocation_and_names_it(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ENVIRONMENT:
        monkeypatch.delenv(name, raising=False)
    with pytest.raises(SettingsError, match="LEDGER_TABLE is not set"):
        trigger.handler({}, CONTEXT)


@pytest.mark.usefixtures("world", "complete")
def test_endpoints_are_the_sdks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:4566")
    app = wiring.application()
    clients: list[Any] = [app.ledger.client, app.jobs.client, app.artifacts.client]
    assert {client.meta.endpoint_url for client in clients} == {"http://127.0.0.1:4566"}


def test_idempotency_is_kept_longer_than_events_are_retried(world: World) -> None:
    config = world.app.idempotency
    assert config.expires_after_seconds >= 24 * 60 * 60
    assert config.raise_on_no_idempotency_key
    assert config.hash_function == "sha256"
