"""One attempt at a part: takes its lease, reports its progress, and says how it ended."""

from __future__ import annotations

from dataclasses import dataclass, field
from types import TracebackType

from csv_import.accounting.budget import BudgetShare
from csv_import.accounting.checkpoints import Checkpoints
from csv_import.accounting.counters import Counters
from csv_import.accounting.lease import Heartbeat, Lease
from csv_import.accounting.ledger import LeaseHeld, Ledger, PartKey, PlanKey, Taken
from csv_import.accounting.metrics import Metrics
from csv_import.accounting.other_parts import count_others
from csv_import.accounting.reject_limit import RejectGuard, RejectLimit
from csv_import.accounting.saved_books import SavedBooks
from csv_import.accounting.segments import Checkpoint
from csv_import.errors import JobStop, LeaseLost, ServiceAway, TryAgain
from csv_import.services import Services
from csv_import.settings import Settings
from csv_import.shaping.spec import Spec
from csv_import.writing.bucket import Bucket
from csv_import.writing.effort import Effort

_ROOM_S = 0.05


@dataclass(slots=True)
class Attempt:
    """Holds the lease on a part while the block runs, and writes its outcome into the ledger.

    Args:
        taken: where to begin, and what the part is.
        lease: to be checked before anything is written.
        checkpoints: to be told of settled segments.
        counters, effort: filled by whoever loads the part.
    """

    settings: Settings
    services: Services
    ledger: Ledger
    part: PartKey
    taken: Taken
    lease: Lease
    counters: Counters = field(default_factory=Counters)
    checkpoints: Checkpoints = field(init=False)
    effort: Effort = field(default_factory=Effort)
    _told_at: float = field(init=False)
    _share: BudgetShare | None = field(init=False, default=None)
    _metrics: Metrics = field(init=False)
    _heartbeat: Heartbeat = field(init=False)
    _guard: RejectGuard | None = field(init=False, default=None)

    def __post_init__(self) -> None:
        settings, services = self.settings, self.services
        self._metrics = Metrics(settings.deployment, settings.table_name)
        self._told_at = services.clock()
        limits = settings.accounting
        self._heartbeat = Heartbeat(
            limits.heartbeat_s,
            self._beat,
            self.lease,
            rest_s=min(limits.checkpoint_rest_s, limits.heartbeat_s),
        )
        saved = SavedBooks(services.s3, settings.artifacts_bucket, self.part, settings.owner)
        self.checkpoints = Checkpoints(saved, self.taken.reached, self._heartbeat.wake)

    def __enter__(self) -> Attempt:
        self._heartbeat.__enter__()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._heartbeat.__exit__(kind, error, trace)
        if self._share is not None:
            self._share.leave()
        if error is not None:
            self._give_up(error)
            return
        self.ledger.finish(
            self.part,
            owner=self.settings.owner,
            counters=self._count(),
            checkpoint=self.checkpoints.end,
        )
        self._log_progress("plan done" if self._plans else "part done")

    def make_room(self) -> None:
        """Return when not too much waits to be kept.

        Raises:
            JobStop: this attempt may not go on.
        """

        def wait() -> None:
            self.lease.check()
            self._heartbeat.hurry()
            self.services.stop.pause(_ROOM_S)

        self.checkpoints.make_room(self.settings.accounting.max_unsaved_bytes, wait)

    def guard_rejects(self, spec: Spec, *, parts: int) -> RejectGuard:
        """What stops this part when the import has too many rejects; kept up to date with what other parts tell."""
        guard = RejectGuard(
            RejectLimit(spec.max_rejects, spec.max_reject_ratio, spec.max_reject_ratio_from_rows)
        )
        if parts > 1 and guard.limit.is_set:
            self._look_at_others(guard)
            self._guard = guard
        return guard

    def write_to(self, table_name: str, budget_units_per_s: int | None) -> Bucket:
        """Say which table is written to: its metrics are told from now on, and its write budget is shared.

        Args:
            budget_units_per_s: what the spec allows, or None; the deployment's budget holds all the same.

        Returns:
            this attempt's share of the budget.
        """
        self._metrics = Metrics(self.settings.deployment, table_name)
        limits = [each for each in (self.settings.write.budget_units_per_s, budget_units_per_s) if each]
        if not limits:
            return Bucket(None, self.services.clock())
        bucket = Bucket(0.0, self.services.clock())
        share = self._budget_share(table_name, float(min(limits)), bucket)
        self._renew(share)
        self._share = share  # from now on it is renewed by the thread that beats
        return bucket

    def look_at_all_rejects(self) -> None:
        """Tell of this part's rejects, then see all others': of parts that end together, one at least sees all."""
        if self._guard is None:
            return
        self.ledger.renew(
            self.part,
            owner=self.settings.owner,
            lease_s=self.settings.accounting.lease_s,
            counters=self._count(),
            checkpoint=self.checkpoints.reached,
        )
        self._look_at_others(self._guard)

    def _look_at_others(self, guard: RejectGuard) -> None:
        guard.others_read, guard.others_rejected = count_others(
            self.services.dynamodb, self.settings.ledger_table, self.part
        )

    def _count(self) -> Counters:
        """The counters with what writing took so far."""
        counters, effort = self.counters, self.effort
        counters.requests, counters.throttles, counters.retries = (
            effort.requests,
            effort.throttles,
            effort.retries,
        )
        return counters

    def _beat(self) -> None:
        if self._share is not None:
            self._renew(self._share)
        asked_at = self.services.clock()
        self.ledger.renew(
            self.part,
            owner=self.settings.owner,
            lease_s=self.settings.accounting.lease_s,
            counters=self._count(),
            checkpoint=self.checkpoints.save(),
        )
        self.lease.renewed(asked_at)
        if asked_at - self._told_at < self.settings.accounting.heartbeat_s:
            return  # woken for a checkpoint
        self._told_at = asked_at
        if self._guard is not None:
            self._look_at_others(self._guard)
        self._log_progress("progress")

    def _renew(self, share: BudgetShare) -> None:
        try:
            share.renew_if_due(self.settings.accounting.heartbeat_s)
        except ServiceAway as away:  # the share runs out by itself
            self.services.logger.warning("write budget not renewed", code=away.code, reason=away.message)
            if share.is_out_of_reach():
                self.lease.lose(away)

    def _budget_share(self, table_name: str, units_per_s: float, bucket: Bucket) -> BudgetShare:
        settings, services = self.settings, self.services
        return BudgetShare(
            services.dynamodb,
            settings.ledger_table,
            table_name,
            owner=settings.owner,
            units_per_s=units_per_s,
            lease_s=settings.accounting.lease_s,
            beat_s=settings.accounting.heartbeat_s,
            bucket=bucket,
            now=services.now,
            clock=services.clock,
        )

    @property
    def _plans(self) -> bool:
        return isinstance(self.part, PlanKey)

    def _log_progress(self, message: str) -> None:
        """One line that people read and CloudWatch counts: what is loaded, and not what is planned."""
        if self._plans:
            self.services.logger.info(message, counters=self._shown())
            return
        measured = self._metrics.since_last(self.counters, self.effort, self.services.now())
        self.services.logger.info(message, counters=self._shown(), **measured)

    def _give_up(self, error: BaseException) -> None:
        """Tell the ledger why the attempt ends; where that fails too, the log has it and the lease runs out."""
        if isinstance(error, LeaseLost):
            return
        stop = error if isinstance(error, JobStop) else JobStop("internal_error", type(error).__name__)
        try:
            self.ledger.give_up(
                self.part,
                owner=self.settings.owner,
                status="RUNNING" if isinstance(stop, TryAgain) else "FAILED",
                error={
                    "code": stop.code,
                    "message": stop.message + stop.detail,
                    "exit_code": stop.exit_code,
                },
                counters=self._count(),
                checkpoint=self._last_checkpoint(),
            )
        except JobStop:
            self.services.logger.exception("the ledger could not be told why this attempt ends")

    def _last_checkpoint(self) -> Checkpoint:
        """Keep what is settled, if that can be done; what cannot be kept is done again."""
        try:
            return self.checkpoints.save()
        except JobStop:
            self.services.logger.exception("the last checkpoint could not be kept")
            return self.checkpoints.reached

    def _shown(self) -> dict[str, int]:
        names = ("rows_read", "rows_written", "rows_rejected", "requests", "throttles")
        return {name: getattr(self.counters, name) for name in names}


def begin_attempt(ledger: Ledger, part: PartKey, settings: Settings, services: Services) -> Attempt | None:
    """Take a part, waiting out the lease of an attempt that may still be alive.

    Returns:
        None where the part is done already, or the import is no longer this job's.

    Raises:
        LeaseLost: `lease_held`, when the other attempt keeps renewing its lease.
        Interrupted: while waiting.
    """
    lease_s = settings.accounting.lease_s
    give_up_at = services.clock() + 3 * lease_s
    while True:
        asked_at = services.clock()
        try:
            taken = ledger.take_part(part, owner=settings.owner, attempt=settings.attempt, lease_s=lease_s)
        except LeaseHeld as held:
            if services.clock() >= give_up_at:
                raise LeaseLost("lease_held", "another attempt keeps loading this part") from held
            services.logger.info("waiting for the lease of an earlier attempt to run out")
            remaining_s = max(held.until_epoch_s - services.now().timestamp(), 0.0)
            services.stop.pause(min(remaining_s + 0.05, lease_s))
            if ledger.claim(settings.import_id, settings.run, settings.job_id, settings.submission) is None:
                services.logger.info("the import was closed, or went on without this job, while it waited")
                return None
        else:
            if taken is None:
                return None
            lease = Lease(lease_s, services.stop, services.clock)
            lease.renewed(asked_at)
            return Attempt(settings, services, ledger, part, taken, lease)
