import json
from collections.abc import Callable
from typing import Any

import pytest

from csv_import.errors import BadConfiguration, LeaseLost
from csv_import.shaping.key_schema import KeyAttribute, KeySchema
from csv_import.shaping.spec import Mode
from csv_import.writing.batch_write import BatchWriter
from csv_import.writing.delivery import Answer, Trouble
from csv_import.writing.modes.rule import rule_for
from csv_import.writing.one_by_one import OneByOne, sender
from tests.unit.csv_import.writing.test_batch_write import ITEMS, Response, digest_of, said, wire, writer

KEYS = KeySchema((KeyAttribute("Id", "S", 2048),))
ONE, TWO = ITEMS


class Answers:
    """An HTTP session that gives one answer after the other."""

    def __init__(self, *answers: Response | Exception) -> None:
        self.answers = list(answers)
        self.requests: list[Any] = []

    def send(self, request: Any) -> Response:
        self.requests.append(request)
        answer = self.answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer


def failed(found: dict[str, Any]) -> Response:
    code = "com.amazonaws.dynamodb.v20120810#ConditionalCheckFailedException"
    return Response(400, json.dumps({"__type": code, "message": "why", "Item": found}).encode())


def one_by_one(
    *answers: Response | Exception, mode: Mode = Mode.INSERT, before_each: Callable[[], None] = lambda: None
) -> tuple[OneByOne, list[tuple[bytes, bool]], Answers]:
    told: list[tuple[bytes, bool]] = []
    made, _ = writer(Response(200, b"{}"))
    http = Answers(*answers)
    made._http = http  # type: ignore[assignment]
    rule = rule_for(mode, "items", KEYS)
    return OneByOne(made, rule, lambda key, left: told.append((key, left)), before_each), told, http


def test_each_item_is_a_request_of_its_own() -> None:
    send, told, http = one_by_one(Response(200, b"{}"), Response(200, b"{}"))
    assert send(ITEMS) == Answer(frozenset(), requests=2)
    assert told == [(ONE, False), (TWO, False)]
    assert [json.loads(request.body)["Item"] for request in http.requests] == [wire("one"), wire("two")]
    targets = {str(request.headers["X-Amz-Target"]) for request in http.requests}
    assert targets <= {"DynamoDB_20120810.PutItem", "b'DynamoDB_20120810.PutItem'"}


def test_an_item_that_is_there_is_left_alone_unless_it_is_the_same() -> None:
    send, told, _ = one_by_one(failed({**wire("one"), "B": {"S": "more"}}), failed(wire("two")))
    assert send(ITEMS) == Answer(frozenset(), requests=2)
    assert told == [(ONE, True), (TWO, False)]


def test_what_is_not_settled_is_unprocessed_with_all_behind_it() -> None:
    send, told, http = one_by_one(said(400, "ThrottlingException"))
    assert send(ITEMS) == Answer(frozenset(ITEMS), Trouble.THROTTLED, "ThrottlingException", requests=1)
    assert told == []
    assert len(http.requests) == 1, "the rows of a lane go out in order"


def test_what_was_settled_before_is_not_sent_again() -> None:
    send, told, _ = one_by_one(Response(200, b"{}"), said(500, "InternalServerError"))
    answer = send(ITEMS)
    assert (answer.unprocessed, answer.requests) == (frozenset({TWO}), 2)
    assert told == [(ONE, False)]


@pytest.mark.parametrize("content", [b"", b"[]", b'{"__type":"x#ConditionalCheckFailedException"}'])
def test_a_failed_condition_without_the_item_is_no_answer_to_trust(content: bytes) -> None:
    send, told, _ = one_by_one(Response(400, content))
    with pytest.raises(BadConfiguration):
        send(ITEMS)
    assert told == []


def test_nothing_is_sent_without_a_lease() -> None:
    def lost() -> None:
        raise LeaseLost("lease_expired", "gone")

    send, _, http = one_by_one(before_each=lost)
    with pytest.raises(LeaseLost):
        send(ITEMS)
    assert http.requests == []


def test_batches_go_out_as_batches() -> None:
    made, _ = writer(Response(200, b"{}"))
    assert sender(made, rule_for(Mode.PUT, "items", KEYS), lambda *_: None, lambda: None) is made
    http_of_deletes, requests = _delete_writer()
    assert http_of_deletes({digest_of(wire("one")): b'{"Id":{"S":"one"}}'}) == Answer(frozenset())
    (request,) = requests
    assert json.loads(request.body) == {
        "RequestItems": {"items": [{"DeleteRequest": {"Key": {"Id": {"S": "one"}}}}]}
    }


def test_deletes_that_came_back_are_unprocessed() -> None:
    returned = {"items": [{"DeleteRequest": {"Key": {"Id": {"S": "one"}}}}]}
    send, _ = _delete_writer(Response(200, json.dumps({"UnprocessedItems": returned}).encode()))
    answer = send({digest_of(wire("one")): b'{"Id":{"S":"one"}}'})
    assert answer == Answer(frozenset({digest_of(wire("one"))}), Trouble.THROTTLED, "UnprocessedItems")


def _delete_writer(answer: Response | None = None) -> tuple[BatchWriter, list[Any]]:
    http: Any = Answers(answer or Response(200, b"{}"))
    made = BatchWriter(
        table_name="items",
        endpoint="https://dynamodb.eu-central-1.amazonaws.com",
        region="eu-central-1",
        credentials=writer(Response(200, b"{}"))[0]._credentials,
        key_of=digest_of,
        http=http,
        verb="Delete",
    )
    return made, http.requests
