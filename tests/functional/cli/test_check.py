"""`csvimport check`: a whole file, nothing written."""

from __future__ import annotations

import gzip
import json
from pathlib import Path
from typing import Any

import pytest

from tests.functional.cli.conftest import Run, Write


def checked(run: Run, *arguments: str | Path, exit_code: int = 0) -> dict[str, Any]:
    result = run("check", "--json", "--delimiter", ",", *arguments)
    assert result.exit_code == exit_code, result.stderr
    document: dict[str, Any] = json.loads(result.stdout)
    return document


BAD = "\ufeffProductId,Name\n1,a\n2,b\n1,c\n\n,d\n3\n4\n5\n6\n1,e\n"


def test_rows_and_keys_are_counted(run: Run, write: Write) -> None:
    document = checked(run, write(BAD), exit_code=1)
    assert {name: document[name] for name in document if name.startswith("rows_")} == {
        "rows_read": 9,
        "rows_accepted": 4,
        "rows_rejected": 5,
        "rows_superseded": 2,
    }
    assert document["distinct_keys"] == 2


def test_rejects_are_counted_by_code_with_their_first_places(run: Run, write: Write) -> None:
    rejects = checked(run, write(BAD), exit_code=1)["rejects"]
    assert {code: found["count"] for code, found in rejects.items()} == {"empty_key": 1, "too_few_cells": 4}
    assert [reject["line"] for reject in rejects["too_few_cells"]["first"]] == [7, 8, 9]
    assert [reject["line"] for reject in rejects["empty_key"]["first"]] == [6]


def test_every_byte_is_accounted_for(run: Run, write: Write) -> None:
    document = checked(run, write(BAD), exit_code=1)
    assert document["ignored"] == {
        "byte_order_mark": {"spans": 1, "bytes": 3},
        "header": {"spans": 1, "bytes": 15},
        "blank_line": {"spans": 1, "bytes": 1},
    }
    size = len(BAD.encode())
    assert document["bytes"] == {"read": size, "records": size - 19, "ignored": 19}
    assert document["equation_holds"] is True


def test_a_compressed_file_is_counted_as_what_comes_out_of_it(run: Run, write: Write) -> None:
    content = b"ProductId,Name\n" + b"".join(b"%d,x\n" % n for n in range(200_000))
    packed = gzip.compress(content)
    document = checked(run, write(packed))
    assert (document["compression"], document["size"]) == ("gzip", len(packed))
    assert document["bytes"]["read"] == len(content)
    assert document["rows_read"] == 200_000
    assert document["equation_holds"] is True


def test_sizes_and_units_are_those_of_the_items(run: Run, write: Write) -> None:
    path = write("ProductId,Name\n1,a\n2," + "x" * 3000 + "\n", name="b.csv")
    document = checked(run, path)
    provenance = len("Filename" + "b.csv" + "LastModified" + "2026-11-23T10:00:00Z")
    provenance += len("CreatedTime" + "2026-11-23T10:00:00.000001Z")
    small = provenance + len("ProductId" + "1" + "Name" + "a")
    sizes = document["item_bytes"]
    assert (sizes["min"], sizes["max"]) == (small, small + 2999)
    assert document["writes"]["units"] == 1 + -(-(small + 2999) // 1024)


def test_cost_and_time_follow_the_options(run: Run, write: Write) -> None:
    path = write("ProductId\n" + "".join(f"{n}\n" for n in range(1000)))
    writes = checked(run, path)["writes"]
    assert writes == {
        "units": 1000,
        "price_usd_per_million": 0.625,
        "price_region": "us-east-1",
        "price_as_of": "2024-11-01",
        "cost_usd": 0.000625,
        "capacity_units_per_s": 40_000.0,
        "at_least_s": 0.025,
    }
    writes = checked(run, path, "--price", "2", "--capacity", "10")["writes"]
    assert (writes["cost_usd"], writes["at_least_s"], writes["price_region"]) == (0.002, 100, None)


def test_lenient_rejects_only_what_cannot_be_mended(run: Run, write: Write) -> None:
    document = checked(run, write("ProductId,Name\n1\n2,b,c\n3,d\n"), "--mode", "lenient")
    assert (document["rows_accepted"], document["mended"]) == (3, {"padded": 1, "joined": 1})


def test_as_a_person_reads_it(run: Run, write: Write) -> None:
    result = run("check", write(BAD), "--delimiter", ",")
    assert result.exit_code == 1
    for words in (
        "read 9",
        "superseded 2",
        "too_few_cells 4",
        "key: ProductId (S)",
        "write units 4",
        "us-east-1, since 2024-11-01",
        "is accounted for",
    ):
        assert words in " ".join(result.stdout.split())


def test_nothing_rejected_is_code_0(run: Run, write: Write) -> None:
    assert run("check", write("ProductId\n1\n")).exit_code == 0


@pytest.mark.parametrize(
    ("content", "code"), [("", "no_header"), ("\n\n", "no_header"), ("Sku\n1\n", "missing_key_column")]
)
def test_what_an_import_would_refuse_is_refused(run: Run, write: Write, content: str, code: str) -> None:
    result = run("check", write(content))
    assert (result.exit_code, result.stdout, result.stderr.count("\n")) == (1, "", 1)
    assert result.stderr.startswith(f"csvimport: {code}: ")
