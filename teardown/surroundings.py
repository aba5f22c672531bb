"""What a stack does not tell of itself: its protected tables, tables it left behind, whose the repository is."""

from collections.abc import Iterable, Mapping
from typing import Any

from botocore.exceptions import ClientError

_STACK_ID, _STACK_NAME = "aws:cloudformation:stack-id", "aws:cloudformation:stack-name"
"""CloudFormation puts these tags on what it makes; they stay when the resource leaves the stack.

docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-properties-resource-tags.html
"""


def tables_of(tagging: Any, stack_id: str) -> tuple[str, ...]:
    """Give the tables that a stack ever made, whether or not it has them yet; some may be gone for a while."""
    pages = tagging.get_paginator("get_resources").paginate(
        TagFilters=[{"Key": _STACK_ID, "Values": [stack_id]}], ResourceTypeFilters=["dynamodb:table"]
    )
    arns = [one["ResourceARN"] for page in pages for one in page["ResourceTagMappingList"]]
    return tuple(sorted(arn.rpartition("/")[2] for arn in arns))


def present(dynamodb: Any, tables: Iterable[str]) -> dict[str, bool]:
    """Give those of some tables that are there, and whether they are protected from deletion."""
    found = {table: _table(dynamodb, table) for table in tables}
    return {
        table: bool(described.get("DeletionProtectionEnabled"))
        for table, described in found.items()
        if described.get("TableStatus") not in (None, "DELETING")
    }


def owner_of(ecr: Any, account: str, region: str, partition: str, repository: str) -> str | None:
    """Give the stack that made a repository; None where none did, or there is no such repository."""
    arn = f"arn:{partition}:ecr:{region}:{account}:repository/{repository}"
    try:
        tags = ecr.list_tags_for_resource(resourceArn=arn)["tags"]
    except ClientError as error:
        if error.response["Error"]["Code"] == "RepositoryNotFoundException":
            return None
        raise
    owners = [tag["Value"] for tag in tags if tag["Key"] == _STACK_NAME]
    return owners[0] if owners else None


def _table(dynamodb: Any, table: str) -> Mapping[str, Any]:
    try:
        found: Mapping[str, Any] = dynamodb.describe_table(TableName=table)["Table"]
    except ClientError as error:
        if error.response["Error"]["Code"] == "ResourceNotFoundException":
            return {}
        raise
    return found
