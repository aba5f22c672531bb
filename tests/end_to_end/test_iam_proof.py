"""Roles hold what function and job really do: what they ask for is allowed, and what is allowed they ask for.

The requests are those of these runs, faults included, as the emulator checks them against the roles' policies.
"""

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from local_aws.deployment import deploy
from local_aws.embedded import STACK, empty, running
from local_aws.emulator import PROJECT
from teardown.inventory import Inventory, take_inventory
from tests.end_to_end.application import Application, eventually
from tests.end_to_end.grants import (
    FUNCTIONS,
    IMAGE,
    KEY,
    NOT_ASKED_FOR,
    OTHERS,
    PATTERNS,
    Asked,
    Granted,
    Names,
    too_wide,
    unused,
)
from tests.end_to_end.test_repair import LONG_AGO
from tests.policies import listed

SAMPLE = (PROJECT / "samples" / "sample.csv").read_bytes()


@pytest.fixture(scope="module")
def lived(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Application]:
    """A deployment with all that a policy depends on, that has seen all that a life of imports brings."""
    with empty(tmp_path_factory.mktemp("aws")) as aws:
        key = aws.client("kms").create_key()["KeyMetadata"]["Arn"]
        table = aws.client("dynamodb").create_table(
            TableName=OTHERS,
            BillingMode="PAY_PER_REQUEST",
            AttributeDefinitions=[{"AttributeName": "ProductId", "AttributeType": "S"}],
            KeySchema=[{"AttributeName": "ProductId", "KeyType": "HASH"}],
        )["TableDescription"]["TableArn"]
        outputs = deploy(
            aws.client("cloudformation"),
            stack=STACK,
            template_url=aws.package(),
            parameters={"ImageUri": IMAGE, "AllowedTables": table, "KmsKeyArn": key},
        )
        application = Application(replace(aws, outputs=outputs))
        import_files(application)
        import_by_specs(application)
        hear_twice_and_fail(application)
        lose_a_job(application)
        lose_events(application)
        hear_of_the_newest_alone(application)
        yield application


def import_files(application: Application) -> None:
    """A good file, bad rows, more rejects than one upload part takes, a bad file."""
    rows = b"".join(b"k%d,x,%s\n" % (number, b"y" * 1000) for number in range(9000))
    for key, content in {
        "good.csv": SAMPLE,
        "bad-rows.csv": b"ProductId,Name\na,1\nb,2,3\n",
        "many-rejects.csv": b"ProductId,Name\n" + rows,
        "bad-file.csv": b"Sku,Name\n1,a\n",
    }.items():
        application.closed(application.drop(key, content).import_id)


def import_by_specs(application: Application) -> None:
    """The modes that ask for other requests than a put, another table, and a limit of rejects."""
    for mode in ("put", "insert", "update"):
        for table in (application.aws.outputs["ItemsTableName"], OTHERS):
            folder = f"{mode}-{table}"
            application.aws.client("s3").put_object(
                Bucket=application.bucket,
                Key=f"{folder}/_import.yaml",
                Body=f"mode: {mode}\ntable: {table}\nmax_rejects: 5\n".encode(),
            )
            dropped = application.drop(f"{folder}/a.csv", b"ProductId,Name\ni1,a\ni2,b,c\n")
            assert application.closed(dropped.import_id).state == "DONE"


def lose_a_job(application: Application) -> None:
    """Somebody terminates a job that runs."""
    application.aws.client("s3").put_object(
        Bucket=application.bucket, Key="slow/_import.yaml", Body=b"write_budget: 1\n"
    )
    rows = b"ProductId,Name\n" + b"".join(b"s%d,x\n" % number for number in range(1000))
    dropped = application.drop("slow/a.csv", rows)
    job = application.running_job_of(dropped.import_id)
    application.aws.client("batch").terminate_job(jobId=job["jobId"], reason="to see what becomes of it")
    assert application.closed(dropped.import_id).state in ("FAILED", "CANCELLED")


def hear_twice_and_fail(application: Application) -> None:
    """An event again, once it is forgotten, and one whose handling fails and is handled later."""
    dropped = application.drop("again.csv", SAMPLE)
    application.closed(dropped.import_id)
    application.invoke("TriggerFunctionName", application.event(dropped))
    with application.without_notifications():
        failing = application.drop("failing.csv", SAMPLE)
    event = application.event(failing)
    broken = json.loads(json.dumps(event))
    ledger = application.ledger.table
    application.aws.client("dynamodb").put_item(
        TableName=ledger, Item={"pk": {"S": f"import#{failing.import_id}"}, "sk": {"S": "import"}}
    )
    answer = application.aws.client("lambda").invoke(
        FunctionName=application.aws.outputs["TriggerFunctionName"], Payload=json.dumps(broken).encode()
    )
    assert "FunctionError" in answer, "what stands in the ledger is no import"
    application.aws.client("dynamodb").delete_item(
        TableName=ledger, Key={"pk": {"S": f"import#{failing.import_id}"}, "sk": {"S": "import"}}
    )
    application.invoke("TriggerFunctionName", event)
    application.closed(failing.import_id)


def hear_of_the_newest_alone(application: Application) -> None:
    """Two versions of a key, and the event of the second: the first goes ahead, who closes it begins the other."""
    with application.without_notifications():
        dropped = [application.drop("versions.csv", SAMPLE) for _ in range(2)]
    application.invoke("TriggerFunctionName", application.event(dropped[1]))
    for one in dropped:
        assert application.closed(one.import_id).state == "DONE"


def lose_events(application: Application) -> None:
    """The trigger dies after it registered an import; a job's end is never told: the sweep does the rest."""
    with application.without_notifications():
        unsubmitted = application.drop("unsubmitted.csv", SAMPLE)
    application.register(unsubmitted, LONG_AGO)
    application.invoke("SweepFunctionName", {})
    application.closed(unsubmitted.import_id)
    events = application.aws.client("events")
    (rule,) = [r for r in events.list_rules()["Rules"] if "State Change" in r.get("EventPattern", "")]
    events.disable_rule(Name=rule["Name"])
    for content, state in ((b"ProductId,Name\nu,1\nv,2,3\n", "DONE"), (b"Sku,Name\n1,a\n", "FAILED")):
        with application.without_notifications():
            untold = application.drop("untold.csv", content)
        application.register(untold, LONG_AGO)
        application.invoke("SweepFunctionName", {})
        application.ended_jobs_of(untold.import_id)
        application.let_time_pass(untold, LONG_AGO)
        application.invoke("SweepFunctionName", {})
        assert application.import_of(untold.import_id).state == state
    events.enable_rule(Name=rule["Name"])


@pytest.fixture(scope="module")
def inventory(lived: Application) -> Inventory:
    return take_inventory(lived.aws.client, STACK)


@pytest.fixture(scope="module")
def roles(inventory: Inventory) -> dict[str, str]:
    """The logical ids of the roles, by their names."""
    return {one.physical_id: one.logical_id for one in inventory.resources if one.type == "AWS::IAM::Role"}


@pytest.fixture(scope="module")
def names(inventory: Inventory) -> Names:
    """Log groups, tables, buckets and so on; a queue by its name, a definition by its name without a revision."""
    found = {one.physical_id: f"{{{one.logical_id}}}" for one in inventory.resources if one.physical_id}
    for url in inventory.of_type("AWS::SQS::Queue"):
        found[url.rpartition("/")[2]] = "{DeadLetters}"
    for arn in inventory.of_type("AWS::Batch::JobDefinition"):
        name = found.pop(arn)
        found[arn.rpartition("/")[2].partition(":")[0]] = name
    found[inventory.parameters["KmsKeyArn"]] = KEY
    return Names(found)


@pytest.fixture(scope="module")
def asked(lived: Application, roles: dict[str, str], names: Names) -> set[Asked]:
    lines = (lived.aws.logs / "calls.jsonl").read_text(encoding="utf-8").splitlines()
    return {
        Asked(roles[one["role"]], one["action"], names.put_into(one["resource"]), one["allowed"])
        for one in map(json.loads, lines)
    }


@pytest.fixture(scope="module")
def granted(lived: Application, roles: dict[str, str], names: Names) -> set[Granted]:
    iam = lived.aws.client("iam")
    return {
        Granted(role, action, names.put_into(resource))
        for name, role in roles.items()
        for policy in iam.list_role_policies(RoleName=name)["PolicyNames"]
        for statement in document(iam.get_role_policy(RoleName=name, PolicyName=policy))["Statement"]
        for action in listed(statement["Action"])
        for resource in listed(statement["Resource"])
    }


def document(policy: dict[str, Any]) -> dict[str, Any]:
    found = policy["PolicyDocument"]
    parsed: dict[str, Any] = json.loads(found) if isinstance(found, str) else found
    return parsed


def test_nothing_that_is_asked_for_is_refused(asked: set[Asked]) -> None:
    assert {one.role for one in asked} == {*FUNCTIONS, "JobRole"}
    assert not [one for one in asked if not one.allowed]


def test_every_request_is_covered_by_what_the_policies_say(asked: set[Asked], granted: set[Granted]) -> None:
    """The emulator says that they are; so does a reading of the documents that owes it nothing."""
    uncovered = [one for one in asked if not any(grant.covers(one) for grant in granted)]
    assert not [one for one in uncovered if one.action != "sts:GetCallerIdentity"]


def test_whatever_is_allowed_is_asked_for_or_has_its_reason(asked: set[Asked], granted: set[Granted]) -> None:
    unexplained = unused(granted, asked) - NOT_ASKED_FOR.keys()
    assert not unexplained, "\n".join(" ".join(one) for one in sorted(unexplained))


def test_no_reason_is_left_over(asked: set[Asked], granted: set[Granted]) -> None:
    assert not NOT_ASKED_FOR.keys() - unused(granted, asked)
    assert not PATTERNS.keys() - {one.resource for one in granted}


def test_every_resource_is_as_narrow_as_can_be(granted: set[Granted]) -> None:
    assert not too_wide(granted)


@pytest.mark.parametrize(
    "extra",
    [
        pytest.param(("JobRole", "dynamodb:DeleteTable", "*"), id="an action"),
        pytest.param(
            ("TriggerRole", "s3:GetObject", "arn:aws:s3:::{InputBucket}/*"), id="another's resource"
        ),
        pytest.param(
            ("JobRole", "dynamodb:Query", "arn:aws:dynamodb:REGION:ACCOUNT:table/{ItemsTable}"), id="a table"
        ),
    ],
)
def test_a_permission_too_many_would_be_found(
    asked: set[Asked], granted: set[Granted], extra: tuple[str, str, str]
) -> None:
    assert unused(granted | {Granted(*extra)}, asked) - NOT_ASKED_FOR.keys() == {extra}


@pytest.mark.parametrize(
    ("role", "action", "resource"),
    [
        ("JobRole", "s3:PutObject", "arn:aws:s3:::{ArtifactsBucket}/*"),
        ("JobRole", "dynamodb:BatchWriteItem", "arn:aws:dynamodb:REGION:ACCOUNT:table/*"),
        ("SweepRole", "dynamodb:Query", "arn:aws:dynamodb:REGION:ACCOUNT:table/{LedgerTable}/index/*"),
        ("TriggerRole", "batch:SubmitJob", "*"),
    ],
)
def test_a_resource_too_wide_would_be_found(
    granted: set[Granted], asked: set[Asked], role: str, action: str, resource: str
) -> None:
    """Though it covers what is asked for, as a reading of actions alone would have it."""
    wide = Granted(role, action, resource)
    assert any(wide.covers(one) for one in asked)
    assert too_wide(granted | {wide}) == {wide}


def test_a_permission_too_few_is_found(tmp_path: Path) -> None:
    """Without one action, the run shows a request that was refused."""
    for name in ("functions", "batch-template.yaml"):
        (tmp_path / name).symlink_to(PROJECT / name)
    whole = (PROJECT / "template.yaml").read_text(encoding="utf-8")
    piece = "            Action: events:PutEvents\n"
    assert piece in whole
    (tmp_path / "template.yaml").write_text(whole.replace(piece, "            Action: events:ListRules\n"))
    with running(tmp_path / "run", template=tmp_path / "template.yaml") as aws:
        application = Application(aws)
        application.closed(application.drop("a.csv", SAMPLE).import_id)
        calls = aws.logs / "calls.jsonl"

        def refused() -> set[str]:
            told = map(json.loads, calls.read_text().splitlines())
            return {one["action"] for one in told if not one["allowed"]}

        eventually(refused)  # the event is put after the import is closed
        assert refused() == {"events:PutEvents"}
