"""Parts of the JSON documents that the commands print; names as in the report of an import."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import fields
from typing import TYPE_CHECKING, Any, NamedTuple

from cli.key_schema import KeyColumn
from csv_import.reading.dialect import Detection, Dialect, Finding
from csv_import.reading.header import Header
from csv_import.reading.record_block import IgnoredLines
from csv_import.rejects import Reject

if TYPE_CHECKING:
    from csv_import.shaping.spec_reader import ReadSpec
    from csv_import.shaping.values.value import Notice


class Ignored(dict[str, IgnoredLines]):
    """What is no record, by reason."""

    def add(self, more: Mapping[str, IgnoredLines]) -> None:
        """Count what stands in another part of the file."""
        for reason, each in more.items():
            known = self.get(reason, IgnoredLines())
            self[str(reason)] = IgnoredLines(known.lines + each.lines, known.size + each.size)

    @property
    def size(self) -> int:
        """Bytes of all of it."""
        return sum(each.size for each in self.values())

    def as_json(self) -> dict[str, dict[str, int]]:
        """By reason, lines as spans."""
        return {reason: {"spans": each.lines, "bytes": each.size} for reason, each in self.items()}


def reading_json(detection: Detection, header: Header, keys: Sequence[KeyColumn]) -> dict[str, Any]:
    """How a file is read, the columns, and which of them are the key."""
    return {
        "dialect": {each.name: getattr(detection.dialect, each.name) for each in fields(Dialect)},
        "findings": {name: finding.shown() for name, finding in detection.findings.items()},
        "header": {
            "columns": len(header.names),
            "names": header.names,
            "line": header.line,
            "adjusted": [{"column": each.column, "kind": each.kind} for each in header.adjusted],
        },
        "keys": [{"name": key.name, "type": key.type} for key in keys],
    }


def spec_json(spec: ReadSpec | None) -> dict[str, Any] | None:
    """The spec that rows become items by, and what becomes of items that are there."""
    return None if spec is None else {"file": spec.name, "mode": spec.spec.mode.value}


def notices_json(counts: Mapping[tuple[str, Notice], int]) -> list[dict[str, Any]]:
    """What cells lost that were taken all the same, as in the report of an import."""
    return [
        {"column": column, "code": str(code), "cells": cells}
        for (column, code), cells in sorted(counts.items())
    ]


class Part(NamedTuple):
    """A part of a dialect; `confidence` is None and `evidence` empty where nobody looked for it."""

    name: str
    value: Any
    confidence: float | None = None
    evidence: str = ""


def parts(detection: Detection) -> list[Part]:
    """Give each part of a dialect, then what else was found, such as the record ends that the sample holds."""
    own = {each.name: getattr(detection.dialect, each.name) for each in fields(Dialect)}
    others = {name: finding.value for name, finding in detection.findings.items() if name not in own}
    return [_part(name, value, detection.findings.get(name)) for name, value in {**own, **others}.items()]


def _part(name: str, value: Any, finding: Finding | None) -> Part:
    return Part(name, value, finding.confidence, finding.evidence) if finding else Part(name, value)


def reject_json(reject: Reject) -> dict[str, Any]:
    """A reject as in `rejects.jsonl`; never what stands in its cells."""
    return {
        "line": reject.location.line,
        "record": reject.location.record,
        "offset": reject.location.offset,
        "length": reject.length,
        "column": reject.reason.column,
        "code": reject.reason.code.value,
        "message": reject.reason.message,
    }
