"""Waits for what a scheduler tells of its jobs; each is an interpreter that runs a line of code."""

import queue
from typing import Any

from local_aws.batch_jobs import Job

Changes = queue.Queue[Job]

WAIT_S = 30


def definition(code: str, **more: Any) -> dict[str, Any]:
    return {"containerProperties": {"image": "i", "command": [code], **more}}


def until_ended(changes: Changes, *job_ids: str, every: bool = False) -> list[Job]:
    """Take the changes of these jobs (or of every job) until they have ended; of the job `j` if none is named."""
    waiting, seen = set(job_ids or ["j"]), []
    named = set(waiting)
    while waiting:
        job = changes.get(timeout=WAIT_S)
        if every or job.job_id in named:
            seen.append(job)
        if job.ended:
            waiting.discard(job.job_id)
    return seen


def next_running(changes: Changes) -> str:
    """Wait for the next job that runs; gives its id."""
    while (job := changes.get(timeout=WAIT_S)).status != "RUNNING":
        pass
    return job.job_id
