"""docs/tutorial-single-table.md, step by step through the job."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from cli.app import app
from tests.documents import blocks
from tests.functional.csv_import.conftest import World

BLOCKS = blocks("tutorial-single-table.md")
(FILE,) = (block.text for block in BLOCKS if block.language == "csv")
STEPS: list[tuple[str, str, str]] = []
_spec = ""
for _block in BLOCKS:
    if _block.language == "yaml" and _block.word == "spec":
        _spec = _block.text
    elif _block.language == "json":
        STEPS.append((_spec, _block.word.removeprefix("key="), _block.text))
OWN = ("Filename", "LastModified", "CreatedTime")


def plain(item: dict[str, Any]) -> dict[str, Any]:
    """Without what the tutorial leaves out, and sets in one order."""
    return {
        name: {"SS": sorted(value["SS"])} if "SS" in value else value
        for name, value in item.items()
        if name not in OWN
    }


@pytest.mark.parametrize("number", range(len(STEPS)))
def test_a_step_becomes_what_is_shown(world: World, number: int) -> None:
    spec, keys, shown = STEPS[number]
    names = keys.split(",")
    world.table(key=dict.fromkeys(names, "S"))
    if spec:
        world.s3.put_object(Bucket="input", Key="_import.yaml", Body=spec.encode())
    import_id = world.drop(FILE.encode(), key="products.csv")

    assert world.load(import_id) == 0

    def key_of(item: dict[str, Any]) -> list[str]:
        return [item[name]["S"] for name in names]

    found = sorted(map(plain, world.scan()), key=key_of)
    assert found == sorted((plain(json.loads(line)) for line in shown.splitlines()), key=key_of)
    counters = world.counters(import_id)
    assert (counters["rows_written"], counters["items_written"]) == (3, len(found))


@pytest.mark.parametrize("number", range(1, len(STEPS)))
def test_a_preview_shows_the_items_of_a_step(tmp_path: Path, number: int) -> None:
    spec, keys, shown = STEPS[number]
    (tmp_path / "products.csv").write_text(FILE, encoding="utf-8")
    (tmp_path / "_import.yaml").write_text(spec, encoding="utf-8")
    options = zip(("--partition-key", "--sort-key"), keys.split(","), strict=False)
    arguments = [str(tmp_path / "products.csv"), "--spec", str(tmp_path / "_import.yaml")]
    result = CliRunner().invoke(
        app, ["preview", "--json", *arguments, *(each for pair in options for each in pair)]
    )
    assert result.exit_code == 0, result.stderr
    found = [json.dumps(plain(item), sort_keys=True) for item in json.loads(result.stdout)["items"]]
    expected = [json.dumps(plain(json.loads(line)), sort_keys=True) for line in shown.splitlines()]
    assert sorted(found) == sorted(expected)


def test_there_are_four_steps() -> None:
    assert len(STEPS) == 4


def test_the_notices_of_the_second_step_are_the_two_prices(world: World) -> None:
    world.table()
    world.s3.put_object(Bucket="input", Key="_import.yaml", Body=STEPS[1][0].encode())
    import_id = world.drop(FILE.encode(), key="products.csv")
    assert world.load(import_id) == 0
    assert world.part(import_id)["notices"] == [
        {"column": "Price", "code": "trailing_zeros_lost", "cells": 2}
    ]


def test_the_draft_is_what_the_command_prints(tmp_path: Path) -> None:
    (drafted,) = (block.text for block in BLOCKS if block.word == "draft")
    file = tmp_path / "products.csv"
    file.write_text(FILE, encoding="utf-8")
    result = CliRunner().invoke(app, ["spec", str(file)])
    assert (result.exit_code, result.stdout) == (0, drafted)
