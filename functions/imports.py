"""Imports and their parts: identity, states and values."""

import hashlib
import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

from objects import ObjectVersion

PLAN_PART = -1
"""The number that stands for the plan among the parts: it is worked at, and fails, as they do."""

_SLUG_LENGTH = 40
_DIGEST_LENGTH = 20


class State(StrEnum):
    """The states of an import; the last three are closed."""

    RECEIVED = "RECEIVED"
    PLANNING = "PLANNING"
    LOADING = "LOADING"
    DONE = "DONE"
    FAILED = "FAILED"
    CANCELLED = "CANCELLED"

    @property
    def closed(self) -> bool:
        """Tell whether nothing more happens to an import in this state."""
        return self in (State.DONE, State.FAILED, State.CANCELLED)


class PartStatus(StrEnum):
    """How far the job is with one part, or with the plan."""

    PLANNED = "PLANNED"
    RUNNING = "RUNNING"
    DONE = "DONE"
    FAILED = "FAILED"


@dataclass(frozen=True)
class Failure:
    """Why an import or a part failed: a code to match on, a message to read."""

    code: str
    message: str


@dataclass(frozen=True, kw_only=True)
class Pinned:
    """What the first claim of an import fixed for all its attempts; the job writes it."""

    table_name: str
    header: tuple[str, ...]
    columns: int
    header_adjusted: tuple[Mapping[str, Any], ...] = ()
    reading: Mapping[str, Any] = field(default_factory=dict)
    mode: str = "put"


@dataclass(frozen=True, kw_only=True)
class Spec:
    """The object that says how the file becomes items."""

    key: str
    version_id: str | None = None


@dataclass(frozen=True, kw_only=True)
class Plan:
    """What the stage `plan` came to: how many parts one run of an import has, and how many records it counted."""

    run: int
    parts: int
    records: int | None = None


@dataclass(frozen=True, kw_only=True)
class Import:
    """One object version on its way into a table; docs/contracts.md has the attributes."""

    import_id: str
    object: ObjectVersion
    state: State
    run: int
    parts: int
    received_at: str
    updated_at: str
    submitted_at: str | None = None
    submitted_job: str | None = None
    plan_job: str | None = None
    plan: Plan | None = None
    load_job: str | None = None
    work: tuple[int, ...] | None = None
    """The parts of the present submission; None stands for all."""
    submissions: int = 0
    """How many submissions of the stage `load` this run has had; a job may claim only for the latest."""
    progress_mark: int = 0
    """The records that were settled when the present submission began."""
    pinned: Pinned | None = None
    spec: Spec | None = None
    closed_at: str | None = None
    failure: Failure | None = None
    open: bool = True
    """Whether there is something left to do: an import that is closed is open until its event is out."""

    @property
    def work_list(self) -> Sequence[int]:
        """The numbers of the parts that the present submission is for: one job, or one child of an array, for each."""
        return range(self.parts) if self.work is None else self.work

    @property
    def has_plan(self) -> bool:
        """Tell whether this run has its plan."""
        return self.plan is not None and self.plan.run == self.run

    @property
    def claimant(self) -> str | None:
        """The job that claimed the stage that the import is in."""
        return self.plan_job if self.state is State.PLANNING else self.load_job


@dataclass(frozen=True, kw_only=True)
class Part:
    """What the job wrote of one part of an import's run, or (as part `PLAN_PART`) of its plan."""

    part: int
    run: int
    status: PartStatus
    settled_records: int = 0
    """The records before the part's checkpoint: what no attempt does again."""
    leased_to: str | None = None
    leased_until: datetime | None = None
    """Until when that attempt may write rows, whatever Batch says of its job."""
    counters: Mapping[str, int] = field(default_factory=dict)
    ignored: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    rejects_by_code: Mapping[str, int] = field(default_factory=dict)
    mended: Mapping[str, int] = field(default_factory=dict)
    notices: Sequence[Mapping[str, Any]] = ()
    failure: Failure | None = None
    started_at: str | None = None
    finished_at: str | None = None


def import_id(*, bucket: str, key: str, version_id: str | None, sequencer: str) -> str:
    """Name the import of one object version: a readable slug and a digest.

    An event delivered twice gives the same id, a re-upload another. At most 61 characters of
    `[a-z0-9-]`, so it fits a Batch job name, an S3 key and a folder name.
    """
    version = f"sequencer:{sequencer}" if version_id in (None, "", "null") else version_id
    digest = hashlib.sha256(f"{bucket}\0{key}\0{version}".encode()).hexdigest()[:_DIGEST_LENGTH]
    name = key.rpartition("/")[2].lower()
    slug = re.sub("[^a-z0-9]+", "-", name).strip("-")[:_SLUG_LENGTH].rstrip("-") or "object"
    return f"{slug}-{digest}"


def received(found: ObjectVersion, *, at: str) -> Import:
    """Make the import of an object version that was just heard of."""
    return Import(
        import_id=import_id(
            bucket=found.bucket, key=found.key, version_id=found.version_id, sequencer=found.sequencer
        ),
        object=found,
        state=State.RECEIVED,
        run=1,
        parts=1,
        received_at=at,
        updated_at=at,
    )


def total(parts: Iterable[Part]) -> dict[str, int]:
    """Add up the counters of all parts."""
    sums: Counter[str] = Counter()
    for part in parts:
        sums.update(part.counters)
    return dict(sums)
