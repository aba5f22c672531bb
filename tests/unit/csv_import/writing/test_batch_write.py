import json
import zlib
from collections.abc import Mapping
from typing import Any

import pytest
from botocore.credentials import Credentials
from botocore.exceptions import (
    ConnectionClosedError,
    CredentialRetrievalError,
    EndpointConnectionError,
    ReadTimeoutError,
    SSLError,
)

from csv_import.errors import JobStop
from csv_import.shaping.item import key_digest
from csv_import.writing.batch_write import BatchWriter
from csv_import.writing.delivery import Answer, Trouble

CODES = "com.amazonaws.dynamodb.v20120810#"


def digest_of(item: Mapping[str, Mapping[str, str]]) -> bytes:
    return key_digest([item["Id"]["S"]])


def wire(key: str) -> dict[str, dict[str, str]]:
    return {"Id": {"S": key}, "A": {"S": 'é "quoted"\n'}}


ITEMS = {digest_of(wire(key)): json.dumps(wire(key)).encode() for key in ("one", "two")}
ALL = frozenset(ITEMS)


class Response:
    def __init__(self, status: int, content: bytes, headers: Mapping[str, str] | None = None) -> None:
        self.status_code = status
        self.content = content
        self.headers = {"x-amz-crc32": str(zlib.crc32(content))} if headers is None else headers


class Http:
    """An HTTP session with one answer."""

    def __init__(self, answer: Response | Exception) -> None:
        self.answer = answer
        self.requests: list[Any] = []
        self.closed = False

    def send(self, request: Any) -> Response:
        self.requests.append(request)
        if isinstance(self.answer, Exception):
            raise self.answer
        return self.answer

    def close(self) -> None:
        self.closed = True


class Expired:
    def get_frozen_credentials(self) -> Any:
        raise CredentialRetrievalError(provider="container-role", error_msg="timed out")


def writer(
    answer: Response | Exception, table: str = "items", credentials: Any = None
) -> tuple[BatchWriter, Http]:
    http = Http(answer)
    session: Any = http
    made = BatchWriter(
        table_name=table,
        endpoint="https://dynamodb.eu-central-1.amazonaws.com",
        region="eu-central-1",
        credentials=credentials or Credentials("AKIATEST", "secret", "token"),
        key_of=digest_of,
        http=session,
    )
    return made, http


def answer_to(response: Response | Exception) -> Answer:
    return writer(response)[0](ITEMS)


def said(status: int, code: str, message: str = "why") -> Response:
    return Response(status, json.dumps({"__type": CODES + code, "message": message}).encode())


def unprocessed(*keys: str, table: str = "items") -> Response:
    returned = {table: [{"PutRequest": {"Item": wire(key)}} for key in keys]}
    return Response(200, json.dumps({"UnprocessedItems": returned}).encode())


@pytest.mark.parametrize("table", ["items", "arn:aws:dynamodb:eu-central-1:123456789012:table/items"])
def test_the_request_is_a_batch_write_of_the_items_signed_for_dynamodb(table: str) -> None:
    send, http = writer(Response(200, b"{}"), table=table)
    send(ITEMS)
    (request,) = http.requests
    assert json.loads(request.body) == {
        "RequestItems": {table: [{"PutRequest": {"Item": wire(key)}} for key in ("one", "two")]}
    }
    assert (request.method, request.url) == ("POST", "https://dynamodb.eu-central-1.amazonaws.com/")
    headers = {name.lower(): value for name, value in request.headers.items()}
    assert headers["x-amz-target"] in (
        "DynamoDB_20120810.BatchWriteItem",
        b"DynamoDB_20120810.BatchWriteItem",
    )
    authorization = str(headers["authorization"])
    assert "/eu-central-1/dynamodb/aws4_request" in authorization
    assert "x-amz-target" in authorization
    assert "secret" not in authorization


@pytest.mark.parametrize(
    "content",
    [b"{}", b'{"UnprocessedItems":{}}', b'{"UnprocessedItems":null}', b'{"UnprocessedItems":{"items":[]}}'],
)
def test_a_batch_that_was_taken_whole(content: bytes) -> None:
    assert answer_to(Response(200, content)) == Answer(frozenset())


def test_an_answer_without_a_checksum_is_taken() -> None:
    assert answer_to(Response(200, b"{}", headers={})) == Answer(frozenset())


def test_items_that_came_back_are_unprocessed() -> None:
    answer = answer_to(unprocessed("two"))
    assert answer == Answer(frozenset({digest_of(wire("two"))}), Trouble.THROTTLED, "UnprocessedItems")


@pytest.mark.parametrize(
    "response",
    [
        pytest.param(unprocessed("three"), id="an item that was never sent"),
        pytest.param(Response(200, b""), id="nothing"),
        pytest.param(Response(200, b"<html>login</html>"), id="a captive portal"),
        pytest.param(Response(200, b"[]"), id="a list"),
        pytest.param(Response(200, b"null"), id="null"),
        pytest.param(Response(200, b'{"UnprocessedItems":{"items":[{}]}}'), id="no request"),
        pytest.param(
            Response(200, b'{"UnprocessedItems":{"items":[{"PutRequest":{"Item":{}}}]}}'), id="no key"
        ),
        pytest.param(Response(200, b'{"UnprocessedItems":[1]}'), id="unprocessed items in a list"),
        pytest.param(Response(200, b"{}", headers={"x-amz-crc32": "1"}), id="wrong checksum"),
        pytest.param(Response(200, b"{}", headers={"x-amz-crc32": "what"}), id="checksum that is no number"),
        pytest.param(ConnectionClosedError(endpoint_url="x"), id="connection closed"),
        pytest.param(EndpointConnectionError(endpoint_url="x"), id="no connection"),
        pytest.param(ReadTimeoutError(endpoint_url="x"), id="no answer"),
        pytest.param(SSLError(endpoint_url="x", error=OSError("y")), id="TLS"),
        pytest.param(said(500, "InternalServerError"), id="internal error"),
        pytest.param(said(503, "ServiceUnavailable"), id="unavailable"),
        pytest.param(said(500, "NeverHeardOf"), id="unknown, 500"),
        pytest.param(Response(502, b"<html>Bad Gateway</html>"), id="a proxy's 502"),
        pytest.param(Response(408, b""), id="408"),
        pytest.param(Response(429, b""), id="429"),
        pytest.param(said(400, "ItemCollectionSizeLimitExceededException"), id="item collection"),
        pytest.param(said(400, "ReplicatedWriteConflictException"), id="replica"),
        pytest.param(said(400, "ExpiredTokenException"), id="credentials just ran out"),
    ],
)
def test_what_is_not_known_to_be_in_the_table_is_unprocessed(response: Response | Exception) -> None:
    answer = answer_to(response)
    assert (answer.unprocessed, answer.trouble) == (ALL, Trouble.UNAVAILABLE)
    assert answer.detail


@pytest.mark.parametrize(
    "code",
    ["ProvisionedThroughputExceededException", "ThrottlingException", "RequestLimitExceeded", "Throttling"],
)
@pytest.mark.parametrize("status", [400, 503])
def test_throttling(code: str, status: int) -> None:
    assert answer_to(said(status, code)) == Answer(ALL, Trouble.THROTTLED, code)


@pytest.mark.parametrize(
    ("response", "code", "exit_code"),
    [
        (said(400, "AccessDeniedException"), "table_forbidden", 78),
        (said(400, "ResourceNotFoundException"), "table_missing", 78),
        (said(400, "ValidationException"), "request_refused", 78),
        (said(400, "NeverHeardOf"), "request_refused", 78),
        (Response(400, b"{}"), "request_refused", 78),
        (Response(413, b"too large"), "request_refused", 78),
        (said(400, "UnrecognizedClientException"), "credentials_refused", 75),
        (said(400, "InvalidSignatureException"), "credentials_refused", 75),
    ],
)
def test_what_repeating_cannot_mend(response: Response, code: str, exit_code: int) -> None:
    with pytest.raises(JobStop) as caught:
        answer_to(response)
    assert (caught.value.code, caught.value.exit_code) == (code, exit_code)


def test_credentials_that_cannot_be_refreshed_just_now_are_waited_for() -> None:
    send, http = writer(Response(200, b"{}"), credentials=Expired())
    assert send(ITEMS) == Answer(ALL, Trouble.UNAVAILABLE, "CredentialRetrievalError")
    assert http.requests == []


def test_closing_closes_the_connections() -> None:
    send, http = writer(Response(200, b"{}"))
    send.close()
    assert http.closed
