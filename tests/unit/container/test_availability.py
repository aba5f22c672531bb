"""Where Docker can't be had, container tests say so in one line; where they must run, they fail."""

from pathlib import Path

import pytest

from tests.container import engine
from tests.container.conftest import give_up
from tests.container.engine import Unavailable


@pytest.fixture
def a_user_without_docker(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr("os.geteuid", lambda: 1000)


def test_a_user_without_docker_is_told_what_is_missing(a_user_without_docker: None, tmp_path: Path) -> None:
    with pytest.raises(Unavailable) as told:
        engine.ensure_engine(tmp_path / "log")
    assert str(told.value) == "docker.io is not installed, and only root on Debian can install it here"


def test_an_image_that_cannot_be_had_is_named(a_user_without_docker: None) -> None:
    with pytest.raises(Unavailable, match=r"the image python:3 is not here and cannot be pulled"):
        engine.ensure_image("python:3")


def test_tests_are_skipped_where_they_may_be(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("REQUIRE_INTEGRATION", raising=False)
    with pytest.raises(pytest.skip.Exception, match="no engine"):
        give_up(Unavailable("no engine"))


def test_tests_fail_where_they_must_run(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("REQUIRE_INTEGRATION", "1")
    with pytest.raises(Unavailable):
        give_up(Unavailable("no engine"))
