"""Deletes a table, and waits until it is gone."""

from typing import Any

from botocore.exceptions import ClientError

from teardown.errors import RemovalError
from teardown.patience import Patience


def delete_table(dynamodb: Any, table: str, patience: Patience) -> bool:
    """Delete a table that nothing protects; False where it was gone or going already.

    Raises `RemovalError`, and botocore's errors.
    """

    def free() -> bool:
        return _status(dynamodb, table) in ("ACTIVE", "DELETING", "GONE")

    if not patience.until(free):
        raise RemovalError(f"table {table} is {_status(dynamodb, table)}; call again once it is ACTIVE")
    present = _status(dynamodb, table) == "ACTIVE"
    if present:
        dynamodb.delete_table(TableName=table)
    if not patience.until(lambda: _status(dynamodb, table) == "GONE"):
        raise RemovalError(f"table {table} is still being deleted; call again later")
    return present


def _status(dynamodb: Any, table: str) -> str:
    try:
        return str(dynamodb.describe_table(TableName=table)["Table"]["TableStatus"])
    except ClientError as error:
        if error.response["Error"]["Code"] == "ResourceNotFoundException":
            return "GONE"
        raise
