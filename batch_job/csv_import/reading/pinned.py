"""How an import reads its file, as it is pinned in the ledger by the first attempt and used by every later one."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from csv_import.reading.dialect import Detection, Finding, dialect_from
from csv_import.reading.opening import OpenedFile
from csv_import.settings import Mode


def reading_map(opened: OpenedFile, mode: Mode) -> dict[str, Any]:
    """The map `reading` of docs/contracts.md; numbers with a fraction are decimals, as DynamoDB wants them."""
    detection = opened.detection
    return {
        "mode": mode.value,
        "compression": opened.compression,
        "footer_bytes": detection.footer_bytes,
        "dialect": detection.dialect.as_map(),
        "findings": {name: _finding_map(finding) for name, finding in detection.findings.items()},
    }


def detection_from(reading: Mapping[str, Any]) -> Detection:
    """The detection that `reading_map` was made of."""
    return Detection(
        dialect_from(reading["dialect"]),
        {name: _finding_from(each) for name, each in reading["findings"].items()},
        int(reading["footer_bytes"]),
    )


def _finding_map(finding: Finding) -> dict[str, Any]:
    return {**finding.shown(), "confidence": Decimal(f"{finding.confidence:.2f}")}


def _finding_from(shown: Mapping[str, Any]) -> Finding:
    value = shown["value"]
    return Finding(
        int(value) if isinstance(value, Decimal) else value, float(shown["confidence"]), shown["evidence"]
    )
