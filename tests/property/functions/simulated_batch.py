"""AWS Batch with jobs that are the job's own ledger code: what a child does next, and how it ends, a test decides."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from csv_import.accounting.counters import Counters
from csv_import.accounting.lease import SAFE_SHARE
from csv_import.accounting.ledger import LeaseHeld, Ledger, PartKey
from csv_import.accounting.segments import Checkpoint
from csv_import.errors import LeaseLost
from csv_import.rejects import Location
from ledger_items import from_wire, import_key, to_wire
from tests.dynamodb_in_memory import InMemoryDynamoDB

LEASE_S = 60.0
RECORDS = 3
"""Records of a part, each a segment of its own."""
PARTS_OF_A_PLAN = 2

RUNNABLE, RUNNING, SUCCEEDED, FAILED = "RUNNABLE", "RUNNING", "SUCCEEDED", "FAILED"


@dataclass(eq=False)
class Attempt:
    """A process: it may live on though Batch thinks that it is dead."""

    child: "Child"
    part: PartKey
    owner: str
    record: int
    asked_at: datetime
    lives: bool = True

    @property
    def may_write_until(self) -> datetime:
        """By its own clock, as `accounting.lease` has it."""
        return self.asked_at + timedelta(seconds=LEASE_S * SAFE_SHARE)


@dataclass(eq=False)
class Child:
    """A plain job, or one of an array."""

    job_id: str
    request: dict[str, Any]
    index: int
    most_attempts: int
    status: str = RUNNABLE
    attempts: int = 0
    attempt: Attempt | None = None

    def attempt_ends(self, *, for_good: bool = False) -> None:
        """Let Batch see the end of an attempt that did not succeed."""
        self.attempt = None
        self.status = FAILED if for_good or self.attempts >= self.most_attempts else RUNNABLE

    def succeeds(self) -> None:
        self.attempt, self.status = None, SUCCEEDED


@dataclass
class SimulatedBatch:
    """Takes submissions; children begin, come on and end by the calls of a test."""

    dynamodb: InMemoryDynamoDB
    clock: Callable[[], datetime]
    most_attempts: int
    children: dict[str, list[Child]] = field(default_factory=dict)
    attempts: list[Attempt] = field(default_factory=list)
    terminated: set[str] = field(default_factory=set)
    finished: list[PartKey] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.ledger = Ledger(self.dynamodb, "ledger", self.clock)

    # what the functions call

    def submit_job(self, **request: Any) -> dict[str, Any]:
        job_id = f"job-{len(self.children) + 1}"
        size = request.get("arrayProperties", {}).get("size", 1)
        self.children[job_id] = [Child(job_id, request, index, self.most_attempts) for index in range(size)]
        return {"jobId": job_id}

    def describe_jobs(self, *, jobs: list[str]) -> dict[str, Any]:
        return {"jobs": [self.detail(job_id) for job_id in jobs]}

    def detail(self, job_id: str) -> dict[str, Any]:
        """Tell of a job as DescribeJobs does."""
        children = self.children[job_id]
        statuses = [child.status for child in children]
        if FAILED in statuses:
            status = FAILED  # an array's parent may be FAILED while other children run
        elif set(statuses) == {SUCCEEDED}:
            status = SUCCEEDED
        else:
            status = RUNNING
        summary = {each: statuses.count(each) for each in (RUNNABLE, RUNNING, SUCCEEDED, FAILED)}
        arrays = (
            {"arrayProperties": {"size": len(children), "statusSummary": summary}}
            if len(children) > 1
            else {}
        )
        parameters = children[0].request["parameters"]
        stopped = job_id in self.terminated
        return {
            "jobId": job_id,
            "status": status,
            "parameters": parameters,
            "isTerminated": stopped,
            **arrays,
        }

    # what a test calls

    def ended(self) -> list[str]:
        return [
            job_id
            for job_id, children in self.children.items()
            if all(child.status in (SUCCEEDED, FAILED) for child in children)
        ]

    def waiting(self) -> list[Child]:
        return [child for each in self.children.values() for child in each if child.status == RUNNABLE]

    def at_work(self) -> list[Attempt]:
        return [attempt for attempt in self.attempts if attempt.lives]

    def begin(self, child: Child, *, plan_fails: bool = False) -> None:
        """Start an attempt: claim, and take the part; what loses the claim ends well."""
        told = child.request["parameters"]
        child.attempts += 1
        if told["stage"] == "plan":
            self._plan(child, told["import_id"], int(told["run"]), fails=plan_fails)
            return
        import_id, run = told["import_id"], int(told["run"])
        claim = self.ledger.claim(import_id, run, child.job_id, int(told["submission"]))
        number = None if claim is None else self._entry(import_id, claim.parts, child.index)
        if number is None:
            child.succeeds()
            return
        part, owner = PartKey(import_id, run, number), f"{child.job_id}:{child.index}#{child.attempts}"
        asked_at = self.clock()
        try:
            taken = self.ledger.take_part(part, owner=owner, attempt=child.attempts, lease_s=LEASE_S)
        except LeaseHeld:
            child.attempts -= 1  # it waits for the lease of another one to run out
            return
        if taken is None:
            child.succeeds()
            return
        child.status = RUNNING
        child.attempt = Attempt(child, part, owner, taken.reached.at.record, asked_at)
        self.attempts.append(child.attempt)

    def comes_on(self, attempt: Attempt) -> None:
        """Settle a record and prolong the lease."""
        record = min(attempt.record + 1, RECORDS + 1)
        asked_at = self.clock()
        if self._tells(attempt, lambda: self.ledger.renew(**_told(attempt, record), lease_s=LEASE_S)):
            attempt.record, attempt.asked_at = record, asked_at

    def finishes(self, attempt: Attempt) -> None:
        """Write the rest, as far as the lease lets it, and say so."""
        if self.clock() >= attempt.may_write_until:
            self._ends(attempt)
        elif self._tells(attempt, lambda: self.ledger.finish(**_told(attempt, RECORDS + 1))):
            self.finished.append(attempt.part)
            attempt.lives = False
            if attempt.child.attempt is attempt:
                attempt.child.succeeds()

    def gives_up(self, attempt: Attempt, status: str) -> None:
        """End with a verdict (FAILED), or with a hope for the next attempt (RUNNING)."""
        error = {"code": "bad" if status == FAILED else "interrupted", "message": "", "exit_code": 65}
        if self._tells(
            attempt, lambda: self.ledger.give_up(**_told(attempt, attempt.record), status=status, error=error)
        ):
            self._ends(attempt, for_good=status == FAILED)

    def dies(self, attempt: Attempt) -> None:
        """End at once, without a word."""
        self._ends(attempt)

    def is_thought_dead(self, attempt: Attempt) -> None:
        """Batch has lost sight of it; it does not know."""
        if attempt.child.attempt is attempt:
            attempt.child.attempt_ends()

    def terminate(self, job_id: str) -> None:
        """Somebody ends a job by hand."""
        self.terminated.add(job_id)
        for child in self.children[job_id]:
            if child.attempt is not None:
                child.attempt.lives = False
            if child.status in (RUNNABLE, RUNNING):
                child.attempt_ends(for_good=True)

    def _tells(self, attempt: Attempt, tell: Callable[[], None]) -> bool:
        try:
            tell()
        except LeaseLost:
            self._ends(attempt)
            return False
        return True

    def _ends(self, attempt: Attempt, *, for_good: bool = False) -> None:
        attempt.lives = False
        if attempt.child.attempt is attempt:
            attempt.child.attempt_ends(for_good=for_good)

    def _entry(self, import_id: str, parts: int, index: int) -> int | None:
        """The part of a child, by the work list."""
        item = from_wire(self.dynamodb.get_item(Key=to_wire(import_key(import_id)))["Item"])
        work = list(map(int, item.get("work", range(parts))))
        return work[index] if index < len(work) else None

    def _plan(self, child: Child, import_id: str, run: int, *, fails: bool) -> None:
        """The stage `plan`, by the conditions of docs/contracts.md."""
        claimed = self._write(
            import_id,
            "SET plan_job = :job",
            "#state = :planning AND #run = :run AND (attribute_not_exists(plan_job) OR plan_job = :job)",
            {":job": child.job_id, ":planning": "PLANNING", ":run": run},
        )
        if not claimed:
            child.succeeds()
            return
        if fails:
            child.attempt_ends()
            return
        for part in range(PARTS_OF_A_PLAN):
            key = PartKey(import_id, run, part).key()
            item = {**key, "import_id": import_id, "run": run, "part": part, "status": "PLANNED"}
            self.dynamodb.put_item(Item=to_wire(item))
        self._write(
            import_id,
            "SET #plan = :plan",
            "plan_job = :job AND #run = :run",
            {":job": child.job_id, ":run": run, ":plan": {"run": run, "parts": PARTS_OF_A_PLAN}},
        )
        child.succeeds()

    def _write(self, import_id: str, update: str, condition: str, values: dict[str, Any]) -> bool:
        from botocore.exceptions import ClientError

        try:
            self.dynamodb.update_item(
                Key=to_wire(import_key(import_id)),
                UpdateExpression=update,
                ConditionExpression=condition,
                ExpressionAttributeNames={"#state": "state", "#run": "run", "#plan": "plan"},
                ExpressionAttributeValues=to_wire(values),
            )
        except ClientError:
            return False
        return True


def _told(attempt: Attempt, record: int) -> dict[str, Any]:
    """What an attempt writes: so many rows are settled."""
    settled = record - 1
    at = Location(line=record, record=record, offset=settled)
    return {
        "part": attempt.part,
        "owner": attempt.owner,
        "counters": Counters(rows_read=settled, rows_written=settled),
        "checkpoint": Checkpoint(settled, at, "state" if settled else None),
    }
