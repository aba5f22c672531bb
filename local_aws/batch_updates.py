"""How CloudFormation and AWS Batch take a change of a compute environment, and which queues they accept; pure."""

from collections.abc import Iterable, Mapping
from enum import Enum
from typing import Any

Properties = Mapping[str, Any]

_REPLACES = ("Type", "ComputeEnvironmentName", "Tags")
"""Create-only properties in the resource type's schema."""

_INFRASTRUCTURE = frozenset(
    {
        *("AllocationStrategy", "BidPercentage", "Ec2Configuration", "Ec2KeyPair", "ImageId", "InstanceRole"),
        *("InstanceTypes", "LaunchTemplate", "PlacementGroup", "SecurityGroupIds", "Subnets", "Tags", "Type"),
    }
)
"""Conditional create-only members of `ComputeResources`, in the schema too: they replace the environment unless
`ReplaceComputeEnvironment` is false."""

_OF_FARGATE = frozenset({"MaxvCpus", "SecurityGroupIds", "Subnets"})
"""All that UpdateComputeEnvironment changes of a Fargate environment:
docs.aws.amazon.com/batch/latest/userguide/updating-compute-environments.html"""


class RefusedError(ValueError):
    """AWS Batch answers a request with a ClientException."""


class Change(Enum):
    """What becomes of an environment."""

    IN_PLACE = "it is updated"
    REPLACEMENT = "another takes its place, and it goes once nothing refers to it"


def change_of(old: Properties, new: Properties) -> Change:
    """Tell how an environment's properties change from `old` to `new`; raises `RefusedError`."""
    before, after = old.get("ComputeResources") or {}, new.get("ComputeResources") or {}
    changed = {name for name in {*before, *after} if before.get(name) != after.get(name)}
    in_place = str(new.get("ReplaceComputeEnvironment", "true")).lower() == "false"
    if any(old.get(name) != new.get(name) for name in _REPLACES) or (
        changed & _INFRASTRUCTURE and not in_place
    ):
        return Change.REPLACEMENT
    if is_fargate(old):
        _refuse(sorted(changed - _OF_FARGATE), "Fargate compute environment")
    elif is_fargate(new):
        _refuse(["type"], "compute environment with hosts")
    return Change.IN_PLACE


def is_fargate(environment: Properties) -> bool:
    """Tell whether an environment, given by its properties, is one of Fargate."""
    return str((environment.get("ComputeResources") or {}).get("Type", "")).startswith("FARGATE")


def check_order(types: Iterable[str | None]) -> None:
    """Check a queue's environments, given by the types of their resources, None for one that is not there.

    Raises `RefusedError`: docs.aws.amazon.com/batch/latest/APIReference/API_CreateJobQueue.html has the rules.
    """
    found = list(types)
    if not found or None in found:
        raise RefusedError("a queue needs compute environments that are there and VALID")
    if len({str(one).startswith("FARGATE") for one in found}) > 1:
        raise RefusedError("EC2 and Fargate compute environments can't be mixed in a queue")


def _refuse(names: list[str], kind: str) -> None:
    if names:
        raise RefusedError(f"The following parameters can't be updated for {kind}: {', '.join(names)}")
