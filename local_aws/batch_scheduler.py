"""Runs Batch jobs on this machine: a queue, so many at a time, attempt after attempt."""

import contextvars
import threading
import time
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path

from local_aws import batch_arrays, batch_jobs
from local_aws.batch_jobs import FAILED, RUNNABLE, STARTING, SUCCEEDED, Job
from local_aws.batch_process import JobProcess, Loss, timed_out
from local_aws.batch_retries import End, is_retried


@dataclass(frozen=True, kw_only=True)
class Platform:
    """What stands in for the image, the task role and Fargate.

    `entrypoint` is what the image starts, `environment` gives what image, role and platform set in a job,
    `slots` is how many jobs run at one time, `attempt` gives what starts an attempt of a job.
    """

    entrypoint: tuple[str, ...]
    environment: Callable[[Job], Mapping[str, str]]
    work_folder: Path
    log_folder: Path
    slots: int
    attempt: Callable[[Job], Callable[..., JobProcess]] = lambda _: JobProcess


class Scheduler:
    """The jobs of one emulator; `on_change` hears of every change of a job's status, in the order of the changes."""

    def __init__(self, platform: Platform, *, on_change: Callable[[Job], None]) -> None:
        self._platform = platform
        self._on_change = on_change
        self._lock = threading.RLock()
        self._jobs: dict[str, Job] = {}
        self._processes: dict[str, JobProcess] = {}
        self._terminated: dict[str, str] = {}
        self._slots = ThreadPoolExecutor(platform.slots, thread_name_prefix="batch-job")

    def submit(self, job: Job) -> None:
        """Queue a job, or all children of an array's parent."""
        children = batch_arrays.children_of(job)
        with self._lock:
            for new in (job, *children):
                self._keep(new)
        for runnable in children or [job]:
            self._queue(runnable.job_id)

    def find(self, job_id: str) -> Job | None:
        """Give a job as it is now; None if there is none of that id."""
        return self._jobs.get(job_id)

    def jobs(self) -> list[Job]:
        """Give all jobs as they are now, parents and children too."""
        with self._lock:
            return list(self._jobs.values())

    def end(self, job_id: str, *, reason: str, running_too: bool) -> None:
        """End a job, or all children of an array, with a reason; those that run only if `running_too`."""
        with self._lock:
            size = self._jobs[job_id].size
            if size is None:
                self._end_one(job_id, reason=reason, running_too=running_too)
                return
            self._jobs[job_id] = _asked_to_end(self._jobs[job_id], running_too=running_too)
            for index in range(size):
                self._end_one(f"{job_id}:{index}", reason=reason, running_too=running_too)

    def lose(self, job_id: str, loss: Loss) -> bool:
        """Take the machine away from under a job that runs; False if it does not."""
        with self._lock:
            process = self._processes.get(job_id)
        if process is None:
            return False
        threading.Thread(target=process.lose, args=[loss], daemon=True).start()
        return True

    def _end_one(self, job_id: str, *, reason: str, running_too: bool) -> None:
        job = self._jobs[job_id]
        if job.status == RUNNABLE:
            asked = _asked_to_end(job, running_too=running_too)
            self._keep(batch_jobs.ended(asked, FAILED, reason=reason, at=_now_ms()))
        elif running_too and not job.ended:
            self._jobs[job_id] = _asked_to_end(job, running_too=True)
            self._terminated[job_id] = reason
            if process := self._processes.get(job_id):
                _stop(process)

    def _queue(self, job_id: str) -> None:
        # A job's changes happen in the context (account, region) that it was submitted in.
        self._slots.submit(contextvars.copy_context().run, self._run, job_id)

    def _run(self, job_id: str) -> None:
        """Run one attempt of a job; the next one waits for its turn like any other job."""
        with self._lock:
            if self._jobs[job_id].ended:
                return
            self._keep(replace(self._jobs[job_id], status=STARTING))
        end = self._attempt(self._jobs[job_id])
        with self._lock:
            self._keep(self._after(self._jobs[job_id], end))
        if not self._jobs[job_id].ended:
            self._queue(job_id)

    def _attempt(self, job: Job) -> End:
        log = f"job-{job.file_name}-attempt-{len(job.attempts) + 1}.log"
        try:
            process = self._start(job.job_id, log)
        except OSError as error:
            end = End(exit_code=None, status_reason="Task failed to start", reason=str(error))
        else:
            end = process.wait(timeout_s=job.timeout_s)
        with self._lock:
            self._processes.pop(job.job_id, None)
            self._jobs[job.job_id] = batch_jobs.attempted(self._jobs[job.job_id], end, log=log, at=_now_ms())
        return end

    def _start(self, job_id: str, log: str) -> JobProcess:
        with self._lock:
            job = self._jobs[job_id]
            process = self._platform.attempt(job)(
                [*self._platform.entrypoint, *job.command()],
                environment={**self._platform.environment(job), **job.environment()},
                folder=self._platform.work_folder / job.file_name,
                log=self._platform.log_folder / log,
                stop_timeout_s=job.stop_timeout_s,
            )
            self._processes[job_id] = process
            self._keep(batch_jobs.running(job, at=_now_ms()))
            if job_id in self._terminated:
                _stop(process)
            return process

    def _after(self, job: Job, end: End) -> Job:
        """Decide what becomes of a job whose attempt ended."""
        if job.job_id in self._terminated:
            return batch_jobs.ended(job, FAILED, reason=self._terminated[job.job_id], at=_now_ms())
        if end.exit_code == 0 and not timed_out(end):
            return batch_jobs.ended(job, SUCCEEDED, reason=end.status_reason, at=_now_ms())
        if not timed_out(end) and is_retried(job.retry_strategy, attempts_made=len(job.attempts), end=end):
            return replace(job, status=RUNNABLE)
        return batch_jobs.ended(job, FAILED, reason=end.status_reason, at=_now_ms())

    def _keep(self, job: Job) -> None:
        before = self._jobs.get(job.job_id)
        status = before.status if before else None
        self._jobs[job.job_id] = job
        if job.status == status:
            return
        self._on_change(job)
        if job.index is not None:
            parent = self._jobs[job.parent_id]
            self._keep(batch_arrays.summed_up(parent, before=status, after=job.status, at=_now_ms()))


def _asked_to_end(job: Job, *, running_too: bool) -> Job:
    """Note that somebody asked: to cancel it, or (`running_too`) to terminate it."""
    return replace(job, is_terminated=True) if running_too else replace(job, is_cancelled=True)


def _stop(process: JobProcess) -> None:
    """Stop a process without waiting for it."""
    threading.Thread(target=process.stop, daemon=True).start()


def _now_ms() -> int:
    return time.time_ns() // 1_000_000
