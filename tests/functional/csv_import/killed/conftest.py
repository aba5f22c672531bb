"""Here `world` is behind a gate, where something may befall the processes at any of their requests."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.functional.csv_import.processes.gate import Gate, serving


@pytest.fixture(scope="module")
def gate() -> Gate:
    return Gate("items")


@pytest.fixture(scope="module")
def moto_endpoint(gate: Gate) -> Iterator[str]:
    with serving(gate) as endpoint:
        yield endpoint
