"""The ledger's table as the job writes to it: every write is conditional; attributes as in docs/contracts.md."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from csv_import.accounting.ledger_values import plain
from csv_import.errors import BadConfiguration, ServiceAway


class Stage(StrEnum):
    """What a job does; of each run one job may do it."""

    PLAN = "plan"
    LOAD = "load"

    @property
    def state(self) -> str:
        """The import's state meanwhile."""
        return "PLANNING" if self is Stage.PLAN else "LOADING"

    @property
    def claim(self) -> str:
        """The attribute of the import that names the job."""
        return f"{self.value}_job"


@dataclass(frozen=True, slots=True)
class PartKey:
    """Which part of which run of which import."""

    import_id: str
    run: int
    part: int

    def key(self) -> dict[str, str]:
        """The part's key in the ledger."""
        return {"pk": f"import#{self.import_id}", "sk": f"run#{self.run:04d}#part#{self.part:05d}"}


class PlanKey(PartKey):
    """The plan of a run: leased and reported on as a part is; its number is that of none."""

    def __init__(self, import_id: str, run: int) -> None:
        super().__init__(import_id, run, -1)

    def key(self) -> dict[str, str]:
        """The plan's key in the ledger."""
        return {"pk": f"import#{self.import_id}", "sk": f"run#{self.run:04d}#plan"}


class ConditionFailed(Exception):
    """A write's condition does not hold.

    Args:
        item: as it is in the ledger, where that was asked for.
    """

    def __init__(self, item: Mapping[str, Any]) -> None:
        super().__init__()
        self.item = item


class LedgerTable:
    """Conditional writes of one job.

    Args:
        dynamodb: a low-level client, which repeats what is worth repeating.
        table_name: the ledger's table.
        now: the time, with time zone.
        stage: what the job does.
    """

    def __init__(
        self, dynamodb: Any, table_name: str, now: Callable[[], datetime], stage: Stage = Stage.LOAD
    ) -> None:
        self._stage = stage
        self._dynamodb = dynamodb
        self._table_name = table_name
        self._now = now

    def _update(
        self,
        key: Mapping[str, Any],
        expression: str,
        condition: str,
        values: Mapping[str, Any],
        *,
        names: Mapping[str, str],
        **more: Any,
    ) -> dict[str, Any]:
        try:
            answer: dict[str, Any] = self._dynamodb.update_item(
                TableName=self._table_name,
                Key=plain(key),
                UpdateExpression=expression,
                ConditionExpression=condition,
                ExpressionAttributeValues=plain(values),
                ExpressionAttributeNames=dict(names),
                **more,
            )
            return answer
        except ClientError as error:
            code = error.response["Error"]["Code"]
            if code == "ConditionalCheckFailedException":
                old: Any = error.response.get("Item", {})
                raise ConditionFailed(old) from error
            if code in {"AccessDeniedException", "ResourceNotFoundException", "ValidationException"}:
                raise BadConfiguration("ledger_refused", f"the ledger {self._table_name}: {error}") from error
            raise ServiceAway("ledger_unavailable", f"the ledger {self._table_name}: {code}") from error
        except BotoCoreError as error:
            raise ServiceAway(
                "ledger_unavailable", f"the ledger {self._table_name} does not answer"
            ) from error

    def _stamp(self) -> str:
        return f"{self._now().astimezone(UTC):%Y-%m-%dT%H:%M:%S.%fZ}"
