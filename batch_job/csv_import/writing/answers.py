"""What DynamoDB's answer to a request means: done, partly done, try later, refused, or hopeless."""

from __future__ import annotations

import zlib
from collections.abc import Mapping
from contextlib import suppress
from enum import StrEnum
from typing import Any, NamedTuple, Protocol

import orjson

from csv_import.errors import BadConfiguration, TryAgain
from csv_import.writing.batch import Entries
from csv_import.writing.connections import Response

# https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Programming.Errors.html
_THROTTLED = {
    "ProvisionedThroughputExceededException",
    "ThrottlingException",
    "Throttling",
    "RequestLimitExceeded",
    "LimitExceededException",
    "ServiceUnavailable",
    "ServiceUnavailableException",
}
_PASSING = {
    "InternalServerError",
    "ReplicatedWriteConflictException",
    "TransactionConflictException",
    "ExpiredTokenException",
    "RequestExpired",
    "RequestTimeoutException",
}
_CLOCK = {"InvalidSignatureException", "RequestTimeTooSkewed"}
_COLLECTION_FULL = "ItemCollectionSizeLimitExceededException"
_REMEDIES = {
    **dict.fromkeys(
        _CLOCK, "; if it lasts, set the host's clock, or see that its secret access key is right"
    ),
    _COLLECTION_FULL: (
        "; the items of one partition key have reached the 10 GB that a table with a local secondary index bears"
    ),
}
_FORBIDDEN = {"AccessDeniedException", "NotAuthorized", "KMSAccessDeniedException"}
_UNKNOWN_CREDENTIALS = {"UnrecognizedClientException", "MissingAuthenticationToken"}
_THROTTLED_STATUS = {429, 503}
_TOO_LARGE = 413
CONDITION_FAILED = "ConditionalCheckFailedException"


class Trouble(StrEnum):
    """Why items were left unprocessed."""

    THROTTLED = "throttled"
    UNAVAILABLE = "unavailable"


class Answer(NamedTuple):
    """What one request came to.

    Attributes:
        unprocessed: the keys that are not known to be in the table.
        trouble: why, or None where there are none.
        detail: the service's own word for it.
        refused: why DynamoDB takes none of the items as they are, or None.
        left_alone: whether the item stays as it was, for the mode's condition did not hold; None where there was no
            condition.
        units: write units that the request consumed, where the answer tells.
    """

    unprocessed: frozenset[bytes] = frozenset()
    trouble: Trouble | None = None
    detail: str = ""
    refused: str | None = None
    left_alone: bool | None = None
    units: float | None = None


class NotDynamoDB(Exception):
    """An answer that DynamoDB would not give."""


class RequestKind(Protocol):
    """How items become a request, and what the answer says about them.

    Attributes:
        target: the operation.
        max_items: the most items of one request.
    """

    @property
    def target(self) -> str: ...  # noqa: D102
    @property
    def max_items(self) -> int: ...  # noqa: D102

    def body(self, entries: Entries) -> bytes:
        """The request's body."""
        ...

    def done(self, content: Mapping[str, Any], entries: Entries) -> Answer:
        """What an answer with status 200 says.

        Raises:
            NotDynamoDB: it is none of DynamoDB's.
        """
        ...

    def condition_failed(self, error: Mapping[str, Any], entries: Entries) -> Answer:
        """What it means that the request's condition did not hold.

        Raises:
            NotDynamoDB: the request had no condition.
        """
        ...


def judge(response: Response, kind: RequestKind, entries: Entries, table_name: str) -> Answer:
    """Tell what became of a request's items.

    Raises:
        BadConfiguration: `table_forbidden`, `table_missing` or `request_refused`: repeating won't help.
        TryAgain: `credentials_refused`.
    """
    if response.failure:
        return _unavailable(entries, response.failure)
    content = response.content
    if response.checksum is not None and response.checksum != str(zlib.crc32(content)):
        return _unavailable(entries, "checksum of the answer is wrong")
    if response.status == 200:
        return _judge_done(content, kind, entries)
    try:
        told = _json_object(content)
    except NotDynamoDB:
        return _judge_foreign(response.status, entries, table_name)
    # A namespace may stand before the code, and an address behind it:
    # https://smithy.io/2.0/aws/protocols/aws-json-1_0-protocol.html#operation-error-serialization
    code = str(told.get("__type", "")).rpartition("#")[2].partition(":")[0]
    if code == CONDITION_FAILED:
        with suppress(NotDynamoDB):
            return kind.condition_failed(told, entries)
    message = str(told.get("message") or told.get("Message") or "")
    return _judge_error(response.status, code, message, entries, table_name)


def _judge_done(content: bytes, kind: RequestKind, entries: Entries) -> Answer:
    try:
        return kind.done(_json_object(content), entries)
    except NotDynamoDB as strange:
        return _unavailable(entries, str(strange))


def _judge_error(status: int, code: str, message: str, entries: Entries, table_name: str) -> Answer:
    if not code:
        return _judge_foreign(status, entries, table_name)
    if code in _THROTTLED or status in _THROTTLED_STATUS:
        return Answer(frozenset(entries), Trouble.THROTTLED, code)
    if code in _REMEDIES:
        return _unavailable(entries, code + _REMEDIES[code])
    if status >= 500 or status == 408 or code in _PASSING:
        return _unavailable(entries, code)
    if code == "ValidationException":
        return Answer(refused=message or code)
    # These two name roles and resources; what is said of a request may name what stands in it.
    if code in _FORBIDDEN:
        raise BadConfiguration("table_forbidden", f"the job may not write to {table_name}: {message}")
    if code == "ResourceNotFoundException":
        raise BadConfiguration("table_missing", f"the table {table_name} does not exist: {message}")
    if code in _UNKNOWN_CREDENTIALS:
        raise TryAgain("credentials_refused", f"DynamoDB refuses the job's credentials: {code}")
    raise BadConfiguration("request_refused", f"{table_name} refuses a request: {code}", f": {message}")


def _judge_foreign(status: int, entries: Entries, table_name: str) -> Answer:
    """An error without DynamoDB's body: something on the way said it, and may say otherwise next time."""
    if status in _THROTTLED_STATUS:
        return Answer(frozenset(entries), Trouble.THROTTLED, f"HTTP {status}")
    if status == _TOO_LARGE:
        raise BadConfiguration(
            "request_refused",
            f"something between the job and {table_name} refuses a request of {len(entries)} items as too large: "
            f"HTTP {status}; see what proxy or endpoint stands there",
        )
    return _unavailable(
        entries, f"HTTP {status} without an error of DynamoDB's; see what proxy or endpoint stands before it"
    )


def _unavailable(entries: Entries, detail: str) -> Answer:
    return Answer(frozenset(entries), Trouble.UNAVAILABLE, detail)


def _json_object(content: bytes) -> Mapping[str, Any]:
    try:
        told = orjson.loads(content)
    except orjson.JSONDecodeError:
        raise NotDynamoDB("the answer is no JSON") from None
    if not isinstance(told, dict):
        raise NotDynamoDB("the answer is no JSON object")
    return told
