"""An import → the arguments of SubmitJob, and back from a job to its import."""

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from imports import Import, State
from settings import Settings

if TYPE_CHECKING:
    from mypy_boto3_batch.type_defs import SubmitJobRequestTypeDef

PLAN = "plan"
LOAD = "load"

_JOB_NAME = re.compile(r"(?:plan|load)-(?P<import_id>[a-z0-9-]+-[0-9a-f]{20})-r[0-9]+")


def next_job(import_: Import, settings: Settings) -> "SubmitJobRequestTypeDef":
    """Give the arguments of SubmitJob for the stage that an import is in, PLANNING or LOADING.

    The job name has at most 128 characters of `[A-Za-z0-9_-]`
    (docs.aws.amazon.com/batch/latest/APIReference/API_SubmitJob.html): an import id fits, a key would not.
    An array has 2 to 10,000 children, so a single part is a plain job.
    """
    plans = import_.state is State.PLANNING
    stage = PLAN if plans else LOAD
    parameters = {"import_id": import_.import_id, "stage": stage, "run": str(import_.run)}
    request: SubmitJobRequestTypeDef = {
        "jobName": f"{stage}-{import_.import_id}-r{import_.run}",
        "jobQueue": settings.job_queue,
        "jobDefinition": settings.plan_job_definition if plans else settings.load_job_definition,
        "parameters": parameters,
    }
    if plans:
        return request
    parameters["submission"] = str(import_.submissions)
    if (size := len(import_.work_list)) > 1:
        request["arrayProperties"] = {"size": size}
    return request


def import_of_job(detail: Mapping[str, Any]) -> str | None:
    """Find the import that a job works for, by its parameters or else by its name; None if it is not ours."""
    named = (detail.get("parameters") or {}).get("import_id")
    if named:
        return str(named)
    match = _JOB_NAME.fullmatch(detail.get("jobName") or "")
    return match["import_id"] if match else None
