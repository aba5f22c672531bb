"""Why a job stops before its work is done.

    JobStop                 what every stop has: a code, a message, an exit code
    ├── BadData             65  the file cannot be read as what it is said to be
    ├── BadConfiguration    78  the table or a setting does not fit
    └── TryAgain            75  nothing is wrong for good: the next attempt may well succeed
        ├── Interrupted         SIGTERM
        ├── ServiceAway         throttled, unreachable or failing for longer than the retry budget
        └── LeaseLost           another attempt owns this part, or ours could not be renewed

A row that can't be loaded is no error but a value: `csv_import.rejects.Reject`.
"""

from __future__ import annotations


class JobStop(Exception):
    """The job ends here.

    Args:
        code: a stable identifier in snake case, for programs.
        message: what happened, where, and the remedy, for people; it is logged, so it holds nothing
            that stands in the file.
        detail: what more the report may say: it is data, and not logged.
    """

    exit_code = 1

    def __init__(self, code: str, message: str, detail: str = "") -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.detail = detail


class BadData(JobStop):
    """The file cannot be read as what it is said to be."""

    exit_code = 65


class BadConfiguration(JobStop):
    """The table, a permission or a setting does not fit."""

    exit_code = 78


class TryAgain(JobStop):
    """Nothing is wrong for good: the next attempt may well succeed."""

    exit_code = 75


class Interrupted(TryAgain):
    """SIGTERM: the host is reclaimed or the job is terminated."""

    def __init__(self) -> None:
        super().__init__(
            "interrupted", "stopped by SIGTERM; what was in flight is finished and accounted for"
        )


class ServiceAway(TryAgain):
    """A service throttled, failed or stayed out of reach for longer than the retry budget."""


class LeaseLost(TryAgain):
    """This attempt may no longer write: its lease on the part ran out or was taken over."""
