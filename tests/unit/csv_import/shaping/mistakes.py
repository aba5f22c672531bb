"""The message for a spec that can't work."""

from __future__ import annotations

import pytest

from csv_import.errors import BadConfiguration, JobStop
from csv_import.shaping.key_schema import KeySchema
from tests.unit.csv_import.shaping.specs import ONE_KEY, compiled

NAMES = ("Id", "Name", "Price", "Tags", "When", "Flag", "Doc")


def message_of(spec: str, names: tuple[str, ...] = NAMES, schema: KeySchema = ONE_KEY) -> str:
    with pytest.raises(JobStop) as stopped:
        compiled(spec, names, schema)
    assert isinstance(stopped.value, BadConfiguration)
    assert stopped.value.code == "invalid_spec"
    return stopped.value.message.removeprefix("_import.yaml: ")
