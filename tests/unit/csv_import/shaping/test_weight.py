"""So many rows are shaped at once that their items stay within bounds, whatever the spec makes of them."""

from __future__ import annotations

import sys
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from csv_import.settings import ShapeLimits
from csv_import.shaping.block_plan import BlockPlan
from csv_import.shaping.plan import plan_for
from csv_import.shaping.provenance import Provenance
from csv_import.shaping.spec_reader import read_spec
from tests.unit.csv_import.shaping.specs import ONE_KEY

NAMES = ["Id", "A", "B"]
SPECS = {
    "strings": "",
    "names": "columns: {A: {to: a.long.way.to.go}, B: {to: m.b}}",
    "a constant": f"attributes: {{K: {'k' * 3000}, m.n: {'é' * 1000}}}",
    "templates": "attributes: {T: '{A}{A}{A}{B}', U: 'long literal of a template {A}'}",
    "a default": f"columns: {{A: {{default: {'d' * 2000}}}}}\nattributes: {{T: '{{A}}{{A}}'}}",
    "numbers": "columns: {A: N}",
    "times": "columns: {A: {type: TIMESTAMP, formats: epoch_s, as: iso_us}}",
    "lists": "columns: {A: {type: L, separator: '|'}, B: {type: NS, separator: '|'}}",
    "documents": "columns: {A: JSON}",
    "bytes": "columns: {A: {type: B, encoding: hex}}",
    "items": "items: [{attributes: {K: a}}, {attributes: {Id: '2{Id}'}, columns: [A, B]},"
    f" {{attributes: {{Id: '3{{Id}}', L: {'x' * 900}}}, columns: []}}]",
}
CELLS = [
    "",
    "x",
    "\x01" * 40,
    "🔥",
    "1e37",
    "1",
    "||||",
    "1e37|1e36|1",
    "[[],[],[1,1,1,null]]",
    "00ff",
    "true",
]


@pytest.mark.parametrize("spec", SPECS.values(), ids=SPECS)
@given(
    rows=st.lists(
        st.tuples(st.sampled_from(CELLS[1:]), st.sampled_from(CELLS), st.sampled_from(CELLS)), min_size=1
    )
)
@settings(max_examples=60, deadline=None)
def test_no_row_is_heavier_than_its_weight(spec: str, rows: list[tuple[str, str, str]]) -> None:
    plan = plan_for(
        read_spec(spec), NAMES, ONE_KEY, Provenance("in/a.csv", datetime(2026, 11, 23, tzinfo=UTC))
    )
    weight = plan.weight()
    for row in rows:
        shaped = BlockPlan(plan).shape([list(row)], [10**7])
        held = sum(map(sys.getsizeof, (*shaped.bodies, *shaped.keys)))
        assert held <= weight.fixed_bytes + weight.growth * sum(map(len, row))


def plan_of(spec: str, max_bytes: int) -> BlockPlan:
    provenance = Provenance("in/a.csv", datetime(2026, 11, 23, tzinfo=UTC))
    return BlockPlan(plan_for(read_spec(spec), NAMES, ONE_KEY, provenance), ShapeLimits(max_bytes))


def slices(plan: BlockPlan, rows: list[list[str]]) -> list[int]:
    """How many rows are shaped at once."""
    found, start, size = [], 0, sum(len(cell) + 1 for row in rows for cell in row)
    while start < len(rows):
        stop = plan.stop(rows, start, len(rows), size)
        found.append(stop - start)
        start = stop
    return found


def test_a_block_that_stays_small_is_shaped_at_once() -> None:
    rows = [["1", "a", "b"]] * 1000
    assert slices(plan_of("", 4 << 20), rows) == [1000]


def test_a_large_constant_makes_slices() -> None:
    rows = [["1", "a", "b"]] * 1000
    found = slices(plan_of(f"attributes: {{K: {'k' * 50_000}}}", 1 << 20), rows)
    assert sum(found) == 1000
    assert set(found[:-1]) == {20}, "of 50 KB each"


def test_a_row_that_is_too_large_goes_alone() -> None:
    rows = [["1", "", ""], ["2", "x" * 200_000, ""], ["3", "", ""], ["4", "", ""]]
    assert slices(plan_of("", 1 << 20), rows) == [1, 1, 2]


def test_many_items_a_row_make_slices() -> None:
    many = ", ".join(f"{{attributes: {{Id: '{n}#{{Id}}'}}, columns: [A, B]}}" for n in range(50))
    rows = [["1", "a" * 50, "b" * 50]] * 1000
    found = slices(plan_of(f"items: [{many}]", 1 << 20), rows)
    assert sum(found) == 1000
    assert max(found) < 30
