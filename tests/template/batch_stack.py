"""The Batch environment as deployments choose it: on what its jobs run, and in which network."""

from typing import Any

from tests.template.stacks import Template, deployed, of_type

COMPUTE_TYPES = ("FARGATE", "FARGATE_SPOT", "EC2", "SPOT")
NETWORKS: dict[str, dict[str, str]] = {
    "PUBLIC": {},
    "PRIVATE": {},
    "GIVEN": {"VpcId": "vpc-1", "SubnetIds": "subnet-1,subnet-2"},
}
EACH = [(compute, network) for compute in COMPUTE_TYPES for network in NETWORKS]


def deployment(batch: Template, compute: str = "FARGATE", network: str = "PUBLIC", **more: str) -> Template:
    """What a deployment with a compute type and a network has."""
    chosen = {"ComputeType": compute, "Network": network, **NETWORKS[network], **more}
    return {"Resources": deployed(batch, **chosen)}


def only(template: Template, resource_type: str) -> dict[str, Any]:
    """The properties of the one resource of a type."""
    [resource] = of_type(template, resource_type).values()
    properties: dict[str, Any] = resource["Properties"]
    return properties
