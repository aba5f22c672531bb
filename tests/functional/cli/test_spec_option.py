"""`--spec`: what `preview` and `check` show is what the spec makes of a file."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.functional.cli.conftest import Run, Write

FILE = "ProductId;Name;Price\n1;Lamp;007\n2;Rug;x\n1;Sofa;1,5\n"
PRICES = "columns: {Price: {type: N, decimal: ','}}\nprovenance: off\n"
SEVERAL = """
attributes: {PK: "P#{ProductId}"}
other_columns: drop
provenance: off
items:
  - attributes: {SK: META}
  - attributes: {SK: "NAME#{Name}"}
  - attributes: {SK: "PRICE#{Price}"}
    optional: true
"""


@pytest.fixture
def spec(tmp_path: Path) -> Path:
    path = tmp_path / "_import.yaml"
    path.write_text(PRICES)
    return path


def document(run: Run, command: str, *arguments: str | Path, exit_code: int = 0) -> dict[str, Any]:
    result = run(command, "--json", *arguments)
    assert result.exit_code == exit_code, result.stderr
    found: dict[str, Any] = json.loads(result.stdout)
    return found


def test_items_are_those_of_the_spec(run: Run, write: Write, spec: Path) -> None:
    found = document(run, "preview", write(FILE), "--spec", spec)
    assert found["items"] == [
        {"ProductId": {"S": "1"}, "Name": {"S": "Lamp"}, "Price": {"N": "7"}},
        {"ProductId": {"S": "1"}, "Name": {"S": "Sofa"}, "Price": {"N": "1.5"}},
    ]
    assert [reject["code"] for reject in found["rejects"]] == ["invalid_number"]
    assert found["spec"] == {"file": "_import.yaml", "mode": "put"}
    assert found["notices"] == [{"column": "Price", "code": "leading_zeros_lost", "cells": 1}]
    shown = run("preview", write(FILE), "--spec", spec).stdout
    assert "Price: 1 cell with leading_zeros_lost" in shown
    checked = document(run, "check", write(FILE), "--spec", spec, exit_code=1)
    assert (checked["rows_accepted"], checked["distinct_keys"], checked["rows_superseded"]) == (2, 1, 1)
    assert checked["notices"] == found["notices"]
    assert "Price: 1 cell with leading_zeros_lost" in run("check", write(FILE), "--spec", spec).stdout


def test_several_items_of_a_row_are_shown_and_counted(run: Run, write: Write, spec: Path) -> None:
    spec.write_text(SEVERAL)
    file = write("ProductId,Name,Price\n1,Lamp,5\n2,Rug,\n1,Lamp,6\n")
    keys = ("--spec", spec, "--partition-key", "PK", "--sort-key", "SK")
    found = document(run, "preview", file, *keys, "--rows", "2")
    assert [item["SK"]["S"] for item in found["items"]] == [
        *("META", "NAME#Lamp", "PRICE#5"),
        *("META", "NAME#Rug"),
    ]
    assert (found["records_read"], found["items_made"]) == (3, 8)
    assert "3 records in the whole file, 0 rejected; 8 items" in run("preview", file, *keys).stdout

    checked = document(run, "check", file, *keys)
    assert (checked["rows_read"], checked["rows_accepted"], checked["rows_superseded"]) == (3, 3, 1)
    assert checked["items"] == {"accepted": 8, "superseded": 2}
    assert (checked["distinct_keys"], checked["writes"]["units"]) == (6, 8)
    assert checked["equation_holds"] is True
    assert checked["item_bytes"]["total"] == sum(
        len("PKSK" + item["PK"]["S"] + item["SK"]["S"]) for item in found["items"]
    ) + len("PKSKP#1META" + "PKSKP#1NAME#Lamp" + "PKSKP#1PRICE#6")

    written = run("preview", file, "--all", "--format", "jsonl", *keys)
    assert len(written.stdout.splitlines()) == 8


def test_the_default_key_may_come_from_the_spec(run: Run, write: Write, spec: Path) -> None:
    spec.write_text("columns: {No: {to: ProductId}}\n")
    found = document(run, "preview", write("No,Name\n1,a\n"), "--spec", spec)
    assert [item["ProductId"] for item in found["items"]] == [{"S": "1"}]
    spec.write_text("columns: {No: {to: Number}}\n")
    found = document(run, "preview", write("No,Name\n1,a\n"), "--spec", spec)
    assert (found["items"], found["records"], found["keys"]) == ([], [["1", "a"]], [])


def test_options_win_over_the_spec(run: Run, write: Write, spec: Path) -> None:
    spec.write_text("rows: lenient\ndialect: {delimiter: '|', quote: '', header_records: 1}\n")
    file = write("ProductId|Name|Note\n1|a\n")
    found = document(run, "check", file, "--spec", spec)
    assert (found["mode"], found["mended"], found["dialect"]["quote"]) == ("lenient", {"padded": 1}, None)
    found = document(run, "check", file, "--spec", spec, "--mode", "strict", "--quote", "single", exit_code=1)
    assert (found["mode"], found["mended"], found["dialect"]["quote"]) == ("strict", {}, "'")
    assert found["dialect"]["delimiter"] == "|"
    found = document(run, "preview", file, "--spec", spec, "--delimiter", ",")
    assert (found["dialect"]["delimiter"], found["header"]["columns"]) == (",", 1)


@pytest.mark.parametrize("command", ["preview", "check"])
def test_a_spec_that_cannot_be_used_is_a_usage_error(
    run: Run, write: Write, spec: Path, command: str
) -> None:
    file = write(FILE)
    spec.write_text("mode: put\ncolumns: {Price: M}\n")
    result = run(command, file, "--spec", spec)
    assert result.exit_code == 2
    assert "invalid_spec: _import.yaml: line 2, columns.Price: there is no 'M'" in result.stderr
    spec.write_text("columns: {Pric: N}\n")
    result = run(command, file, "--spec", spec)
    assert result.exit_code == 1
    assert "missing_column: " in result.stderr
    result = run(command, file, "--spec", spec.with_name("none.yaml"))
    assert result.exit_code == 2
    assert "none.yaml: No such file or directory" in result.stderr


MANY_BAD = "ProductId,Price\n" + "".join(f"{n},{'x' if n % 2 else n}\n" for n in range(1, 11))


@pytest.mark.parametrize(
    ("said", "stop"),
    [
        ("max_rejects: 5\n", None),
        (
            "max_rejects: 4\n",
            "the import would stop at line 10 (record 9): more rows are rejected than max_rejects allows (4)",
        ),
        ("max_reject_ratio: 0.4\n", None),
        (
            "max_reject_ratio: 0.4\nmax_reject_ratio_from_rows: 6\n",
            "the import would stop at line 8 (record 7): 4 of 7 rows are rejected, a larger share than"
            " max_reject_ratio allows (0.4)",
        ),
        (
            "max_reject_ratio: 0.4\nmax_reject_ratio_from_rows: 10\n",
            "the import would stop at line 12 (record 11): 5 of 10 rows are rejected, a larger share than"
            " max_reject_ratio allows (0.4)",
        ),
    ],
)
def test_check_says_where_the_import_would_stop(
    run: Run, write: Write, spec: Path, said: str, stop: str | None
) -> None:
    spec.write_text(f"columns: {{Price: N}}\n{said}")
    file = write(MANY_BAD)
    found = document(run, "check", file, "--spec", spec, exit_code=1)
    assert found["error"] == (stop and {"code": "too_many_rejects", "message": stop})
    assert (found["rows_read"], found["rows_rejected"]) == (10, 5), "all of them are counted"
    shown = " ".join(run("check", file, "--spec", spec).stdout.split())
    assert (f"Too many rejects: {stop}." in shown) if stop else ("Too many" not in shown)


@pytest.mark.parametrize(
    ("said", "options", "message"),
    [
        (
            "mode: delete",
            (),
            "mode_not_allowed: line 1, mode: this deployment does not allow the mode",
        ),
        ("mode: delete", ("--allowed-modes", "put, delete"), None),
        ("mode: put", ("--allowed-modes", "insert"), "mode put; it allows insert (parameter AllowedModes)"),
        ("table: t", (), None),
        ("table: t", ("--allowed-tables", "s, t"), None),
        (
            "table: t",
            ("--allowed-tables", "s"),
            "does not load into 't'; it allows s (parameter AllowedTables)",
        ),
    ],
)
def test_check_holds_a_spec_against_what_the_deployment_allows(
    run: Run, write: Write, spec: Path, *, said: str, options: tuple[str, ...], message: str | None
) -> None:
    spec.write_text(f"{said}\n")
    result = run("check", write("ProductId\n1\n"), "--spec", spec, *options)
    assert result.exit_code == (2 if message else 0)
    assert (message or "") in " ".join(result.stderr.split())
