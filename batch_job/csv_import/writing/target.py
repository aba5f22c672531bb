"""The target table as DynamoDB describes it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from csv_import.errors import BadConfiguration, ServiceAway
from csv_import.shaping.key_schema import KeySchema, key_schema_from
from csv_import.writing.units import WriteCost, write_cost


@dataclass(frozen=True, slots=True)
class Target:
    """A table: the key attributes of it and its indexes, with their types, and what a write costs."""

    keys: KeySchema
    cost: WriteCost


def describe_target(dynamodb: Any, table_name: str) -> Target:
    """Look at the table.

    Raises:
        BadConfiguration: `table_missing` or `table_forbidden`.
        ServiceAway: `table_unavailable`.
    """
    try:
        description = dynamodb.describe_table(TableName=table_name)["Table"]
    except ClientError as error:
        code = error.response["Error"]["Code"]
        if code == "ResourceNotFoundException":
            raise BadConfiguration("table_missing", f"there is no table {table_name}") from error
        if code == "AccessDeniedException":
            raise BadConfiguration("table_forbidden", f"the job may not describe {table_name}") from error
        raise ServiceAway("table_unavailable", f"DynamoDB does not describe {table_name}: {code}") from error
    except BotoCoreError as error:
        raise ServiceAway("table_unavailable", f"DynamoDB does not describe {table_name}") from error
    return Target(key_schema_from(description), write_cost(description))
