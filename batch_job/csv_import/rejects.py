"""A record that can't be loaded, as a value: where it stands, and why."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class RejectCode(StrEnum):
    """The closed list of reasons; `docs/operations.md` explains each with its remedy."""

    TOO_MANY_CELLS = "too_many_cells"
    TOO_FEW_CELLS = "too_few_cells"
    EMPTY_KEY = "empty_key"
    KEY_TOO_LONG = "key_too_long"
    ITEM_TOO_LARGE = "item_too_large"
    INVALID_NUMBER = "invalid_number"
    INVALID_BOOLEAN = "invalid_boolean"
    INVALID_BASE64 = "invalid_base64"
    INVALID_HEX = "invalid_hex"
    INVALID_SET = "invalid_set"
    INVALID_JSON = "invalid_json"
    INVALID_TIME = "invalid_time"
    INVALID_ENCODING = "invalid_encoding"
    REQUIRED_CELL_EMPTY = "required_cell_empty"
    NESTED_TOO_DEEPLY = "nested_too_deeply"
    UNCLOSED_QUOTE = "unclosed_quote"
    STRAY_QUOTE = "stray_quote"
    RECORD_TOO_LONG = "record_too_long"
    REFUSED_BY_DYNAMODB = "refused_by_dynamodb"


@dataclass(frozen=True, slots=True)
class Location:
    """Where a record starts: `line` and `record` count from 1, `offset` in bytes from 0.

    The header and blank lines count as lines but not as records.
    """

    line: int
    record: int
    offset: int


@dataclass(frozen=True, slots=True)
class Reason:
    """Why a record is refused.

    Args:
        code: one of the closed list.
        message: for people; names sizes and counts, never cell contents.
        column: the column at fault, or None where the whole record is.
    """

    code: RejectCode
    message: str
    column: str | None = None


@dataclass(frozen=True, slots=True)
class Reject:
    """A refused record.

    Attributes:
        location: where it stands.
        reason: why it is refused.
        raw: its bytes as they stand in the file; none of a record that is too long to be kept.
        length: how many bytes it has in the file.
    """

    location: Location
    reason: Reason
    raw: bytes
    length: int
