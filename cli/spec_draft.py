"""Drafts an `_import.yaml` from what was seen in a file: ready to edit, with the evidence as comments."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import fields

from cli.spec_evidence import Candidate, Evidence
from csv_import.reading.dialect import Given
from csv_import.shaping.spec import Column, Type
from csv_import.shaping.values.value import Notice

_BARE = re.compile(r"[A-Za-z][A-Za-z0-9_]*")
_YAML_WORDS = {"true", "false", "yes", "no", "on", "off", "null", "y", "n"}


def draft(
    name: str,
    names: Sequence[str],
    rows: Iterable[list[str]],
    *,
    keys: Sequence[str],
    dialect: Given = Given(),  # noqa: B008 - it is frozen
) -> str:
    """The spec of a file.

    Args:
        name: of the file.
        names: the header.
        rows: all records; those of another width are counted and not looked at.
        keys: the columns that are the table's key.
        dialect: what must be said for the file to be read so.
    """
    evidence = [Evidence() for _ in names]
    records = odd = 0
    for row in rows:
        records += 1
        if len(row) != len(names):
            odd += 1
            continue
        for column, cell in zip(evidence, row, strict=True):
            column.add(cell)
    lines = [
        f"# Drafted by `csvimport spec {_one_line(name)}` from {records:,} records. Read it, mend it, try it:",
        "#   csvimport check FILE --spec _import.yaml",
        "# Every field is explained in docs/import-spec.md.",
    ]
    if odd:
        lines.append(
            f"# {odd:,} records have another number of cells than the header; they were not looked at."
        )
    lines += ["mode: put", *_dialect(dialect), "columns:"]
    for title, seen in zip(names, evidence, strict=True):
        lines += _column(title, seen, is_key=title in keys)
    return "\n".join(lines) + "\n"


def _dialect(dialect: Given) -> Iterator[str]:
    """What has to be said; a delimiter that is hard to see by its name."""
    said = {each.name: getattr(dialect, each.name) for each in fields(Given)}
    if any(value is not None for value in said.values()):
        yield "dialect:"
    for name, value in said.items():
        if value is not None:
            text = "tab" if (name, value) == ("delimiter", "\t") else value
            yield f"  {name}: {yaml_text(text) if isinstance(text, str) else text}"


def _column(name: str, seen: Evidence, *, is_key: bool) -> Iterator[str]:
    said, remarks = _said(seen, is_key=is_key)
    for remark in remarks:
        yield f"  # {remark}"
    yield f"  {yaml_text(name)}: {_written(said)}"


def _said(seen: Evidence, *, is_key: bool) -> tuple[Column, list[str]]:
    remarks = [_counts(seen)]
    best = seen.best()
    if is_key:
        remarks.append("the table's key: it takes the type that the table gives, if none is said here")
        if seen.padded:
            remarks.append(
                f"{seen.padded:,} have blanks around: with trim: true they may be another row's key"
            )
        return Column(), remarks
    if best is None:
        remarks += _remarks_on_text(seen)
        return Column(type=Type.S), remarks
    if doubt := _doubt(seen, best):
        return Column(type=Type.S), [*remarks, doubt]
    remarks.append(f"all {best.name}")
    if trailing := seen.notices[Notice.TRAILING_ZEROS_LOST]:
        remarks.append(f"{trailing:,} end with zeros behind the decimal mark; N keeps the value without them")
    said = best.said
    nulls = tuple(sorted(word for word in seen.nulls if word))
    return (
        Column(
            type=said.type,
            decimal=said.decimal,
            thousands=said.thousands,
            true=said.true,
            false=said.false,
            formats=said.formats,
            trim=seen.padded > 0,
            nulls=nulls,
        ),
        remarks,
    )


def _doubt(seen: Evidence, best: Candidate) -> str | None:
    """Why what all cells could be is not drafted: it cannot be told which, or something would be lost."""
    zeros = seen.notices[Notice.LEADING_ZEROS_LOST]
    if seen.ambiguous():
        return (
            "dates whose day and month can't be told apart: formats: '%d/%m/%Y' or '%m/%d/%Y' with type DATE"
        )
    if seen.comma_is_ambiguous():
        return "numbers whose comma may be a decimal mark or part thousands: type N with decimal: ',' or thousands: ','"
    if best.said.type is Type.N and seen.plus:
        return f"all {best.name}, but {seen.plus:,} begin with a plus sign, which type N would lose"
    if best.said.type is Type.N and zeros:
        return f"all {best.name}, but {zeros:,} begin with zeros, which type N would lose"
    return None


def _counts(seen: Evidence) -> str:
    filled = f"{seen.filled:,} filled, {seen.empty:,} empty"
    longest = f"; the longest has {seen.longest:,} characters" if seen.longest else ""
    return filled + longest


def _remarks_on_text(seen: Evidence) -> Iterator[str]:
    if not seen.filled:
        yield "no cell is filled: drop it?"
    if seen.padded:
        yield f"{seen.padded:,} have blanks around: trim: true takes them away"
    if seen.nulls:
        words = ", ".join(repr(word) for word in sorted(seen.nulls) if word)
        if words:
            yield f"{sum(seen.nulls.values()):,} say {words}: nulls: [...] if that means nothing"
    if seen.documents * 2 > seen.filled:
        yield f"{seen.documents:,} look like JSON: type JSON makes maps and lists of them"
    if seen.listed * 2 > seen.filled:
        yield f"{seen.listed:,} look like several elements: {{type: SS, separator: '|'}} makes a set of them"


def _written(said: Column) -> str:
    type_ = said.type
    parts: list[str] = [f"type: {type_}"] if type_ else []
    for name in ("decimal", "thousands"):
        if mark := getattr(said, name):
            parts.append(f"{name}: {yaml_text(mark)}")
    for name in ("true", "false", "formats", "nulls"):
        if words := getattr(said, name):
            parts.append(f"{name}: [{', '.join(map(yaml_text, words))}]")
    if said.trim:
        parts.append("trim: true")
    if parts and parts == [f"type: {type_}"]:
        return str(type_)
    return "{" + ", ".join(parts) + "}"


def yaml_text(text: str) -> str:
    """The text as YAML reads it back."""
    if _BARE.fullmatch(text) and text.lower() not in _YAML_WORDS:
        return text
    return '"' + "".join(map(_escaped, text)) + '"'


def _escaped(character: str) -> str:
    if character in '"\\':
        return "\\" + character
    return character if character.isprintable() else f"\\U{ord(character):08x}"


def _one_line(text: str) -> str:
    return "".join(each if each.isprintable() else "?" for each in text)
