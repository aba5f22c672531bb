"""Whether a job that failed is tried again, as AWS Batch decides it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

MOST_ATTEMPTS = 10


@dataclass(frozen=True, kw_only=True)
class End:
    """How an attempt ended, in the three words that conditions look at.

    `exit_code` is None where no process ran; `reason` is the container's, `status_reason` the job's.
    """

    exit_code: int | None
    status_reason: str = ""
    reason: str = ""


def is_retried(strategy: Mapping[str, Any], *, attempts_made: int, end: End) -> bool:
    """Decide by the job's retry strategy (docs.aws.amazon.com/batch/latest/APIReference/API_EvaluateOnExit.html).

    The first entry of `evaluateOnExit` whose conditions all match says RETRY or EXIT. Where none matches,
    the job is retried. `attempts` bounds it all: it is 1 where the strategy has none.
    """
    allowed = min(int(strategy.get("attempts") or 1), MOST_ATTEMPTS)
    if attempts_made >= allowed:
        return False
    for entry in strategy.get("evaluateOnExit") or ():
        if _matches(entry, end):
            return str(entry["action"]).upper() == "RETRY"
    return True


def _matches(entry: Mapping[str, Any], end: End) -> bool:
    texts = {
        "onExitCode": "" if end.exit_code is None else str(end.exit_code),
        "onStatusReason": end.status_reason,
        "onReason": end.reason,
    }
    conditions = [(entry[name], text) for name, text in texts.items() if entry.get(name) is not None]
    return all(_fits(str(pattern), text) for pattern, text in conditions)


def _fits(pattern: str, text: str) -> bool:
    """Compare with a pattern, which may end in `*`: then only the start must be equal."""
    return text.startswith(pattern[:-1]) if pattern.endswith("*") else text == pattern
