"""What roles are granted, what they ask for, and the reasons for what a run of imports does not show."""

from collections.abc import Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase

from local_aws import environments

FUNCTIONS = ("TriggerRole", "TrackerRole", "SweepRole")
OTHERS = "others"
IMAGE = f"{environments.ACCOUNT}.dkr.ecr.{environments.REGION}.amazonaws.com/team/csv-import:1"

BY_LAMBDA = "the Lambda service does it in the function's name"
BY_ECS = "ECS does it before the job's code runs, or with what the job prints"
BY_SERVICES = "S3, DynamoDB, SQS and Lambda ask KMS in the caller's name"
IN_A_FAULT = "a part of the upload would have to fail; tests/functional has that"
AFTER_A_DAY = "no job here waits for as long as CancelAfterSeconds; tests/functional has that"
BY_ANYONE = "any of the three functions may be the one that submits or closes an import"
BY_POWERTOOLS = "Powertools reads a record where DynamoDB does not send it along with the failed condition"
NO_SPEC = "S3 answers 404 for a spec that is not there, and not 403, only to who may list the bucket"
NO_LARGE_FILE = "a plan is for files that are larger than those of these runs"
SEVERAL_PARTS = "a limit of rejects holds over all parts of an import; these have one"

ARTIFACTS = "arn:aws:s3:::{ArtifactsBucket}/imports/*"
KEY = "{Key}"

# What no run here asks for, and why it is allowed all the same. Whatever is asked for one day must leave this list.
GOING_ON = "an attempt that goes on from a checkpoint of another one reads what that one left"
NOT_ASKED_FOR: dict[tuple[str, str, str], str] = {
    **{
        (
            f"{name}Role",
            f"logs:{action}",
            f"arn:aws:logs:REGION:ACCOUNT:log-group:{{{name}LogGroup}}:*",
        ): BY_LAMBDA
        for name in ("Trigger", "Tracker", "Sweep")
        for action in ("CreateLogStream", "PutLogEvents")
    },
    **{
        (role, "sqs:SendMessage", "arn:aws:sqs:REGION:ACCOUNT:{DeadLetters}"): BY_LAMBDA for role in FUNCTIONS
    },
    **{(role, "s3:AbortMultipartUpload", ARTIFACTS): IN_A_FAULT for role in FUNCTIONS},
    ("SweepRole", "batch:CancelJob", "arn:aws:batch:REGION:ACCOUNT:job/*"): AFTER_A_DAY,
    ("TriggerRole", "batch:DescribeJobs", "*"): BY_ANYONE,
    ("TriggerRole", "events:PutEvents", "arn:aws:events:REGION:ACCOUNT:event-bus/default"): BY_ANYONE,
    ("TriggerRole", "s3:GetObject", ARTIFACTS): BY_ANYONE,
    ("TriggerRole", "s3:ListBucket", "arn:aws:s3:::{ArtifactsBucket}"): BY_ANYONE,
    ("TriggerRole", "s3:PutObject", ARTIFACTS): BY_ANYONE,
    **{
        (
            role,
            "batch:SubmitJob",
            "arn:aws:batch:REGION:ACCOUNT:job-definition/{PlanJobDefinition}:*",
        ): NO_LARGE_FILE
        for role in FUNCTIONS
    },
    (
        "TriggerRole",
        "dynamodb:GetItem",
        "arn:aws:dynamodb:REGION:ACCOUNT:table/{IdempotencyTable}",
    ): BY_POWERTOOLS,
    ("JobRole", "s3:ListBucket", "arn:aws:s3:::{InputBucket}"): NO_SPEC,
    ("JobRole", "s3:GetObject", ARTIFACTS): GOING_ON,
    ("JobRole", "dynamodb:Query", "arn:aws:dynamodb:REGION:ACCOUNT:table/{LedgerTable}"): SEVERAL_PARTS,
    ("ExecutionRole", "ecr:GetAuthorizationToken", "*"): BY_ECS,
    **{
        ("ExecutionRole", f"ecr:{action}", f"arn:aws:ecr:REGION:ACCOUNT:repository/{name}"): BY_ECS
        for action in ("BatchCheckLayerAvailability", "BatchGetImage", "GetDownloadUrlForLayer")
        for name in ("team", "team/*")
    },
    **{
        ("ExecutionRole", f"logs:{action}", "arn:aws:logs:REGION:ACCOUNT:log-group:{JobLogGroup}:*"): BY_ECS
        for action in ("CreateLogStream", "PutLogEvents")
    },
    **{
        (role, f"kms:{action}", KEY): BY_SERVICES
        for role in (*FUNCTIONS, "JobRole")
        for action in ("Decrypt", "DescribeKey", "Encrypt", "GenerateDataKey")
    },
}

# Patterns of resources, and why they are no narrower. Every other resource is one that has just this name.
PATTERNS: dict[str, str] = {
    "*": "these actions know no resource",
    "arn:aws:s3:::{InputBucket}/*": "files are dropped under any key",
    ARTIFACTS: "whoever advances or loads an import writes under its id, and anyone may get any import",
    **{
        f"arn:aws:batch:REGION:ACCOUNT:job-definition/{{{name}}}:*": "an update must not stop what is under way"
        for name in ("PlanJobDefinition", "LoadJobDefinition")
    },
    "arn:aws:batch:REGION:ACCOUNT:job/*": "a job's ARN has its id alone, which tells nothing of whose it is",
    "arn:aws:ecr:REGION:ACCOUNT:repository/team/*": "the folder of the image's repository",
    **{
        f"arn:aws:logs:REGION:ACCOUNT:log-group:{{{name}}}:*": "the streams of one log group"
        for name in ("TriggerLogGroup", "TrackerLogGroup", "SweepLogGroup", "JobLogGroup")
    },
}
KNOW_NO_RESOURCE = {"batch:DescribeJobs", "ecr:GetAuthorizationToken"}


@dataclass(frozen=True)
class Asked:
    """A checked request of a role."""

    role: str
    action: str
    resource: str
    allowed: bool


@dataclass(frozen=True, order=True)
class Granted:
    """One action on one pattern of resources that a role is allowed."""

    role: str
    action: str
    resource: str

    def covers(self, asked: Asked) -> bool:
        return (self.role, self.action) == (asked.role, asked.action) and fnmatchcase(
            asked.resource, self.resource
        )


@dataclass(frozen=True)
class Names:
    """What stands in ARNs for the resources of a deployment: their logical ids."""

    by_physical_id: Mapping[str, str]

    def put_into(self, arn: str) -> str:
        for name in sorted(self.by_physical_id, key=len, reverse=True):
            arn = arn.replace(name, self.by_physical_id[name])
        return arn.replace(environments.REGION, "REGION").replace(environments.ACCOUNT, "ACCOUNT")


def unused(granted: set[Granted], asked: set[Asked]) -> set[tuple[str, str, str]]:
    """What is allowed and was never asked for, neither here nor on the list."""
    never = {one for one in granted if not any(one.covers(call) for call in asked)}
    return {(one.role, one.action, one.resource) for one in never}


def too_wide(granted: set[Granted]) -> set[Granted]:
    """What is allowed on a pattern without a reason, or on everything where the action knows a resource."""
    return {
        one
        for one in granted
        if ("*" in one.resource or "?" in one.resource)
        and (one.resource not in PATTERNS or (one.resource == "*" and one.action not in KNOW_NO_RESOURCE))
    }
