"""A table's write budget, shared among all attempts that write to it: each has an equal share while it is alive.

Who is alive stands in one item of the ledger, which every writer renews and reads with the same request (see
docs/contracts.md). A newcomer among others waits until these have had time to see it, so that the shares in use never
add up to more than the budget.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from csv_import.errors import BadConfiguration, ServiceAway
from csv_import.writing.bucket import Bucket

FORGET_AFTER_S = 3600.0
"""A writer that has been gone for so long is taken off the list."""

MAX_FORGOTTEN = 50
"""Writers that one renewal takes off: they all stand in one expression, which may have 4 KB.
https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Constraints.html
"""


class BudgetShare:
    """This attempt's share of a table's budget, kept in a bucket.

    Args:
        dynamodb: a low-level client, which repeats what is worth repeating.
        ledger_table: where the list of writers is.
        table_name: the table that is written to.
        owner: names this attempt.
        units_per_s: the budget.
        lease_s: seconds for which a writer counts as alive after a renewal: as long as its lease on its part, without
            which it does not write.
        notice_s: seconds within which other writers see a newcomer.
        bucket: gets the share.
        now, clock: the time, and seconds that only grow.
    """

    def __init__(
        self,
        dynamodb: Any,
        ledger_table: str,
        table_name: str,
        *,
        owner: str,
        units_per_s: float,
        lease_s: float,
        notice_s: float,
        bucket: Bucket,
        now: Callable[[], datetime],
        clock: Callable[[], float],
    ) -> None:
        self._dynamodb = dynamodb
        self._ledger_table = ledger_table
        self._key = {"pk": {"S": f"table#{table_name}"}, "sk": {"S": "budget"}}
        self._owner = owner
        self._units_per_s = units_per_s
        self._lease_s = lease_s
        self._notice_s = notice_s
        self._bucket = bucket
        self._now = now
        self._clock = clock
        self._answered_at = clock()
        self._begins_at: float | None = None
        self._long_gone: list[str] = []

    def renew(self) -> None:
        """Say that this attempt is alive, see who else is, and take the share that follows.

        Raises:
            ServiceAway: `ledger_unavailable`; the share stays what it was.
            BadConfiguration: `ledger_refused`.
        """
        if self._begins_at is None:
            self._update("SET writers = if_not_exists(writers, :none)", {":none": {"M": {}}}, {})
        epoch_s = self._now().timestamp()
        names = {"#me": self._owner, **{f"#gone{at}": name for at, name in enumerate(self._long_gone)}}
        forget = ", ".join(f"writers.{name}" for name in names if name != "#me")
        answer = self._update(
            "SET writers.#me = :until" + (f" REMOVE {forget}" if forget else ""),
            {":until": {"N": f"{epoch_s + self._lease_s:.3f}"}},
            names,
        )
        until = {name: float(each["N"]) for name, each in answer["Attributes"]["writers"]["M"].items()}
        long_gone = [name for name, at in until.items() if at < epoch_s - FORGET_AFTER_S]
        self._long_gone = long_gone[:MAX_FORGOTTEN]
        alive = sum(at >= epoch_s for at in until.values())
        if self._begins_at is None:
            self._begins_at = self._clock() + (self._notice_s if alive > 1 else 0.0)
        self._answered_at = self._clock()
        self._bucket.units_per_s = self._units_per_s / alive if self._answered_at >= self._begins_at else 0.0

    def is_out_of_reach(self) -> bool:
        """Whether there is no share to write with, and the ledger has told of none for as long as a lease holds."""
        return self._bucket.units_per_s == 0 and self._clock() - self._answered_at >= self._lease_s

    def leave(self) -> None:
        """Give the share back, as far as the ledger can be told; otherwise it is free when the lease has run out."""
        try:
            self._update("REMOVE writers.#me", {}, {"#me": self._owner})
        except (ServiceAway, BadConfiguration):
            return

    def _update(self, expression: str, values: dict[str, Any], names: dict[str, str]) -> dict[str, Any]:
        try:
            answer: dict[str, Any] = self._dynamodb.update_item(
                TableName=self._ledger_table,
                Key=self._key,
                UpdateExpression=expression,
                ReturnValues="ALL_NEW",
                **({"ExpressionAttributeValues": values} if values else {}),
                **({"ExpressionAttributeNames": names} if names else {}),
            )
        except ClientError as error:
            code = error.response["Error"]["Code"]
            if code in {"AccessDeniedException", "ResourceNotFoundException", "ValidationException"}:
                raise BadConfiguration(
                    "ledger_refused",
                    f"the ledger {self._ledger_table}, asked about the write budget: {error}",
                ) from error
            raise ServiceAway(
                "ledger_unavailable",
                f"the ledger {self._ledger_table} does not answer about the write budget: {code}",
            ) from error
        except BotoCoreError as error:
            raise ServiceAway(
                "ledger_unavailable",
                f"the ledger {self._ledger_table} does not answer about the write budget",
            ) from error
        return answer
