"""What `sam deploy` and `sam delete` do: make, change or delete the stack, and wait for it."""

import contextlib
import time
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

if TYPE_CHECKING:
    from mypy_boto3_cloudformation import CloudFormationClient
    from mypy_boto3_cloudformation.type_defs import ParameterTypeDef

_POLL_S = 0.05
_TIMEOUT_S = 120.0


class DeploymentError(Exception):
    """The stack is not as it was to be; the message names the resources that failed, and why."""


def deploy(
    client: "CloudFormationClient", *, stack: str, template_url: str, parameters: Mapping[str, str]
) -> dict[str, str]:
    """Make a stack from a packaged template and give its outputs; raises `DeploymentError`."""
    with _explained(stack):
        client.create_stack(
            StackName=stack,
            TemplateURL=template_url,
            Parameters=_parameters(parameters),
            Capabilities=["CAPABILITY_IAM", "CAPABILITY_AUTO_EXPAND"],
        )
    return _outputs(_wait(client, stack, "CREATE_COMPLETE"))


def update(
    client: "CloudFormationClient", *, stack: str, template_url: str, parameters: Mapping[str, str]
) -> dict[str, str]:
    """Change a stack and give its outputs; what `parameters` does not name becomes the default again."""
    with _explained(stack):
        client.update_stack(
            StackName=stack,
            TemplateURL=template_url,
            Parameters=_parameters(parameters),
            Capabilities=["CAPABILITY_IAM", "CAPABILITY_AUTO_EXPAND"],
        )
    return _outputs(_wait(client, stack, "UPDATE_COMPLETE"))


def delete(client: "CloudFormationClient", *, stack: str) -> None:
    """Delete a stack; what its template says to retain stays."""
    stack_id = client.describe_stacks(StackName=stack)["Stacks"][0]["StackId"]
    client.delete_stack(StackName=stack)
    _wait(client, stack_id, "DELETE_COMPLETE")


@contextlib.contextmanager
def _explained(stack: str) -> Iterator[None]:
    """Turn CloudFormation's refusal of a request into a `DeploymentError`."""
    try:
        yield
    except ClientError as error:
        raise DeploymentError(f"stack {stack}: {error.response['Error']['Message']}") from error


def _parameters(values: Mapping[str, str]) -> "list[ParameterTypeDef]":
    return [{"ParameterKey": key, "ParameterValue": value} for key, value in values.items()]


def _outputs(found: Mapping[str, Any]) -> dict[str, str]:
    return {output["OutputKey"]: output["OutputValue"] for output in found.get("Outputs", [])}


def _wait(client: "CloudFormationClient", stack: str, wanted: str) -> Mapping[str, Any]:
    deadline = time.monotonic() + _TIMEOUT_S
    while time.monotonic() < deadline:
        found = client.describe_stacks(StackName=stack)["Stacks"][0]
        if found["StackStatus"] == wanted:
            return found
        if not found["StackStatus"].endswith("_IN_PROGRESS"):
            raise DeploymentError(_explain(client, stack, found["StackStatus"]))
        time.sleep(_POLL_S)
    raise DeploymentError(_explain(client, stack, f"not {wanted} after {_TIMEOUT_S:.0f} s"))


def _explain(client: "CloudFormationClient", stack: str, status: str) -> str:
    reasons = list(dict.fromkeys(_failures(client, stack)))
    return f"stack {stack}: {status}" + "".join(f"\n  {reason}" for reason in reasons)


def _failures(client: "CloudFormationClient", stack: str) -> Iterator[str]:
    """Give the failed resources of a stack and, behind them, of the stacks that it nests."""
    for event in client.describe_stack_events(StackName=stack)["StackEvents"]:
        if event.get("ResourceStatus", "").endswith("_FAILED"):
            reason = event.get("ResourceStatusReason", "no reason given")
            yield f"{event.get('LogicalResourceId')} ({event.get('ResourceType')}): {reason}"
