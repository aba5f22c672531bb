"""How a file's text is cut into records and cells: found out or given, and the same for every part of an import."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from enum import StrEnum
from typing import Any


class Escape(StrEnum):
    """How a quote is written inside a quoted cell."""

    DOUBLED = "doubled"
    BACKSLASH = "backslash"


class LineEnd(StrEnum):
    """What ends a line outside quotes: `ANY` is LF, CRLF and CR, each of them."""

    ANY = "any"
    LF = "lf"
    CRLF = "crlf"
    CR = "cr"


@dataclass(frozen=True, slots=True)
class Dialect:
    """Everything that reading a record depends on, besides its bytes.

    Attributes:
        encoding: a Python codec: `utf-8`, `utf-16-le`, `utf-16-be`, or a single-byte one that keeps ASCII (`cp1252`).
        delimiter: one or more characters between two cells.
        quote: the character around a cell that holds delimiters or line ends; None where there is none.
        escape: how a quote stands in a quoted cell. With `BACKSLASH` a backslash takes the meaning from a quote,
            a delimiter, a line end or another backslash after it, and is text before anything else (`\\N`).
        padded_quotes: blanks may stand between a delimiter and a quote, and are no part of the cell.
        line_end: what ends a line.
        comment: a line that begins with it is no record; None where there is none.
        spares_records: a line that begins with it is a record all the same where it has as many cells as there are
            columns: so it is where the mark was found out, for nobody has said that it is one.
        skipped_lines: lines of preamble before the header.
        header_records: records that together name the columns; 0 where the first record is data already.
        columns: cells of a whole record; None while that is not known. A damaged record is read so that it has
            as many, where that can be.
    """

    encoding: str = "utf-8"
    delimiter: str = ","
    quote: str | None = '"'
    escape: Escape = Escape.DOUBLED
    padded_quotes: bool = False
    line_end: LineEnd = LineEnd.ANY
    comment: str | None = None
    spares_records: bool = False
    skipped_lines: int = 0
    header_records: int = 1
    columns: int | None = None

    @property
    def is_plain(self) -> bool:
        """Whether `csv.reader` reads it: one character between cells, quotes doubled, no comments."""
        return (
            len(self.delimiter) == 1
            and self.escape is Escape.DOUBLED
            and not self.padded_quotes
            and self.line_end is LineEnd.ANY
            and self.comment is None
        )

    def as_map(self) -> dict[str, Any]:
        """As it is pinned in the ledger; `dialect_from` reads it back."""
        return {
            each.name: value.value if isinstance(value := getattr(self, each.name), StrEnum) else value
            for each in fields(self)
        }


def dialect_from(pinned: Mapping[str, Any]) -> Dialect:
    """The dialect that `Dialect.as_map` gave; numbers may have become `Decimal`."""
    columns = pinned["columns"]
    return Dialect(
        encoding=pinned["encoding"],
        delimiter=pinned["delimiter"],
        quote=pinned["quote"],
        escape=Escape(pinned["escape"]),
        padded_quotes=pinned["padded_quotes"],
        line_end=LineEnd(pinned["line_end"]),
        comment=pinned["comment"],
        spares_records=pinned["spares_records"],
        skipped_lines=int(pinned["skipped_lines"]),
        header_records=int(pinned["header_records"]),
        columns=None if columns is None else int(columns),
    )


STANDARD = Dialect()
"""RFC 4180 in UTF-8 with a header: what is assumed where the evidence says nothing else."""


@dataclass(frozen=True, slots=True)
class Given:
    """The parts of a dialect that the caller gives; None is found out. What is given always wins.

    `quote` and `comment` are the empty string where the caller says that there is none.
    """

    encoding: str | None = None
    delimiter: str | None = None
    quote: str | None = None
    escape: Escape | None = None
    line_end: LineEnd | None = None
    comment: str | None = None
    skipped_lines: int | None = None
    header_records: int | None = None

    def over(self, dialect: Dialect) -> Dialect:
        """`dialect` with what is given in place of what was found."""
        given = {each.name: getattr(self, each.name) for each in fields(self)}
        said = {name: value for name, value in given.items() if value is not None}
        for name in ("quote", "comment"):
            if name in said:
                said[name] = said[name] or None
        return replace(dialect, **said)

    def names(self) -> frozenset[str]:
        """Which parts are given."""
        return frozenset(each.name for each in fields(self) if getattr(self, each.name) is not None)


@dataclass(frozen=True, slots=True)
class Finding:
    """One part of a dialect, and why it is thought to be so.

    Attributes:
        value: as a person would write it: `";"`, `"cp1252"`, `2`, `null`.
        confidence: from 0 (a guess; the standard reading was taken) to 1 (certain, or given).
        evidence: one sentence; counts and places, never the contents of cells.
    """

    value: str | int | bool | None
    confidence: float
    evidence: str

    def shown(self) -> dict[str, Any]:
        """As it stands in ledger and report."""
        return {"value": self.value, "confidence": round(self.confidence, 2), "evidence": self.evidence}


@dataclass(frozen=True, slots=True)
class Detection:
    """A dialect and what it rests on.

    Attributes:
        dialect: complete, `columns` included.
        findings: by the names of `Dialect`'s attributes, and `record_end` (`lf`, `crlf`, `cr`, `mixed`: what
            the sample holds) and `footer`.
        footer_bytes: how many bytes at the end of the file are a footer; 0 where none was found.
    """

    dialect: Dialect
    findings: Mapping[str, Finding] = field(default_factory=dict)
    footer_bytes: int = 0
