"""CloudFormation's properties of the Batch types → the fields that the Batch API takes."""

from collections.abc import Mapping
from typing import Any

_MAPS = ("Parameters", "Options", "Tags")
"""Properties whose keys are the user's own."""

_INTEGERS = (
    "Attempts",
    "AttemptDurationSeconds",
    "JobExecutionTimeoutMinutes",
    "MaxTimeSeconds",
    "MaxvCpus",
    "MinvCpus",
    "Order",
    "Priority",
    "SchedulingPriority",
    "SizeInGiB",
    "StopTimeout",
)
"""Properties that a template may give as text, as every Ref to a parameter does."""

_BOOLEANS = (
    "Essential",
    "Privileged",
    "PropagateTags",
    "ReadOnly",
    "ReadonlyRootFilesystem",
    "ReplaceComputeEnvironment",
    "TerminateJobsOnUpdate",
)


def api_fields(properties: Mapping[str, Any]) -> dict[str, Any]:
    """Turn resource properties into API fields: names begin in lower case, numbers are numbers."""
    return {_lower_first(name): _value(name, value) for name, value in properties.items()}


def _value(name: str, value: Any) -> Any:
    if name in _MAPS and isinstance(value, Mapping):
        return {key: str(text) for key, text in value.items()}
    if name in _INTEGERS:
        return int(value)
    if name in _BOOLEANS:
        return str(value).lower() == "true"
    return _nested(value)


def _nested(value: Any) -> Any:
    if isinstance(value, Mapping):
        return api_fields(value)
    if isinstance(value, list):
        return [_nested(one) for one in value]
    return value


def _lower_first(name: str) -> str:
    return name[:1].lower() + name[1:]
