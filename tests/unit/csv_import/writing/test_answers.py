import json
import zlib

import pytest

from csv_import.errors import JobStop
from csv_import.writing.answers import Answer, Trouble, judge
from csv_import.writing.batch_write import BatchWrite
from csv_import.writing.connections import Response
from tests.unit.csv_import.writing.fakes import TABLE, batch, key_of, said

ENTRIES = batch("one", "two").entries
ALL = frozenset(ENTRIES)


def answer_to(response: Response) -> Answer:
    return judge(response, BatchWrite(TABLE, key_of), ENTRIES, TABLE)


def test_a_right_checksum_is_taken() -> None:
    content = b'{"UnprocessedItems":{}}'
    assert answer_to(Response(200, content, str(zlib.crc32(content)))) == Answer()


@pytest.mark.parametrize(
    "response",
    [
        pytest.param(Response(200, b""), id="nothing"),
        pytest.param(Response(200, b"<html>login</html>"), id="a captive portal"),
        pytest.param(Response(200, b"[]"), id="a list"),
        pytest.param(Response(200, b"null"), id="null"),
        pytest.param(Response(200, b"{}", "1"), id="wrong checksum"),
        pytest.param(Response(200, b"{}", "what"), id="checksum that is no number"),
        pytest.param(Response(0, failure="Connection reset by peer"), id="connection broken"),
        pytest.param(said("InternalServerError", 500), id="internal error"),
        pytest.param(said("NeverHeardOf", 500), id="unknown, 500"),
        pytest.param(Response(502, b"<html>Bad Gateway</html>"), id="a proxy's 502"),
        pytest.param(Response(408, b""), id="408"),
        pytest.param(Response(403, b"<html>Forbidden</html>"), id="a proxy's 403"),
        pytest.param(Response(407, b""), id="a proxy that wants a password"),
        pytest.param(Response(404, b"no such route"), id="a gateway's 404"),
        pytest.param(Response(302, b""), id="a redirection"),
        pytest.param(Response(403, b'{"message":"Forbidden"}'), id="a gateway's JSON"),
        pytest.param(said("InvalidSignatureException"), id="a signature of another time"),
        pytest.param(said("RequestTimeTooSkewed"), id="a clock that is wrong"),
        pytest.param(said("ItemCollectionSizeLimitExceededException"), id="item collection"),
        pytest.param(said("ReplicatedWriteConflictException"), id="replica"),
        pytest.param(said("ExpiredTokenException"), id="credentials just ran out"),
    ],
)
def test_what_is_not_known_to_be_in_the_table_is_unprocessed(response: Response) -> None:
    answer = answer_to(response)
    assert (answer.unprocessed, answer.trouble, answer.refused) == (ALL, Trouble.UNAVAILABLE, None)
    assert answer.detail


@pytest.mark.parametrize(
    "code",
    [
        "ProvisionedThroughputExceededException",
        "ThrottlingException",
        "RequestLimitExceeded",
        "Throttling",
        "ServiceUnavailable",
    ],
)
@pytest.mark.parametrize("status", [400, 503])
def test_throttling(code: str, status: int) -> None:
    assert answer_to(said(code, status)) == Answer(ALL, Trouble.THROTTLED, code)


@pytest.mark.parametrize(
    "response",
    [
        pytest.param(Response(429, b""), id="by its status alone"),
        pytest.param(Response(429, b'{"__type":"x#NeverHeardOf"}'), id="by its status, whatever the code"),
        pytest.param(Response(503, b"<html>busy</html>"), id="503, as a page"),
        pytest.param(Response(503, b"{}"), id="503 without a code"),
        pytest.param(
            Response(400, b'{"__type":"x#ThrottlingException:http://internal.amazon.com/coral/"}'),
            id="with an address behind the code",
        ),
    ],
)
def test_other_signs_of_throttling(response: Response) -> None:
    assert answer_to(response).trouble is Trouble.THROTTLED


def test_a_refusal_names_its_reason() -> None:
    answer = answer_to(said("ValidationException", message="One or more parameter values were invalid"))
    assert answer == Answer(refused="One or more parameter values were invalid")


@pytest.mark.parametrize(
    ("response", "code", "exit_code"),
    [
        (said("AccessDeniedException"), "table_forbidden", 78),
        (said("ResourceNotFoundException"), "table_missing", 78),
        (said("NeverHeardOf"), "request_refused", 78),
        (said("ConditionalCheckFailedException"), "request_refused", 78),
        (Response(413, b"too large"), "request_refused", 78),
        (said("UnrecognizedClientException"), "credentials_refused", 75),
        (said("MissingAuthenticationToken"), "credentials_refused", 75),
    ],
)
def test_what_repeating_cannot_mend(response: Response, code: str, exit_code: int) -> None:
    with pytest.raises(JobStop) as caught:
        answer_to(response)
    assert (caught.value.code, caught.value.exit_code) == (code, exit_code)


@pytest.mark.parametrize("code", ["NeverHeardOf", "ConditionalCheckFailedException"])
def test_what_is_said_of_a_request_goes_into_the_report_and_not_into_the_log(code: str) -> None:
    with pytest.raises(JobStop) as caught:
        answer_to(said(code, message="value: Ada Lovelace"))
    assert code in caught.value.message
    assert "Ada" not in caught.value.message
    assert caught.value.detail == ": value: Ada Lovelace"


def test_an_errors_own_checksum_is_checked_too() -> None:
    refusal = json.dumps({"__type": "ValidationException", "message": "no"}).encode()
    assert answer_to(Response(400, refusal, "1")).trouble is Trouble.UNAVAILABLE


@pytest.mark.parametrize(
    ("response", "remedy"),
    [
        (said("InvalidSignatureException"), "InvalidSignatureException; if it lasts, set the host's clock"),
        (said("RequestTimeTooSkewed", 403), "RequestTimeTooSkewed; if it lasts, set the host's clock"),
        (said("ItemCollectionSizeLimitExceededException"), "10 GB"),
        (Response(403, b"<html>"), "HTTP 403 without an error of DynamoDB's; see what proxy"),
    ],
)
def test_trouble_that_may_last_names_its_remedy(response: Response, remedy: str) -> None:
    assert remedy in answer_to(response).detail


@pytest.mark.parametrize("status", [302, 403, 413])
def test_what_something_on_the_way_says_is_not_repeated(status: int) -> None:
    """It may hold what was sent."""
    try:
        told = answer_to(Response(status, b"you sent: a secret")).detail
    except JobStop as stop:
        told = stop.message
    assert f"HTTP {status}" in told
    assert "secret" not in told
