"""The fast way to read: `csv.reader` over whole blocks of text, wherever it reads a dialect as the machine does."""

from __future__ import annotations

import csv
import io
import itertools
import sys
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from csv_import.reading.code_units import CodeUnits
from csv_import.reading.dialect import Dialect, Escape, LineEnd
from csv_import.reading.record_block import Span

if TYPE_CHECKING:
    from _csv import Reader


@dataclass(frozen=True, slots=True)
class Express:
    """`csv.reader` for one dialect; strict, for otherwise it joins `"a"b` in silence.

    Attributes:
        dialect: what it reads.
        coding: how bytes become text.
    """

    dialect: Dialect
    coding: CodeUnits

    @classmethod
    def of(cls, dialect: Dialect, coding: CodeUnits) -> Express | None:
        """None where `csv.reader` does not take the dialect whatever the text is."""
        csv.field_size_limit(sys.maxsize)  # a record's size is limited, and a cell's by that
        if dialect.delimiter in ("\r", "\n", dialect.quote):
            return None
        express = cls(dialect, coding)
        try:
            express._reader(())
        except (TypeError, ValueError):  # it wants one character each
            return None
        return express

    def text(self, data: bytes) -> tuple[str, bool] | None:
        """The text of whole lines, and whether all of it can be decoded; None where the machine must decode it."""
        try:
            return data.decode(self.coding.codec), True
        except UnicodeDecodeError:
            return (
                (data.decode(self.coding.codec, "surrogateescape"), False) if self.coding.size == 1 else None
            )

    def encoded(self, text: str) -> bytes:
        """The bytes that `text` was made of."""
        return text.encode(self.coding.codec, "surrogateescape" if self.coding.size == 1 else "strict")

    def reads(self, text: str) -> bool:
        """Whether it reads the text as the machine does: nothing that it doesn't know stands in it."""
        dialect, quote = self.dialect, self.dialect.quote
        if dialect.line_end is not LineEnd.ANY and not _ends_alike(text, dialect.line_end):
            return False
        if dialect.comment and dialect.comment in text:
            return False
        if dialect.escape is Escape.BACKSLASH and ("\\" in text or (quote and quote * 2 in text)):
            return False
        return not (dialect.padded_quotes and quote) or not any(
            blank + quote in text or quote + blank in text for blank in " \t" if blank != dialect.delimiter
        )

    def end_of_records(self, text: str) -> int:
        """Where whole records end, going by the number of quotes: a guess, worth making for it is mostly right."""
        quote = self.dialect.quote
        if not quote or text.count(quote) % 2 == 0:
            return len(text)
        last = text.rfind(quote)
        return max(text.rfind("\n", 0, last), text.rfind("\r", 0, last)) + 1

    @staticmethod
    def lines(text: str) -> list[str]:
        """The text's lines with their ends."""
        return list(io.StringIO(text, newline=""))

    def rows(self, text: str, *, spread: bool) -> tuple[list[list[str]], int] | None:
        """All rows of a text, and how many lines they take; None where there is damage, or a record is open.

        `spread` guesses whether records take several lines; it makes a difference only to the time that is taken.
        """
        if not spread:
            lines = _lines_without_ends(text)
            found = None if lines is None else self._rows_of(lines)
            if found is not None:
                return found, len(found)
        reader = self._reader(io.StringIO(text, newline=""))
        try:
            return list(reader), reader.line_num
        except csv.Error:
            return None

    def _rows_of(self, lines: list[str]) -> list[list[str]] | None:
        """A row for each line; None where they may not be that.

        A line without a quote is split, which takes a fourth of the time. It is a record by itself where the lines
        with quotes are: none of these leaves a cell open then.
        """
        delimiter, quote = self.dialect.delimiter, self.dialect.quote
        quoted = [line for line in lines if quote in line] if quote else []
        if "" in lines:
            return None  # a blank line has no cell at all
        if not quoted or quote is None:
            return [line.split(delimiter) for line in lines]
        try:
            rows = list(self._reader(quoted))
        except csv.Error:
            return None
        if len(rows) != len(quoted):
            return None
        if len(rows) == len(lines):
            return rows
        next_row = iter(rows).__next__
        return [next_row() if quote in line else line.split(delimiter) for line in lines]

    def spans(self, data: bytes) -> list[Span]:
        """The lines of each row, where `rows` read the bytes."""
        decoded = self.text(data)
        assert decoded is not None
        reader = self._reader(io.StringIO(decoded[0], newline=""))
        behind = [0, *(reader.line_num for _ in reader)]
        return list(itertools.pairwise(behind))

    def reader(self, lines: list[str], first: int) -> Reader:
        """Reads the lines from `first` on, one row after the other, until there is damage or the lines end."""
        return self._reader(map(lines.__getitem__, range(first, len(lines))))

    def _reader(self, lines: Iterable[str]) -> Reader:
        dialect = self.dialect
        if dialect.quote is None:
            return csv.reader(
                lines, delimiter=dialect.delimiter, quotechar=None, quoting=csv.QUOTE_NONE, strict=True
            )
        return csv.reader(lines, delimiter=dialect.delimiter, quotechar=dialect.quote, strict=True)


def _lines_without_ends(text: str) -> list[str] | None:
    """The lines, much faster than `io.StringIO` gives them; None where a line ends in something else than (CR)LF."""
    if "\r" not in text:
        lines = text.split("\n")
    else:
        lines = text.split("\r\n")
        if text.count("\r") != len(lines) - 1:
            return None
        if text.count("\n") != len(lines) - 1:  # some lines end in LF alone
            lines = text.replace("\r\n", "\n").split("\n")
    if not lines[-1]:
        lines.pop()
    return lines


def _ends_alike(text: str, line_end: LineEnd) -> bool:
    """Whether a text ends its lines in one way."""
    if line_end is LineEnd.LF:
        return "\r" not in text
    if line_end is LineEnd.CR:
        return "\n" not in text
    return text.count("\r\n") == text.count("\n") == text.count("\r")
