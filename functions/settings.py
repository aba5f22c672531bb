"""What a function is told by its environment, read and validated once."""

from collections.abc import Mapping
from dataclasses import dataclass

from errors import SettingsError

_NAMES = {
    "deployment": "DEPLOYMENT",
    "ledger_table": "LEDGER_TABLE",
    "artifacts_bucket": "ARTIFACTS_BUCKET",
    "table_name": "TABLE_NAME",
    "idempotency_table": "IDEMPOTENCY_TABLE",
    "job_queue": "JOB_QUEUE",
    "plan_job_definition": "PLAN_JOB_DEFINITION",
    "load_job_definition": "LOAD_JOB_DEFINITION",
}
_GRACE = "SUBMIT_GRACE_SECONDS"
_CANCEL = "CANCEL_AFTER_SECONDS"
_RETENTION = "LEDGER_RETENTION_DAYS"
_THRESHOLD = "SPLIT_THRESHOLD_BYTES"


@dataclass(frozen=True, kw_only=True)
class Settings:
    """The environment of a function; docs/contracts.md has the meaning of each variable."""

    deployment: str
    ledger_table: str
    artifacts_bucket: str
    table_name: str
    idempotency_table: str
    job_queue: str
    plan_job_definition: str
    load_job_definition: str
    split_threshold_bytes: int
    submit_grace_s: int
    cancel_after_s: int
    ledger_retention_days: int

    @classmethod
    def from_environment(cls, environment: Mapping[str, str]) -> "Settings":
        """Read the settings, or raise `SettingsError` with every problem at once."""
        texts = {field: environment.get(name, "").strip() for field, name in _NAMES.items()}
        problems = [f"{_NAMES[field]} is not set" for field, text in texts.items() if not text]
        names = (_THRESHOLD, _GRACE, _CANCEL, _RETENTION)
        numbers = {name: environment.get(name, "").strip() for name in names}
        problems += [
            f"{name} must be a whole number of {name.rpartition('_')[2].lower()} above 0, it is {text!r}"
            for name, text in numbers.items()
            if not (text.isascii() and text.isdigit() and int(text) > 0)
        ]
        if problems:
            raise SettingsError(problems)
        return cls(
            **texts,
            split_threshold_bytes=int(numbers[_THRESHOLD]),
            submit_grace_s=int(numbers[_GRACE]),
            cancel_after_s=int(numbers[_CANCEL]),
            ledger_retention_days=int(numbers[_RETENTION]),
        )
