"""Where an item came from: file name and time, and a time of its own that orders the rows of a file."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

FILENAME = "Filename"
LAST_MODIFIED = "LastModified"
CREATED_TIME = "CreatedTime"
PROVENANCE = frozenset({FILENAME, LAST_MODIFIED, CREATED_TIME})
"""The attributes that an import sets itself, where no column has their name."""

_ENDINGS = [b"%03dZ" % each for each in range(1000)]
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class Provenance:
    """The provenance attributes of one object's rows: the same at every attempt.

    Args:
        key: the object's key.
        last_modified: the object's time.
    """

    def __init__(self, key: str, last_modified: datetime) -> None:
        self.filename = key
        self.last_modified = f"{last_modified.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"
        self._base_us = (last_modified - _EPOCH) // timedelta(microseconds=1)
        self._second: int | None = None
        self._prefix = ""

    def created_time(self, record: int) -> str:
        """The object's time plus the record's number in microseconds: unique, and in file order."""
        second, microsecond = divmod(self._base_us + record, 1_000_000)
        if second != self._second:
            self._second = second
            self._prefix = f"{_EPOCH + timedelta(seconds=second):%Y-%m-%dT%H:%M:%S}."
        return f"{self._prefix}{microsecond:06d}Z"

    def created_times(self, records: Sequence[int]) -> list[bytes]:
        """`created_time` of each of these records; much faster where they are a range."""
        if isinstance(records, range) and records.step == 1:
            return self._consecutive(records.start, len(records))
        return [self.created_time(record).encode() for record in records]

    def _consecutive(self, first: int, count: int) -> list[bytes]:
        times: list[bytes] = []
        while len(times) < count:
            at = first + len(times)
            prefix = self.created_time(at)[: -len("000000Z")].encode()
            microsecond = (self._base_us + at) % 1_000_000
            thousands, start = divmod(microsecond, 1000)
            stop = min(1000, start + count - len(times))  # up to the end of a second's thousandth
            prefix += b"%03d" % thousands
            times += [prefix + ending for ending in _ENDINGS[start:stop]]
        return times
