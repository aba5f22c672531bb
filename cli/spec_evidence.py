"""What the cells of a column could be, watched over a whole file in bounded memory."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field

from csv_import.shaping.spec import Column, Type
from csv_import.shaping.values.conversion import conversion
from csv_import.shaping.values.value import Notice, Refused

NULL_WORDS = frozenset({"NULL", "null", "\\N", "N/A", "n/a", "NaN", "None", "nil"})
TRUTH = (("true", "false"), ("yes", "no"), ("y", "n"), ("t", "f"), ("ja", "nein"), ("j", "n"), ("on", "off"))
_LISTED = re.compile(r"[^|;]+(?:[|;][^|;]+)+")


@dataclass(frozen=True, slots=True)
class Candidate:
    """A way to read a column.

    Attributes:
        said: what the spec would say.
        name: in words, for the evidence.
    """

    said: Column
    name: str


CANDIDATES = (
    Candidate(Column(type=Type.N), "numbers"),
    Candidate(Column(type=Type.N, decimal=","), "numbers with a decimal comma"),
    Candidate(Column(type=Type.N, decimal=",", thousands="."), "numbers such as 1.234,5"),
    Candidate(Column(type=Type.N, thousands=","), "numbers such as 1,234.5"),
    *(Candidate(Column(type=Type.BOOL, true=(yes,), false=(no,)), f"{yes} or {no}") for yes, no in TRUTH),
    Candidate(Column(type=Type.DATE), "dates such as 2026-11-23"),
    Candidate(Column(type=Type.TIMESTAMP, formats=("iso",)), "times in ISO 8601"),
    Candidate(Column(type=Type.DATE, formats=("%d.%m.%Y",)), "dates such as 23.11.2026"),
    Candidate(Column(type=Type.TIMESTAMP, formats=("%d.%m.%Y %H:%M",)), "times such as 23.11.2026 10:00"),
    Candidate(
        Column(type=Type.TIMESTAMP, formats=("%d.%m.%Y %H:%M:%S",)), "times such as 23.11.2026 10:00:00"
    ),
    Candidate(Column(type=Type.DATE, formats=("%m/%d/%Y",)), "dates such as 11/23/2026"),
    Candidate(Column(type=Type.DATE, formats=("%d/%m/%Y",)), "dates such as 23/11/2026"),
)
"""In the order of preference."""


@dataclass(slots=True)
class _Open:
    """A candidate that no cell has spoken against yet."""

    candidate: Candidate
    convert: Callable[[str], object]


@dataclass(slots=True)
class Evidence:
    """What is known of one column.

    Attributes:
        empty, filled: cells.
        padded: filled cells with blanks around.
        plus: filled cells that begin with a plus sign.
        nulls: cells that are one of the usual words for nothing, by word.
        notices: what reading the cells as numbers would lose.
        longest: characters of the longest cell.
        listed: cells that look like several elements.
        documents: cells that look like JSON.
        open: what the cells could be.
    """

    empty: int = 0
    filled: int = 0
    padded: int = 0
    plus: int = 0
    listed: int = 0
    documents: int = 0
    longest: int = 0
    nulls: Counter[str] = field(default_factory=Counter)
    notices: Counter[Notice] = field(default_factory=Counter)
    open: list[_Open] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.open = [_Open(each, self._converter(each)) for each in CANDIDATES]

    def add(self, cell: str) -> None:
        """Look at a cell."""
        if not cell:
            self.empty += 1
            return
        self.filled += 1
        self.longest = max(self.longest, len(cell))
        text = cell.strip()
        self.padded += text != cell
        self.plus += text.startswith("+")
        if not text or text in NULL_WORDS:
            self.nulls[text] += 1
            return
        if self.open:
            self.open = [each for each in self.open if _fits(each, text)]
        if text[0] in "{[":
            self.documents += 1
        elif _LISTED.fullmatch(text):
            self.listed += 1

    def best(self) -> Candidate | None:
        """The first thing that all cells could be; None where they are texts, or where there are none."""
        if self.filled == sum(self.nulls.values()) or not self.open:
            return None
        return self.open[0].candidate

    def ambiguous(self) -> bool:
        """Whether it cannot be told if the day or the month comes first."""
        names = {each.candidate.name for each in self.open}
        return {"dates such as 11/23/2026", "dates such as 23/11/2026"} <= names

    def comma_is_ambiguous(self) -> bool:
        """Whether it cannot be told if a comma is a decimal mark or parts thousands."""
        names = [each.candidate.name for each in self.open]
        return "numbers" not in names and {
            "numbers with a decimal comma",
            "numbers such as 1,234.5",
        } <= set(names)

    def _converter(self, candidate: Candidate) -> Callable[[str], object]:
        type_ = candidate.said.type
        assert type_ is not None
        plain_number = type_ is Type.N and candidate.said.decimal is None and candidate.said.thousands is None
        return conversion(candidate.said, type_, self._tell if plain_number else _ignore)

    def _tell(self, notice: Notice) -> None:
        self.notices[notice] += 1


def _ignore(_notice: Notice) -> None:
    """Another candidate's loss."""


def _fits(open_: _Open, text: str) -> bool:
    try:
        open_.convert(text)
    except Refused:
        return False
    return True
