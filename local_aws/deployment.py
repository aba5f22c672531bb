"""What `sam deploy` does: makes the stack and waits for it."""

import time
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

if TYPE_CHECKING:
    from mypy_boto3_cloudformation import CloudFormationClient

_POLL_S = 0.05
_TIMEOUT_S = 120.0


class DeploymentError(Exception):
    """The stack was not made; the message names the resources that failed, and why."""


def deploy(
    client: "CloudFormationClient", *, stack: str, template_url: str, parameters: Mapping[str, str]
) -> dict[str, str]:
    """Make a stack from a packaged template and give its outputs; raises `DeploymentError`."""
    try:
        client.create_stack(
            StackName=stack,
            TemplateURL=template_url,
            Parameters=[{"ParameterKey": key, "ParameterValue": value} for key, value in parameters.items()],
            Capabilities=["CAPABILITY_IAM", "CAPABILITY_AUTO_EXPAND"],
        )
    except ClientError as error:
        raise DeploymentError(f"stack {stack}: {error.response['Error']['Message']}") from error
    deadline = time.monotonic() + _TIMEOUT_S
    while time.monotonic() < deadline:
        found = client.describe_stacks(StackName=stack)["Stacks"][0]
        if found["StackStatus"] == "CREATE_COMPLETE":
            return {output["OutputKey"]: output["OutputValue"] for output in found.get("Outputs", [])}
        if not found["StackStatus"].endswith("_IN_PROGRESS"):
            raise DeploymentError(_explain(client, stack, found["StackStatus"]))
        time.sleep(_POLL_S)
    raise DeploymentError(_explain(client, stack, f"not complete after {_TIMEOUT_S:.0f} s"))


def _explain(client: "CloudFormationClient", stack: str, status: str) -> str:
    reasons = list(dict.fromkeys(_failures(client, stack)))
    return f"stack {stack}: {status}" + "".join(f"\n  {reason}" for reason in reasons)


def _failures(client: "CloudFormationClient", stack: str) -> Iterator[str]:
    """Give the failed resources of a stack and, behind them, of the stacks that it nests."""
    for event in client.describe_stack_events(StackName=stack)["StackEvents"]:
        if event.get("ResourceStatus", "").endswith("_FAILED"):
            reason = event.get("ResourceStatusReason", "no reason given")
            yield f"{event.get('LogicalResourceId')} ({event.get('ResourceType')}): {reason}"
