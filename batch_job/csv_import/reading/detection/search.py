"""Choose delimiter, quote and escape: each candidate really reads the text, and the cheapest to tell again wins."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

from csv_import.reading.detection.candidates import USUAL, Candidate, candidate_delimiters
from csv_import.reading.detection.sample import Sample, lines_of, read_sample, usual_width
from csv_import.reading.detection.scoring import (
    DAMAGE_BITS,
    Costs,
    bits_of_quotes,
    bits_of_rest,
    bits_of_table,
)
from csv_import.reading.dialect import Dialect, Escape, Given

_WINDOW = 8_192
_MAX_WINDOW = 65_536
_MIN_LINES = 6
_SINGLE_COLUMN_BITS = 6.0
_COMMAS_IN_SINGLE_COLUMN_BITS = 40.0
_UNUSED = (",", ";", "\t", "|", "\x1f")
_VARIANT_BITS = 3.0
_APOSTROPHE_BITS = 8.0
_NO_QUOTE_BITS = (
    2.5 * DAMAGE_BITS
)  # two damaged records are damage, more may be the habit of a file without quotes
_UNSURE_BITS = 1.0
_EVEN = 0.9
_MAX_LINE = 16_384


@dataclass(frozen=True, slots=True)
class Scored:
    """A dialect, how the window reads under it, and the bits that takes."""

    dialect: Dialect
    sample: Sample
    bits: float

    @property
    def columns(self) -> int | None:
        """The most frequent number of cells."""
        return usual_width(self.sample.rows)

    @property
    def is_even(self) -> bool:
        """Whether a usual delimiter cuts the first record and nearly all others into equally many cells."""
        records, columns = self.sample.records, self.columns
        if self.dialect.delimiter[0] not in USUAL or columns is None or columns < 2:
            return False
        whole = sum(1 for each in records if len(each.cells) == columns)
        return len(records[0].cells) == columns and whole >= _EVEN * len(records)

    @property
    def is_clean(self) -> bool:
        """Whether no more than one record in ten has quotes to mend, or a single one."""
        damaged = sum(1 for each in self.sample.records if each.damage)
        return damaged <= max(1, (1 - _EVEN) * len(self.sample.records))


@dataclass(frozen=True, slots=True)
class Choice:
    """The reading that is believed, the next best, and how sure that is.

    Attributes:
        confidence: from 0 to 1, by the bits between the two.
    """

    best: Scored
    second: Scored | None
    confidence: float

    @property
    def evidence(self) -> str:
        """Counts that tell why."""
        widths = [len(row) for row in self.best.sample.rows]
        columns = self.best.columns
        whole = widths.count(columns or 0)
        said = f"{whole} of the first {len(widths)} records have {columns} cells, and take {self.best.bits:.0f} bits"
        if self.second is not None:
            said += f"; {self.second.bits:.0f} with {self.second.dialect.delimiter!r} in its place"
        return said


def choose(text: str, base: Dialect, given: Given, *, complete: bool) -> Choice:
    """The best reading of a text; the standard one where none is better than it by more than a bit.

    A usual delimiter that cuts the first record, which mostly is the header, into as many cells as the others is
    believed before any other, whatever separates something within the cells.

    Args:
        text: the sample from the table's first line on, as far as that is known.
        base: the dialect so far.
        complete: whether the file ends where `text` does.
    """
    window, whole = window_of(text)
    found = ranked(window, base, given, complete=complete and whole)
    even = [each for each in found if each.is_even]
    rivals = even or found
    best = rivals[0]
    standard = next((each for each in rivals if each.dialect.delimiter == ","), None)
    if standard is not None and "," in window and standard.bits <= best.bits + _UNSURE_BITS:
        best = standard
    if not even and (best.columns == 1 or best.dialect.delimiter[0] not in USUAL):
        separates_nothing = best.columns == 1 and best.dialect.delimiter in window
        best = _separating(found, window) or (standard if separates_nothing else None) or best
    others = [each for each in rivals if each is not best and each.columns != 1] or [
        each for each in rivals if each is not best
    ]
    second = others[0] if others else None
    if given.delimiter is not None:
        return Choice(best, None, 1.0)
    if second is None:
        return Choice(best, None, round(1 - 0.5 ** (1 + len(best.sample.records) / 4), 3) if even else 0.5)
    rival = min(each.bits for each in rivals if each is not best)
    margin = max(0.0, rival - best.bits)
    return Choice(best, second, round(1 - 0.5 ** (margin / 8), 3))


def _separating(found: list[Scored], window: str) -> Scored | None:
    """The cheapest reading by a usual delimiter that the first line has, and most lines have.

    Such a file is a table whose records are damaged or of many widths rather than one of a single column.
    """
    lines = [line for line in lines_of(window) if not line.isspace()]
    for each in found if lines else ():
        delimiter = each.dialect.delimiter
        mostly = 2 * sum(1 for line in lines if delimiter in line) >= len(lines)
        if delimiter[0] in USUAL and delimiter in lines[0] and mostly:
            return each
    return None


def window_of(text: str) -> tuple[str, bool]:
    """The text's first whole lines, enough to tell dialects apart; and whether that is all of it."""
    if len(text) <= _WINDOW:
        return text, True
    ends = re.compile(r"\r\n|\r|\n")
    end = 0
    for count, match in enumerate(ends.finditer(text), start=1):
        end = match.end()
        if (end >= _WINDOW and count >= _MIN_LINES) or end > _MAX_WINDOW:
            break
    if not end:
        return text[:_MAX_LINE], len(text) <= _MAX_LINE
    end = _behind_open_quote(text, end)
    return text[:end], end == len(text)


def _behind_open_quote(text: str, end: int) -> int:
    """The end of a line from `end` on up to which quotes come in pairs, so that no long cell is cut; or `end`."""
    extended = end
    while text.count('"', 0, extended) % 2:
        quote = text.find('"', extended)
        found = re.compile(r"\r\n|\r|\n").search(text, quote) if quote >= 0 else None
        if found is None:
            return end
        extended = found.end()
    return extended


def ranked(text: str, base: Dialect, given: Given, *, complete: bool) -> list[Scored]:
    """The best reading for each candidate delimiter, the cheapest first.

    Args:
        text: whole lines without preamble.
        base: the dialect so far; encoding and line ends stay.
        complete: whether the file ends where `text` does.
    """
    costs = Costs({})
    lines = [line.rstrip("\r\n") for line in lines_of(text)]
    lines = [line for line in lines if line and not line.isspace()]
    if given.delimiter is not None:
        candidates = [Candidate(given.delimiter, 0.0)]
    else:
        candidates = candidate_delimiters(lines)
        unused = next((each for each in _UNUSED if each not in text), None)
        if unused is not None:
            candidates.insert(0, Candidate(unused, _against_a_single_column(text)))
    found = []
    for candidate in candidates:
        dialect = replace(base, delimiter=candidate.delimiter)
        variants = [
            _score(text, each, candidate, extra, costs, complete=complete)
            for each, extra in variants_of(text, dialect, given)
        ]
        found.append(min(variants, key=_by_evidence))
    return sorted(found, key=lambda each: each.bits)


def _by_evidence(each: Scored) -> tuple[bool, bool, bool, float]:
    """Of readings by one delimiter: an even one first, and of these one with quotes, for prose has commas too."""
    even = each.is_even
    return not even, even and not each.is_clean, even and each.dialect.quote is None, each.bits


def _against_a_single_column(text: str) -> float:
    """Bits against the reading without any delimiter: many where there are commas, since that is the standard one."""
    if "," in text:
        return _COMMAS_IN_SINGLE_COLUMN_BITS
    return _SINGLE_COLUMN_BITS if any(delimiter in text for delimiter in USUAL) else 0.0


def variants_of(text: str, dialect: Dialect, given: Given) -> Iterator[tuple[Dialect, float]]:
    """The quotes and escapes that the text may be written with, and what speaks against each beforehand."""
    delimiter = re.escape(dialect.delimiter)
    start, end = rf"(?:\A|[\r\n]|{delimiter})", rf"(?={delimiter}|[\r\n]|\Z)"
    quotes: list[str | None]
    if given.quote is not None:
        quotes = [given.quote or None]
    else:
        quotes = ['"']
        if '"' in text:
            quotes.append(None)
        apostrophes = re.findall(rf"{start} *'((?:[^'\r\n]|'')*)' *{end}", text[:_MAX_LINE])
        if len(apostrophes) > 1 or any(dialect.delimiter in cell for cell in apostrophes):
            quotes.append("'")
    for quote in quotes:
        extra = {None: _NO_QUOTE_BITS, "'": _APOSTROPHE_BITS}.get(quote, 0.0)
        escapes = [given.escape] if given.escape is not None else [Escape.DOUBLED]
        if given.escape is None and (
            (quote and f"\\{quote}" in text)
            or f"\\{dialect.delimiter}" in text
            or "\\\n" in text
            or "\\\r" in text
        ):
            escapes.append(Escape.BACKSLASH)
        for escape in escapes:
            cost = extra + (_VARIANT_BITS if escape is Escape.BACKSLASH else 0.0)
            plain = replace(dialect, quote=quote, escape=escape, padded_quotes=False)
            yield plain, cost
            if quote and re.search(rf"{start} +{quote}|{quote} +{end}", text):
                yield replace(plain, padded_quotes=True), cost + _VARIANT_BITS


def _score(
    text: str, dialect: Dialect, candidate: Candidate, extra: float, costs: Costs, *, complete: bool
) -> Scored:
    sample = read_sample(text, dialect, complete=complete)
    rows = sample.rows
    # Backslashes that leave quotes to mend are no escapes, or not the file's habit.
    damage = 2 * DAMAGE_BITS if dialect.escape is Escape.BACKSLASH else DAMAGE_BITS
    bits = (
        candidate.prior
        + extra
        + candidate.each * sum(len(row) - 1 for row in rows)
        + bits_of_table(rows, costs)
        + bits_of_quotes(text, dialect.quote, rows)
        + damage * sample.damage
        + bits_of_rest(sample.unread)
    )
    return Scored(dialect, sample, bits)


def refine(text: str, choice: Choice, given: Given, *, complete: bool) -> Dialect:
    """Quote and escape as what lies behind the first window has them, where the whole text says nothing else.

    A quote that occurs for the first time far from the start opens or closes nothing before it, so the text can be
    read from the line on in which it stands.
    """
    dialect = choice.best.dialect
    window, whole = window_of(text)
    if whole:
        return dialect
    for character in ('"', "'", "\\"):
        at = text.find(character, len(window))
        # What the text has begun with goes on: quotes are no apostrophes later, nor doubled ones escapes.
        settled = {"'": '"' in text, "\\": '""' in text}.get(character, False)
        if at < 0 or character in window or settled:
            continue
        begin = max(text.rfind("\n", 0, at), text.rfind("\r", 0, at)) + 1
        later, all_of_it = window_of(text[begin:])
        known = replace(given, delimiter=dialect.delimiter)
        dialect = ranked(later, dialect, known, complete=complete and all_of_it)[0].dialect
    return dialect
