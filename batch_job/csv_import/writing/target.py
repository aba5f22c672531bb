"""The target table as DynamoDB describes it."""

from __future__ import annotations

from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from csv_import.errors import BadConfiguration, ServiceAway
from csv_import.shaping.key_schema import KeySchema, key_schema_from


def describe_keys(dynamodb: Any, table_name: str) -> KeySchema:
    """The key attributes of the table and its indexes, with their types.

    Raises:
        BadConfiguration: `table_missing` or `table_forbidden`.
        ServiceAway: `table_unavailable`.
    """
    try:
        return key_schema_from(dynamodb.describe_table(TableName=table_name)["Table"])
    except ClientError as error:
        code = error.response["Error"]["Code"]
        if code == "ResourceNotFoundException":
            raise BadConfiguration("table_missing", f"there is no table {table_name}") from error
        if code == "AccessDeniedException":
            raise BadConfiguration("table_forbidden", f"the job may not describe {table_name}") from error
        raise ServiceAway("table_unavailable", f"DynamoDB does not describe {table_name}: {code}") from error
    except BotoCoreError as error:
        raise ServiceAway("table_unavailable", f"DynamoDB does not describe {table_name}") from error
