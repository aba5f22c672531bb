"""The pieces that a file is looked at in: each begins at a record, and a part is a run of them."""

from __future__ import annotations

from array import array
from dataclasses import dataclass, field

from csv_import.rejects import Location

_STRETCH_BYTES = 1 << 20
_LONG_STRETCH_BYTES = 4 << 20
_LONG_FROM_BYTES = 64 << 30


def stretch_bytes(file_bytes: int, part_bytes: int) -> int:
    """How long stretches are: short beside a part, and not too many."""
    longest = _STRETCH_BYTES if file_bytes < _LONG_FROM_BYTES else _LONG_STRETCH_BYTES
    return max(1, min(longest, part_bytes))


@dataclass(slots=True)
class Stretches:
    """Where stretches begin, in the file's order.

    Attributes:
        part_of: the part that each belongs to.
        firsts: the first stretch of each part.
    """

    part_of: array[int] = field(default_factory=lambda: array("I"))
    firsts: list[int] = field(default_factory=list)
    _offsets: array[int] = field(default_factory=lambda: array("Q"))
    _lines: array[int] = field(default_factory=lambda: array("Q"))
    _records: array[int] = field(default_factory=lambda: array("Q"))
    _end: Location | None = None

    def __len__(self) -> int:
        return len(self._offsets)

    def begin(self, at: Location, *, part: int) -> None:
        """A stretch begins at this record."""
        if part == len(self.firsts):
            self.firsts.append(len(self))
        self.part_of.append(part)
        self._offsets.append(at.offset)
        self._lines.append(at.line)
        self._records.append(at.record)

    def finish(self, end: Location) -> None:
        """The last stretch ends here."""
        self._end = end

    def start(self, stretch: int) -> Location:
        """The record that a stretch begins with; behind the last, where that one ends."""
        if stretch == len(self):
            assert self._end is not None, "not finished"
            return self._end
        return Location(self._lines[stretch], self._records[stretch], self._offsets[stretch])


@dataclass(slots=True)
class Cutter:
    """Decides where stretches begin.

    Args:
        part_bytes: a part ends at the first stretch behind a multiple of these.
        stretch_bytes: a stretch has at least as many, but for the last of a part.

    Attributes:
        stretches: those so far.
    """

    part_bytes: int
    stretch_bytes: int
    stretches: Stretches = field(default_factory=Stretches)
    _next_stretch_at: int = 0
    _next_part_at: int = 0

    def is_due(self, offset: int) -> bool:
        """Whether the next record that begins here or behind begins a stretch."""
        return offset >= self._next_stretch_at

    def begin(self, at: Location) -> None:
        """A record begins a stretch, and a part if it is time."""
        if at.offset >= self._next_part_at:
            self._next_part_at = (at.offset // self.part_bytes + 1) * self.part_bytes
            self.stretches.begin(at, part=len(self.stretches.firsts))
        else:
            self.stretches.begin(at, part=len(self.stretches.firsts) - 1)
        self._next_stretch_at = min(at.offset + self.stretch_bytes, self._next_part_at)
