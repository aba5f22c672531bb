"""Writes over HTTP: the request as bytes, signed and sent by botocore's parts, the answer judged.

boto3's client would turn every item into Python objects and back, which costs more than everything else that
happens to a row; credentials, region, endpoint, signature and connections are botocore's all the same.
"""

from __future__ import annotations

import socket
import zlib
from collections.abc import Callable, Mapping
from typing import Any, Literal, Protocol

import orjson
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.exceptions import BotoCoreError
from botocore.httpsession import URLLib3Session
from botocore.utils import get_environ_proxies

from csv_import.errors import BadConfiguration, TryAgain
from csv_import.services import Services
from csv_import.writing.delivery import Answer, Trouble

KeyOf = Callable[[Mapping[str, Mapping[str, Any]]], bytes]

# https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Programming.Errors.html
_THROTTLED = {
    "ProvisionedThroughputExceededException",
    "ThrottlingException",
    "Throttling",
    "RequestLimitExceeded",
    "LimitExceededException",
}
_PASSING = {
    "InternalServerError",
    "ServiceUnavailable",
    "ItemCollectionSizeLimitExceededException",
    "ReplicatedWriteConflictException",
    "TransactionConflictException",
    "ExpiredTokenException",
    "RequestExpired",
    "RequestTimeoutException",
}


class Credentials(Protocol):
    """botocore's credentials, which refresh themselves when they are asked for."""

    def get_frozen_credentials(self) -> Any:
        """Access key, secret key and token that belong together."""
        ...


class BatchWriter:
    """Sends one batch a call; may be called from many threads.

    Args:
        table_name: the table to write to.
        endpoint: URL of DynamoDB.
        region: for the signature.
        credentials: botocore's.
        key_of: digest of the key of an item that comes back as unprocessed.
        http: keeps connections open.
        verb: what is done with the items; bodies are whole items for `Put`, keys for `Delete`.
    """

    @classmethod
    def to(
        cls,
        table_name: str,
        services: Services,
        key_of: KeyOf,
        connections: int,
        verb: Literal["Put", "Delete"] = "Put",
    ) -> BatchWriter:
        """A writer to the table that the SDK's configuration leads to, for so many calls at once."""
        meta: Any = services.dynamodb.meta
        http: Any = URLLib3Session
        return cls(
            table_name=table_name,
            endpoint=meta.endpoint_url,
            region=meta.region_name,
            credentials=services.session.get_credentials(),
            key_of=key_of,
            verb=verb,
            http=http(
                verify=services.verify,
                proxies=get_environ_proxies(meta.endpoint_url),
                timeout=(meta.config.connect_timeout, meta.config.read_timeout),
                max_pool_connections=connections,
                # Without it a request waits for the acknowledgement of its first half: 40 ms a batch.
                socket_options=[(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)],
            ),
        )

    def __init__(
        self,
        *,
        table_name: str,
        endpoint: str,
        region: str,
        credentials: Credentials,
        key_of: KeyOf,
        http: URLLib3Session,
        verb: Literal["Put", "Delete"] = "Put",
    ) -> None:
        self._table_name = table_name
        self._endpoint = endpoint.rstrip("/") + "/"
        self._region = region
        self._credentials = credentials
        self._key_of = key_of
        self._request, self._field = f"{verb}Request", {"Put": "Item", "Delete": "Key"}[verb]
        opening = f'{{"{self._request}":{{"{self._field}":'.encode()
        self._head = b'{"RequestItems":{' + orjson.dumps(table_name) + b":[" + opening
        self._between = b"}}," + opening
        self._http = http

    def __call__(self, items: Mapping[bytes, bytes]) -> Answer:
        """Send the items (key digest → JSON body) as one request, once.

        Raises:
            BadConfiguration: `table_forbidden`, `table_missing` or `request_refused`: repeating won't help.
        """
        body = self._head + self._between.join(items.values()) + b"}}]}}"
        response = self.post("BatchWriteItem", body)
        if isinstance(response, str):
            return self.unavailable(items, response)
        status, content = response
        return self._unprocessed(content, items) if status == 200 else self.judge(status, content, items)

    def post(self, operation: str, body: bytes) -> tuple[int, bytes] | str:
        """Send a request once: the answer's status and content, or in a word why there is none to be trusted."""
        try:
            answer = self._http.send(self._signed(operation, body))
        except BotoCoreError as error:  # no connection, or no fresh credentials
            return type(error).__name__
        content: bytes = answer.content
        checksum = answer.headers.get("x-amz-crc32")
        if checksum is not None and checksum != str(zlib.crc32(content)):
            return "checksum of the answer is wrong"
        return answer.status_code, content

    def unavailable(self, items: Mapping[bytes, bytes], detail: str) -> Answer:
        """The answer to items of which nothing is known."""
        return Answer(frozenset(items), Trouble.UNAVAILABLE, detail)

    def close(self) -> None:
        """Close the connections."""
        self._http.close()

    def _signed(self, operation: str, body: bytes) -> Any:
        request = AWSRequest(
            method="POST",
            url=self._endpoint,
            data=body,
            headers={
                "X-Amz-Target": f"DynamoDB_20120810.{operation}",
                "Content-Type": "application/x-amz-json-1.0",
            },
        )
        SigV4Auth(self._credentials.get_frozen_credentials(), "dynamodb", self._region).add_auth(request)
        return request.prepare()

    def _unprocessed(self, content: bytes, items: Mapping[bytes, bytes]) -> Answer:
        try:
            returned = (orjson.loads(content).get("UnprocessedItems") or {}).get(self._table_name, [])
            keys = frozenset(self._key_of(each[self._request][self._field]) for each in returned)
        except (orjson.JSONDecodeError, KeyError, AttributeError, TypeError):
            return Answer(frozenset(items), Trouble.UNAVAILABLE, "answer is not DynamoDB's")
        if not keys <= items.keys():
            return Answer(frozenset(items), Trouble.UNAVAILABLE, "unprocessed items were never sent")
        return Answer(keys, Trouble.THROTTLED if keys else None, "UnprocessedItems" if keys else "")

    def judge(self, status: int, content: bytes, items: Mapping[bytes, bytes]) -> Answer:
        """What an error says about the items.

        Raises:
            BadConfiguration: `table_forbidden`, `table_missing` or `request_refused`: repeating won't help.
        """
        try:
            error = orjson.loads(content)
            code = str(error.get("__type", "")).rpartition("#")[2]
            message = str(error.get("message") or error.get("Message") or "")
        except (orjson.JSONDecodeError, AttributeError):
            code, message = "", ""
        if code in _THROTTLED:
            return Answer(frozenset(items), Trouble.THROTTLED, code)
        if status >= 500 or status in {408, 429} or code in _PASSING:
            return Answer(frozenset(items), Trouble.UNAVAILABLE, code or f"HTTP {status}")
        if code in {"AccessDeniedException", "NotAuthorized", "KMSAccessDeniedException"}:
            raise BadConfiguration(
                "table_forbidden", f"the job may not write to {self._table_name}: {message}"
            )
        if code == "ResourceNotFoundException":
            raise BadConfiguration("table_missing", f"the table {self._table_name} does not exist: {message}")
        if code in {"UnrecognizedClientException", "InvalidSignatureException", "MissingAuthenticationToken"}:
            raise TryAgain("credentials_refused", f"DynamoDB refuses the job's credentials: {code}")
        raise BadConfiguration(
            "request_refused", f"{self._table_name} refuses a request: {code or status}: {message}"
        )
