"""The committed catalogue is what its script writes, and holds what the script says."""

from __future__ import annotations

import csv
import json
import subprocess
import sys
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path

import pytest

from samples.generate_catalogue import HEADER, RECORDS, Promise, catalogue
from tests.oracle import naive_table

SAMPLES = Path(__file__).parents[3] / "samples"
CATALOGUE = SAMPLES / "catalogue.csv"
TIME = datetime(2026, 11, 23, tzinfo=UTC)


@pytest.fixture(scope="module")
def generated() -> tuple[bytes, Promise]:
    return catalogue()


@pytest.fixture(scope="module")
def rows() -> list[list[str]]:
    with CATALOGUE.open(newline="", encoding="utf-8") as lines:
        return [row for row in csv.reader(lines) if row]


def test_the_committed_file_is_what_the_script_writes(generated: tuple[bytes, Promise]) -> None:
    assert CATALOGUE.read_bytes() == generated[0]


def test_the_script_writes_the_file_and_prints_the_promise(
    generated: tuple[bytes, Promise], tmp_path: Path
) -> None:
    script = [sys.executable, str(SAMPLES / "generate_catalogue.py"), str(tmp_path / "again.csv")]
    printed = subprocess.run(script, check=True, capture_output=True, text=True).stdout
    assert (tmp_path / "again.csv").read_bytes() == generated[0]
    assert json.loads(printed) == asdict(generated[1])


def test_the_counts_do_not_change_unnoticed(generated: tuple[bytes, Promise]) -> None:
    promise = generated[1]
    assert (promise.rows_read, promise.rows_written, promise.rows_superseded, promise.rows_rejected) == (
        10_000,
        9_579,
        404,
        17,
    )
    assert promise.rejects_by_code == {
        "empty_key": 4,
        "item_too_large": 1,
        "key_too_long": 3,
        "too_few_cells": 5,
        "too_many_cells": 4,
    }


def test_the_naive_loop_finds_what_the_script_promises(generated: tuple[bytes, Promise]) -> None:
    table = naive_table(CATALOGUE, bucket_key="catalogue.csv", last_modified=TIME)
    promise = generated[1]
    assert table.rows_read == promise.rows_read == RECORDS
    assert table.rows_written == promise.rows_written
    assert table.rows_superseded == promise.rows_superseded
    assert table.rows_rejected == promise.rows_rejected
    assert dict(table.rejects_by_code) == promise.rejects_by_code


def test_it_is_read_with_the_csv_modules_own_limits(rows: list[list[str]]) -> None:
    assert tuple(rows[0]) == HEADER
    assert len(rows) == RECORDS + 1


@pytest.mark.parametrize(
    "sought",
    ['"', ",", "\n", "\r\n", "é", "👨‍👩‍👧‍👦", "مصنوع", "静か", "\x0b", "\x85", "\u2028", "\t"],
    ids=ascii,
)
def test_cells_hold_what_breaks_naive_readers(rows: list[list[str]], sought: str) -> None:
    assert sum(sought in cell for row in rows[1:] for cell in row) >= 3


def test_duplicate_keys_are_near_and_far(rows: list[list[str]]) -> None:
    last_seen: dict[str, int] = {}
    distances = []
    for number, row in enumerate(rows[1:], start=1):
        if len(row) == len(HEADER) and row[0] in last_seen:
            distances.append(number - last_seen[row[0]])
        last_seen[row[0]] = number
    assert min(distances) == 1
    assert sum(distance < 25 for distance in distances) > 100
    assert sum(distance > 1_000 for distance in distances) > 100
    assert max(distances) > 9_000


def test_records_end_in_lf_and_now_and_then_in_crlf(generated: tuple[bytes, Promise]) -> None:
    data = generated[0]
    assert data.endswith(b"\n")
    assert b"\r" not in data.replace(b"\r\n", b"")
    assert b"\n\n" in data
    assert len(data) < 4_000_000


def test_the_sample_is_the_six_products() -> None:
    table = naive_table(SAMPLES / "sample.csv", bucket_key="sample.csv", last_modified=TIME)
    assert [
        (key, item["ProductName"]["S"], item["ProductDescription"]["S"])
        for (key,), item in table.items.items()
    ] == [
        ("P00001", "Phone", "Traditional Voice Phone"),
        ("P00002", "Internet", "Traditional Copper Internet"),
        ("P00003", "Television", "Free To Air"),
        ("P00004", "Phone", "Digital Voice"),
        ("P00005", "Internet", "Fiber Internet"),
        ("P00006", "Television", "Streaming TV Channel"),
    ]
    assert (table.rows_read, table.rows_written, table.rows_superseded, table.rows_rejected) == (6, 6, 0, 0)
