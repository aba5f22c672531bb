from typing import Any

import pytest

from teardown.errors import StackRefusedError
from teardown.inventory import Inventory, Resource
from teardown.plan import plan_removal

IMAGE = "123456789012.dkr.ecr.eu-central-1.amazonaws.com/team/csv-import:1"
RESOURCES = (
    Resource(logical_id="InputBucket", type="AWS::S3::Bucket", physical_id="input"),
    Resource(logical_id="ArtifactsBucket", type="AWS::S3::Bucket", physical_id="artifacts"),
    Resource(logical_id="ItemsTable", type="AWS::DynamoDB::Table", physical_id="items"),
    Resource(logical_id="LedgerTable", type="AWS::DynamoDB::Table", physical_id="ledger"),
    Resource(logical_id="IdempotencyTable", type="AWS::DynamoDB::Table", physical_id="records"),
    Resource(logical_id="SweepFunctionEveryFiveMinutes", type="AWS::Events::Rule", physical_id="schedule"),
    Resource(
        logical_id="FargateQueue", type="AWS::Batch::JobQueue", physical_id="arn:aws:batch:r:a:job-queue/q"
    ),
    Resource(
        logical_id="LoadJobDefinition",
        type="AWS::Batch::JobDefinition",
        physical_id="arn:aws:batch:r:a:job-definition/load:7",
    ),
)


def inventory(**changes: Any) -> Inventory:
    values: dict[str, Any] = {
        "stack": "mine",
        "stack_id": "arn:stack/mine/1",
        "account": "123456789012",
        "region": "eu-central-1",
        "resources": RESOURCES,
        "parameters": {"ImageUri": IMAGE},
    }
    return Inventory(**(values | changes))


def kept(**changes: Any) -> str:
    return "\n".join(
        f"{what}: {why}" for what, why in plan_removal(inventory(**changes), rows_too=False).kept
    )


def test_all_goes_but_the_rows() -> None:
    plan = plan_removal(inventory(), rows_too=False)
    assert plan.buckets == ("input", "artifacts")
    assert plan.tables == ("ledger", "records")
    assert plan.rules == ("schedule",)
    assert plan.queues == ("arn:aws:batch:r:a:job-queue/q",)
    assert plan.job_definitions == ("arn:aws:batch:r:a:job-definition/load:7",)
    assert (plan.repository, plan.repository_stays) == ("team/csv-import", False)
    assert "table items: it holds your rows" in kept()


def test_the_rows_go_when_that_is_said() -> None:
    plan = plan_removal(inventory(), rows_too=True)
    assert plan.tables == ("items", "ledger", "records")
    assert not [what for what, _ in plan.kept if "items" in what]


def test_images_that_others_use_stay() -> None:
    assert plan_removal(inventory(users_of_image=("theirs",)), rows_too=False).repository is None
    assert "repository team/csv-import: its images are used by theirs" in kept(users_of_image=("theirs",))


@pytest.mark.parametrize(
    "image",
    [
        "public.ecr.aws/team/csv-import:1",
        IMAGE.replace("123456789012", "210987654321"),
        IMAGE.replace("eu-central-1", "us-east-1"),
        "csv-import:local",
        "",
    ],
)
def test_a_repository_elsewhere_stays(image: str) -> None:
    parameters = {"ImageUri": image}
    assert plan_removal(inventory(parameters=parameters), rows_too=False).repository is None
    assert f"image {image}" in kept(parameters=parameters)


@pytest.mark.parametrize("image", [IMAGE, IMAGE.replace(":1", "@sha256:0123"), IMAGE.replace(":1", "")])
def test_a_repository_is_found_by_tag_and_by_digest(image: str) -> None:
    assert inventory(parameters={"ImageUri": image}).repository == "team/csv-import"


@pytest.mark.parametrize(
    ("parameter", "value", "words"),
    [
        ("ExistingTableName", "orders", "table orders: it was there before"),
        ("KmsKeyArn", "arn:key", "key arn:key: it is yours"),
        ("VpcId", "vpc-1", "network vpc-1: it is yours"),
        ("AllowedTables", "arn:a,arn:b", "table arn:b: it was there before"),
        ("AccessLogBucketName", "logs", "bucket logs: it is yours"),
    ],
)
def test_what_was_given_stays_and_is_named(parameter: str, value: str, words: str) -> None:
    assert words in kept(parameters={"ImageUri": IMAGE, parameter: value})
    assert words not in kept()


def test_a_person_is_told_of_everything() -> None:
    text = "\n".join(plan_removal(inventory(), rows_too=False).lines())
    for name in ("mine", "input", "artifacts", "ledger", "items", "q", "load", "team/csv-import"):
        assert name in text
    goes, _, stays = text.partition("This stays:")
    assert "items" not in goes
    assert "items" in stays


@pytest.mark.parametrize("rows_too", [False, True])
def test_what_is_protected_stays_and_is_named_with_the_remedy(rows_too: bool) -> None:
    plan = plan_removal(
        inventory(protected=frozenset({"items", "ledger", "older"}), left_behind=("older",)),
        rows_too=rows_too,
    )
    assert plan.tables == ("records",)
    for table in ("items", "ledger", "older"):
        [why] = [why for what, why in plan.kept if what == f"table {table}"]
        assert "protected" in why
        assert "DeletionProtection=false" in why
        assert f"aws dynamodb update-table --no-deletion-protection-enabled --table-name {table}" in why
        assert f"aws dynamodb delete-table --table-name {table}" in why


def test_protection_that_would_stop_cloudformation_half_way_is_told_before() -> None:
    with pytest.raises(StackRefusedError, match=r"table records is protected.*--table-name records"):
        plan_removal(inventory(protected=frozenset({"records"})), rows_too=True)


def test_an_older_table_of_rows_stays_or_goes_with_the_rows() -> None:
    left = {"left_behind": ("older",)}
    assert "table older: it holds your rows, from before its key or ExistingTableName changed" in kept(**left)
    assert "older" in plan_removal(inventory(**left), rows_too=True).tables


def test_a_table_that_was_left_behind_and_is_given_now_is_yours() -> None:
    changes = {"left_behind": ("older",), "protected": frozenset({"older"})}
    given = inventory(parameters={"ImageUri": IMAGE, "ExistingTableName": "older"}, **changes)
    plan = plan_removal(given, rows_too=True)
    assert "older" not in plan.tables
    assert ("table older", "it was there before") in plan.kept


def test_a_repository_of_another_stack_is_emptied_and_stays() -> None:
    plan = plan_removal(inventory(owner_of_repository="pipeline"), rows_too=False)
    assert (plan.repository, plan.repository_stays) == ("team/csv-import", True)
    assert "  - all images in repository team/csv-import" in plan.lines()
    assert "repository team/csv-import, emptied: stack pipeline made it" in kept(
        owner_of_repository="pipeline"
    )
