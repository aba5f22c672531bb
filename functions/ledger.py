"""The ledger table: reads, and the conditional writes that let two invocations meet without harm."""

from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import UTC
from decimal import Decimal
from functools import cached_property
from typing import TYPE_CHECKING, Any, cast

from botocore.exceptions import ClientError

import ledger_changes
import times
from decision import Submit
from imports import Import, Part, PartStatus, State
from ledger_items import (
    EXPIRES,
    IMPORT_SORT_KEY,
    from_wire,
    import_key,
    import_to_item,
    item_to_import,
    item_to_part,
    part_key,
    partition_key,
    to_wire,
)
from projections import OF_A_DECISION
from queues import Queue, item_to_queue, queue_attributes, queue_key
from updates import conditional_update, forestalled

if TYPE_CHECKING:
    from datetime import datetime

    from mypy_boto3_dynamodb import DynamoDBClient

_OPEN_INDEX = "open-imports"
_AT_ONCE = 10
"""As many as the client keeps connections."""


@dataclass(frozen=True)
class Ledger:
    """Imports, parts and queues in DynamoDB; a conditional write that others forestalled answers False or None."""

    client: "DynamoDBClient"
    table: str

    @cached_property
    def created_at(self) -> "datetime":
        """When the table was made: what came before was never this deployment's to load."""
        return self.client.describe_table(TableName=self.table)["Table"]["CreationDateTime"].astimezone(UTC)

    # reads, all of them consistent but for the index

    def read(self, import_id: str) -> tuple[Import, list[Part]] | None:
        """Read an import and, as far as a decision needs them, the parts of its present run.

        While the import is PLANNING its plan stands for its parts. None if there is no such import.
        """
        import_ = self.import_of(import_id)
        if import_ is None:
            return None
        run = f"run#{import_.run:04d}"
        sort_key = f"{run}#plan" if import_.state is State.PLANNING else f"{run}#part#"
        items = self._query(import_id, sort_key, **OF_A_DECISION)
        return import_, [item_to_part({"run": import_.run} | item) for item in items]

    def import_of(self, import_id: str) -> Import | None:
        """Read an import alone; None if there is none."""
        found = list(self._query(import_id, IMPORT_SORT_KEY))
        return item_to_import(found[0]) if found else None

    def parts(self, import_: Import) -> list[Part]:
        """Read all that there is about the parts of an import's present run."""
        items = self._query(import_.import_id, f"run#{import_.run:04d}#part#")
        return [item_to_part(item) for item in items]

    def queue(self, bucket: str, key: str) -> Queue:
        """Read the queue of a key; an empty one if there is none yet."""
        found = self.client.get_item(
            TableName=self.table, Key=to_wire(queue_key(bucket, key)), ConsistentRead=True
        )
        item = found.get("Item")
        return item_to_queue(from_wire(item)) if item else Queue(bucket=bucket, key=key)

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

    # writes

    def register(self, imports: Sequence[Import], queue: Queue) -> bool:
        """Put imports that were just heard of, in S3's order, and add them to their key's queue as it was read.

        All or nothing; at most 99 imports, for a transaction has at most 100 writes
        (docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_TransactWriteItems.html).
        """
        puts = [
            {
                "Put": {
                    "Item": to_wire(import_to_item(each)),
                    "ConditionExpression": "attribute_not_exists(pk)",
                }
            }
            for each in imports
        ]
        return self._transact(*puts, self._queue_update(queue, queue.with_versions(imports)))

    def begin_submission(self, import_: Import, submit: Submit, *, at: "datetime") -> Import | None:
        """Announce a submission of the import as it was read; gives the import then, or None if forestalled.

        It is announced before SubmitJob is called, for SubmitJob has no client token: whoever dies in
        between leaves a trace that the sweep finds.
        """
        submitted_at = times.stamp(at)
        began = replace(
            import_,
            state=submit.state,
            parts=submit.parts,
            work=submit.work,
            progress_mark=submit.progress_mark,
            submissions=import_.submissions + (submit.state is State.LOADING),
            submitted_at=submitted_at,
            submitted_job=None,
            plan_job=None,
            load_job=None,
        )
        changes, only_if = ledger_changes.submission(began), ledger_changes.as_read(import_)
        return began if self._update(import_, set_=changes, only_if=only_if) else None

    def record_submission(self, import_: Import, *, job_id: str) -> bool:
        """Write the job id of the submission that `begin_submission` gave, if no other has begun since."""
        return self._update(
            import_, set_={"submitted_job": job_id}, only_if={"submitted_at": import_.submitted_at}
        )

    def close(self, closed: Import, parts: Sequence[Part], *, report_key: str, was: Import) -> bool:
        """Close an import as `closed` has it, if nobody moved it on since it was read as `was`.

        It stays among the open imports until `settle`: whoever dies before the event is out leaves it to the sweep.
        """
        changes = ledger_changes.close(closed, parts, report_key)
        return self._update(closed, set_=changes, only_if=ledger_changes.not_moved_on(was))

    def touch(self, import_: Import, *, at: "datetime") -> bool:
        """Note that somebody is at an import, so that the sweep looks after others first; False if it was moved on."""
        changes = {"updated_at": times.stamp(at)}
        return self._update(import_, set_=changes, only_if=ledger_changes.not_moved_on(import_))

    def end_leases(self, import_: Import, parts: Sequence[Part], *, at: "datetime") -> bool:
        """Take the leases that have run out from parts that are not done; False where one was prolonged meanwhile."""
        for part in parts:
            if part.leased_to is None or part.status is PartStatus.DONE:
                continue
            try:
                self.client.update_item(
                    TableName=self.table,
                    Key=to_wire(part_key(import_.import_id, import_.run, part.part)),
                    UpdateExpression="REMOVE lease_owner, lease_until_epoch_s",
                    ConditionExpression="lease_owner = :owner AND lease_until_epoch_s < :now",
                    ExpressionAttributeValues=to_wire(
                        {":owner": part.leased_to, ":now": Decimal(str(at.timestamp()))}
                    ),
                )
            except ClientError as error:
                return not forestalled(error)
        return True

    def settle(self, closed: Import, queue: Queue, *, at: "datetime") -> bool:
        """Take a closed import, whose event is out, from the open ones and from its key's queue as it was read."""
        settled = conditional_update(
            import_key(closed.import_id),
            set_={"announced_at": times.stamp(at), "open": None},
            only_if={
                "state": closed.state.value,
                "run": closed.run,
                "closed_at": closed.closed_at,
                "announced_at": None,
            },
        )
        return self._transact({"Update": settled}, self._queue_update(queue, queue.without(closed.import_id)))

    def reopen(self, closed: Import, reopened: Import, queue: Queue) -> bool:
        """Open a closed import, whose event is out, again as `reopened` has it, and put it at its key's front."""
        changes = ledger_changes.reopening(reopened)
        only_if = {
            "state": closed.state.value,
            "run": closed.run,
            "closed_at": closed.closed_at,
            "open": None,
        }
        update = conditional_update(import_key(closed.import_id), set_=changes, only_if=only_if)
        return self._transact(
            {"Update": update}, self._queue_update(queue, queue.with_head(closed.import_id))
        )

    def expire(self, import_id: str, *, at: "datetime | None") -> None:
        """Let an import and all its parts vanish at `at`, or stay: None is for one that is opened again.

        DynamoDB's time to live takes each item by itself, so each is told.
        """
        change = f"SET {EXPIRES} = :at" if at else f"REMOVE {EXPIRES}"
        values = {"ExpressionAttributeValues": to_wire({":at": int(at.timestamp())})} if at else {}

        def tell(key: dict[str, Any]) -> None:
            self.client.update_item(
                TableName=self.table, Key=to_wire(key), UpdateExpression=change, **cast(Any, values)
            )

        with ThreadPoolExecutor(_AT_ONCE) as pool:
            for _ in pool.map(tell, self._query(import_id, "", ProjectionExpression="pk, sk")):
                pass

    # how

    def _query(self, import_id: str, sort_key: str, **more: Any) -> Iterator[dict[str, Any]]:
        """Read the items of an import whose sort keys begin so, in their order."""
        condition, values = "pk = :pk", {":pk": partition_key(import_id)}
        if sort_key:
            condition, values = f"{condition} AND begins_with(sk, :sk)", {**values, ":sk": sort_key}
        pages = self.client.get_paginator("query").paginate(
            TableName=self.table,
            ConsistentRead=True,
            KeyConditionExpression=condition,
            ExpressionAttributeValues=to_wire(values),
            **more,
        )
        for page in pages:
            yield from map(from_wire, page["Items"])

    def _update(self, import_: Import, *, set_: Mapping[str, Any], only_if: Mapping[str, Any]) -> bool:
        request = conditional_update(import_key(import_.import_id), set_=set_, only_if=only_if)
        try:
            self.client.update_item(TableName=self.table, **request)
        except ClientError as error:
            return not forestalled(error)
        return True

    def _queue_update(self, queue: Queue, changed: Queue) -> dict[str, Any]:
        return {
            "Update": conditional_update(
                queue_key(queue.bucket, queue.key),
                set_=queue_attributes(changed),
                only_if={"revision": queue.revision or None},
            )
        }

    def _transact(self, *writes: dict[str, Any]) -> bool:
        """Do all or nothing; False if others forestalled one of them, or are at it."""
        actions = [
            {kind: {"TableName": self.table, **what} for kind, what in each.items()} for each in writes
        ]
        try:
            self.client.transact_write_items(TransactItems=cast(Any, actions))
        except ClientError as error:
            return not forestalled(error)
        return True
