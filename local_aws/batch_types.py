"""AWS::Batch::* for the emulator's CloudFormation, which has no such types; runs in the emulator.

Every type's physical id, and so its Ref, is an ARN (a job definition's with its revision), as on AWS:
docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/AWS_Batch.html.
"""

import json
from collections.abc import Mapping
from typing import Any

from ministack.core.responses import new_uuid
from ministack.services import batch
from ministack.services.cloudformation import provisioners

from local_aws.batch_properties import api_fields
from local_aws.batch_updates import Change, RefusedError, change_of, check_order

Properties = Mapping[str, Any]
Resource = tuple[str, dict[str, str]]


def install() -> None:
    """Add the types to those that the emulator's CloudFormation knows."""
    provisioners._RESOURCE_HANDLERS.update(
        {
            "AWS::Batch::ComputeEnvironment": {
                "create": create_compute_environment,
                "update": update_compute_environment,
                "delete": delete_compute_environment,
            },
            "AWS::Batch::JobQueue": {"create": create_queue, "update": update_queue, "delete": delete_queue},
            "AWS::Batch::JobDefinition": {
                "create": create_definition,
                "update": update_definition,
                "delete": delete_definition,
            },
        }
    )


def create_compute_environment(logical_id: str, properties: Properties, stack: str) -> Resource:
    """Make a compute environment."""
    return _make_environment(_name(properties, "ComputeEnvironmentName", logical_id, stack), properties)


def update_compute_environment(physical_id: str, old: Properties, new: Properties, _stack: str) -> Resource:
    """Change a compute environment, or make one that takes its place; refused where AWS Batch refuses it."""
    name = _last(physical_id)
    if change_of(old, new) is Change.REPLACEMENT:
        return _make_environment(f"{name[:119]}-{new_uuid()[:8]}", new)
    fields = {**api_fields(new), "computeEnvironment": name}
    return _resource(
        _call("updatecomputeenvironment", fields)["computeEnvironmentArn"], "ComputeEnvironmentArn"
    )


def delete_compute_environment(physical_id: str, _properties: Properties) -> None:
    """Forget a compute environment; refused while a queue has it."""
    for queue in batch._job_queues.values():
        if any(one["computeEnvironment"] == physical_id for one in queue["computeEnvironmentOrder"]):
            raise RefusedError(f"Cannot delete, found existing JobQueue relationship: {queue['jobQueueArn']}")
    batch._compute_envs.pop(_last(physical_id), None)


def create_queue(logical_id: str, properties: Properties, stack: str) -> Resource:
    """Make a queue."""
    fields = _queue_fields(properties)
    name = _name(properties, "JobQueueName", logical_id, stack)
    return _resource(_call("createjobqueue", {**fields, "jobQueueName": name})["jobQueueArn"], "JobQueueArn")


def update_queue(physical_id: str, _old: Properties, new: Properties, _stack: str) -> Resource:
    """Change a queue."""
    batch._job_queues[_last(physical_id)].update(_queue_fields(new))
    return _resource(physical_id, "JobQueueArn")


def delete_queue(physical_id: str, _properties: Properties) -> None:
    """Forget a queue."""
    batch._job_queues.pop(_last(physical_id), None)


def create_definition(logical_id: str, properties: Properties, stack: str) -> Resource:
    """Register the first revision of a job definition."""
    name = _name(properties, "JobDefinitionName", logical_id, stack)
    return _register(name, properties)


def update_definition(physical_id: str, old: Properties, new: Properties, _stack: str) -> Resource:
    """Register the next revision; the one before is deregistered unless the template says to keep it."""
    resource = _register(_last(physical_id).partition(":")[0], new)
    delete_definition(physical_id, old)
    return resource


def delete_definition(physical_id: str, properties: Properties) -> None:
    """Deregister a revision, unless it is an older one that `SkipDeregisterOnUpdate` keeps."""
    name, _, revision = _last(physical_id).partition(":")
    policy = properties.get("ResourceRetentionPolicy") or {}
    kept = str(policy.get("SkipDeregisterOnUpdate", "")).lower() == "true"
    if kept and int(revision) < len(batch._job_definitions.get(name) or ()):
        return
    _call("deregisterjobdefinition", {"jobDefinition": physical_id})


def _register(name: str, properties: Properties) -> Resource:
    fields = api_fields({key: value for key, value in properties.items() if key != "ResourceRetentionPolicy"})
    made = _call("registerjobdefinition", {**fields, "jobDefinitionName": name})
    return _resource(made["jobDefinitionArn"], "JobDefinitionArn")


def _make_environment(name: str, properties: Properties) -> Resource:
    fields = {**api_fields(properties), "computeEnvironmentName": name}
    made = _call("createcomputeenvironment", fields)
    return _resource(made["computeEnvironmentArn"], "ComputeEnvironmentArn")


def _queue_fields(properties: Properties) -> dict[str, Any]:
    """Give a queue's fields once its environments are found fit for it."""
    fields = api_fields(properties)
    names = [_last(one["computeEnvironment"]) for one in fields["computeEnvironmentOrder"]]
    found = [batch._compute_envs.get(name) for name in names]
    check_order(one and one["computeResources"].get("type") for one in found)
    return fields


def _name(properties: Properties, given: str, logical_id: str, stack: str) -> str:
    return str(properties.get(given) or provisioners._physical_name(stack, logical_id))


def _resource(arn: str, attribute: str) -> Resource:
    return arn, {attribute: arn}


def _last(arn: str) -> str:
    return arn.rpartition("/")[2]


def _call(name: str, request: dict[str, Any]) -> dict[str, Any]:
    """Call the emulator's Batch; what it refuses fails the resource."""
    status, _, body = batch._DISPATCH[f"/v1/{name}"](request)
    answer: dict[str, Any] = json.loads(body)
    if status != 200:
        raise ValueError(answer.get("message") or str(answer))
    return answer
