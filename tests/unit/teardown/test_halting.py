from typing import Any

import pytest

from teardown.errors import RemovalError
from teardown.halting import close_queue, end_jobs
from teardown.patience import Patience

PATIENCE = Patience(poll_s=1, limit_s=5, sleep=lambda _: None)


class FakeBatch:
    """A queue whose jobs end some looks after they were told to; `late` jobs are submitted at later looks."""

    def __init__(
        self, *jobs: str, looks_to_end: int = 2, late: dict[int, str] | None = None, status: str = "VALID"
    ) -> None:
        self.left = dict.fromkeys(jobs, looks_to_end)
        self.looks_to_end = looks_to_end
        self.late = late or {}
        self.status = status
        self.looks = 0
        self.told: list[str] = []
        self.states: list[str] = []

    def describe_job_queues(self, **_: Any) -> dict[str, Any]:
        return {"jobQueues": [{"status": self.status}] if self.status else []}

    def update_job_queue(self, *, jobQueue: str, state: str) -> None:  # noqa: N803
        self.states.append(state)

    def get_paginator(self, _: str) -> "FakeBatch":
        return self

    def paginate(self, *, jobQueue: str, jobStatus: str) -> list[dict[str, Any]]:  # noqa: N803
        if jobStatus != "RUNNING":
            return [{"jobSummaryList": []}]
        self.looks += 1
        if self.looks in self.late:
            self.left[self.late[self.looks]] = self.looks_to_end
        self.left = {job: n - (job in self.told) for job, n in self.left.items() if n > 0}
        return [{"jobSummaryList": [{"jobId": job} for job in self.left]}]

    def terminate_job(self, *, jobId: str, reason: str) -> None:  # noqa: N803
        self.told.append(jobId)


def test_jobs_are_told_once_and_waited_for() -> None:
    batch = FakeBatch("a", "b")
    assert end_jobs(batch, "queue", PATIENCE) == 2
    assert sorted(batch.told) == ["a", "b"]
    assert not batch.left


def test_a_job_that_was_submitted_at_the_last_moment_ends_too() -> None:
    batch = FakeBatch("a", late={2: "b"})
    assert end_jobs(batch, "queue", PATIENCE) == 2
    assert batch.told == ["a", "b"]


def test_jobs_that_do_not_end_are_named() -> None:
    with pytest.raises(RemovalError, match="jobs of queue do not end: stubborn"):
        end_jobs(FakeBatch("stubborn", looks_to_end=1000), "queue", PATIENCE)


@pytest.mark.parametrize(
    ("status", "states"), [("VALID", ["DISABLED"]), ("INVALID", ["DISABLED"]), ("DELETING", []), ("", [])]
)
def test_a_queue_is_closed_unless_it_is_going(status: str, states: list[str]) -> None:
    batch = FakeBatch(status=status)
    assert close_queue(batch, "queue", PATIENCE) is bool(states)
    assert batch.states == states


def test_a_queue_that_is_changed_for_ever_is_named() -> None:
    with pytest.raises(RemovalError, match="queue q is being changed"):
        close_queue(FakeBatch(status="UPDATING"), "q", PATIENCE)
