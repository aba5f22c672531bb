"""Array jobs: a parent that does not run itself, and children that do."""

from collections import Counter
from dataclasses import replace

from local_aws.batch_jobs import ENDED, FAILED, RUNNABLE, SUCCEEDED, Job, ended


def children_of(parent: Job) -> list[Job]:
    """Make the children of an array's parent; their ids are `<parent>:<index>`."""
    return [
        replace(
            parent,
            job_id=f"{parent.job_id}:{index}",
            arn=f"{parent.arn}:{index}",
            status=RUNNABLE,
            size=None,
            index=index,
        )
        for index in range(parent.size or 0)
    ]


def summed_up(parent: Job, *, before: str | None, after: str, at: int) -> Job:
    """Bring an array's parent up to date where a child went from one status to another.

    A parent is PENDING while children can still run (docs.aws.amazon.com/batch/latest/APIReference/API_ListJobs.html),
    and FAILED once all have ended and one of them failed.
    """
    counts = Counter(parent.children)
    counts[after] += 1
    if before:
        counts[before] -= 1
    parent = replace(parent, children=dict(counts), children_at=at)
    if sum(counts[status] for status in ENDED) < (parent.size or 0):
        return parent
    if counts[FAILED]:
        return ended(parent, FAILED, reason="Array Child Job failed", at=at)
    return ended(parent, SUCCEEDED, reason="", at=at)
