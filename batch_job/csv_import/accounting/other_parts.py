"""What the other parts of a run have counted: a limit on rejects is the whole import's."""

from __future__ import annotations

from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from csv_import.accounting.ledger import PartKey
from csv_import.accounting.ledger_values import plain, rich
from csv_import.errors import ServiceAway


def count_others(dynamodb: Any, table_name: str, part: PartKey) -> tuple[int, int]:
    """Rows read and rows rejected by the other parts of this run, as far as they have told.

    Raises:
        ServiceAway: `ledger_unavailable`.
    """
    prefix = part.key()["sk"].partition("#part#")[0] + "#part#"
    arguments: dict[str, Any] = {
        "TableName": table_name,
        "KeyConditionExpression": "pk = :pk AND begins_with(sk, :prefix)",
        "ExpressionAttributeValues": plain({":pk": part.key()["pk"], ":prefix": prefix}),
        "ProjectionExpression": "sk, counters.rows_read, counters.rows_rejected",
    }
    read = rejected = 0
    try:
        while True:
            page = dynamodb.query(**arguments)
            for other in map(rich, page["Items"]):
                if other["sk"] != part.key()["sk"]:
                    read += int(other.get("counters", {}).get("rows_read", 0))
                    rejected += int(other.get("counters", {}).get("rows_rejected", 0))
            if "LastEvaluatedKey" not in page:
                return read, rejected
            arguments["ExclusiveStartKey"] = page["LastEvaluatedKey"]
    except (ClientError, BotoCoreError) as error:
        raise ServiceAway("ledger_unavailable", f"the ledger {table_name} does not answer") from error
