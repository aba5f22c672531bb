"""The ledger table: reads, and the conditional writes that let two invocations meet without harm."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, cast

import times
from imports import Import, Part, State, total
from ledger_items import (
    IMPORT_SORT_KEY,
    failure_to_map,
    from_wire,
    import_to_item,
    item_to_import,
    item_to_part,
    partition_key,
    to_wire,
)

if TYPE_CHECKING:
    from datetime import datetime

    from mypy_boto3_dynamodb import DynamoDBClient

_OPEN_INDEX = "open-imports"
_EXPIRES = "expires_at_epoch_s"


@dataclass(frozen=True)
class Ledger:
    """Imports and parts in DynamoDB; a conditional write that others forestalled answers False or None."""

    client: "DynamoDBClient"
    table: str

    def register(self, import_: Import) -> bool:
        """Put an import that was just heard of; False if it is known already."""
        try:
            self.client.put_item(
                TableName=self.table,
                Item=to_wire(import_to_item(import_)),
                ConditionExpression="attribute_not_exists(pk)",
            )
        except self.client.exceptions.ConditionalCheckFailedException:
            return False
        return True

    def read(self, import_id: str) -> tuple[Import, list[Part]] | None:
        """Read an import and the parts of its present run, consistently; None if there is no such import."""
        items: dict[str, dict[str, Any]] = {}
        pages = self.client.get_paginator("query").paginate(
            TableName=self.table,
            ConsistentRead=True,
            KeyConditionExpression="pk = :pk",
            ExpressionAttributeValues=to_wire({":pk": partition_key(import_id)}),
        )
        for page in pages:
            for wire in page["Items"]:
                item = from_wire(wire)
                items[item["sk"]] = item
        if IMPORT_SORT_KEY not in items:
            return None
        import_ = item_to_import(items.pop(IMPORT_SORT_KEY))
        prefix = f"run#{import_.run:04d}#part#"
        return import_, [item_to_part(item) for sk, item in sorted(items.items()) if sk.startswith(prefix)]

    def begin_submission(self, import_: Import, *, at: "datetime") -> str | None:
        """Announce a submission of the import as it was read; gives `submitted_at`, or None if forestalled.

        It is announced before SubmitJob is called, for SubmitJob has no client token: whoever dies in
        between leaves a trace that the sweep finds.
        """
        submitted_at = times.stamp(at)
        began = self._update(
            import_.import_id,
            set_={"state": State.LOADING.value, "submitted_at": submitted_at, "updated_at": submitted_at},
            only_if={
                "state": import_.state.value,
                "run": import_.run,
                "submitted_at": import_.submitted_at,
                "submitted_job": None,
                "load_job": None,
            },
        )
        return submitted_at if began else None

    def record_submission(self, import_id: str, *, submitted_at: str, job_id: str) -> bool:
        """Write the job id of the submission that began at `submitted_at`, if no other has begun since."""
        return self._update(import_id, set_={"submitted_job": job_id}, only_if={"submitted_at": submitted_at})

    def close(self, closed: Import, parts: list[Part], *, report_key: str, was: State) -> bool:
        """Close an import as `closed` has it, if it is still open and no job claimed it meanwhile.

        It stays among the open imports until `settle`: whoever dies before the event is out leaves it to the sweep.
        """
        return self._update(
            closed.import_id,
            set_={
                "state": closed.state.value,
                "counters": total(parts),
                "error": failure_to_map(closed.failure),
                "report_key": report_key,
                "closed_at": closed.closed_at,
                "updated_at": closed.closed_at,
            },
            only_if={
                "state": was.value,
                "run": closed.run,
                "load_job": closed.load_job,
            },
        )

    def settle(self, closed: Import, *, at: "datetime") -> bool:
        """Take a closed import, whose event is out, from the open ones; False if another did."""
        return self._update(
            closed.import_id,
            set_={"announced_at": times.stamp(at)},
            remove=["open"],
            only_if={"state": closed.state.value, "run": closed.run, "announced_at": None},
        )

    def expire(self, import_id: str, *, at: "datetime | None") -> None:
        """Let an import and all its parts vanish at `at`, or stay: None is for one that is opened again.

        DynamoDB's time to live takes each item by itself, so each is told.
        """
        pages = self.client.get_paginator("query").paginate(
            TableName=self.table,
            ConsistentRead=True,
            KeyConditionExpression="pk = :pk",
            ExpressionAttributeValues=to_wire({":pk": partition_key(import_id)}),
            ProjectionExpression="pk, sk",
        )
        change = f"SET {_EXPIRES} = :at" if at else f"REMOVE {_EXPIRES}"
        values = {"ExpressionAttributeValues": to_wire({":at": int(at.timestamp())})} if at else {}
        for key in (item for page in pages for item in page["Items"]):
            self.client.update_item(
                TableName=self.table, Key=key, UpdateExpression=change, **cast(Any, values)
            )

    def open_imports(self, *, until: "datetime") -> Iterator[Import]:
        """List open imports that nothing has touched after `until`, longest untouched first.

        They are as the index has them, which may lag behind.
        """
        pages = self.client.get_paginator("query").paginate(
            TableName=self.table,
            IndexName=_OPEN_INDEX,
            KeyConditionExpression="#open = :yes AND updated_at <= :until",
            ExpressionAttributeNames={"#open": "open"},
            ExpressionAttributeValues=to_wire({":yes": "yes", ":until": times.stamp(until)}),
        )
        for page in pages:
            for item in page["Items"]:
                yield item_to_import(from_wire(item))

    def _update(
        self,
        import_id: str,
        *,
        set_: Mapping[str, Any],
        only_if: Mapping[str, Any],
        remove: list[str] | None = None,
    ) -> bool:
        """Update the import item where every attribute of `only_if` has its value (None: is absent)."""
        changes = {name: value for name, value in set_.items() if value is not None}
        conditions = [
            f"attribute_not_exists(#{name})" if value is None else f"#{name} = :if_{name}"
            for name, value in only_if.items()
        ]
        expression = "SET " + ", ".join(f"#{name} = :{name}" for name in changes)
        if remove:
            expression += " REMOVE " + ", ".join(f"#{name}" for name in remove)
        values = {f":{name}": value for name, value in changes.items()}
        values |= {f":if_{name}": value for name, value in only_if.items() if value is not None}
        try:
            self.client.update_item(
                TableName=self.table,
                Key=to_wire({"pk": partition_key(import_id), "sk": IMPORT_SORT_KEY}),
                UpdateExpression=expression,
                ConditionExpression=" AND ".join(conditions),
                ExpressionAttributeNames={f"#{name}": name for name in {*changes, *only_if, *(remove or [])}},
                ExpressionAttributeValues=to_wire(values),
            )
        except self.client.exceptions.ConditionalCheckFailedException:
            return False
        return True
