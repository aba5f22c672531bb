"""The job's side of the ledger: the claim of a stage, the lease on a part, its counters and its outcome.

Every write is conditional; attributes as in docs/contracts.md.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from csv_import.accounting.counters import Counters
from csv_import.accounting.ledger_values import (
    Claim,
    PinnedSpec,
    epoch,
    pinned_spec,
    plain,
    progress,
    reached,
    rich,
)
from csv_import.accounting.scope import Range, Scope, SharedRows, scope_of
from csv_import.accounting.segments import Checkpoint
from csv_import.errors import BadConfiguration, LeaseLost, ServiceAway
from csv_import.reading.object_stream import ObjectVersion


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


class LeaseHeld(Exception):
    """Another attempt holds the part.

    Args:
        until_epoch_s: when its lease runs out unless it is renewed.
    """

    def __init__(self, until_epoch_s: float) -> None:
        super().__init__(f"held until {until_epoch_s}")
        self.until_epoch_s = until_epoch_s


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
    """The plan of a run: leased and reported on as a part is."""

    def key(self) -> dict[str, str]:
        """The plan's key in the ledger."""
        return {"pk": f"import#{self.import_id}", "sk": f"run#{self.run:04d}#plan"}


@dataclass(frozen=True, slots=True)
class Taken:
    """A part, leased.

    Attributes:
        reached: where to begin.
        scope: what it is.
    """

    reached: Checkpoint
    scope: Scope = None


class Ledger:
    """Reads and conditional writes of one job.

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

    def claim(self, import_id: str, run: int, job_id: str, submission: int | None = None) -> Claim | None:
        """Make this Batch job the one that does its stage of the run, or learn that another one is.

        A child of an array whose siblings came too late to an earlier submission must not claim for a later one: so the
        claim holds for the latest submission only, where the job knows which one it is of.

        Returns:
            what to plan or load; None for the loser, and for an import that is at another stage, or closed.
        """
        condition = "#state = :state AND #run = :run AND (attribute_not_exists(#claim) OR #claim = :job)"
        values = {":job": job_id, ":now": self._stamp(), ":state": self._stage.state, ":run": run}
        if submission is not None:
            condition += " AND submissions = :submission"
            values[":submission"] = submission
        try:
            answer = self._update(
                {"pk": f"import#{import_id}", "sk": "import"},
                "SET #claim = :job, updated_at = :now",
                condition,
                values,
                names={"#state": "state", "#run": "run", "#claim": self._stage.claim},
                ReturnValues="ALL_NEW",
            )
        except _ConditionFailed:
            return None
        record = rich(answer["Attributes"])
        version = ObjectVersion(record["bucket"], record["key"], record.get("version_id"), record["etag"])
        spec = pinned_spec(record, run)
        return Claim(
            version,
            int(record.get("parts", 1)),
            spec,
            record.get("pinned") if spec is not None else None,
            size=int(record["size"]) if "size" in record else None,
            work=tuple(map(int, record["work"])) if "work" in record else None,
        )

    def pin_spec(self, import_id: str, run: int, job_id: str, found: PinnedSpec) -> PinnedSpec:
        """Write down which spec this run is loaded by, once; what an earlier run had pinned goes with its spec.

        Returns:
            what is written down there: what was found, or what another attempt found before.

        Raises:
            LeaseLost: `claim_lost`.
        """
        values = {"run": run, "key": found.key, "version_id": found.version_id, "text": found.text}
        spec = {name: value for name, value in values.items() if value is not None}
        try:
            self._update(
                {"pk": f"import#{import_id}", "sk": "import"},
                "SET spec = :spec REMOVE pinned",
                "#run = :run AND #claim = :job AND (attribute_not_exists(spec) OR spec.#run <> :run)",
                {":spec": spec, ":run": run, ":job": job_id},
                names={"#run": "run", "#claim": self._stage.claim},
                ReturnValuesOnConditionCheckFailure="ALL_OLD",
            )
        except _ConditionFailed as failed:
            record = rich(failed.item)
            pinned = pinned_spec(record, run)
            if record.get(self._stage.claim) != job_id or pinned is None:
                raise LeaseLost("claim_lost", "another job has claimed this import") from failed
            return pinned
        return found

    def pin(self, part: PartKey, job_id: str, pinned: Mapping[str, Any]) -> None:
        """Write down how the import is read, once: later attempts and parts find it there.

        Raises:
            LeaseLost: `claim_lost`.
        """
        try:
            self._update(
                {"pk": f"import#{part.import_id}", "sk": "import"},
                "SET pinned = if_not_exists(pinned, :pinned)",
                "#run = :run AND #claim = :job",
                {":pinned": dict(pinned), ":run": part.run, ":job": job_id},
                names={"#run": "run", "#claim": self._stage.claim},
            )
        except _ConditionFailed as lost:
            raise LeaseLost("claim_lost", "another job has claimed this import") from lost

    def plan_part(self, part: PartKey, scope: Range | SharedRows) -> None:
        """Write down what a part is, before anybody loads it.

        Raises:
            LeaseLost: `claim_lost`: somebody does.
        """
        name = "range" if isinstance(scope, Range) else "shared"
        try:
            self._update(
                part.key(),
                "SET import_id = :import_id, #run = :run, part = :part, #status = :planned, #scope = :scope,"
                " updated_at = :now",
                "attribute_not_exists(#status) OR #status = :planned",
                {
                    ":import_id": part.import_id,
                    ":run": part.run,
                    ":part": part.part,
                    ":planned": "PLANNED",
                    ":scope": scope.as_map(),
                    ":now": self._stamp(),
                },
                names={"#status": "status", "#run": "run", "#scope": name},
            )
        except _ConditionFailed as lost:
            raise LeaseLost("claim_lost", "another job has planned this import") from lost

    def keep_plan(self, import_id: str, run: int, job_id: str, plan: Mapping[str, Any]) -> None:
        """Write down that the run is planned; all its parts are there.

        Raises:
            LeaseLost: `claim_lost`.
        """
        try:
            self._update(
                {"pk": f"import#{import_id}", "sk": "import"},
                "SET #plan = :plan, updated_at = :now",
                "#state = :state AND #run = :run AND #claim = :job",
                {
                    ":plan": dict(plan),
                    ":now": self._stamp(),
                    ":state": self._stage.state,
                    ":run": run,
                    ":job": job_id,
                },
                names={"#plan": "plan", "#state": "state", "#run": "run", "#claim": self._stage.claim},
            )
        except _ConditionFailed as lost:
            raise LeaseLost("claim_lost", "another job has claimed this import") from lost

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
        except _ConditionFailed as failed:
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
        except _ConditionFailed as lost:
            raise LeaseLost("lease_lost", "another attempt has taken this part over") from lost

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
                raise _ConditionFailed(old) from error
            if code in {"AccessDeniedException", "ResourceNotFoundException", "ValidationException"}:
                raise BadConfiguration("ledger_refused", f"the ledger {self._table_name}: {error}") from error
            raise ServiceAway("ledger_unavailable", f"the ledger {self._table_name}: {code}") from error
        except BotoCoreError as error:
            raise ServiceAway(
                "ledger_unavailable", f"the ledger {self._table_name} does not answer"
            ) from error

    def _stamp(self) -> str:
        return f"{self._now().astimezone(UTC):%Y-%m-%dT%H:%M:%S.%fZ}"


class _ConditionFailed(Exception):
    def __init__(self, item: Mapping[str, Any]) -> None:
        super().__init__()
        self.item = item
