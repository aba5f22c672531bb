"""An import → the arguments of SubmitJob, and back from a job to its import."""

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from imports import Import
from settings import Settings

if TYPE_CHECKING:
    from mypy_boto3_batch.type_defs import SubmitJobRequestTypeDef

LOAD = "load"

_JOB_NAME = re.compile(r"load-(?P<import_id>[a-z0-9-]+-[0-9a-f]{20})-r[0-9]+")


def load_job(import_: Import, settings: Settings) -> "SubmitJobRequestTypeDef":
    """Give the arguments of SubmitJob for the stage `load`.

    The job name has at most 128 characters of `[A-Za-z0-9_-]`
    (docs.aws.amazon.com/batch/latest/APIReference/API_SubmitJob.html): an import id fits, a key would not.
    """
    return {
        "jobName": f"{LOAD}-{import_.import_id}-r{import_.run}",
        "jobQueue": settings.job_queue,
        "jobDefinition": settings.load_job_definition,
        "parameters": {"import_id": import_.import_id, "stage": LOAD, "run": str(import_.run)},
    }


def import_of_job(detail: Mapping[str, Any]) -> str | None:
    """Find the import that a job works for, by its parameters or else by its name; None if it is not ours."""
    named = (detail.get("parameters") or {}).get("import_id")
    if named:
        return str(named)
    match = _JOB_NAME.fullmatch(detail.get("jobName") or "")
    return match["import_id"] if match else None
