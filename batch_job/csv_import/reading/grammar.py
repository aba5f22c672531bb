"""A dialect as regular expressions: what a cell, a line end, an escape and a blank line look like."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

from csv_import.reading.dialect import Dialect, Escape, LineEnd

_LINE_ENDS = {
    LineEnd.ANY: ("\r\n?|\n", "\r\n"),
    LineEnd.LF: ("\n", "\n"),
    LineEnd.CRLF: ("\r\n", "\r"),
    LineEnd.CR: ("\r", "\r"),
}
_ANYTHING = r"[\s\S]"
_NEVER = "(?!)"


@dataclass(frozen=True, slots=True)
class Grammar:
    """The patterns of one dialect; each is matched at a position, with the end of the text as `endpos`.

    Attributes:
        line_end: one line end.
        cell: a whole cell with what ends it. Groups: what is between its quotes; the bare cell; the delimiter or the
            line end behind it, None where the text ends. No match means that a quote opens the cell and is not
            closed, or not closed properly.
        opening: blanks, where they may be, and the quote that opens a cell.
        inside: of a quoted cell, all up to the quote that would close it.
        closing: the quote that closes a cell, and what follows it; groups as behind a cell.
        bare: what a bare cell goes on with, and what follows it; groups as behind a cell.
        damage: what counts in a damaged record. Groups: `escape` (and within, `escaped_line_end`),
            `quotes`, `delimiter`, `line_end`.
        before_end: after a quote, that it may close its cell.
        blank: a line that is blank, without its end.
    """

    dialect: Dialect
    line_end: re.Pattern[str]
    cell: re.Pattern[str]
    opening: re.Pattern[str]
    inside: re.Pattern[str]
    closing: re.Pattern[str]
    bare: re.Pattern[str]
    damage: re.Pattern[str]
    before_end: re.Pattern[str]
    blank: re.Pattern[str]
    _escapes: re.Pattern[str] | None
    _quote_runs: re.Pattern[str] | None

    def bare_text(self, cell: str) -> str:
        """A bare cell's text."""
        return self._escapes.sub(r"\1", cell) if self._escapes and "\\" in cell else cell

    def quoted_text(self, cell: str) -> str:
        """The text of what stands between a cell's quotes."""
        if self._escapes:
            return self._escapes.sub(r"\1", cell) if "\\" in cell else cell
        quote = self.dialect.quote or ""
        return cell.replace(quote + quote, quote) if quote in cell else cell

    def mended_text(self, cell: str) -> str:
        """As `quoted_text`, where quotes may stand between the quotes that are not doubled: they are text."""
        if self._quote_runs is None:
            return self.quoted_text(cell)
        quote = self.dialect.quote or ""
        return self._quote_runs.sub(lambda run: quote * -(-len(run[0]) // (2 * len(quote))), cell)


@lru_cache
def line_end_pattern(line_end: LineEnd) -> re.Pattern[str]:
    """What ends a line."""
    return re.compile(_LINE_ENDS[line_end][0])


@lru_cache(maxsize=256)
def grammar_of(dialect: Dialect) -> Grammar:
    """Compile a dialect."""
    end, end_firsts = _LINE_ENDS[dialect.line_end]
    delimiter = re.escape(dialect.delimiter)
    quote = re.escape(dialect.quote) if dialect.quote else _NEVER
    backslash = dialect.escape is Escape.BACKSLASH
    escaped = rf"\\(?:{quote}|{delimiter}|{end}|\\)"
    blanks = "".join(each for each in " \t" if each not in dialect.delimiter and each != dialect.quote)
    padding = f"[{blanks}]*+" if dialect.padded_quotes and blanks else ""
    follows = rf"(?:({delimiter})|({end})|\Z)"

    stops = re.escape(dialect.delimiter[0] + end_firsts + "\\" * backslash)
    bare = f"[^{stops}]++"
    if len(dialect.delimiter) > 1 or dialect.line_end is LineEnd.CRLF:
        bare += rf"|(?!{delimiter}|{end}{'|' + chr(92) * 2 if backslash else ''}){_ANYTHING}"
    if backslash:
        bare += rf"|{escaped}|\\"
    bare = f"(?:{bare})*+"

    if not dialect.quote:
        text = f"{_ANYTHING}*+"
    elif len(dialect.quote) == 1:
        text = rf"[^{quote}\\]*+" if backslash else f"[^{quote}]*+"
    else:
        text = rf"(?:(?!{quote}{'|' + chr(92) * 2 if backslash else ''}){_ANYTHING})*+"
    inside = text + (rf"(?:(?:{escaped}|\\){text})*+" if backslash else f"(?:{quote}{quote}{text})*+")

    runs = quote if backslash or not dialect.quote else f"(?:{quote})++"
    escape = (
        rf"\\(?:{quote}|{delimiter}|(?P<escaped_line_end>{end})|\\)"
        if backslash
        else f"(?P<escaped_line_end>{_NEVER})"
    )
    return Grammar(
        dialect=dialect,
        line_end=line_end_pattern(dialect.line_end),
        cell=re.compile(
            f"(?:{padding}{quote}({inside}){quote}{padding}|(?!{padding}{quote})({bare})){follows}"
        ),
        opening=re.compile(f"{padding}{quote}"),
        inside=re.compile(inside),
        closing=re.compile(f"{quote}{padding}{follows}"),
        bare=re.compile(f"{bare}{follows}"),
        damage=re.compile(
            f"(?P<escape>{escape})|(?P<quotes>{runs})|(?P<delimiter>{delimiter})|(?P<line_end>{end})"
        ),
        before_end=re.compile(rf"{padding}(?:{delimiter}|{end}|\Z)"),
        blank=re.compile(f"[{blanks}]*+" if blanks and dialect.columns != 1 else ""),
        _escapes=re.compile(rf"\\({quote}|{delimiter}|{end}|\\)") if backslash else None,
        _quote_runs=re.compile(runs) if dialect.quote and not backslash else None,
    )
