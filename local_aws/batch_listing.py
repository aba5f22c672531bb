"""ListJobs of AWS Batch, pure: which jobs it lists, in which order, page by page.

See docs.aws.amazon.com/batch/latest/APIReference/API_ListJobs.html.
"""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from local_aws.batch_jobs import RUNNING, Job
from local_aws.batch_refusals import RefusedError

MOST_A_PAGE = 1000
MOST_A_FILTERED_PAGE = 100

_PLACES = ("jobQueue", "arrayJobId", "multiNodeJobId")
_FIELDS = (
    *("jobArn", "jobId", "jobName", "jobDefinition", "createdAt", "startedAt", "stoppedAt"),
    *("status", "statusReason", "arrayProperties", "isCancelled", "isTerminated"),
)

Request = Mapping[str, Any]
Takes = Callable[[Job], bool]


def listed(jobs: Iterable[Job], request: Request) -> dict[str, Any]:
    """Give a page of jobs: of a queue all but children, of an array its children; those that run if nothing is said.

    Raises `RefusedError`.
    """
    filters = request.get("filters") or []
    takes = [_of_place(request)]
    takes += [_of_filter(filters)] if filters else [_of_status(request.get("jobStatus") or RUNNING)]
    found = sorted((job for job in jobs if all(take(job) for take in takes)), key=_newest_first)
    most = MOST_A_FILTERED_PAGE if filters else MOST_A_PAGE
    return _page(
        found, size=min(int(request.get("maxResults") or most), most), token=request.get("nextToken")
    )


def _of_place(request: Request) -> Takes:
    given = [name for name in _PLACES if request.get(name)]
    if len(given) != 1:
        raise RefusedError(f"exactly one of {', '.join(_PLACES)} must be given")
    if given == ["jobQueue"]:
        queue = str(request["jobQueue"]).rpartition("/")[2]
        return lambda job: job.index is None and job.queue.rpartition("/")[2] == queue
    if given == ["arrayJobId"]:
        parent = request["arrayJobId"]
        return lambda job: job.index is not None and job.parent_id == parent
    raise RefusedError("the embedded AWS Batch has no multi-node jobs")


def _of_status(status: str) -> Takes:
    return lambda job: job.status == status


def _of_filter(filters: Iterable[Mapping[str, Any]]) -> Takes:
    """Take what one filter takes: more than one is not allowed."""
    (one, *more) = filters
    if more:
        raise RefusedError("only one filter can be used at a time")
    values = [str(value).lower() for value in one.get("values") or ()]
    if one.get("name") != "JOB_NAME":
        raise RefusedError(f"the embedded AWS Batch knows the filter JOB_NAME only, not {one.get('name')}")
    return lambda job: any(_fits(value, job.name.lower()) for value in values)


def _fits(pattern: str, text: str) -> bool:
    return text.startswith(pattern[:-1]) if pattern.endswith("*") else text == pattern


def _newest_first(job: Job) -> tuple[int, str, int]:
    return (-job.created_at, job.parent_id, job.index or 0)


def _page(found: list[Job], *, size: int, token: str | None) -> dict[str, Any]:
    """Cut a page; the token says where the page before ended, so what came or went since moves nothing."""
    after = _place_of(token) if token else None
    rest = [job for job in found if after is None or _newest_first(job) > after]
    page = rest[:size]
    answer: dict[str, Any] = {"jobSummaryList": [_summary(job) for job in page]}
    if len(rest) > size:
        answer["nextToken"] = "/".join(map(str, _newest_first(page[-1])))
    return answer


def _place_of(token: str) -> tuple[int, str, int]:
    try:
        created, parent_id, index = token.split("/")
        return int(created), parent_id, int(index)
    except ValueError:
        raise RefusedError(f"nextToken {token!r} is none of ours") from None


def _summary(job: Job) -> dict[str, Any]:
    shown = job.describe()
    container = {
        name: shown["container"][name]
        for name in ("exitCode", "reason")
        if name in (shown.get("container") or {})
    }
    return {name: shown[name] for name in _FIELDS if name in shown} | (
        {"container": container} if container else {}
    )
