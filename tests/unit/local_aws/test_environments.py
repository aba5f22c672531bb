from pathlib import Path

import pytest

from local_aws import environments


def test_nothing_of_the_user_reaches_the_emulator(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("AWS_PROFILE", "AWS_SESSION_TOKEN", "HTTP_PROXY", "PYTHONPATH", "HOME"):
        monkeypatch.setenv(name, "of-the-user")
    given = environments.emulator(port=1, run_folder=Path("/run"), path="/bin")
    assert "of-the-user" not in given.values()
    assert given["HOME"].startswith("/run")


def test_the_emulator_listens_on_loopback_alone_and_keeps_nothing() -> None:
    given = environments.emulator(port=1, run_folder=Path("/run"), path="/bin")
    assert given["BIND_HOST"] == "127.0.0.1"
    off = ("IOT_MTLS_ENABLED", "SFTP_ENABLED", "PERSIST_STATE", "S3_PERSIST")
    assert {given[name] for name in off} == {"0"}


def test_a_job_gets_the_platforms_variables_but_no_credentials_and_no_settings_of_the_emulator() -> None:
    given = environments.platform(environments.emulator(port=7, run_folder=Path("/run"), path="/bin"))
    assert given["AWS_ENDPOINT_URL"] == "http://127.0.0.1:7"
    assert given["AWS_REGION"] == environments.REGION
    assert not {"GATEWAY_PORT", "AUTH", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"} & set(given)
