"""Whatever is delivered twice or never, and whoever dies when: an import closes once, and truly."""

from collections.abc import Callable
from contextlib import suppress
from typing import Any

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from errors import ImportsFailedError
from tests.functional.functions.fakes import Killed
from tests.functional.functions.world import World, id_of, new_world, through

deaths = st.none() | st.integers(0, 10)
"""After how many effects the function's process dies, if it does."""
picks = st.integers(0, 100)


class LifeOfAnImport(RuleBasedStateMachine):
    """One import; events and jobs come and go in any order, processes die at any effect."""

    def __init__(self) -> None:
        super().__init__()
        self.context = new_world()
        self.world: World = self.context.__enter__()
        self.event = self.world.event("a.csv")
        self.import_id = id_of(self.event["Records"][0])
        self.announced: list[str] = []
        self.closed: dict[str, Any] | None = None
        self.world.batch.before_submit = self.note_submission

    def note_submission(self, _: object) -> None:
        self.announced.append(self.import_()["submitted_at"])

    def import_(self) -> dict[str, Any]:
        return self.world.item(self.import_id)

    def part_status(self) -> str:
        return str(self.world.item(self.import_id, "run#0001#part#00000").get("status"))

    def jobs(self, *statuses: str) -> list[str]:
        return [job_id for job_id, job in self.world.batch.jobs.items() if job["status"] in statuses]

    def call(self, function: Callable[[], object], death: int | None) -> None:
        """Call a function whose process dies after so many effects."""
        effects = 0

        def gate(_: str) -> None:
            nonlocal effects
            if effects == death:
                raise Killed
            effects += 1

        app = self.world.app
        self.world.app = through(app, gate)
        try:
            function()
        except Killed:
            assert death is not None
        finally:
            self.world.app = app

    @rule(death=deaths)
    def s3_event(self, death: int | None) -> None:
        # An earlier process may have died with this record in hand: then Lambda tries again later.
        with suppress(ImportsFailedError):
            self.call(lambda: self.world.trigger(self.event), death)

    @rule()
    def idempotency_records_expire(self) -> None:
        self.world.forget_events()

    @rule(death=deaths)
    def sweep(self, death: int | None) -> None:
        self.call(self.world.sweep, death)

    @rule()
    def grace_passes(self) -> None:
        self.world.pass_grace()

    @precondition(lambda self: self.jobs("RUNNABLE"))
    @rule(pick=picks)
    def job_begins(self, pick: int) -> None:
        jobs = self.jobs("RUNNABLE")
        job_id = jobs[pick % len(jobs)]
        if self.world.claim(self.import_id, job_id):
            self.world.write_part(self.import_id, "RUNNING")
        else:
            self.world.end(job_id, "SUCCEEDED")

    @precondition(lambda self: self.jobs("RUNNABLE"))
    @rule(pick=picks)
    def job_never_starts(self, pick: int) -> None:
        jobs = self.jobs("RUNNABLE")
        self.world.end(jobs[pick % len(jobs)], "FAILED", statusReason="no such image")

    @precondition(lambda self: self.jobs("RUNNING"))
    @rule()
    def job_finishes_its_part(self) -> None:
        self.world.write_part(self.import_id)

    @precondition(lambda self: self.jobs("RUNNING"))
    @rule(status=st.sampled_from(["SUCCEEDED", "FAILED"]))
    def job_ends(self, status: str) -> None:
        self.world.end(self.jobs("RUNNING")[0], status)

    @precondition(lambda self: self.jobs("SUCCEEDED", "FAILED"))
    @rule(pick=picks, death=deaths)
    def job_event(self, pick: int, death: int | None) -> None:
        jobs = self.jobs("SUCCEEDED", "FAILED")
        self.call(lambda: self.world.track(jobs[pick % len(jobs)]), death)

    @precondition(lambda self: self.jobs("SUCCEEDED", "FAILED"))
    @rule(pick=picks)
    def batch_forgets_a_job(self, pick: int) -> None:
        jobs = self.jobs("SUCCEEDED", "FAILED")
        del self.world.batch.jobs[jobs[pick % len(jobs)]]

    @invariant()
    def each_submission_is_announced_anew(self) -> None:
        assert len(set(self.announced)) == len(self.announced)

    @invariant()
    def what_is_closed_stays_as_it_is(self) -> None:
        import_ = self.import_()
        if self.closed is None and "closed_at" in import_:
            self.closed = import_
        if self.closed is not None:
            # What announcing it writes may come later, by another process than the one that closed it.
            late = ("submitted_job", "open", "announced_at", "expires_at_epoch_s")
            assert without(import_, *late) == without(self.closed, *late)

    def teardown(self) -> None:
        try:
            if self.import_():
                self.settle()
                self.check_the_end()
        finally:
            self.context.__exit__(None, None, None)

    def settle(self) -> None:
        """Let time pass and jobs work until nothing moves any more; no further event arrives."""
        for _ in range(3):
            self.world.pass_grace()
            self.world.sweep()
            for job_id in self.jobs("RUNNABLE"):
                if self.world.claim(self.import_id, job_id):
                    self.world.write_part(self.import_id, "RUNNING")
                else:
                    self.world.end(job_id, "SUCCEEDED")
            for job_id in self.jobs("RUNNING"):
                self.world.write_part(self.import_id)
                self.world.end(job_id, "SUCCEEDED")

    def check_the_end(self) -> None:
        import_ = self.import_()
        report = self.world.report(self.import_id)
        assert import_["state"] == ("DONE" if self.part_status() == "DONE" else "FAILED")
        assert "open" not in import_
        told = self.world.told(self.import_id)
        assert told, "at least once"
        assert {(one["state"], one["closed_at"]) for one in told} == {
            (import_["state"], import_["closed_at"])
        }
        assert (report["state"], report["closed_at"]) == (import_["state"], import_["closed_at"])
        assert report["error"] == import_.get("error")


def without(item: dict[str, Any], *names: str) -> dict[str, Any]:
    return {name: value for name, value in item.items() if name not in names}


TestLifeOfAnImport = LifeOfAnImport.TestCase
TestLifeOfAnImport.settings = settings(
    max_examples=25, stateful_step_count=25, deadline=None, derandomize=True
)
