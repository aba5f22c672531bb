"""A table's write budget, shared among all attempts that write to it: each has an equal share while it is alive.

Who is alive stands in one item of the ledger, which every writer renews and reads with the same request (see
docs/contracts.md). A share holds for a notice from the request that told it, and a newcomer among others waits for a
notice: by then each of them has either seen it or stopped, so that the shares in use never add up to more than the
budget.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from math import ceil
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from csv_import.accounting.lease import SAFE_SHARE
from csv_import.errors import BadConfiguration, ServiceAway
from csv_import.writing.bucket import Bucket

FORGET_AFTER_S = 3600.0
"""A writer that has been gone for so long is taken off the list."""

MAX_FORGOTTEN = 50
"""Writers that one renewal takes off: they all stand in one expression, which may have 4 KB.
https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Constraints.html
"""


WRITER_BYTES = 64
"""What an entry takes in the list: a name with a job's id, and a number.
https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/CapacityUnitCalculations.html
"""

LIST_UNITS_PER_S = 500
"""Write units a second that the list may take: half of what one partition gives, for the dead stand in it for an hour.
https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/bp-partition-key-design.html
"""


def beat_s_of(writers: int, least_s: float, most_s: float) -> float:
    """Seconds between two renewals of each writer: each renewal writes the whole list, one unit a kilobyte begun.

    It must not fall as writers come: a newcomer that sees as many as will write beside it waits for as long as
    anyone who saw fewer may go on.

    Args:
        writers: how many are alive.
        least_s, most_s: the bounds; at the upper one the list may take more than it should.
    """
    units = ceil(writers * WRITER_BYTES / 1024)
    return min(max(least_s, writers * units / LIST_UNITS_PER_S), most_s)


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
        beat_s: seconds between two renewals at least; they become more the more writers there are (`beat_s_of`), and
            twice as many are the notice.
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
        beat_s: float,
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
        self._least_beat_s = self._beat_s = beat_s
        self._bucket = bucket
        self._now = now
        self._clock = clock
        self._told_at = clock()
        self._tried_at = float("-inf")
        self._begins_at: float | None = None
        self._long_gone: list[str] = []

    def renew_if_due(self, next_in_s: float) -> None:
        """Renew, unless there is time enough for it at the next call.

        Args:
            next_in_s: seconds until the next call at the latest.

        Raises:
            ServiceAway, BadConfiguration: as `renew`.
        """
        now = self._clock()
        begins = self._begins_at is not None and self._told_at < self._begins_at <= now
        late_s = self._beat_s - next_in_s / 2
        untold = self._begins_at is None or now - self._told_at >= late_s
        if begins or (untold and now - self._tried_at >= late_s / 2):
            self.renew()

    def renew(self) -> None:
        """Say that this attempt is alive, see who else is, and take the share that follows.

        Raises:
            ServiceAway: `ledger_unavailable`; the share stays what it was until its notice is over, and then is 0.
            BadConfiguration: `ledger_refused`.
        """
        asked_at = self._tried_at = self._clock()
        if self._begins_at is None:
            self._update("SET writers = if_not_exists(writers, :none)", {":none": {"M": {}}}, {})
        elif asked_at - self._told_at >= self._lease_s * SAFE_SHARE:
            self._begins_at = None  # the others may have taken it for dead
        epoch_s = self._now().timestamp()
        until = self._tell(epoch_s)
        long_gone = [name for name, at in until.items() if at < epoch_s - FORGET_AFTER_S]
        self._long_gone = long_gone[:MAX_FORGOTTEN]
        alive = sum(at >= epoch_s for at in until.values())
        self._beat_s = beat_s_of(alive, self._least_beat_s, self._lease_s * SAFE_SHARE / 2)
        notice_s = 2 * self._beat_s
        if self._begins_at is None:
            self._begins_at = self._clock() + (notice_s if alive > 1 else 0.0)
        self._told_at = asked_at
        self._bucket.units_per_s = self._units_per_s / alive if self._clock() >= self._begins_at else 0.0
        self._bucket.until = asked_at + notice_s

    def is_out_of_reach(self) -> bool:
        """Whether the ledger has told of no share for as long as a lease holds."""
        return self._clock() - self._told_at >= self._lease_s

    def _tell(self, epoch_s: float) -> dict[str, float]:
        """Renew this attempt's entry; gives until when each writer counts as alive."""
        names = {"#me": self._owner, **{f"#gone{at}": name for at, name in enumerate(self._long_gone)}}
        forget = ", ".join(f"writers.{name}" for name in names if name != "#me")
        answer = self._update(
            "SET writers.#me = :until" + (f" REMOVE {forget}" if forget else ""),
            {":until": {"N": f"{epoch_s + self._lease_s:.3f}"}},
            names,
        )
        return {name: float(each["N"]) for name, each in answer["Attributes"]["writers"]["M"].items()}

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
