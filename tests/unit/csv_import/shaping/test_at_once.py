"""What could be taken for something else when many rows are put together as one text."""

from __future__ import annotations

import gc
import itertools
import json
import tracemalloc
from typing import Any

import pytest

from csv_import.shaping.at_once import shape_at_once
from csv_import.shaping.block_cells import OddRows
from csv_import.shaping.key_schema import KeyAttribute, KeySchema
from tests.unit.csv_import.shaping.specs import ONE_KEY, compiled

OFF = "provenance: off\n"
NAMES = ["Id", "A", "B"]


def items(spec: str, *rows: list[str], schema: KeySchema = ONE_KEY) -> list[dict[str, Any]]:
    flat = compiled(OFF + spec, NAMES, schema).flat()
    assert flat is not None
    return [json.loads(body) for body in shape_at_once(flat, rows, range(1, 1 + len(rows))).bodies]


def odd(spec: str, *rows: list[str]) -> frozenset[int]:
    with pytest.raises(OddRows) as found:
        items(spec, *rows)
    return found.value.indexes


@pytest.mark.parametrize(
    "spec",
    [
        "columns: {A: JSON}",
        "attributes: {T: {value: '{A}', type: JSON}}\ncolumns: {A: drop}",
    ],
)
def test_what_looks_like_an_empty_attribute_within_a_map_stays(spec: str) -> None:
    first, _ = items(spec, ["1", '{"x": "y", "B": ""}', ""], ["2", "1", "b"])
    assert {"M": {"x": {"S": "y"}, "B": {"S": ""}}} in first.values()
    assert "B" not in first


def test_what_looks_like_an_empty_attribute_within_a_constant_map_stays() -> None:
    spec = 'attributes: {T: {value: \'{{"x": 1, "B": ""}}\', type: JSON}}'
    (first,) = items(spec, ["1", "a", ""])
    assert first["T"] == {"M": {"x": {"N": "1"}, "B": {"S": ""}}}
    assert "B" not in first


@pytest.mark.parametrize("depth", [1, 2, 3])
def test_what_looks_like_an_empty_attribute_within_a_list_of_maps_stays(depth: int) -> None:
    said = "[" * depth + '{{"x": 1, "B": ""}}' + "]" * depth
    kept: dict[str, Any] = {"M": {"x": {"N": "1"}, "B": {"S": ""}}}
    for _ in range(depth):
        kept = {"L": [kept]}
    first, second = items(
        f"attributes: {{T: {{value: '{said}', type: JSON}}}}", ["1", "a", ""], ["2", "a", "b"]
    )
    assert first["T"] == second["T"] == kept
    assert "B" not in first


def test_a_key_that_is_looked_up_comes_first_without_a_comma() -> None:
    assert items("columns: {Id: {trim: true}}", [" 1 ", "a", ""], ["1", "", "b"]) == [
        {"Id": {"S": "1"}, "A": {"S": "a"}},
        {"Id": {"S": "1"}, "B": {"S": "b"}},
    ]


def test_texts_that_look_like_json_stay_as_they_are() -> None:
    texts = ['","', '"', '\\","', "\\", ",", '",', "", '\\",', '"",""', '],["']
    rows = [[str(number), *pair] for number, pair in enumerate(itertools.product(texts, texts), start=1)]
    made = items("columns: {A: S}", *rows)
    assert [[item.get(name, {"S": ""})["S"] for name in ("Id", "A", "B")] for item in made] == rows


def test_the_odd_rows_are_named() -> None:
    rows = [
        ["1", "5", "true"],
        ["2", "x", "true"],
        ["", "5", "true"],
        ["3", "5", "yes"],
        ["4" * 2049, "", ""],
    ]
    assert odd("columns: {A: N, B: BOOL}", *rows) == {1, 2, 3, 4}


def test_a_constant_key_is_every_rows() -> None:
    schema = KeySchema((KeyAttribute("K", "S", 2048), KeyAttribute("Id", "S", 1024)))
    flat = compiled(OFF + "attributes: {K: all}", NAMES, schema).flat()
    assert flat is not None
    shaped = shape_at_once(flat, [["1", "", ""], ["2", "", ""]], [1, 2])
    plan = compiled(OFF + "attributes: {K: all}", NAMES, schema)
    assert shaped.keys == [plan.key_of({"K": {"S": "all"}, "Id": {"S": each}}) for each in "12"]


@pytest.mark.parametrize(
    "spec",
    [
        "columns: {A: N, B: TIMESTAMP}",
        "columns: {A: N, B: {trim: true}}\nattributes: {T: '{Id}#{A}#{B}'}",
        "items: [{}, {attributes: {Id: 'x{A}'}, columns: [B], optional: true}]",
    ],
)
def test_a_block_is_let_go_at_once(spec: str) -> None:
    """Without waiting for the garbage collector, which counts objects and not their bytes."""
    flat = compiled(spec, NAMES).flat()
    assert flat is not None
    rows = [[str(number), f"{number}", "2026-11-23T10:00:00Z"] for number in range(1000)]
    gc.collect()
    gc.disable()
    tracemalloc.start()
    try:
        shape_at_once(flat, rows, range(1, 1 + len(rows)))
        before, _ = tracemalloc.get_traced_memory()
        for _ in range(5):
            shape_at_once(flat, rows, range(1, 1 + len(rows)))
        after, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
        gc.enable()
    assert after - before < 50_000


def test_values_that_are_kept_by_cell_take_no_more_than_they_are_long() -> None:
    names = ["Id", *(f"c{number}" for number in range(200))]
    spec = "columns: {" + ", ".join(f"{name}: {{type: SS, separator: '|'}}" for name in names[1:]) + "}"
    flat = compiled(spec, names).flat()
    assert flat is not None
    rows = [[str(number), *[f"a|{number}"] * 200] for number in range(50)]
    tracemalloc.start()
    try:
        shape_at_once(flat, rows, range(1, 1 + len(rows)))
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 10_000_000, "10,000 cells"
