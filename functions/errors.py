"""The errors that the functions raise.

ImporterError
├── SettingsError             the function's environment does not hold what it must
├── UnexpectedEventError      the function was invoked with an event that it does not know
├── UnknownImportError        the ledger holds no import of this id
├── SubmissionRefusedError    AWS Batch does not accept the job: queue, definition or permission
├── EventRefusedError         EventBridge does not take the event of a closed import
├── QueueFullError            too many versions of one object wait to be loaded
├── LedgerBusyError           others were quicker at the ledger, again and again
├── ReopeningError            an import cannot be resumed or repeated
└── ImportsFailedError        some imports of one invocation failed, after all of them had their turn
"""

from collections.abc import Sequence


class ImporterError(Exception):
    """Base of all errors that the functions raise."""


class SettingsError(ImporterError):
    """The environment does not hold what it must; `problems` names each variable."""

    def __init__(self, problems: Sequence[str]) -> None:
        self.problems = tuple(problems)
        super().__init__("; ".join(self.problems))


class UnexpectedEventError(ImporterError):
    """The event, or one record of it, is not what the function is made for."""


class UnknownImportError(ImporterError):
    """The ledger holds no import `import_id`."""

    def __init__(self, import_id: str) -> None:
        self.import_id = import_id
        super().__init__(f"the ledger holds no import {import_id}")


class SubmissionRefusedError(ImporterError):
    """AWS Batch refuses the job of `import_id` for good, until queue, definition or permission is mended."""

    def __init__(self, *, import_id: str, job_queue: str, job_definition: str, answer: str) -> None:
        self.import_id = import_id
        self.job_queue = job_queue
        self.job_definition = job_definition
        self.answer = answer
        super().__init__(
            f"AWS Batch refuses the job of import {import_id} "
            f"(queue {job_queue}, definition {job_definition}): {answer}. "
            "The sweep submits it again once this is mended."
        )


class EventRefusedError(ImporterError):
    """EventBridge does not take the event of a closed import; the sweep tries again."""


class QueueFullError(ImporterError):
    """So many versions of one object wait that the ledger has no room for more."""

    def __init__(self, *, bucket: str, key: str, waiting: int) -> None:
        self.bucket = bucket
        self.key = key
        self.waiting = waiting
        super().__init__(
            f"{waiting} versions of s3://{bucket}/{key} wait to be loaded, and there is no room for more. "
            "The next event of this key registers what this one could not, once some are through."
        )


class LedgerBusyError(ImporterError):
    """Others changed the same items of the ledger, again and again; calling again goes on."""


class ReopeningError(ImporterError):
    """An import cannot be resumed or repeated; `code` says why, the message also what to do."""

    def __init__(self, code: str, message: str) -> None:
        self.code = code
        super().__init__(message)


class ImportsFailedError(ImporterError):
    """Some imports of one invocation failed; `names` holds their import ids, or keys where there is no id."""

    def __init__(self, names: Sequence[str]) -> None:
        self.names = tuple(names)
        super().__init__(f"{len(self.names)} failed, see the log for each: {', '.join(self.names)}")
