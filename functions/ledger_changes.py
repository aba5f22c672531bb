"""What a step of an import changes in its ledger item, and on what condition; None stands for no attribute."""

from collections.abc import Mapping, Sequence
from typing import Any

from imports import Import, Part, total
from ledger_items import EXPIRES, failure_to_map

Changes = Mapping[str, Any]

_OF_A_CLOSED_IMPORT = (
    *("submitted_at", "submitted_job", "plan_job", "load_job"),
    *("counters", "error", "report_key", "closed_at", "announced_at", EXPIRES),
)
"""What an import that is opened again does not keep."""


def as_read(import_: Import) -> Changes:
    """Give what tells that nobody moved an import on since; a job moves it by its claim."""
    return {
        "state": import_.state.value,
        "run": import_.run,
        "submitted_at": import_.submitted_at,
        "submitted_job": import_.submitted_job,
        "plan_job": import_.plan_job,
        "load_job": import_.load_job,
    }


def not_moved_on(import_: Import) -> Changes:
    """Give what tells that an import's stage is still the one that was read; a submitted job may be noted late."""
    return {name: value for name, value in as_read(import_).items() if name != "submitted_job"}


def submission(began: Import) -> Changes:
    """Give the changes of a submission that begins: the jobs of the one before are taken away."""
    return {
        **_work(began),
        "state": began.state.value,
        "submitted_at": began.submitted_at,
        "updated_at": began.submitted_at,
        "submitted_job": None,
        "plan_job": None,
        "load_job": None,
    }


def close(closed: Import, parts: Sequence[Part], report_key: str) -> Changes:
    """Give the changes of a close."""
    return {
        "state": closed.state.value,
        "counters": total(parts),
        "error": failure_to_map(closed.failure),
        "report_key": report_key,
        "closed_at": closed.closed_at,
        "updated_at": closed.closed_at,
    }


def reopening(reopened: Import) -> Changes:
    """Give the changes of an import that is opened again."""
    return {
        **_work(reopened),
        "state": reopened.state.value,
        "run": reopened.run,
        "open": "yes",
        "updated_at": reopened.updated_at,
        **dict.fromkeys(_OF_A_CLOSED_IMPORT),
    }


def _work(import_: Import) -> Changes:
    return {
        "parts": import_.parts,
        "work": None if import_.work is None else list(import_.work),
        "progress_mark": import_.progress_mark,
        "submissions": import_.submissions,
    }
