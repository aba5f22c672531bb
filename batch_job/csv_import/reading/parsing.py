"""Read the bytes at hand into blocks: by `csv.reader` in one go where all is as it seems, else by the machine.

`csv.reader` reads a record as the machine does, where it reads one at all. What needs a second look is a row that may
be a blank line, one over several lines with the wrong number of cells (a quote may have swallowed records), and one
longer than a record may be.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Generator, Iterator
from dataclasses import dataclass, field
from functools import partial

from csv_import.reading.code_units import code_units_of
from csv_import.reading.damage import Damage, DamagedRow
from csv_import.reading.dialect import Dialect
from csv_import.reading.express import Express
from csv_import.reading.lines import Lines
from csv_import.reading.machine import Ignored, Machine, Read
from csv_import.reading.record_block import IgnoredLines, Layout, Place, RecordBlock, Span
from csv_import.rejects import RejectCode

_Outcome = list[str] | Ignored | None
"""A row; why a line is no record; None for a line that is too long to be one."""

_UNDECODED = re.compile("[\udc80-\udcff]")


class BlockParser:
    """Reads bytes that begin at a record's start.

    Args:
        dialect: how they are read.
        max_record_bytes: the longest record, with its line end.
        piece_bytes: how much is read in one go.
    """

    def __init__(self, dialect: Dialect, max_record_bytes: int, piece_bytes: int) -> None:
        self._dialect = dialect
        self._columns = dialect.columns
        self._coding = code_units_of(dialect.encoding)
        self._unit_dialect = self._coding.dialect(dialect)
        self._lines = Lines(self._coding, dialect.line_end)
        self._express = Express.of(dialect, self._coding)
        self._max_bytes = max_record_bytes - max_record_bytes % self._coding.size
        self._piece_bytes = max(self._coding.size, piece_bytes - piece_bytes % self._coding.size)
        self._spread = False
        self._undecoded = Damage(
            RejectCode.INVALID_ENCODING, f"the record holds bytes that are no {dialect.encoding.upper()}"
        )

    def blocks(self, data: bytes, place: Place, *, final: bool) -> Iterator[RecordBlock]:
        """Yield the blocks at the front of `data` that nothing behind it can change.

        Args:
            data: bytes of the file from `place` on.
            place: a record's start.
            final: whether the file ends with them.
        """
        if not final:
            data = data[: len(data) - len(data) % self._coding.size]  # half a unit says nothing
        at, size = 0, self._piece_bytes
        while at < len(data):
            piece = data[at : at + size]
            ends = final and at + size >= len(data)
            block = self._read_in_one_go(piece, place, final=ends) if size == self._piece_bytes else None
            before = at
            for each in (block,) if block else self._read_with_care(piece, place, final=ends):
                at += each.size
                place = each.end()
                yield each
            if at > before:
                size = self._piece_bytes
            elif size < len(data) - at:
                size = (
                    len(data) - at
                )  # a record is longer than a piece, or what is damaged needs a longer look ahead
            else:
                return

    def too_long(self, place: Place, size: int) -> RecordBlock:
        """The block of a line that is longer than any record may be."""
        message = (
            f"the line has {size} bytes, and a record at most {self._max_bytes}; they are not kept here, but stand"
            " in the file from this offset on"
        )
        row = DamagedRow((), Damage(RejectCode.RECORD_TOO_LONG, message))
        return RecordBlock([row], place, b"", size=size, lines=1, layout=Layout(lambda: (0,)))

    def _read_in_one_go(self, data: bytes, place: Place, *, final: bool) -> RecordBlock | None:
        """A block of which no row needs a second look; None where one may."""
        express = self._express
        if express is None:
            return None
        lines_end = len(data) if final else self._lines.last_end(data)
        decoded = express.text(data[:lines_end])
        if decoded is None or not lines_end or not express.reads(decoded[0]):
            return None
        text, all_decoded = decoded
        if self._spread and not final and 0 < (end := express.end_of_records(text)) < len(text):
            lines_end -= len(express.encoded(text[end:]))
            text = text[:end]
        read = express.rows(text, spread=self._spread) if lines_end <= self._max_bytes else None
        if read is None:
            self._spread = True
            return None
        rows, lines = read
        widths = set(map(len, rows))
        self._spread = spread = lines != len(rows)
        if 0 in widths or (1 in widths and self._columns != 1):
            return None
        if spread and self._columns is not None and widths != {self._columns}:
            return None
        if not all_decoded:
            rows = list(map(self._with_encoding_checked, rows))
        data = data[:lines_end]
        spans = partial(express.spans, data) if spread else None
        return RecordBlock(
            rows,
            place,
            data,
            size=len(data),
            lines=lines,
            layout=Layout(partial(self._lines.ends, data), spans),
        )

    def _read_with_care(self, data: bytes, place: Place, *, final: bool) -> Iterator[RecordBlock]:
        """Blocks of any rows; a line that is too long is a block of its own."""
        machine = Machine(
            self._coding.units(data),
            self._unit_dialect,
            final=final,
            max_record_chars=self._max_bytes // self._coding.size,
        )
        gathered = _Gathered()
        for line, behind, outcome in self._outcomes(machine, data):
            if outcome is not None:
                gathered.take(line, behind, outcome)
                continue
            if gathered.first < line:
                yield (block := self._block(gathered, machine, data, place))
                place = block.end()
            yield (block := self.too_long(place, len(self._bytes(machine, data, line, behind))))
            place = block.end()
            gathered = _Gathered(behind, behind)
        if gathered.first < gathered.behind:
            yield self._block(gathered, machine, data, place)

    def _outcomes(self, machine: Machine, data: bytes) -> Iterator[tuple[int, int, _Outcome]]:
        """What each line is the start of: its number, the line behind the record, the row or why it is none."""
        lines, all_decoded = self._express_lines(machine, data)
        line = read_twice = 0
        while line < machine.lines:
            reached = line
            if lines and read_twice <= len(lines):
                line, reached = yield from self._express_outcomes(
                    machine, lines, line, all_decoded=all_decoded
                )
            read = machine.read(line)
            if read is None:
                return
            yield line, line + read.lines, self._outcome(read)
            line += read.lines
            read_twice += max(0, reached - line)

    def _express_lines(self, machine: Machine, data: bytes) -> tuple[list[str], bool]:
        """The lines for `csv.reader`, and whether all are decoded; none where it doesn't read these as the machine."""
        if self._express is not None:
            decoded = self._express.text(data[: machine.end_of(machine.lines - 1) * self._coding.size])
            if decoded is not None and self._express.reads(decoded[0]):
                return self._express.lines(decoded[0]), decoded[1]
        return [], True

    def _express_outcomes(
        self, machine: Machine, lines: list[str], first: int, *, all_decoded: bool
    ) -> Generator[tuple[int, int, _Outcome], None, tuple[int, int]]:
        """Read on until a row needs a second look; returns its line, and how far lines were read."""
        assert self._express is not None
        reader = self._express.reader(lines, first)
        line = first
        try:
            for row in reader:
                behind = first + reader.line_num
                size = machine.end_of(behind - 1) - machine.end_of(line - 1)
                if not self._is_as_it_seems(row, behind - line, size * self._coding.size):
                    break
                yield line, behind, row if all_decoded else self._with_encoding_checked(row)
                line = behind
        except csv.Error:
            pass
        return line, first + reader.line_num

    def _is_as_it_seems(self, row: list[str], lines: int, size: int) -> bool:
        width = len(row)
        if width == 0 or (width == 1 and self._columns != 1):
            return False
        if lines > 1 and self._columns not in (None, width):
            return False
        return size <= self._max_bytes

    def _outcome(self, read: Read) -> _Outcome:
        """What the machine read, its code units turned into text; None is a line that is too long."""
        if read.ignored is not None:
            return read.ignored
        damage = read.damage
        if damage is not None and damage.code is RejectCode.RECORD_TOO_LONG:
            return None
        cells, all_decoded = [], True
        for units in read.cells:
            cell, decoded = self._coding.text(units)
            cells.append(cell)
            all_decoded = all_decoded and decoded
        if not all_decoded:
            damage = self._undecoded
        return cells if damage is None else DamagedRow(cells, damage)

    def _with_encoding_checked(self, row: list[str]) -> list[str]:
        """The row; damaged where it holds bytes that could not be decoded."""
        if not any(map(_UNDECODED.search, row)):
            return row
        codec = self._coding.codec
        cells = (cell.encode(codec, "surrogateescape").decode(codec, "replace") for cell in row)
        return DamagedRow(cells, self._undecoded)

    def _block(self, gathered: _Gathered, machine: Machine, data: bytes, place: Place) -> RecordBlock:
        data = self._bytes(machine, data, gathered.first, gathered.behind)
        layout = Layout(partial(self._lines.ends, data), lambda: gathered.spans)
        block = RecordBlock(
            gathered.rows, place, data, size=len(data), lines=gathered.behind - gathered.first, layout=layout
        )
        for reason, lines in gathered.ignored.items():
            size = sum(layout.offset(line + 1) - layout.offset(line) for line in lines)
            block.ignored[reason] = IgnoredLines(len(lines), size)
        return block

    def _bytes(self, machine: Machine, data: bytes, line: int, behind: int) -> bytes:
        size = self._coding.size
        return data[machine.end_of(line - 1) * size : machine.end_of(behind - 1) * size]


@dataclass(slots=True)
class _Gathered:
    """The rows of a block to be: its lines from `first` on, up to `behind`."""

    first: int = 0
    behind: int = 0
    rows: list[list[str]] = field(default_factory=list)
    spans: list[Span] = field(default_factory=list)
    ignored: dict[str, list[int]] = field(default_factory=dict)

    def take(self, line: int, behind: int, outcome: list[str] | Ignored) -> None:
        if isinstance(outcome, Ignored):
            self.ignored.setdefault(outcome, []).append(line - self.first)
        else:
            self.rows.append(outcome)
            self.spans.append((line - self.first, behind - self.first))
        self.behind = behind
