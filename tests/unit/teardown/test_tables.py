from typing import Any

import pytest
from botocore.exceptions import ClientError

from teardown.errors import RemovalError
from teardown.patience import Patience
from teardown.tables import delete_table

PATIENCE = Patience(poll_s=1, limit_s=5, sleep=lambda _: None)


class FakeDynamoDb:
    """A table that has one status after the other; the last one stays."""

    def __init__(self, *statuses: str) -> None:
        self.statuses = list(statuses)
        self.deleted = False

    def describe_table(self, **_: str) -> dict[str, Any]:
        status = self.statuses.pop(0) if len(self.statuses) > 1 else self.statuses[0]
        if status == "GONE":
            raise ClientError(
                {"Error": {"Code": "ResourceNotFoundException", "Message": "."}}, "DescribeTable"
            )
        return {"Table": {"TableStatus": status}}

    def delete_table(self, **_: str) -> None:
        self.deleted = True
        self.statuses = ["DELETING", "GONE"]


def test_a_table_goes_and_is_waited_for() -> None:
    dynamodb = FakeDynamoDb("ACTIVE")
    assert delete_table(dynamodb, "mine", PATIENCE)
    assert dynamodb.deleted
    assert dynamodb.statuses == ["GONE"]


@pytest.mark.parametrize("statuses", [("GONE",), ("DELETING", "DELETING", "DELETING", "GONE")])
def test_a_table_that_is_gone_or_going_is_not_deleted(statuses: tuple[str, ...]) -> None:
    dynamodb = FakeDynamoDb(*statuses)
    assert not delete_table(dynamodb, "mine", PATIENCE)
    assert not dynamodb.deleted


def test_a_table_that_is_being_changed_is_waited_for() -> None:
    assert delete_table(FakeDynamoDb("UPDATING", "UPDATING", "ACTIVE"), "mine", PATIENCE)


@pytest.mark.parametrize(("status", "words"), [("UPDATING", "is UPDATING"), ("DELETING", "being deleted")])
def test_a_table_that_stays_as_it_is_is_named(status: str, words: str) -> None:
    with pytest.raises(RemovalError, match=f"table mine is.*{words.removeprefix('is ')}"):
        delete_table(FakeDynamoDb(status), "mine", PATIENCE)
