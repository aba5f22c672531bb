"""A Batch job as a value: made from definition and submission, moved on by what happens to it, shown as AWS does."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from local_aws.batch_containers import container_of, environment, substituted, task_of
from local_aws.batch_retries import End

PENDING = "PENDING"
RUNNABLE = "RUNNABLE"
STARTING = "STARTING"
RUNNING = "RUNNING"
SUCCEEDED = "SUCCEEDED"
FAILED = "FAILED"
STATUSES = ("SUBMITTED", PENDING, RUNNABLE, STARTING, RUNNING, SUCCEEDED, FAILED)
ENDED = (SUCCEEDED, FAILED)

DEFAULT_STOP_TIMEOUT_S = 30
"""What ECS gives a process between SIGTERM and SIGKILL where nothing else is said."""

TASK_EXITED = "Essential container in task exited"
"""The status reason of every attempt whose process ended by itself, well or badly."""


@dataclass(frozen=True, kw_only=True)
class Job:
    """A plain job, the parent of an array (`size`) or one of its children (`index`); times in epoch milliseconds.

    `children` is how many of a parent's children have which status, `children_at` when that last changed.

    `queue`, `compute_environment` and `definition` are ARNs. `container` is the definition's container with the
    submission's overrides, `task` what stands around it in `ecsProperties`, if the definition has them.
    """

    job_id: str
    arn: str
    name: str
    queue: str
    compute_environment: str
    definition: str
    created_at: int
    parameters: Mapping[str, str] = field(default_factory=dict)
    container: Mapping[str, Any] = field(default_factory=dict)
    task: Mapping[str, Any] | None = None
    retry_strategy: Mapping[str, Any] = field(default_factory=dict)
    timeout: Mapping[str, Any] = field(default_factory=dict)
    platform_capabilities: tuple[str, ...] = ()
    propagate_tags: bool = False
    status: str = RUNNABLE
    status_reason: str = ""
    attempts: tuple[Mapping[str, Any], ...] = ()
    started_at: int | None = None
    stopped_at: int | None = None
    size: int | None = None
    index: int | None = None
    children: Mapping[str, int] = field(default_factory=dict)
    children_at: int | None = None
    is_cancelled: bool = False
    is_terminated: bool = False

    @property
    def ended(self) -> bool:
        """Tell whether the job is SUCCEEDED or FAILED."""
        return self.status in ENDED

    @property
    def parent_id(self) -> str:
        """Give the id of the array's parent; of a plain job its own."""
        return self.job_id.partition(":")[0]

    @property
    def file_name(self) -> str:
        """Give the id as part of a file's name."""
        return self.job_id.replace(":", "-")

    @property
    def timeout_s(self) -> float | None:
        """Give the longest time of one attempt, in seconds."""
        seconds = self.timeout.get("attemptDurationSeconds")
        return None if seconds is None else float(seconds)

    @property
    def role(self) -> str | None:
        """Give the ARN of the role that the job's code runs with."""
        return self.container.get("jobRoleArn") if self.task is None else self.task.get("taskRoleArn")

    @property
    def stop_timeout_s(self) -> float:
        """Give how long the process has between SIGTERM and SIGKILL, in seconds."""
        return float(self.container.get("stopTimeout") or DEFAULT_STOP_TIMEOUT_S)

    def command(self) -> list[str]:
        """Give the words that follow the image's entry point."""
        return substituted(self.container.get("command") or (), self.parameters)

    def environment(self) -> dict[str, str]:
        """Give the variables of the next attempt that definition, submission and Batch set."""
        return environment(
            self.container,
            job_id=self.job_id,
            attempt=len(self.attempts) + 1,
            queue=self.queue,
            compute_environment=self.compute_environment,
            index=self.index,
        )

    def describe(self) -> dict[str, Any]:
        """Show the job as DescribeJobs and the detail of a `Batch Job State Change` event do."""
        shown: dict[str, Any] = {
            "jobArn": self.arn,
            "jobName": self.name,
            "jobId": self.job_id,
            "jobQueue": self.queue,
            "status": self.status,
            "attempts": [dict(attempt) for attempt in self.attempts],
            "createdAt": self.created_at,
            "retryStrategy": dict(self.retry_strategy),
            "dependsOn": [],
            "jobDefinition": self.definition,
            "parameters": dict(self.parameters),
            "timeout": dict(self.timeout),
            "tags": {},
            "propagateTags": self.propagate_tags,
            "platformCapabilities": list(self.platform_capabilities),
        }
        optional = {
            "statusReason": self.status_reason or None,
            "startedAt": self.started_at,
            "stoppedAt": self.stopped_at,
            "arrayProperties": self._array_properties(),
            "isCancelled": self.is_cancelled or None,
            "isTerminated": self.is_terminated or None,
        }
        return shown | self._described() | {n: value for n, value in optional.items() if value is not None}

    def _described(self) -> dict[str, Any]:
        """Show definition and last end of the container, at the place where its kind of definition has them."""
        if self.task is None:
            ended = self.attempts[-1]["container"] if self.attempts else {}
            return {"container": {**self.container, **ended}}
        ended = self.attempts[-1]["taskProperties"][0]["containers"][0] if self.attempts else {}
        task = {**self.task, "containers": [{**self.container, **ended}]}
        return {"ecsProperties": {"taskProperties": [task]}}

    def _array_properties(self) -> dict[str, Any] | None:
        if self.index is not None:
            return {"index": self.index}
        if self.size is not None:
            return {
                "size": self.size,
                "statusSummary": {status: self.children.get(status, 0) for status in STATUSES},
                "statusSummaryLastUpdatedAt": self.children_at or self.created_at,
            }
        return None


def submitted(
    request: Mapping[str, Any],
    definition: Mapping[str, Any],
    *,
    job_id: str,
    arn: str,
    queue: str,
    compute_environment: str,
    created_at: int,
) -> Job:
    """Make the job that a SubmitJob request asks for: what the request says goes before the definition."""
    size = (request.get("arrayProperties") or {}).get("size")
    return Job(
        job_id=job_id,
        arn=arn,
        name=request["jobName"],
        queue=queue,
        compute_environment=compute_environment,
        definition=definition["jobDefinitionArn"],
        created_at=created_at,
        parameters={**(definition.get("parameters") or {}), **(request.get("parameters") or {})},
        container=container_of(definition, request),
        task=task_of(definition),
        retry_strategy=request.get("retryStrategy") or definition.get("retryStrategy") or {"attempts": 1},
        timeout=request.get("timeout") or definition.get("timeout") or {},
        platform_capabilities=tuple(definition.get("platformCapabilities") or ()),
        propagate_tags=bool(request.get("propagateTags", definition.get("propagateTags", False))),
        status=RUNNABLE if size is None else PENDING,
        size=size,
    )


def running(job: Job, *, at: int) -> Job:
    """Move a job whose process has begun."""
    return replace(job, status=RUNNING, started_at=at, stopped_at=None, status_reason="")


def attempted(job: Job, end: End, *, log: str, at: int) -> Job:
    """Write down how an attempt ended; the status stays for others to decide."""
    container: dict[str, Any] = {"logStreamName": log, "networkInterfaces": []}
    if end.exit_code is not None:
        container["exitCode"] = end.exit_code
    if end.reason:
        container["reason"] = end.reason
    place: dict[str, Any] = (
        {"container": container}
        if job.task is None
        else {"taskProperties": [{"containers": [{"name": job.container["name"], **container}]}]}
    )
    attempt = {
        **place,
        "startedAt": job.started_at or at,
        "stoppedAt": at,
        "statusReason": end.status_reason,
    }
    return replace(job, attempts=(*job.attempts, attempt), status_reason=end.status_reason)


def ended(job: Job, status: str, *, reason: str, at: int) -> Job:
    """Move a job that does nothing more."""
    return replace(job, status=status, status_reason=reason, stopped_at=at)
