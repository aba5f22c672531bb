"""What goes and what stays when a deployment is removed, pure: an inventory and a wish → a plan."""

from collections.abc import Iterator
from dataclasses import dataclass

from teardown.errors import StackRefusedError
from teardown.inventory import Inventory


@dataclass(frozen=True, kw_only=True)
class Plan:
    """What goes, and what stays with the reason why."""

    rules: tuple[str, ...]
    """They are disabled first, with the buckets' notifications and the queues: nothing starts a job any more."""
    queues: tuple[str, ...]
    """Their jobs are ended next, for they would go on writing."""
    buckets: tuple[str, ...]
    tables: tuple[str, ...]
    job_definitions: tuple[str, ...]
    """ARNs of the current revisions, or names; updates leave revisions before them, and so would the stack."""
    repository: str | None
    repository_stays: bool
    """Whether the repository is only emptied, for another stack made it."""
    stack: str
    stack_id: str
    kept: tuple[tuple[str, str], ...]
    """What stays, and why or how it goes."""

    def lines(self) -> list[str]:
        """Describe the plan for a person."""
        goes = [f"stack {self.stack}, with its functions, roles, network, queue, alarms and logs"]
        goes += [f"all jobs in queue {_last(queue)}" for queue in self.queues]
        goes += [f"bucket {bucket}, with every version of every object" for bucket in self.buckets]
        goes += [f"table {table}" for table in self.tables]
        goes += [f"all revisions of job definition {_last(arn)}" for arn in self.job_definitions]
        if self.repository:
            images = f"all images in repository {self.repository}"
            goes.append(images if self.repository_stays else f"{images}, and the repository")
        return [
            "This goes, for good:",
            *(f"  - {line}" for line in goes),
            "This stays:",
            *(f"  - {what}: {why}" for what, why in self.kept),
        ]


def plan_removal(inventory: Inventory, *, rows_too: bool) -> Plan:
    """Decide what goes; tables of rows do only where `rows_too`, protected ones never.

    Raises `StackRefusedError` where a table is protected that the stack cannot go without.
    """
    _refuse_what_cloudformation_would(inventory)
    kept_tables = dict(_kept_tables(inventory, rows_too=rows_too))
    tables = [*inventory.of_type("AWS::DynamoDB::Table"), *inventory.left_behind]
    return Plan(
        rules=tuple(inventory.of_type("AWS::Events::Rule")),
        queues=tuple(inventory.of_type("AWS::Batch::JobQueue")),
        buckets=tuple(inventory.of_type("AWS::S3::Bucket")),
        stack=inventory.stack,
        stack_id=inventory.stack_id,
        tables=tuple(table for table in tables if table not in kept_tables),
        job_definitions=tuple(inventory.of_type("AWS::Batch::JobDefinition")),
        repository=None if inventory.users_of_image else inventory.repository,
        repository_stays=inventory.owner_of_repository is not None,
        kept=(
            *((f"table {table}", why) for table, why in kept_tables.items()),
            *_kept_with_the_image(inventory),
            *_kept_for_others(inventory),
        ),
    )


def _refuse_what_cloudformation_would(inventory: Inventory) -> None:
    """Refuse where the stack's own deletion would stop at a table that outlives no stack."""
    records = inventory.physical_id("IdempotencyTable")
    if records in inventory.protected:
        raise StackRefusedError(
            f"table {records} is protected from deletion, and the stack cannot go without it: allow it with"
            f" `{_unprotect(records)}`"
        )


def _kept_tables(inventory: Inventory, *, rows_too: bool) -> Iterator[tuple[str, str]]:
    given = inventory.parameters.get("ExistingTableName")
    rows = [inventory.physical_id("ItemsTable"), *inventory.left_behind]
    if given:
        yield given, "it was there before"
    for table in [*inventory.of_type("AWS::DynamoDB::Table"), *inventory.left_behind]:
        if table == given:
            continue
        if table in inventory.protected:
            yield table, _remedy(table)
        elif table in rows and not rows_too:
            old = (
                ", from before its key or ExistingTableName changed" if table in inventory.left_behind else ""
            )
            yield table, f"it holds your rows{old}; `make destroy ROWS=delete` deletes it too"


def _remedy(table: str) -> str:
    return (
        "it is protected from deletion; deploy with DeletionProtection=false before, or delete it afterwards with"
        f" `{_unprotect(table)}` and `aws dynamodb delete-table --table-name {table}`"
    )


def _unprotect(table: str) -> str:
    return f"aws dynamodb update-table --no-deletion-protection-enabled --table-name {table}"


def _kept_with_the_image(inventory: Inventory) -> Iterator[tuple[str, str]]:
    repository, owner = inventory.repository, inventory.owner_of_repository
    if inventory.users_of_image:
        yield f"repository {repository}", f"its images are used by {', '.join(inventory.users_of_image)}"
    elif repository is None:
        image = inventory.parameters.get("ImageUri", "")
        yield f"image {image}", "its repository is not of this account and region"
    elif owner:
        yield f"repository {repository}, emptied", f"stack {owner} made it, and deletes it"


def _kept_for_others(inventory: Inventory) -> Iterator[tuple[str, str]]:
    given = inventory.parameters
    for name, what, why in (
        ("AllowedTables", "table", "it was there before"),
        ("KmsKeyArn", "key", "it is yours; what it encrypted elsewhere needs it"),
        ("VpcId", "network", "it is yours"),
        ("AccessLogBucketName", "bucket", "it is yours; it holds the access logs"),
    ):
        yield from ((f"{what} {one}", why) for one in given.get(name, "").split(",") if one)
    yield "system backups of deleted tables", "DynamoDB keeps the last state of each for 35 days"
    yield (
        "the bucket of the SAM command line",
        "all applications of the account share it; functions and templates of this one stay in it, under its s3_prefix",
    )
    yield "service-linked roles of Batch, ECS and Spot", "all of the account share them, at no cost"


def _last(arn: str) -> str:
    return arn.rpartition("/")[2]
