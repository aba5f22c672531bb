"""What of a file a part is: a range of it, rows taken out of several ranges, or all; as the plan wrote it down."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from csv_import.rejects import Location


@dataclass(frozen=True, slots=True)
class Range:
    """Consecutive records.

    Attributes:
        start: the first of them.
        end_offset: where the next range begins; the last one ends with the file.
        records: how many.
        rows_left_out: how many of them other parts load, in whole or in part.
        left_out: keys of the artifacts that tell which.
    """

    start: Location
    end_offset: int
    records: int
    rows_left_out: int = 0
    left_out: tuple[str, ...] = ()

    def as_map(self) -> dict[str, Any]:
        """The part item's `range`."""
        return {
            "line": self.start.line,
            "record": self.start.record,
            "offset": self.start.offset,
            "end_offset": self.end_offset,
            "records": self.records,
            "rows_left_out": self.rows_left_out,
            "left_out": list(self.left_out),
        }


@dataclass(frozen=True, slots=True)
class SharedRows:
    """Rows whose keys occur in several ranges.

    Attributes:
        keys: of the artifacts that hold them, in order.
        records, size: how many, and the bytes of the artifacts.
    """

    keys: tuple[str, ...]
    records: int
    size: int

    def as_map(self) -> dict[str, Any]:
        """The part item's `shared`."""
        return {"keys": list(self.keys), "records": self.records, "bytes": self.size}


Scope = Range | SharedRows | None
"""None is the whole file."""


def scope_of(item: Mapping[str, Any]) -> Scope:
    """What a part item says."""
    if told := item.get("range"):
        return Range(
            Location(int(told["line"]), int(told["record"]), int(told["offset"])),
            int(told["end_offset"]),
            int(told["records"]),
            int(told["rows_left_out"]),
            tuple(told["left_out"]),
        )
    if told := item.get("shared"):
        return SharedRows(tuple(told["keys"]), int(told["records"]), int(told["bytes"]))
    return None
