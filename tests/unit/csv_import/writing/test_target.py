from typing import Any

import pytest
from botocore.exceptions import ClientError, EndpointConnectionError

from csv_import.errors import JobStop
from csv_import.shaping.key_schema import KeyAttribute
from csv_import.writing.target import describe_target
from csv_import.writing.units import WriteCost


class DynamoDB:
    def __init__(self, answer: dict[str, Any] | Exception) -> None:
        self.answer = answer

    def describe_table(self, **_: str) -> dict[str, Any]:
        if isinstance(self.answer, Exception):
            raise self.answer
        return {"Table": self.answer}


def refusal(code: str) -> ClientError:
    return ClientError({"Error": {"Code": code, "Message": ""}}, "DescribeTable")


def test_the_keys_of_a_table() -> None:
    table = {
        "AttributeDefinitions": [{"AttributeName": "Id", "AttributeType": "S"}],
        "KeySchema": [{"AttributeName": "Id", "KeyType": "HASH"}],
    }
    target = describe_target(DynamoDB(table), "items")
    assert target.keys.table == (KeyAttribute("Id", "S", 2048),)
    assert target.cost == WriteCost()


@pytest.mark.parametrize(
    ("error", "code", "exit_code"),
    [
        (refusal("ResourceNotFoundException"), "table_missing", 78),
        (refusal("AccessDeniedException"), "table_forbidden", 78),
        (refusal("InternalServerError"), "table_unavailable", 75),
        (EndpointConnectionError(endpoint_url="x"), "table_unavailable", 75),
    ],
)
def test_a_table_that_is_not_described(error: Exception, code: str, exit_code: int) -> None:
    with pytest.raises(JobStop, match="items") as caught:
        describe_target(DynamoDB(error), "items")
    assert (caught.value.code, caught.value.exit_code) == (code, exit_code)
