"""The templates, parsed afresh for every test."""

import pytest

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
