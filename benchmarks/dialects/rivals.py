"""Ours and the libraries that find dialects out, each asked in its own way for the same answer."""

from __future__ import annotations

import csv
import importlib
import tempfile
from collections.abc import Callable, Mapping
from typing import Any

from benchmarks.dialects.corpus import Case
from csv_import.reading.detection import detect
from csv_import.reading.dialect import Given

Answer = Mapping[str, Any]
Rival = Callable[[Case], Answer]
SAMPLE = 262_144


def ours(case: Case) -> Answer:
    """All parts, from bytes."""
    found = detect(
        case.data[:SAMPLE], complete=len(case.data) <= SAMPLE, tail=case.data[-65536:], given=Given()
    )
    dialect = found.dialect
    return {
        "encoding": dialect.encoding,
        "delimiter": dialect.delimiter,
        "quote": dialect.quote,
        "escape": str(dialect.escape),
        "skipped lines": dialect.skipped_lines,
        "header": dialect.header_records,
        "comment": dialect.comment,
        "footer": found.footer_bytes > 0,
    }


def rivals() -> dict[str, Rival]:
    """Those that are installed, by name; the text ones get the text, the encoding being told."""
    found: dict[str, Rival] = {"ours": ours, "csv.Sniffer": _sniffer(csv)}
    for name, adapt in _LIBRARIES.items():
        try:
            module = importlib.import_module(name)
        except ImportError:
            print(f"{name} is not installed: pip install -r requirements/rivals.txt")
            continue
        found[name] = adapt(module)
    return found


def _text(case: Case) -> str:
    return case.data[:SAMPLE].decode(case.dialect.encoding, "replace").lstrip("\ufeff")


def _sniffer(module: Any) -> Rival:
    """For `csv.Sniffer` and for CleverCSV, which keeps its interface."""

    def ask(case: Case) -> Answer:
        text = _text(case)
        found = module.Sniffer().sniff(text) if module is csv else module.Detector().detect(text)
        if found is None:
            return {}
        answer: dict[str, Any] = {
            "delimiter": found.delimiter or ",",
            "quote": found.quotechar or None,
            "escape": "backslash" if found.escapechar == "\\" else "doubled",
        }
        try:
            answer["header"] = int(module.Sniffer().has_header(text))
        except Exception:  # some samples have no header that it can think about
            answer["header"] = None
        return answer

    return ask


def _duckdb(module: Any) -> Rival:
    def ask(case: Case) -> Answer:
        with tempfile.NamedTemporaryFile("w", suffix=".csv", encoding="utf-8", newline="") as file:
            file.write(_text(case))
            file.flush()
            (row,) = (
                module.connect()
                .execute(
                    "select Delimiter, Quote, Escape, SkipRows, HasHeader, Comment from sniff_csv(?)",
                    [file.name],
                )
                .fetchall()
            )
        none = ("\0", "(empty)", "")
        return {
            "delimiter": row[0],
            "quote": None if row[1] in none else row[1],
            "escape": "backslash" if row[2] == "\\" else "doubled",
            "skipped lines": row[3],
            "header": int(row[4]),
            "comment": None if row[5] in none else row[5],
        }

    return ask


def _charset(module: Any) -> Rival:
    def ask(case: Case) -> Answer:
        best = module.from_bytes(case.data[:SAMPLE]).best()
        name = best.encoding.replace("_", "-") if best else ""
        return {
            "encoding": {"utf-8-sig": "utf-8", "ascii": "utf-8", "utf-16": case.dialect.encoding}.get(
                name, name
            )
        }

    return ask


_LIBRARIES: dict[str, Callable[[Any], Rival]] = {
    "clevercsv": _sniffer,
    "duckdb": _duckdb,
    "charset_normalizer": _charset,
}
