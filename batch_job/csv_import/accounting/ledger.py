"""The job's side of the ledger: the claim of a stage, the lease on a part, its counters and its outcome.

Every write is conditional; attributes as in docs/contracts.md.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from csv_import.accounting.counters import Counters
from csv_import.accounting.import_record import ImportRecord
from csv_import.accounting.ledger_table import ConditionFailed, PartKey, PlanKey, Stage
from csv_import.accounting.ledger_values import epoch, progress, reached, rich
from csv_import.accounting.scope import Range, Scope, SharedRows, scope_of
from csv_import.accounting.segments import Checkpoint
from csv_import.errors import LeaseLost

__all__ = ["LeaseHeld", "Ledger", "PartKey", "PlanKey", "Stage", "Taken"]


class LeaseHeld(Exception):
    """Another attempt holds the part.

    Args:
        until_epoch_s: when its lease runs out unless it is renewed.
    """

    def __init__(self, until_epoch_s: float) -> None:
        super().__init__(f"held until {until_epoch_s}")
        self.until_epoch_s = until_epoch_s


@dataclass(frozen=True, slots=True)
class Taken:
    """A part, leased.

    Attributes:
        reached: where to begin.
        scope: what it is.
    """

    reached: Checkpoint
    scope: Scope = None


class Ledger(ImportRecord):
    """All that one job reads and writes there."""

    def plan_part(self, part: PartKey, scope: Range | SharedRows) -> None:
        """Write down what a part is, before anybody loads it.

        Raises:
            LeaseLost: `claim_lost`: somebody does.
        """
        name, other = ("range", "shared") if isinstance(scope, Range) else ("shared", "range")
        try:
            self._update(
                part.key(),
                "SET import_id = :import_id, #run = :run, part = :part, #status = :planned, #scope = :scope,"
                " updated_at = :now REMOVE #other",
                "attribute_not_exists(#status) OR #status = :planned",
                {
                    ":import_id": part.import_id,
                    ":run": part.run,
                    ":part": part.part,
                    ":planned": "PLANNED",
                    ":scope": scope.as_map(),
                    ":now": self._stamp(),
                },
                names={"#status": "status", "#run": "run", "#scope": name, "#other": other},
            )
        except ConditionFailed as lost:
            raise LeaseLost("claim_lost", "another job has planned this import") from lost

    def take_part(self, part: PartKey, *, owner: str, attempt: int, lease_s: float) -> Taken | None:
        """Lease the part for this attempt.

        Returns:
            where to begin, and what it is; None where it is done already.

        Raises:
            LeaseHeld: by another attempt.
        """
        now = self._now()
        try:
            answer = self._update(
                part.key(),
                "SET import_id = :import_id, #run = :run, part = :part, #status = :running, attempt = :attempt,"
                " lease_owner = :owner, lease_until_epoch_s = :until, updated_at = :now,"
                " started_at = if_not_exists(started_at, :now) REMOVE #error, finished_at",
                "(attribute_not_exists(#status) OR #status <> :done) AND (attribute_not_exists(lease_owner)"
                " OR lease_owner = :owner OR lease_until_epoch_s < :epoch)",
                {
                    ":import_id": part.import_id,
                    ":run": part.run,
                    ":part": part.part,
                    ":running": "RUNNING",
                    ":done": "DONE",
                    ":attempt": attempt,
                    ":owner": owner,
                    ":until": epoch(now, lease_s),
                    ":epoch": epoch(now),
                    ":now": self._stamp(),
                },
                names={"#status": "status", "#run": "run", "#error": "error"},
                ReturnValues="ALL_NEW",
                ReturnValuesOnConditionCheckFailure="ALL_OLD",
            )
        except ConditionFailed as failed:
            held = rich(failed.item)
            if held.get("status") == "DONE":
                return None
            raise LeaseHeld(float(held.get("lease_until_epoch_s", 0))) from failed
        item = rich(answer["Attributes"])
        return Taken(reached(item), scope_of(item))

    def renew(
        self, part: PartKey, *, owner: str, lease_s: float, counters: Counters, checkpoint: Checkpoint
    ) -> None:
        """Prolong the lease, and with it write how far the part is.

        Raises:
            LeaseLost: another attempt took the part over.
        """
        self._write_part(
            part,
            owner,
            {
                **progress(counters, checkpoint),
                "lease_until_epoch_s": epoch(self._now(), lease_s),
            },
        )

    def finish(self, part: PartKey, *, owner: str, counters: Counters, checkpoint: Checkpoint) -> None:
        """The part is done; its counters are final."""
        self._write_part(
            part,
            owner,
            {**progress(counters, checkpoint), "status": "DONE", "finished_at": self._stamp()},
            free=True,
        )

    def give_up(
        self,
        part: PartKey,
        *,
        owner: str,
        status: str,
        error: Mapping[str, Any],
        counters: Counters,
        checkpoint: Checkpoint,
    ) -> None:
        """This attempt ends without finishing: `status` is FAILED for good, RUNNING where another may go on."""
        values = {**progress(counters, checkpoint), "status": status, "error": dict(error)}
        if status == "FAILED":
            values["finished_at"] = self._stamp()
        self._write_part(part, owner, values, free=True)

    def _write_part(self, part: PartKey, owner: str, values: dict[str, Any], *, free: bool = False) -> None:
        values["updated_at"] = self._stamp()
        names = {f"#{name}": name for name in values}
        expression = "SET " + ", ".join(f"#{name} = :{name}" for name in values)
        if free:
            expression += " REMOVE lease_owner, lease_until_epoch_s"
        try:
            self._update(
                part.key(),
                expression,
                "lease_owner = :owner",
                {**{f":{name}": value for name, value in values.items()}, ":owner": owner},
                names=names,
            )
        except ConditionFailed as lost:
            raise LeaseLost("lease_lost", "another attempt has taken this part over") from lost
