"""The account's default event bus, where closed imports are told of."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from announcement import DETAIL_TYPE, SOURCE
from errors import EventRefusedError

if TYPE_CHECKING:
    from mypy_boto3_events import EventBridgeClient


@dataclass(frozen=True)
class EventBus:
    """Amazon EventBridge's default bus."""

    client: "EventBridgeClient"

    def put(self, detail: Mapping[str, Any]) -> None:
        """Put the event of a closed import; raises `EventRefusedError`, and botocore's own errors."""
        answer = self.client.put_events(
            Entries=[{"Source": SOURCE, "DetailType": DETAIL_TYPE, "Detail": json.dumps(detail)}]
        )
        if answer["FailedEntryCount"]:
            (entry,) = answer["Entries"]
            raise EventRefusedError(f"{entry.get('ErrorCode')}: {entry.get('ErrorMessage')}")
