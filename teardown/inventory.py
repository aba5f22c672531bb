"""What a stack and the stacks nested in it have, and what it was deployed with."""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from botocore.exceptions import ClientError

from teardown.errors import NoSuchStackError, StackRefusedError
from teardown.surroundings import owner_of, present, tables_of

_REPOSITORY = re.compile(
    r"(?P<account>\d{12})\.dkr\.ecr\.(?P<region>[\w-]+)\.amazonaws\.com(\.cn)?/(?P<name>[^:@]+)([:@].*)?"
)

_MARKS = {"ExistingTableName", "ImageUri", "LedgerRetentionDays", "SubmitGraceSeconds"}
"""Parameters by which a deployment of this application is known.

Every stack tells its parameters, however far its creation or removal came; names of buckets and tables another
application may have too.
"""


@dataclass(frozen=True, kw_only=True)
class Resource:
    """A resource of a stack."""

    logical_id: str
    type: str
    physical_id: str


@dataclass(frozen=True, kw_only=True)
class Inventory:
    """All that a deployment has.

    `parameters` are those it was deployed with; `users_of_image` are other stacks whose image comes from the same
    repository, and `owner_of_repository` is the stack that made that. `left_behind` are tables that this stack made and
    has no more; `protected` are tables, its own and those, that are protected from deletion.
    """

    stack: str
    stack_id: str
    account: str
    region: str
    resources: tuple[Resource, ...]
    parameters: Mapping[str, str]
    users_of_image: tuple[str, ...] = ()
    owner_of_repository: str | None = None
    left_behind: tuple[str, ...] = ()
    protected: frozenset[str] = frozenset()

    def of_type(self, type_: str) -> list[str]:
        """Give the physical ids of all resources of a type."""
        return [resource.physical_id for resource in self.resources if resource.type == type_]

    def physical_id(self, logical_id: str) -> str | None:
        """Give the physical id of a resource, None if the deployment has none of this logical id."""
        found = [resource.physical_id for resource in self.resources if resource.logical_id == logical_id]
        return found[0] if found else None

    @property
    def repository(self) -> str | None:
        """Give the ECR repository of the image, where it is one of this account and region."""
        match = _REPOSITORY.fullmatch(self.parameters.get("ImageUri", ""))
        ours = match and (match["account"], match["region"]) == (self.account, self.region)
        return match["name"] if match and ours else None


def take_inventory(client: Callable[[str], Any], stack: str) -> Inventory:
    """Take the inventory of a stack, given by name; `client` gives the client of a service.

    Raises `NoSuchStackError`, `StackRefusedError`, and botocore's errors.
    """
    cloudformation = client("cloudformation")
    found = _described(cloudformation, stack)
    _refuse_what_cannot_go(found)
    parameters = {p["ParameterKey"]: p.get("ParameterValue", "") for p in found.get("Parameters", [])}
    if not parameters.keys() >= _MARKS:
        raise StackRefusedError(f"{stack} is no deployment of this application: it has not its parameters")
    _, partition, _, region, account, _ = found["StackId"].split(":", 5)
    inventory = Inventory(
        stack=found["StackName"],
        stack_id=found["StackId"],
        account=account,
        region=region,
        resources=tuple(_resources(cloudformation, found["StackId"])),
        parameters=parameters,
    )
    tables = inventory.of_type("AWS::DynamoDB::Table")
    made = tables_of(client("resourcegroupstaggingapi"), found["StackId"])
    is_protected = present(client("dynamodb"), {*tables, *made})
    repository = inventory.repository
    return replace(
        inventory,
        users_of_image=_users_of_image(cloudformation, inventory),
        owner_of_repository=owner_of(client("ecr"), account, region, partition, repository)
        if repository
        else None,
        left_behind=tuple(table for table in made if table in is_protected and table not in tables),
        protected=frozenset(table for table, yes in is_protected.items() if yes),
    )


def _described(cloudformation: Any, stack: str) -> Any:
    try:
        (found,) = cloudformation.describe_stacks(StackName=stack)["Stacks"]
    except ClientError as error:
        if error.response["Error"]["Code"] == "ValidationError":
            raise NoSuchStackError(error.response["Error"]["Message"]) from error
        raise
    return found


def _refuse_what_cannot_go(found: Any) -> None:
    """Refuse before anything is touched what CloudFormation would refuse at the end."""
    name, status = found["StackName"], found.get("StackStatus", "")
    if found.get("EnableTerminationProtection"):
        raise StackRefusedError(
            f"{name} is protected: turn it off with `aws cloudformation update-termination-protection"
            f" --no-enable-termination-protection --stack-name {name}` if it may go"
        )
    if status == "REVIEW_IN_PROGRESS":
        raise StackRefusedError(
            f"{name} was never deployed, only a change set was made for it: there is nothing in it, and"
            f" `aws cloudformation delete-stack --stack-name {name}` deletes it"
        )
    if status.endswith("_IN_PROGRESS") and status != "DELETE_IN_PROGRESS":
        raise StackRefusedError(f"{name} is at work ({status}): wait until it is not")


def _resources(cloudformation: Any, stack: str) -> Iterator[Resource]:
    for page in cloudformation.get_paginator("list_stack_resources").paginate(StackName=stack):
        for one in page["StackResourceSummaries"]:
            physical_id = one.get("PhysicalResourceId")
            if not physical_id:
                continue  # its creation failed
            if one["ResourceType"] == "AWS::CloudFormation::Stack":
                yield from _resources(cloudformation, physical_id)
            yield Resource(
                logical_id=one["LogicalResourceId"], type=one["ResourceType"], physical_id=physical_id
            )


def _users_of_image(cloudformation: Any, inventory: Inventory) -> tuple[str, ...]:
    if inventory.repository is None:
        return ()
    own = {inventory.stack_id, *inventory.of_type("AWS::CloudFormation::Stack")}
    users = set()
    for page in cloudformation.get_paginator("describe_stacks").paginate():
        for stack in page["Stacks"]:
            images = [p.get("ParameterValue", "") for p in stack.get("Parameters", [])]
            matches = [_REPOSITORY.fullmatch(image) for image in images]
            theirs = {match["name"] for match in matches if match}
            if inventory.repository in theirs and stack["StackId"] not in own:
                users.add(stack["StackName"])
    return tuple(sorted(users))
