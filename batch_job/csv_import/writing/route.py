"""The way to DynamoDB that the SDK's configuration leads to: endpoint, region, credentials, certificates, proxy."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Protocol
from urllib.parse import urlsplit

from botocore.httpsession import get_cert_path
from botocore.utils import get_environ_proxies

from csv_import.services import Services
from csv_import.settings import WriteLimits
from csv_import.writing.answers import RequestKind
from csv_import.writing.connections import Connections, Response
from csv_import.writing.signing import Signer
from csv_import.writing.units import WriteCost


class Sender(Protocol):
    """Carries requests: `csv_import.writing.connections.Connections`, or a test's."""

    def start(self, lane: int, headers: list[str], body: bytes) -> None:
        """Begin a request on behalf of a lane."""
        ...

    def finished(self, wait_s: float) -> list[tuple[int, Response]]:
        """What came back, after at most so many seconds."""
        ...

    def close(self) -> None:
        """Let go of the connections."""
        ...


@dataclass(slots=True)
class Route:
    """Where and how requests go.

    Args:
        kind: makes requests of items and reads their answers.
        sign: gives the headers for a body.
        sender: carries them.
        table_name: for messages.
        cost: estimates write units.
    """

    kind: RequestKind
    sign: Callable[[bytes], list[str]]
    sender: Sender
    table_name: str
    cost: WriteCost = field(default_factory=WriteCost)

    def close(self) -> None:
        """Let go of the connections."""
        self.sender.close()


def route_to(
    table_name: str, services: Services, limits: WriteLimits, kind: RequestKind, cost: WriteCost
) -> Route:
    """The route for requests of one kind to one table; close it when done."""
    meta: Any = services.dynamodb.meta
    endpoint: str = meta.endpoint_url
    verify = services.verify
    if verify is True:
        verify = default_ca_bundle()
    return Route(
        kind=kind,
        sign=Signer(
            endpoint=endpoint,
            region=meta.region_name,
            target=kind.target,
            credentials=services.session.get_credentials(),
            now=services.now,
        ).headers,
        sender=Connections(
            endpoint,
            connections=limits.lanes,
            connect_timeout_s=limits.connect_timeout_s,
            request_timeout_s=limits.request_timeout_s,
            verify=verify,
            proxy=get_environ_proxies(endpoint).get(urlsplit(endpoint).scheme),
        ),
        table_name=table_name,
        cost=cost,
    )


def default_ca_bundle() -> str:
    """The certificates that botocore trusts where nothing else is configured."""
    return str(get_cert_path(True))
