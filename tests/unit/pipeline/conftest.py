"""The checkout that the scripts run in."""

from pathlib import Path

import pytest

from tests.unit.pipeline.checkout import checkout


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Give each test one of its own."""
    return checkout(tmp_path)
