"""What moto does not do as AWS does: Batch, EventBridge, Lambda's context, and a process that dies."""

import json
from collections.abc import Callable
from typing import Any

from botocore.exceptions import ClientError

Item = dict[str, Any]


class Killed(BaseException):
    """The function's process ends here, whatever it was doing."""


class FakeContext:
    """What an emulator gives a handler, and no more."""

    function_name = "function"
    memory_limit_in_mb = 128
    invoked_function_arn = "arn:aws:lambda:eu-central-1:123456789012:function:function"
    aws_request_id = "request"

    def __init__(self, remaining_ms: Callable[[], int] = lambda: 60_000) -> None:
        self.get_remaining_time_in_millis = remaining_ms


class FakeBatch:
    """Records what is submitted and runs nothing; a test says what becomes of a job."""

    def __init__(self) -> None:
        self.requests: list[Item] = []
        self.jobs: dict[str, Item] = {}
        self.described: list[str] = []
        self.before_submit: Callable[[Item], None] = lambda _: None
        self.after_submit: Callable[[Item], None] = lambda _: None

    def submit_job(self, **request: Any) -> Item:
        self.before_submit(request)
        self.requests.append(request)
        job_id = f"job-{len(self.requests)}"
        self.jobs[job_id] = {
            "jobId": job_id,
            "jobName": request["jobName"],
            "parameters": request["parameters"],
            "status": "RUNNABLE",
        }
        self.after_submit(request)
        return {"jobId": job_id, "jobName": request["jobName"]}

    def describe_jobs(self, *, jobs: list[str]) -> Item:
        self.described += jobs
        return {"jobs": [self.jobs[job] for job in jobs if job in self.jobs]}

    def cancel_job(self, *, jobId: str, reason: str) -> Item:  # noqa: N803
        if self.jobs[jobId]["status"] in ("SUBMITTED", "PENDING", "RUNNABLE"):
            self.jobs[jobId] |= {"status": "FAILED", "statusReason": reason, "isCancelled": True}
        return {}

    def refuse(self, code: str) -> None:
        """Answer the next submissions with an error of this code."""

        def raise_error(_: Item) -> None:
            raise ClientError({"Error": {"Code": code, "Message": "not today"}}, "SubmitJob")

        self.before_submit = raise_error

    def kill(self, when: str) -> None:
        """End the submitting process `before` or `after` the next submission reaches Batch."""

        def die(_: Item) -> None:
            self.recover()
            raise Killed

        setattr(self, f"{when}_submit", die)

    def recover(self) -> None:
        """Answer as usual again."""
        self.before_submit = self.after_submit = lambda _: None


class FakeEvents:
    """Keeps the events that are put; a test may have it refuse them."""

    def __init__(self) -> None:
        self.details: list[Item] = []
        self.refuses = False

    def put_events(self, **request: Any) -> Item:
        if self.refuses:
            refused = {"ErrorCode": "InternalFailure", "ErrorMessage": "not today"}
            return {"FailedEntryCount": 1, "Entries": [refused]}
        for entry in request["Entries"]:
            assert (entry["Source"], entry["DetailType"]) == ("csv-to-dynamodb", "CSV Import Closed")
            self.details.append(json.loads(entry["Detail"]))
        return {"FailedEntryCount": 0, "Entries": [{"EventId": "1"} for _ in request["Entries"]]}
