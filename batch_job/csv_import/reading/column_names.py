"""Names for a file's columns, unique and not empty, from whatever its header says."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum


class Adjustment(StrEnum):
    """What was done to a name; `docs/operations.md` lists these for the reader of a report."""

    TRIMMED = "trimmed"
    """Blanks around it were taken off."""
    NAMED = "named"
    """It was empty, or there was no header, and is `column_<number>` now."""
    RENAMED = "renamed"
    """Another column before it has this name; `_2`, `_3` and so on was added."""
    MENDED = "mended"
    """The header has a damaged quote, and this is its best reading."""


@dataclass(frozen=True, slots=True)
class Adjusted:
    """A column, counted from 1, whose name is not what the header says, and why."""

    column: int
    kind: Adjustment


def joined(records: Sequence[Sequence[str]]) -> list[str]:
    """One name a column from several header records: `Price` above `USD` is `Price USD`."""
    width = max(map(len, records), default=0)
    names = []
    for column in range(width):
        parts = (record[column].strip() for record in records if column < len(record))
        names.append(" ".join(part for part in parts if part))
    return names


def adjusted(names: Sequence[str]) -> tuple[list[str], list[Adjusted]]:
    """Names that can be told apart, and what was changed to that end.

    A name that the header gives stays with the first column that has it: what is made up never takes it.
    """
    trimmed = [name.strip() for name in names]
    given = {name for name in trimmed if name}
    taken: set[str] = set()
    suffixes: dict[str, int] = {}
    result, changes = [], []
    for column, (name, was) in enumerate(zip(trimmed, names, strict=True), start=1):
        if not name:
            kind, unique = Adjustment.NAMED, f"column_{column}"
            if unique in given or unique in taken:
                unique = _with_suffix(unique, given | taken, suffixes)
        elif name in taken:
            kind, unique = Adjustment.RENAMED, _with_suffix(name, given | taken, suffixes)
        else:
            kind, unique = Adjustment.TRIMMED, name
        taken.add(unique)
        result.append(unique)
        if unique != was:
            changes.append(Adjusted(column, kind))
    return result, changes


def numbered(width: int) -> tuple[list[str], list[Adjusted]]:
    """Names for the columns of a file without header."""
    return adjusted([""] * width)


def _with_suffix(name: str, others: set[str], suffixes: dict[str, int]) -> str:
    number = suffixes.get(name, 2)
    while f"{name}_{number}" in others:
        number += 1
    suffixes[name] = number + 1
    return f"{name}_{number}"
