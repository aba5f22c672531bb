"""What cells of accepted rows lost is told, once a cell; nothing is told of rejected rows, constants and defaults."""

from __future__ import annotations

import pytest

from csv_import.rejects import Reason
from csv_import.shaping.block_plan import BlockPlan
from csv_import.shaping.key_schema import KeyAttribute, KeySchema
from csv_import.shaping.values.value import Notice
from tests.unit.csv_import.shaping.specs import ID, ONE_KEY, compiled

LEADING, TRAILING = Notice.LEADING_ZEROS_LOST, Notice.TRAILING_ZEROS_LOST
NAMES = ["Id", "A", "B"]
TWO_ITEMS = "items: [{}, {attributes: {Id: 'x{Id}'}, columns: [A, B]}]\n"


def told(
    spec: str, *rows: list[str], schema: KeySchema = ONE_KEY, names: list[str] = NAMES
) -> dict[tuple[str, Notice], int]:
    """The notices of rows; the same whether they are shaped one by one or at once."""
    one_by_one, at_once = compiled(spec, names, schema), compiled(spec, names, schema)
    for record, row in enumerate(rows, 1):
        one_by_one.shape(row, record)
    BlockPlan(at_once).shape(rows, range(1, 1 + len(rows)))
    assert at_once.notices.counts == one_by_one.notices.counts
    return dict(one_by_one.notices.counts)


@pytest.mark.parametrize(
    ("spec", "row"),
    [
        ("columns: {A: N, B: N}", ["1", "007", "x"]),
        ("columns: {A: N, B: {required: true}}", ["1", "007", ""]),
        ("columns: {A: N}", ["", "007", "x"]),
        ("columns: {A: N}", ["x" * 2049, "007", "x"]),
        ("columns: {A: N}", ["1", "007", "x" * 500_000]),
        ("columns: {A: N}\n" + TWO_ITEMS, ["x" * 2048, "007", ""]),
    ],
    ids=[
        "another cell",
        "a cell that is required",
        "no key",
        "a long key",
        "a large item",
        "the second item",
    ],
)
def test_nothing_is_told_of_a_row_that_is_rejected(spec: str, row: list[str]) -> None:
    assert isinstance(compiled(spec, NAMES).shape(row, 1), Reason)
    assert told(spec, row) == {}
    assert told(spec, row, *[["2", "007", "5"]] * 9) == {("A", LEADING): 9}


def test_a_cell_counts_once_however_many_items_it_is_in() -> None:
    assert told("columns: {A: N}\n" + TWO_ITEMS, ["1", "007", ""]) == {("A", LEADING): 1}
    composed = "attributes: {T: {value: '0{B}', type: N}}\n" + TWO_ITEMS
    assert told(composed, ["1", "", "7"]) == {("T", LEADING): 1}


def test_a_cell_counts_once_however_many_elements_lose_zeros() -> None:
    assert told("columns: {A: {type: NS, separator: '|'}}", ["1", "01|02|3.50", ""]) == {
        ("A", LEADING): 1,
        ("A", TRAILING): 1,
    }


def test_constants_and_defaults_are_no_cells() -> None:
    spec = "columns: {A: {type: N, default: 007}}\nattributes: {T: {value: '1.50', type: N}}"
    assert told(spec) == {}
    assert told(spec, ["1", "", ""], ["2", "5", ""]) == {}


def test_nothing_is_told_of_an_item_that_is_left_out() -> None:
    spec = "items: [{}, {attributes: {Id: '{A}', T: {value: '0{B}', type: N}}, columns: [], optional: true}]"
    assert told(spec, ["1", "", "7"], ["2", "x", "7"]) == {("T", LEADING): 1}


@pytest.mark.parametrize("spec", ["", "other_columns: drop"])
def test_number_keys_lose_their_zeros_with_a_word_too(spec: str) -> None:
    schema = KeySchema((ID, KeyAttribute("A", "N", 1024)), (KeyAttribute("B", "N", 1024),))
    rows = [["1", "007", "1"], ["1", "7.0", ""], ["1", "x", "01"], ["1", "7", "01"]]
    expected = {("A", LEADING): 1, ("A", TRAILING): 1, ("B", LEADING): 1}
    if spec:
        del expected["B", LEADING]
    assert told(spec, *rows, schema=schema) == expected


def test_many_usual_numbers_at_once() -> None:
    rows = [[str(number), f"{number}.50", f"{number}"] for number in range(50)]
    assert told("columns: {A: N, B: N}", *rows) == {("A", TRAILING): 50}
