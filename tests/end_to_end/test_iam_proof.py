"""Roles hold what function and job really do: what they ask for is allowed, and what is allowed they ask for.

The requests are those of these runs, faults included, as the emulator checks them against the roles' policies.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

import pytest

from local_aws.embedded import running
from local_aws.emulator import PROJECT
from tests.end_to_end.application import Application
from tests.end_to_end.test_repair import LONG_AGO, register

SAMPLE = (PROJECT / "samples" / "sample.csv").read_bytes()

BY_LAMBDA = "the Lambda service does it in the function's name"
BY_ECS = "ECS does it before the job's code runs, or with what the job prints"
IN_A_FAULT = "a part of the upload would have to fail; tests/functional has that"
BY_ANYONE = "any of the three functions may be the one that submits or closes an import"
BY_POWERTOOLS = "Powertools reads a record where DynamoDB does not send it along with the failed condition"
NO_SPEC = "S3 answers 404 for a spec that is not there, and not 403, only to who may list the bucket"
SEVERAL_PARTS = "a limit of rejects holds over all parts of an import; these have one"

# What no run here asks for, and why it is allowed all the same. Whatever is asked for one day must leave this list.
NOT_ASKED_FOR: dict[tuple[str, str], str] = {
    ("TriggerRole", "logs:CreateLogStream"): BY_LAMBDA,
    ("TriggerRole", "logs:PutLogEvents"): BY_LAMBDA,
    ("TrackerRole", "logs:CreateLogStream"): BY_LAMBDA,
    ("TrackerRole", "logs:PutLogEvents"): BY_LAMBDA,
    ("SweepRole", "logs:CreateLogStream"): BY_LAMBDA,
    ("SweepRole", "logs:PutLogEvents"): BY_LAMBDA,
    ("TriggerRole", "sqs:SendMessage"): BY_LAMBDA,
    ("TrackerRole", "sqs:SendMessage"): BY_LAMBDA,
    ("SweepRole", "sqs:SendMessage"): BY_LAMBDA,
    ("TriggerRole", "batch:DescribeJobs"): BY_ANYONE,
    ("TriggerRole", "events:PutEvents"): BY_ANYONE,
    ("TriggerRole", "s3:GetObject"): BY_ANYONE,
    ("TriggerRole", "s3:ListBucket"): BY_ANYONE,
    ("TriggerRole", "s3:PutObject"): BY_ANYONE,
    ("TrackerRole", "batch:DescribeJobs"): BY_ANYONE,
    ("TrackerRole", "batch:SubmitJob"): BY_ANYONE,
    ("TriggerRole", "s3:AbortMultipartUpload"): IN_A_FAULT,
    ("TrackerRole", "s3:AbortMultipartUpload"): IN_A_FAULT,
    ("SweepRole", "s3:AbortMultipartUpload"): IN_A_FAULT,
    ("TriggerRole", "dynamodb:GetItem"): BY_POWERTOOLS,
    ("JobRole", "s3:ListBucket"): NO_SPEC,
    ("JobRole", "dynamodb:Query"): SEVERAL_PARTS,
    ("ExecutionRole", "ecr:GetAuthorizationToken"): BY_ECS,
    ("ExecutionRole", "ecr:BatchCheckLayerAvailability"): BY_ECS,
    ("ExecutionRole", "ecr:BatchGetImage"): BY_ECS,
    ("ExecutionRole", "ecr:GetDownloadUrlForLayer"): BY_ECS,
    ("ExecutionRole", "logs:CreateLogStream"): BY_ECS,
    ("ExecutionRole", "logs:PutLogEvents"): BY_ECS,
}


@dataclass(frozen=True)
class Asked:
    """A checked request of a role."""

    role: str
    action: str
    resource: str
    allowed: bool


@dataclass(frozen=True)
class Granted:
    """One action on one pattern of resources that a role is allowed."""

    role: str
    action: str
    resource: str

    def covers(self, asked: Asked) -> bool:
        return (self.role, self.action) == (asked.role, asked.action) and fnmatchcase(
            asked.resource, self.resource
        )


@pytest.fixture(scope="module")
def lived(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Application]:
    """A deployment that has seen all that a life of imports brings."""
    with running(tmp_path_factory.mktemp("aws")) as aws:
        application = Application(aws)
        import_files(application)
        import_by_specs(application)
        hear_twice_and_fail(application)
        lose_events(application)
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
    """The modes that ask for other requests than a put, and a limit of rejects."""
    for mode in ("insert", "update"):
        application.aws.client("s3").put_object(
            Bucket=application.bucket,
            Key=f"{mode}/_import.yaml",
            Body=f"mode: {mode}\nmax_rejects: 5\n".encode(),
        )
        dropped = application.drop(f"{mode}/a.csv", b"ProductId,Name\ni1,a\ni2,b,c\n")
        assert application.closed(dropped.import_id).state == "DONE"


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


def lose_events(application: Application) -> None:
    """The trigger dies after it registered an import; a job's end is never told: the sweep does the rest."""
    with application.without_notifications():
        unsubmitted = application.drop("unsubmitted.csv", SAMPLE)
    register(application, unsubmitted)
    application.invoke("SweepFunctionName", {})
    application.closed(unsubmitted.import_id)
    events = application.aws.client("events")
    (rule,) = [r for r in events.list_rules()["Rules"] if "State Change" in r.get("EventPattern", "")]
    events.disable_rule(Name=rule["Name"])
    for content, state in ((b"ProductId,Name\nu,1\nv,2,3\n", "DONE"), (b"Sku,Name\n1,a\n", "FAILED")):
        with application.without_notifications():
            untold = application.drop("untold.csv", content)
        register(application, untold)
        application.invoke("SweepFunctionName", {})
        application.ended_jobs_of(untold.import_id)
        application.let_time_pass(untold, LONG_AGO)
        application.invoke("SweepFunctionName", {})
        assert application.import_of(untold.import_id).state == state
    events.enable_rule(Name=rule["Name"])


def logical_ids(application: Application) -> dict[str, str]:
    """The logical ids of the roles, by their names."""
    listed = application.aws.client("cloudformation").list_stack_resources(StackName="csv-to-dynamodb")
    return {
        one["PhysicalResourceId"]: one["LogicalResourceId"]
        for one in listed["StackResourceSummaries"]
        if one["ResourceType"] == "AWS::IAM::Role"
    }


@pytest.fixture(scope="module")
def asked(lived: Application) -> set[Asked]:
    names = logical_ids(lived)
    lines = (lived.aws.logs / "calls.jsonl").read_text(encoding="utf-8").splitlines()
    calls = [json.loads(line) for line in lines]
    return {Asked(names[one["role"]], one["action"], one["resource"], one["allowed"]) for one in calls}


@pytest.fixture(scope="module")
def granted(lived: Application) -> set[Granted]:
    iam = lived.aws.client("iam")
    return {
        Granted(role, action, resource)
        for name, role in logical_ids(lived).items()
        for policy in iam.list_role_policies(RoleName=name)["PolicyNames"]
        for statement in document(iam.get_role_policy(RoleName=name, PolicyName=policy))["Statement"]
        for action in listed(statement["Action"])
        for resource in listed(statement["Resource"])
    }


def document(policy: dict[str, Any]) -> dict[str, Any]:
    found = policy["PolicyDocument"]
    parsed: dict[str, Any] = json.loads(found) if isinstance(found, str) else found
    return parsed


def listed(value: Any) -> list[str]:
    return value if isinstance(value, list) else [value]


def test_nothing_that_is_asked_for_is_refused(asked: set[Asked]) -> None:
    assert {role for one in asked if (role := one.role)} == {
        "TriggerRole",
        "TrackerRole",
        "SweepRole",
        "JobRole",
    }
    assert not [one for one in asked if not one.allowed]


def test_whatever_is_allowed_is_asked_for_or_has_its_reason(asked: set[Asked], granted: set[Granted]) -> None:
    unused = {one for one in granted if not any(one.covers(call) for call in asked)}
    unexplained = {(one.role, one.action, one.resource) for one in unused} - {
        (one.role, one.action, one.resource) for one in unused if (one.role, one.action) in NOT_ASKED_FOR
    }
    assert not unexplained, "\n".join(" ".join(one) for one in sorted(unexplained))


def test_no_reason_is_left_over(asked: set[Asked], granted: set[Granted]) -> None:
    unused = {(one.role, one.action) for one in granted if not any(one.covers(call) for call in asked)}
    assert NOT_ASKED_FOR.keys() <= unused


def test_a_permission_too_many_would_be_found(asked: set[Asked]) -> None:
    extra = Granted("JobRole", "dynamodb:DeleteTable", "*")
    assert not any(extra.covers(call) for call in asked)


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
        refused = [one for one in map(json.loads, calls.read_text().splitlines()) if not one["allowed"]]
        assert {one["action"] for one in refused} == {"events:PutEvents"}
