"""AWS Batch's calls about definitions and jobs, in place of the emulator's own; runs in the emulator.

Compute environments, queues and their Describe calls stay the emulator's; definitions are written into its tables.
"""

import json
import re
import time
from collections.abc import Callable, Mapping
from typing import Any

from ministack.core.responses import error_response_json, new_uuid
from ministack.services import batch, eventbridge

from local_aws import batch_jobs
from local_aws.batch_jobs import Job
from local_aws.batch_listing import listed
from local_aws.batch_process import LOSSES
from local_aws.batch_refusals import RefusedError
from local_aws.batch_scheduler import Platform, Scheduler

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,127}")
_ARRAY_SIZES = range(2, 10_001)
_MOST_DESCRIBED = 100

Request = Mapping[str, Any]
Answer = tuple[int, dict[str, str], bytes]


def install(platform: Platform) -> None:
    """Put the calls in place of the emulator's."""
    scheduler = Scheduler(platform, on_change=_tell)
    calls: dict[str, Callable[[Request], Request]] = {
        "registerjobdefinition": register_definition,
        "deregisterjobdefinition": deregister_definition,
        "updatejobqueue": update_queue,
        "submitjob": lambda request: submit_job(request, scheduler),
        "describejobs": lambda request: describe_jobs(request, scheduler),
        "listjobs": lambda request: listed(scheduler.jobs(), request),
        "canceljob": lambda request: _end_job(request, scheduler, running_too=False),
        "terminatejob": lambda request: _end_job(request, scheduler, running_too=True),
        "losemachine": lambda request: lose_machine(request, scheduler),
    }
    batch._DISPATCH.update({f"/v1/{name}": _answering(call) for name, call in calls.items()})


def register_definition(request: Request) -> Request:
    """RegisterJobDefinition: a new revision, numbered from 1 for each name."""
    name = _named(request, "jobDefinitionName")
    revisions = batch._job_definitions.setdefault(name, [])
    revision = len(revisions) + 1
    made = {
        "jobDefinitionName": name,
        "jobDefinitionArn": batch._jd_arn(name, revision),
        "revision": revision,
    }
    revisions.append({"status": "ACTIVE", "type": "container", "tags": {}, **request, **made})
    return made


def deregister_definition(request: Request) -> Request:
    """DeregisterJobDefinition: the revision takes no jobs any more."""
    find_definition(request["jobDefinition"])["status"] = "INACTIVE"
    return {}


def find_definition(reference: str) -> dict[str, Any]:
    """Find a definition by its ARN, `name:revision`, or name (then the newest that is active)."""
    name, _, revision = reference.rpartition("/")[2].partition(":")
    active = [one for one in batch._job_definitions.get(name) or () if one["status"] == "ACTIVE"]
    found = [one for one in active if not revision or str(one["revision"]) == revision]
    if not found:
        raise RefusedError(f"JobDefinition {reference} does not exist or is not active")
    newest: dict[str, Any] = found[-1]
    return newest


def update_queue(request: Request) -> Request:
    """UpdateJobQueue; a queue that is DISABLED takes no jobs, and those in it run on."""
    queue = _find_queue(request["jobQueue"])
    queue.update({name: request[name] for name in ("state", "priority") if name in request})
    return {"jobQueueName": queue["jobQueueName"], "jobQueueArn": queue["jobQueueArn"]}


def submit_job(request: Request, scheduler: Scheduler) -> Request:
    """SubmitJob. `dependsOn` is refused: nothing here needs it yet, and it must not be ignored."""
    _named(request, "jobName")
    if request.get("dependsOn"):
        raise RefusedError("the embedded AWS Batch knows no dependsOn")
    size = (request.get("arrayProperties") or {}).get("size")
    if size is not None and size not in _ARRAY_SIZES:
        raise RefusedError("arrayProperties.size must be from 2 to 10000")
    queue = _find_queue(request["jobQueue"])
    if queue.get("state") == "DISABLED":
        raise RefusedError(f"Job queue {request['jobQueue']} is not ENABLED")
    job_id = new_uuid()
    job = batch_jobs.submitted(
        request,
        find_definition(request["jobDefinition"]),
        job_id=job_id,
        arn=batch._job_arn(job_id),
        queue=queue["jobQueueArn"],
        compute_environment=(queue.get("computeEnvironmentOrder") or [{}])[0].get("computeEnvironment", ""),
        created_at=time.time_ns() // 1_000_000,
    )
    scheduler.submit(job)
    return {"jobArn": job.arn, "jobName": job.name, "jobId": job_id}


def describe_jobs(request: Request, scheduler: Scheduler) -> Request:
    """DescribeJobs; what is not known is left out."""
    ids = request.get("jobs") or []
    if len(ids) > _MOST_DESCRIBED:
        raise RefusedError(f"Maximum number of jobs supported is {_MOST_DESCRIBED}")
    found = [scheduler.find(job_id) for job_id in ids]
    return {"jobs": [job.describe() for job in found if job is not None]}


def lose_machine(request: Request, scheduler: Scheduler) -> Request:
    """Let a running job lose its machine, as `HOST_LOST` or `SPOT_RECLAIMED`; AWS has no such call, only such days."""
    job_id, loss = request["jobId"], LOSSES.get(request["loss"])
    if loss is None:
        raise RefusedError(f"loss must be one of {', '.join(LOSSES)}")
    if not scheduler.lose(job_id, loss):
        raise RefusedError(f"job {job_id} does not run")
    return {}


def _end_job(request: Request, scheduler: Scheduler, *, running_too: bool) -> Request:
    if scheduler.find(request["jobId"]) is None:
        raise RefusedError(f"job {request['jobId']} does not exist")
    scheduler.end(request["jobId"], reason=request["reason"], running_too=running_too)
    return {}


def _find_queue(reference: str) -> dict[str, Any]:
    queue: dict[str, Any] | None = batch._job_queues.get(reference.rpartition("/")[2])
    if queue is None:
        raise RefusedError(f"Invalid job queue identifier: {reference}")
    return queue


def _named(request: Request, field: str) -> str:
    name = str(request.get(field) or "")
    if not _NAME.fullmatch(name):
        raise RefusedError(f"{field} must be 1 to 128 letters, digits, hyphens or underscores, not {name!r}")
    return name


def _tell(job: Job) -> None:
    """Publish a job's new status as an event."""
    event = {
        "Source": "aws.batch",
        "DetailType": "Batch Job State Change",
        "Resources": [job.arn],
        "Detail": json.dumps(job.describe()),
    }
    eventbridge._put_events({"Entries": [event]}, allow_aws_source=True)


def _answering(call: Callable[[Request], Request]) -> Callable[[Request], Answer]:
    def answer(request: Request) -> Answer:
        try:
            return 200, {"Content-Type": "application/json"}, json.dumps(call(request)).encode()
        except RefusedError as error:
            refused: Answer = error_response_json("ClientException", str(error), 400)
            return refused

    return answer
