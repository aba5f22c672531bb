"""The templates, parsed afresh for every test."""

from collections.abc import Iterator

import pytest
from moto import mock_aws

from tests.template.stacks import BATCH_TEMPLATE, PROJECT, ROOT_TEMPLATE, Template, expand, parse


@pytest.fixture
def root() -> Template:
    """template.yaml as it is written."""
    return parse(ROOT_TEMPLATE)


@pytest.fixture
def batch() -> Template:
    """batch-template.yaml as it is written."""
    return parse(BATCH_TEMPLATE)


@pytest.fixture
def expanded(root: Template) -> Template:
    """template.yaml with what SAM adds to it."""
    return expand(root)


@pytest.fixture
def contracts() -> str:
    """docs/contracts.md."""
    return (PROJECT / "docs" / "contracts.md").read_text(encoding="utf-8")


@pytest.fixture
def in_moto(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """All of AWS is moto, whatever the environment says."""
    for name in ("AWS_PROFILE", "AWS_ENDPOINT_URL"):
        monkeypatch.delenv(name, raising=False)
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "testing")
    with mock_aws():
        yield
