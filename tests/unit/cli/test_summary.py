import io
import os
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

from cli.results import Results
from cli.summary import rate, show


def a_report(**changes: Any) -> dict[str, Any]:
    return {
        "state": "DONE",
        "rows_read": 1234,
        "rows_written": 1200,
        "rows_superseded": 22,
        "rows_skipped": 0,
        "rows_rejected": 0,
        "duration_s": 2.0,
        "rejects": {"count": 0, "first": []},
        "items": {"written": 1200, "superseded": 22, "skipped": 0},
        "notices": [],
        "error": None,
        **changes,
    }


def shown(report: dict[str, Any], folder: Path, width: int = 80) -> str:
    text = io.StringIO()
    console = Console(file=text, width=width, highlight=False)
    show(console, report, Results(folder), name="[bold]my file[/bold].csv", took_s=3.04)
    return text.getvalue()


def test_a_good_end(tmp_path: Path) -> None:
    lines = shown(a_report(), tmp_path).splitlines()
    assert lines[0] == "[bold]my file[/bold].csv → DONE in 3.0 s (loading: 2.0 s, 617 rows/s)"
    counts = [line.split() for line in lines[1:6]]
    assert counts == [
        ["rows", "read", "1,234"],
        ["written", "1,200"],
        ["superseded", "22"],
        ["skipped", "0"],
        ["rejected", "0"],
    ]
    assert [line.split()[0] for line in lines[7:]] == ["report", "rejects", "items"]


def test_what_a_spec_adds(tmp_path: Path) -> None:
    notices = [{"column": "[b]Price", "code": "trailing_zeros_lost", "cells": 1002}]
    items = {"written": 2400, "superseded": 44, "skipped": 0}
    lines = shown(a_report(items=items, notices=notices), tmp_path).splitlines()
    assert lines[6:8] == ["  items written    2,400", "  [b]Price: 1,002 cells with trailing_zeros_lost"]


def test_the_first_rejects_with_place_code_and_reason(tmp_path: Path) -> None:
    first = [
        {"line": 7, "column": "ProductId", "code": "empty_key", "message": "the key column is empty"},
        {"line": 9, "column": None, "code": "too_many_cells", "message": "10 cells [red], not 9"},
    ]
    text = shown(a_report(rows_rejected=12, rejects={"count": 12, "first": first}), tmp_path)
    assert "the first 2 of 12 rejects" in text
    assert "   7  ProductId  empty_key       the key column is empty" in text
    assert "   9             too_many_cells  10 cells [red], not 9" in text


def test_a_failure_with_its_error_and_the_log_of_the_last_attempt(tmp_path: Path) -> None:
    logs = tmp_path / "logs"
    logs.mkdir()
    for name in ("job-b-attempt-2.log", "job-a-attempt-1.log"):
        (logs / name).touch()
    os.utime(logs / "job-a-attempt-1.log", (1, 1))
    error = {"code": "missing_key_column", "message": "the table's key needs a column 'ProductId'"}
    text = shown(a_report(state="FAILED", rows_read=0, duration_s=None, error=error), tmp_path)
    assert "→ FAILED in 3.0 s\n" in text
    assert "missing_key_column: the table's key needs a column 'ProductId'\n" in text
    assert "--partition-key" in text
    assert f"job log     {logs / 'job-b-attempt-2.log'}\n" in text


def test_paths_are_never_broken(tmp_path: Path) -> None:
    assert str(tmp_path / "report.json") in shown(a_report(), tmp_path, width=20)


@pytest.mark.parametrize(
    ("rows", "seconds", "text"), [(10, 2.0, "5 rows/s"), (0, 2.0, ""), (10, 0.0, ""), (10, None, "")]
)
def test_rate(rows: int, seconds: float | None, text: str) -> None:
    assert rate(rows, seconds) == text
