"""What a Batch job's container is given: its command and its environment, from definition and submission."""

from collections.abc import Mapping, Sequence
from typing import Any

_PLACEHOLDER = "Ref::"
_RESERVED = "AWS_BATCH"


def overridden(properties: Mapping[str, Any], overrides: Mapping[str, Any]) -> dict[str, Any]:
    """Lay a submission's `containerOverrides` over a definition's `containerProperties`.

    A command replaces the definition's; variables and resources replace those of the same name
    (docs.aws.amazon.com/batch/latest/APIReference/API_ContainerOverrides.html).
    """
    merged = dict(properties)
    if overrides.get("command"):
        merged["command"] = list(overrides["command"])
    merged["environment"] = _merged_by("name", properties, overrides, "environment")
    merged["resourceRequirements"] = _merged_by("type", properties, overrides, "resourceRequirements")
    return merged


def substituted(command: Sequence[str], parameters: Mapping[str, str]) -> list[str]:
    """Replace each word `Ref::name` of a command by the parameter `name`; a name that is not set stays.

    See docs.aws.amazon.com/batch/latest/userguide/job_definition_parameters.html.
    """
    return [
        parameters.get(word.removeprefix(_PLACEHOLDER), word) if word.startswith(_PLACEHOLDER) else word
        for word in command
    ]


def environment(
    container: Mapping[str, Any],
    *,
    job_id: str,
    attempt: int,
    queue: str,
    compute_environment: str,
    index: int | None,
) -> dict[str, str]:
    """Give the variables that definition, submission and Batch itself set.

    Batch's own are at docs.aws.amazon.com/batch/latest/userguide/job_env_vars.html. `attempt` counts from 1;
    `queue` and `compute_environment` are ARNs.
    """
    variables = {
        str(pair["name"]): str(pair.get("value", ""))
        for pair in container.get("environment") or ()
        if not str(pair["name"]).startswith(_RESERVED)
    }
    variables |= {
        "AWS_BATCH_JOB_ID": job_id,
        "AWS_BATCH_JOB_ATTEMPT": str(attempt),
        "AWS_BATCH_JQ_NAME": queue.rpartition("/")[2],
        "AWS_BATCH_CE_NAME": compute_environment.rpartition("/")[2],
    }
    if index is not None:
        variables["AWS_BATCH_JOB_ARRAY_INDEX"] = str(index)
    return variables


def _merged_by(
    key: str, properties: Mapping[str, Any], overrides: Mapping[str, Any], field: str
) -> list[dict[str, Any]]:
    entries = [*(properties.get(field) or ()), *(overrides.get(field) or ())]
    return list({entry[key]: dict(entry) for entry in entries}.values())
