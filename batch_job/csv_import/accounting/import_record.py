"""The import's own record: which job does a stage of a run, how its file is read, and what is planned."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from csv_import.accounting.ledger_table import ConditionFailed, LedgerTable, PartKey
from csv_import.accounting.ledger_values import Claim, PinnedSpec, pinned_spec, rich
from csv_import.errors import LeaseLost
from csv_import.reading.object_stream import ObjectVersion


class ImportRecord(LedgerTable):
    """Reads it and writes to it."""

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
        except ConditionFailed:
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
            is_planned=_is_planned(record.get("plan"), run),
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
        except ConditionFailed as failed:
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
        except ConditionFailed as lost:
            raise LeaseLost("claim_lost", "another job has claimed this import") from lost

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
        except ConditionFailed as lost:
            raise LeaseLost("claim_lost", "another job has claimed this import") from lost


def _is_planned(plan: Mapping[str, Any] | None, run: int) -> bool:
    """Whether this run has a plan of several parts, each of which has its item."""
    return plan is not None and int(plan["run"]) == run and int(plan["parts"]) > 1
