"""Changes of ledger items → the arguments of UpdateItem, alone or in a transaction."""

from collections.abc import Mapping
from typing import Any

from botocore.exceptions import ClientError

from ledger_items import to_wire


def conditional_update(
    key: Mapping[str, str], *, set_: Mapping[str, Any], only_if: Mapping[str, Any]
) -> dict[str, Any]:
    """Give the arguments that set attributes where each of `only_if` has its value; None stands for none, in both."""
    changes = {name: value for name, value in set_.items() if value is not None}
    gone = [name for name in set_ if name not in changes]
    conditions = [
        f"attribute_not_exists(#{name})" if value is None else f"#{name} = :if_{name}"
        for name, value in only_if.items()
    ]
    clauses = ["SET " + ", ".join(f"#{name} = :{name}" for name in changes)] if changes else []
    clauses += ["REMOVE " + ", ".join(f"#{name}" for name in gone)] if gone else []
    values = {f":{name}": value for name, value in changes.items()}
    values |= {f":if_{name}": value for name, value in only_if.items() if value is not None}
    return {
        "Key": to_wire(key),
        "UpdateExpression": " ".join(clauses),
        "ConditionExpression": " AND ".join(conditions),
        "ExpressionAttributeNames": {f"#{name}": name for name in {*set_, *only_if}},
        "ExpressionAttributeValues": to_wire(values),
    }


def forestalled(error: ClientError) -> bool:
    """Tell whether a write was given up because of what others wrote: before it, or at the same time.

    See docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_TransactWriteItems.html, "Errors". Raises the
    error if it is another, or if one of the reasons is another.
    """
    code = error.response["Error"]["Code"]
    if code in ("ConditionalCheckFailedException", "TransactionConflictException"):
        return True
    reasons = {reason.get("Code") for reason in error.response.get("CancellationReasons", [])}
    if code != "TransactionCanceledException" or not reasons <= _FORESTALLED:
        raise error
    return True


_FORESTALLED = {None, "None", "ConditionalCheckFailed", "TransactionConflict"}
