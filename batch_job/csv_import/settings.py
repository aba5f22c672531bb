"""The job's settings: read once from environment and command, validated, frozen."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from csv_import.errors import BadConfiguration

MIB = 1 << 20

MODES = ("put", "insert", "update", "delete")
DEFAULT_MODES = ("put", "insert", "update")
DEPLOYMENT = "csv-to-dynamodb"

_LOG_LEVELS = ("DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL")


class Mode(StrEnum):
    """How strictly rows are taken: what does not fit is a reject, or is made to fit."""

    STRICT = "strict"
    LENIENT = "lenient"


@dataclass(frozen=True, slots=True)
class ReadLimits:
    """How much of the object is held at once.

    Peak memory of a load is about `base + 6 * chunk_bytes + 3 * max_shaped_bytes + 4 * max_record_bytes
    + 2 * (max_unacknowledged_bytes + lanes * max_batch_bytes) + 3 * (max_digest_bytes + max_unsaved_bytes)`: a chunk is
    held as bytes, text and rows; what is shaped of it at once as pieces, as one text and as items; an unacknowledged
    item as its body and its key, with what the objects around it take, and in its request, and each lane gathers a
    batch; digests are held of items, and of rows and answers where these are counted apart; those that wait to be kept
    are held twice more while they are. `base` is the interpreter with its libraries. A row's own items are made
    together, however large: each has up to 400 KB, and up to six times as much as JSON.
    """

    chunk_bytes: int = 128 * 1024
    max_record_bytes: int = 4 * MIB


@dataclass(frozen=True, slots=True)
class ShapeLimits:
    """How much is shaped at once: rows whose items may come to `max_shaped_bytes`, or one row."""

    max_shaped_bytes: int = 4 * MIB


@dataclass(frozen=True, slots=True)
class WriteLimits:
    """How much is in flight, and for how long a failing request is repeated.

    Args:
        first_window: requests in flight to begin with; at most one a lane.
        request_timeout_s: for a request from its start to the end of its answer.
        drain_s: how long an attempt that ends waits for answers to what is in flight: well within the `StopTimeout` of
            the job definition, for the ledger is still to be told.
        budget_units_per_s: write units a second that all jobs together may take from the table; 0 for no limit.
    """

    lanes: int = 32
    max_batch_items: int = 25
    max_batch_bytes: int = MIB // 4
    max_unacknowledged_bytes: int = 4 * MIB
    retry_base_s: float = 0.05
    retry_cap_s: float = 10.0
    retry_budget_s: float = 900.0
    first_window: int = 4
    connect_timeout_s: float = 5.0
    request_timeout_s: float = 20.0
    drain_s: float = 60.0
    budget_units_per_s: int = 0


@dataclass(frozen=True, slots=True)
class AccountingLimits:
    """Segments, leases and the memory of the distinct count.

    Args:
        checkpoint_rest_s: seconds between two checkpoints at least, however fast segments settle.
        max_unsaved_bytes: key digests of settled segments that wait to be kept.
    """

    segment_records: int = 10_000
    checkpoint_rest_s: float = 1.0
    max_unsaved_bytes: int = 4 * MIB
    max_digest_bytes: int = 16 * MIB
    lease_s: float = 60.0
    heartbeat_s: float = 2.0


@dataclass(frozen=True, slots=True)
class PlanLimits:
    """How a large file is cut, and what that takes.

    Args:
        part_bytes: of a part, unless there would be too many.
        max_parts: ranges, and what rows shared by them make, together.
        piece_bytes: read in one go.
        request_bytes, requests: of the object, ahead of what is looked at.
        max_held_bytes: of keys and of rows to be shared, before they are spilled to a temporary file.
    """

    part_bytes: int = 256 * MIB
    max_parts: int = 1_000
    piece_bytes: int = 32 * 1024
    request_bytes: int = 4 * MIB
    requests: int = 4
    max_held_bytes: int = 8 * MIB


@dataclass(frozen=True, slots=True)
class Settings:
    """One process of one stage of one import.

    Args:
        import_id, run: which import, and which run of it.
        index: of the part in the work list.
        job_id: Batch's job id; of an array child, the parent's.
        attempt: 1 for the first attempt.
        submission: which submission of the run this job is; None for one started by hand, which may claim for any.
        table_name: the stack's own table.
        deployment: name of the stack, for metrics.
        allowed_tables: other tables that a spec may name.
        allowed_modes: write modes that a spec may name.
    """

    import_id: str
    run: int
    index: int
    job_id: str
    attempt: int
    ledger_table: str
    artifacts_bucket: str
    table_name: str
    deployment: str = DEPLOYMENT
    submission: int | None = None
    allowed_tables: tuple[str, ...] = ()
    allowed_modes: tuple[str, ...] = DEFAULT_MODES
    log_level: str = "INFO"
    reading_mode: Mode = Mode.STRICT
    read: ReadLimits = field(default_factory=ReadLimits)
    write: WriteLimits = field(default_factory=WriteLimits)
    accounting: AccountingLimits = field(default_factory=AccountingLimits)
    plan: PlanLimits = field(default_factory=PlanLimits)

    @property
    def owner(self) -> str:
        """Names this attempt at its part, as the owner of a lease."""
        return f"{self.job_id}:{self.index}#{self.attempt}"


def settings_from(
    environment: Mapping[str, str], *, import_id: str, run: str, submission: str | None = None
) -> Settings:
    """Build the settings from what the job definition, the submission and Batch gave.

    Raises:
        BadConfiguration: `missing_setting`, whose message lists all that are missing, or `invalid_setting`.
    """
    required = ("LEDGER_TABLE", "ARTIFACTS_BUCKET", "TABLE_NAME", "AWS_BATCH_JOB_ID")
    missing = [name for name in required if not environment.get(name)]
    if missing:
        raise BadConfiguration("missing_setting", f"not set in the environment: {', '.join(missing)}")
    return Settings(
        import_id=import_id,
        run=_whole_number("--run", run, at_least=1),
        index=_whole_number(
            "AWS_BATCH_JOB_ARRAY_INDEX", environment.get("AWS_BATCH_JOB_ARRAY_INDEX", "0"), at_least=0
        ),
        job_id=environment["AWS_BATCH_JOB_ID"].partition(":")[0],
        attempt=_whole_number(
            "AWS_BATCH_JOB_ATTEMPT", environment.get("AWS_BATCH_JOB_ATTEMPT", "1"), at_least=1
        ),
        submission=None if submission is None else _whole_number("--submission", submission, at_least=1),
        ledger_table=environment["LEDGER_TABLE"],
        artifacts_bucket=environment["ARTIFACTS_BUCKET"],
        table_name=environment["TABLE_NAME"],
        deployment=environment.get("DEPLOYMENT") or DEPLOYMENT,
        allowed_tables=tuple(map(_table_name, _words(environment.get("ALLOWED_TABLES", "")))),
        allowed_modes=_modes(environment.get("ALLOWED_MODES") or ",".join(DEFAULT_MODES)),
        log_level=_log_level(environment.get("LOG_LEVEL") or "INFO"),
        reading_mode=_reading_mode(environment.get("READING_MODE") or Mode.STRICT),
        write=WriteLimits(
            budget_units_per_s=_whole_number(
                "WRITE_BUDGET", environment.get("WRITE_BUDGET") or "0", at_least=0
            )
        ),
        plan=PlanLimits(
            part_bytes=_whole_number(
                "PART_BYTES", environment.get("PART_BYTES") or str(PlanLimits().part_bytes), at_least=1
            ),
            max_parts=_whole_number(
                "MAX_PARTS", environment.get("MAX_PARTS") or str(PlanLimits().max_parts), at_least=1
            ),
        ),
    )


def _reading_mode(value: str) -> Mode:
    try:
        return Mode(value.lower())
    except ValueError:
        raise BadConfiguration(
            "invalid_setting", f"READING_MODE is none of {', '.join(Mode)}: {value!r}"
        ) from None


def _words(value: str) -> tuple[str, ...]:
    return tuple(word for word in (each.strip() for each in value.split(",")) if word)


def _table_name(table: str) -> str:
    """The name of a table that is given by its name or its ARN."""
    return table.rpartition(":table/")[2]


def _modes(value: str) -> tuple[str, ...]:
    modes = _words(value)
    unknown = [mode for mode in modes if mode not in MODES]
    if unknown or not modes:
        raise BadConfiguration(
            "invalid_setting", f"ALLOWED_MODES takes {', '.join(MODES)} with commas between, not {value!r}"
        )
    return modes


def _log_level(value: str) -> str:
    if value.upper() not in _LOG_LEVELS:
        raise BadConfiguration("invalid_setting", f"LOG_LEVEL is none of {', '.join(_LOG_LEVELS)}: {value!r}")
    return value.upper()


def _whole_number(name: str, value: str, *, at_least: int) -> int:
    try:
        number = int(value)
    except ValueError:
        raise BadConfiguration("invalid_setting", f"{name} is not a whole number: {value!r}") from None
    if number < at_least:
        raise BadConfiguration("invalid_setting", f"{name} is {number}; it must be at least {at_least}")
    return number
