"""What goes and what stays when a deployment is removed, pure: an inventory and a wish → a plan."""

from dataclasses import dataclass

from teardown.inventory import Inventory


@dataclass(frozen=True, kw_only=True)
class Plan:
    """What goes, in the order of its fields, and what stays with the reason why."""

    queues: tuple[str, ...]
    """Their jobs are ended first, for they would go on writing."""
    buckets: tuple[str, ...]
    tables: tuple[str, ...]
    job_definitions: tuple[str, ...]
    """ARNs of the current revisions; updates leave those before them, and so would the stack."""
    repository: str | None
    stack: str
    stack_id: str
    kept: tuple[tuple[str, str], ...]
    """What stays, and why or how it goes."""

    def lines(self) -> list[str]:
        """Describe the plan for a person."""
        goes = [f"stack {self.stack}, with its functions, roles, network, queue, alarms and logs"]
        goes += [f"all jobs in queue {_last(queue)}" for queue in self.queues]
        goes += [f"bucket {bucket}, with every version of every object" for bucket in self.buckets]
        goes += [f"table {table}, whether or not it is protected from deletion" for table in self.tables]
        goes += [f"all revisions of job definition {_last(arn)}" for arn in self.job_definitions]
        goes += [f"repository {self.repository}, with its images"] if self.repository else []
        return [
            "This goes, for good:",
            *(f"  - {line}" for line in goes),
            "This stays:",
            *(f"  - {what}: {why}" for what, why in self.kept),
        ]


def plan_removal(inventory: Inventory, *, rows_too: bool) -> Plan:
    """Decide what goes; the table of rows does only where `rows_too`."""
    items = inventory.physical_id("ItemsTable")
    tables = [table for table in inventory.of_type("AWS::DynamoDB::Table") if rows_too or table != items]
    return Plan(
        queues=tuple(inventory.of_type("AWS::Batch::JobQueue")),
        buckets=tuple(inventory.of_type("AWS::S3::Bucket")),
        stack=inventory.stack,
        stack_id=inventory.stack_id,
        tables=tuple(tables),
        job_definitions=tuple(inventory.of_type("AWS::Batch::JobDefinition")),
        repository=None if inventory.users_of_image else inventory.repository,
        kept=tuple(_kept(inventory, items=None if rows_too else items)),
    )


def _kept(inventory: Inventory, *, items: str | None) -> list[tuple[str, str]]:
    given = inventory.parameters
    kept = []
    if items:
        kept.append((f"table {items}", "it holds your rows; `make destroy ROWS=delete` deletes it too"))
    if existing := given.get("ExistingTableName"):
        kept.append((f"table {existing}", "it was there before"))
    if key := given.get("KmsKeyArn"):
        kept.append((f"key {key}", "it is yours; what it encrypted elsewhere needs it"))
    if vpc := given.get("VpcId"):
        kept.append((f"network {vpc}", "it is yours"))
    if inventory.users_of_image:
        users = ", ".join(inventory.users_of_image)
        kept.append((f"repository {inventory.repository}", f"its images are used by {users}"))
    elif inventory.repository is None:
        kept.append(
            (f"image {given.get('ImageUri', '')}", "its repository is not of this account and region")
        )
    kept.append(("system backups of deleted tables", "DynamoDB keeps the last state of each for 35 days"))
    kept.append(("the bucket of the SAM command line", "all applications of the account share it"))
    kept.append(("service-linked roles of Batch, ECS and Spot", "all of the account share them, at no cost"))
    return kept


def _last(arn: str) -> str:
    return arn.rpartition("/")[2]
