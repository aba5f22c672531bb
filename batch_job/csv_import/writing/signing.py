"""AWS's signature, version 4, for DynamoDB's JSON protocol: what differs between two requests, and nothing else.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html
botocore's signer takes ten times as long, because it serves every service and every kind of request.
"""

from __future__ import annotations

import hmac
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Any, Protocol
from urllib.parse import quote, urlsplit

CONTENT_TYPE = "application/x-amz-json-1.0"
_SERVICE = "dynamodb"
_DEFAULT_PORTS = {"http": 80, "https": 443}


class Credentials(Protocol):
    """botocore's credentials, which refresh themselves when they are asked for."""

    def get_frozen_credentials(self) -> Any:
        """Access key, secret key and token that belong together."""
        ...


class Signer:
    """Makes the headers of a signed POST; keys and texts are worked out once for each day and credentials.

    Credentials are asked for once a second: botocore's look whether they must be refreshed whenever they are asked, and
    do so many minutes before they expire.

    Args:
        endpoint: URL of DynamoDB.
        region: for the signature.
        target: the operation, `DynamoDB_20120810.BatchWriteItem`.
        credentials: botocore's.
        now: the time, with time zone.
    """

    def __init__(
        self,
        *,
        endpoint: str,
        region: str,
        target: str,
        credentials: Credentials,
        now: Callable[[], datetime],
    ) -> None:
        self._host = host_of(endpoint)
        self._path = quote(urlsplit(endpoint).path, safe="/~") or "/"
        self._region = region
        self._target = target
        self._credentials = credentials
        self._now = now
        # a second that it never is
        self._second = self._next_second = datetime.max.replace(tzinfo=UTC)
        self._stamp = ""
        self._known: tuple[str, Any] | None = None
        self._inner = self._outer = sha256()
        self._scope = self._before_date = self._after_date = self._authorization = ""
        self._same: list[str] = []
        self._fixed: list[str] = []

    def headers(self, body: bytes) -> list[str]:
        """The header lines of a request with this body.

        Raises:
            BotoCoreError: there are no fresh credentials.
        """
        now = self._now()
        if not self._second <= now < self._next_second:
            self._begin_second(now.replace(microsecond=0))
        stamp = self._stamp
        request = f"{self._before_date}{stamp}{self._after_date}{sha256(body).hexdigest()}"
        to_sign = f"AWS4-HMAC-SHA256\n{stamp}\n{self._scope}\n{sha256(request.encode()).hexdigest()}"
        # HMAC (RFC 2104), whose key's share is worked out already
        inner, outer = self._inner.copy(), self._outer.copy()
        inner.update(to_sign.encode())
        outer.update(inner.digest())
        return [*self._fixed, f"{self._authorization}{outer.hexdigest()}"]

    def _begin_second(self, second: datetime) -> None:
        stamp = f"{second.astimezone(UTC):%Y%m%dT%H%M%SZ}"
        known = (stamp[:8], self._credentials.get_frozen_credentials())
        if known != self._known:
            self._prepare(*known)
            self._known = known
        self._fixed = [*self._same, f"X-Amz-Date: {stamp}"]
        self._stamp = stamp
        self._second, self._next_second = second, second + timedelta(seconds=1)

    def _prepare(self, day: str, credentials: Any) -> None:
        key = f"AWS4{credentials.secret_key}".encode()
        for part in (day, self._region, _SERVICE, "aws4_request"):
            key = hmac.digest(key, part.encode(), "sha256")
        block = key.ljust(sha256().block_size, b"\0")
        self._inner = sha256(bytes(each ^ 0x36 for each in block))
        self._outer = sha256(bytes(each ^ 0x5C for each in block))
        self._scope = f"{day}/{self._region}/{_SERVICE}/aws4_request"
        token = credentials.token
        names = "content-type;host;x-amz-date;" + ("x-amz-security-token;" if token else "") + "x-amz-target"
        self._before_date = (
            f"POST\n{self._path}\n\ncontent-type:{CONTENT_TYPE}\nhost:{self._host}\nx-amz-date:"
        )
        token_line = f"x-amz-security-token:{token}\n" if token else ""
        self._after_date = f"\n{token_line}x-amz-target:{self._target}\n\n{names}\n"
        self._authorization = (
            f"Authorization: AWS4-HMAC-SHA256 Credential={credentials.access_key}/{self._scope},"
            f" SignedHeaders={names}, Signature="
        )
        self._same = [
            f"Host: {self._host}",
            f"Content-Type: {CONTENT_TYPE}",
            f"X-Amz-Target: {self._target}",
            *([f"X-Amz-Security-Token: {token}"] if token else []),
        ]


def host_of(endpoint: str) -> str:
    """The `Host` header of an endpoint: a port that is its scheme's own is left out."""
    parts = urlsplit(endpoint)
    host = parts.hostname or ""
    if ":" in host:
        host = f"[{host}]"
    if parts.port is None or parts.port == _DEFAULT_PORTS.get(parts.scheme):
        return host
    return f"{host}:{parts.port}"
