"""A drafted spec is sound, and rejects no row of the file that it was drafted from."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cli.spec_draft import draft, yaml_text
from csv_import.rejects import Reason
from csv_import.shaping.spec_checks import check_spec
from csv_import.shaping.spec_reader import read_spec
from tests.unit.csv_import.shaping.specs import compiled

CELLS = st.one_of(
    st.sampled_from(["", "0", "7", "-1.50", "007", "1e3", "1.234,5", "1,5", "NULL", "\\N", "n/a", "  "]),
    st.sampled_from(
        ["true", "False", "yes", "No", "ja", "1.2.2026", "31.12.2026 10:00", "2026-02-28", "2/13/2026"]
    ),
    st.sampled_from(
        ["2026-11-23T10:00:00Z", "2026-11-23T10:00:00.5Z", '{"a":1}', "[", "a|b", " x ", "13/2/2026"]
    ),
    st.text(max_size=5),
)


def lines_of(column: str, *cells: str, keys: tuple[str, ...] = ()) -> tuple[str, list[str]]:
    """What is said of a column, and the remarks above it."""
    text = draft("a.csv", [column], [[cell] for cell in cells], keys=keys)
    *remarks, said = text.split("columns:\n")[1].splitlines()
    return said.strip(), [remark.removeprefix("  # ") for remark in remarks]


@given(st.lists(st.lists(CELLS, min_size=3, max_size=3), max_size=8))
@settings(max_examples=300, deadline=None)
def test_no_row_of_the_file_is_rejected_by_its_draft(rows: list[list[str]]) -> None:
    names = ["Id", "A: b", 'yes "no"', "null"]
    keyed = [[str(number), *row] for number, row in enumerate(rows)]
    text = draft("a.csv", names, keyed, keys=["Id"])
    read = read_spec(text)
    check_spec(read)
    assert list(read.spec.columns) == names
    plan = compiled(text, names)
    for number, row in enumerate(keyed, 1):
        assert not isinstance(plan.shape(row, number), Reason), (row, text)


@pytest.mark.parametrize(
    ("cells", "said"),
    [
        (["x", "y"], "S"),
        (["1", "-2.5", "1e3"], "N"),
        (["1,5", "2"], '{type: N, decimal: ","}'),
        (["1.234,5", "2,25"], '{type: N, decimal: ",", thousands: "."}'),
        (["1,234.5", "2"], '{type: N, thousands: ","}'),
        (["1", "", "NULL", "n/a"], '{type: N, nulls: ["NULL", "n/a"]}'),
        ([" 1", "2 "], "{type: N, trim: true}"),
        (["007", "1"], "S"),
        (["+49123", "1"], "S"),
        (["1,234", "2,500", "7"], "S"),
        (["yes", "No"], '{type: BOOL, true: ["yes"], false: ["no"]}'),
        (["TRUE", "false"], '{type: BOOL, true: ["true"], false: ["false"]}'),
        (["yes", "no", "maybe"], "S"),
        (["1", "0"], "N"),
        (["2026-11-23"], "DATE"),
        (["2026-11-23T10:00:00Z", "2026-11-23"], "{type: TIMESTAMP, formats: [iso]}"),
        (["2026-11-23T10:00:00.5Z"], "S"),
        (["23.11.2026"], '{type: DATE, formats: ["%d.%m.%Y"]}'),
        (["23.11.2026 10:00:59"], '{type: TIMESTAMP, formats: ["%d.%m.%Y %H:%M:%S"]}'),
        (["11/23/2026", "1/2/2026"], '{type: DATE, formats: ["%m/%d/%Y"]}'),
        (["23/11/2026", "1/2/2026"], '{type: DATE, formats: ["%d/%m/%Y"]}'),
        (["1/2/2026"], "S"),
        (["", ""], "S"),
        (["NULL"], "S"),
    ],
)
def test_a_column_of(cells: list[str], said: str) -> None:
    assert lines_of("A", *cells)[0] == f"A: {said}"


@pytest.mark.parametrize(
    ("cells", "remark"),
    [
        (["1", "", "22"], "2 filled, 1 empty; the longest has 2 characters"),
        (["007", "1"], "all numbers, but 1 begin with zeros, which type N would lose"),
        (["1.50", "1"], "1 end with zeros behind the decimal mark; N keeps the value without them"),
        (
            ["1/2/2026"],
            "dates whose day and month can't be told apart: formats: '%d/%m/%Y' or '%m/%d/%Y' with type DATE",
        ),
        (["+49123", "1"], "all numbers, but 1 begin with a plus sign, which type N would lose"),
        (
            ["1,234", "2,567"],
            "numbers whose comma may be a decimal mark or part thousands: type N with decimal: ',' or thousands: ','",
        ),
        (["", ""], "no cell is filled: drop it?"),
        (["x", "NULL", "x "], "1 say 'NULL': nulls: [...] if that means nothing"),
        (["x", "x "], "1 have blanks around: trim: true takes them away"),
        (['{"a":1}', "[1]"], "2 look like JSON: type JSON makes maps and lists of them"),
        (["a|b", "c"], None),
        (["a|b", "c|d"], "2 look like several elements: {type: SS, separator: '|'} makes a set of them"),
    ],
)
def test_the_evidence(cells: list[str], remark: str | None) -> None:
    remarks = lines_of("A", *cells)[1]
    assert (remark in remarks) if remark else not [each for each in remarks if "look like" in each]


def test_a_key_is_left_to_the_table() -> None:
    said, remarks = lines_of("Id", "1", " 2", keys=("Id",))
    assert said == "Id: {}"
    assert "1 have blanks around: with trim: true they may be another row's key" in remarks


def test_records_of_another_width_are_told() -> None:
    text = draft("a.csv", ["A"], [["1"], ["1", "2"], []], keys=[])
    assert "# 2 records have another number of cells than the header; they were not looked at." in text


def test_the_name_of_the_file_stays_on_its_line() -> None:
    assert read_spec(draft("a\nmode: delete\n#.csv", ["A"], [], keys=[])).spec.mode == "put"


@given(st.text(min_size=1, max_size=8))
@settings(max_examples=300, deadline=None)
def test_any_name_is_read_back(name: str) -> None:
    assert list(read_spec(f"columns:\n  {yaml_text(name)}: S\n").spec.columns) == [name]
