"""What a Batch job's container is given: its command and its environment, from definition and submission.

A definition describes it by `containerProperties`, or by `ecsProperties` with a task around it. Both become one
value here, with the field names of the latter's containers.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from local_aws.batch_refusals import RefusedError

_PLACEHOLDER = "Ref::"
_RESERVED = "AWS_BATCH"


class UnsupportedDefinitionError(RefusedError):
    """A definition or an override that AWS takes and this Batch does not, or the other way round."""


def container_of(definition: Mapping[str, Any], request: Mapping[str, Any]) -> dict[str, Any]:
    """Give the container that a definition and the overrides of a SubmitJob request describe."""
    task = task_of(definition)
    if task is None:
        if request.get("ecsPropertiesOverride"):
            raise UnsupportedDefinitionError("ecsPropertiesOverride is for definitions with ecsProperties")
        return overridden(
            definition.get("containerProperties") or {}, request.get("containerOverrides") or {}
        )
    if request.get("containerOverrides"):
        raise UnsupportedDefinitionError("containerOverrides is not for definitions with ecsProperties")
    containers = task.get("containers") or []
    if len(containers) != 1:
        raise UnsupportedDefinitionError("the embedded AWS Batch runs tasks of one container")
    tasks = (request.get("ecsPropertiesOverride") or {}).get("taskProperties") or [{}]
    overrides = [one for one in tasks[0].get("containers") or () if one.get("name") == containers[0]["name"]]
    return overridden(containers[0], overrides[0] if overrides else {})


def task_of(definition: Mapping[str, Any]) -> dict[str, Any] | None:
    """Give the task around the container, None where the definition has `containerProperties`."""
    tasks = (definition.get("ecsProperties") or {}).get("taskProperties") or []
    if len(tasks) > 1:
        raise UnsupportedDefinitionError("ecsProperties has one task")
    return dict(tasks[0]) if tasks else None


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
