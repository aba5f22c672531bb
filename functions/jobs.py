"""AWS Batch jobs: submitting one, and what became of it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from itertools import islice
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from errors import SubmissionRefusedError

if TYPE_CHECKING:
    from mypy_boto3_batch import BatchClient
    from mypy_boto3_batch.type_defs import SubmitJobRequestTypeDef

SUCCEEDED = "SUCCEEDED"
FAILED = "FAILED"
LOST = "LOST"
"""Not a status of Batch: it has no record of the job (it forgets jobs some days after their end)."""

_AT_WORK = ("STARTING", "RUNNING")
_MOST_AT_ONCE = 100
"""DescribeJobs takes no more."""
_REFUSALS = ("ClientException", "AccessDeniedException")


@dataclass(frozen=True, kw_only=True)
class Job:
    """A job's status as Batch tells it; an array's parent stands for all its children."""

    job_id: str
    status: str
    reason: str = ""
    exit_code: int | None = None
    stopped: bool | None = None
    """Whether somebody ended the job by hand; None where that is not told, as in events."""

    @property
    def finished(self) -> bool:
        """Tell whether the job will do nothing more."""
        return self.status in (SUCCEEDED, FAILED, LOST)

    def __str__(self) -> str:
        """Describe the job's end in a line."""
        code = "" if self.exit_code is None else f", exit code {self.exit_code}"
        return f"job {self.job_id} is {self.status}{code}{self.reason and f': {self.reason}'}"


@dataclass(frozen=True)
class Jobs:
    """The jobs of AWS Batch."""

    client: "BatchClient"

    def submit(self, request: "SubmitJobRequestTypeDef") -> str:
        """Submit a job and give its id.

        Raises `SubmissionRefusedError` where asking again is of no use before somebody mends something,
        and botocore's own errors where it is.
        """
        try:
            return self.client.submit_job(**request)["jobId"]
        except ClientError as error:
            if error.response["Error"]["Code"] not in _REFUSALS:
                raise
            raise SubmissionRefusedError(
                import_id=request["parameters"]["import_id"],
                job_queue=request["jobQueue"],
                job_definition=request["jobDefinition"],
                answer=f"{error.response['Error']['Code']}: {error.response['Error'].get('Message', '')}",
            ) from error

    def describe(self, job_id: str) -> Job:
        """Ask for one job; its status is `LOST` if Batch does not know it."""
        found = self.client.describe_jobs(jobs=[job_id])["jobs"]
        if not found:
            return Job(job_id=job_id, status=LOST, stopped=False)
        job = read_job(found[0])
        return replace(job, stopped=bool(job.stopped))

    def any_at_work(self, job_ids: Iterable[str]) -> bool:
        """Tell whether one of these jobs, or a child of one, has a machine."""
        rest = iter(job_ids)
        while some := list(islice(rest, _MOST_AT_ONCE)):
            if any(_is_at_work(detail) for detail in self.client.describe_jobs(jobs=some)["jobs"]):
                return True
        return False

    def cancel(self, job_id: str, *, reason: str) -> None:
        """Cancel a job that has not begun; one that has is left alone."""
        self.client.cancel_job(jobId=job_id, reason=reason)


def read_job(detail: Mapping[str, Any]) -> Job:
    """Read what DescribeJobs and the detail of a `Batch Job State Change` event have in common.

    An array's parent can be FAILED while children still run: it then counts as running.
    """
    status = detail["status"]
    if _children_at_work(detail):
        status = "RUNNING"
    containers = list(_containers(detail))
    codes = [c["exitCode"] for c in containers if c.get("exitCode") is not None]
    reasons = [detail.get("statusReason"), *(c.get("reason") for c in containers)]
    return Job(
        job_id=detail["jobId"],
        status=status,
        reason="; ".join(dict.fromkeys(reason for reason in reasons if reason)),
        exit_code=int(codes[0]) if codes else None,
        stopped=_stopped(detail),
    )


def _stopped(detail: Mapping[str, Any]) -> bool | None:
    """Read what DescribeJobs tells of TerminateJob and CancelJob."""
    told = [detail[name] for name in ("isTerminated", "isCancelled") if name in detail]
    return any(told) if told else None


def _is_at_work(detail: Mapping[str, Any]) -> bool:
    summary = (detail.get("arrayProperties") or {}).get("statusSummary") or {}
    return detail["status"] in _AT_WORK or any(summary.get(status) for status in _AT_WORK)


def _children_at_work(detail: Mapping[str, Any]) -> bool:
    summary = (detail.get("arrayProperties") or {}).get("statusSummary") or {}
    return any(count for status, count in summary.items() if status not in (SUCCEEDED, FAILED))


def _containers(detail: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """Give the places where the last attempt's exit code may stand: they differ by the kind of definition."""
    last: Mapping[str, Any] = (detail.get("attempts") or [{}])[-1]
    tasks = last.get("taskProperties") or []
    return [
        *(container for task in tasks for container in task.get("containers") or []),
        last.get("container") or {},
        detail.get("container") or {},
    ]
