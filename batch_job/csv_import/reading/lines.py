"""Where the lines of a file end, in its bytes."""

from __future__ import annotations

from dataclasses import dataclass

from csv_import.reading.code_units import CodeUnits
from csv_import.reading.dialect import Dialect, LineEnd
from csv_import.reading.grammar import line_end_pattern

_LAST_CHARACTERS = {
    LineEnd.ANY: ("\n", "\r"),
    LineEnd.LF: ("\n",),
    LineEnd.CRLF: ("\r\n",),
    LineEnd.CR: ("\r",),
}


def line_ends(dialect: Dialect) -> tuple[bytes, ...]:
    """The bytes that end a line, as the last that is of it; the first of them is the one to end a line with."""
    return tuple(end.encode(dialect.encoding) for end in _LAST_CHARACTERS[dialect.line_end])


@dataclass(frozen=True, slots=True)
class Lines:
    """Finds line ends of one kind in one encoding."""

    coding: CodeUnits
    line_end: LineEnd

    def ends(self, data: bytes) -> list[int]:
        """Where each line ends, its line end included; the last may end with the data."""
        size, text = self.coding.size, self.coding.units(data)
        ends = [each.end() * size for each in line_end_pattern(self.line_end).finditer(text)]
        if not ends or ends[-1] < len(data):
            ends.append(len(data))
        return ends

    def first_end(self, data: bytes, *, final: bool) -> int | None:
        """Where the first line ends; None where that is not decided, for the file goes on."""
        text = self.coding.units(data if final else data[: len(data) - len(data) % self.coding.size])
        found = line_end_pattern(self.line_end).search(text)
        if found and (final or not self._may_go_on(found.end(), found[0], text)):
            return found.end() * self.coding.size
        return len(data) if final else None

    def last_end(self, data: bytes) -> int:
        """Where the last line ends that has a line end for certain; 0 where none has."""
        end = 0
        for line_end in _LAST_CHARACTERS[self.line_end]:
            stop = len(data)
            if self.line_end is LineEnd.ANY and line_end == "\r":
                stop -= self.coding.size + len(data) % self.coding.size
            end = max(end, self._last(data, line_end.encode(self.coding.codec), max(stop, 0)))
        return end

    def undecided(self, data: bytes) -> int:
        """How many bytes at the end of a line without end may belong to a line end that goes on."""
        return min(len(data), self.coding.size + len(data) % self.coding.size)

    def _may_go_on(self, end: int, line_end: str, text: str) -> bool:
        return self.line_end is LineEnd.ANY and line_end == "\r" and end == len(text)

    def _last(self, data: bytes, needle: bytes, stop: int) -> int:
        """Behind the last `needle` that ends at `stop` or before it, and does not begin within a unit; or 0."""
        while True:
            at = data.rfind(needle, 0, stop)
            if at < 0:
                return 0
            if at % self.coding.size == 0:
                return at + len(needle)
            stop = at + len(needle) - 1
