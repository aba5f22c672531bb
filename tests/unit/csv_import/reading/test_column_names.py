import pytest
from hypothesis import given
from hypothesis import strategies as st

from csv_import.reading.column_names import Adjusted, Adjustment, adjusted, joined, numbered


@pytest.mark.parametrize(
    ("names", "unique", "changes"),
    [
        pytest.param(["a", "A"], ["a", "A"], [], id="nothing to change"),
        pytest.param([" a", "b\t"], ["a", "b"], [(1, "trimmed"), (2, "trimmed")], id="padded"),
        pytest.param(["a", "", "c"], ["a", "column_2", "c"], [(2, "named")], id="empty"),
        pytest.param([" "], ["column_1"], [(1, "named")], id="a blank"),
        pytest.param(
            ["a", "a", "a"], ["a", "a_2", "a_3"], [(2, "renamed"), (3, "renamed")], id="three times"
        ),
        pytest.param(["a", "a ", "a_2"], ["a", "a_3", "a_2"], [(2, "renamed")], id="the next name is given"),
        pytest.param(
            ["", "column_1"], ["column_1_2", "column_1"], [(1, "named")], id="the made-up name is given"
        ),
        pytest.param(["column_2", ""], ["column_2", "column_2_2"], [(2, "named")], id="given before"),
    ],
)
def test_names(names: list[str], unique: list[str], changes: list[tuple[int, str]]) -> None:
    assert adjusted(names) == (unique, [Adjusted(column, Adjustment(kind)) for column, kind in changes])


@given(st.lists(st.sampled_from(["a", " a", "a_2", "a_3", "", "column_1", "column_2", "column_1_2", "b"])))
def test_any_names_become_unique_and_every_change_is_told(names: list[str]) -> None:
    unique, changes = adjusted(names)
    assert len(set(unique)) == len(unique) == len(names)
    assert all(unique)
    assert {change.column for change in changes} == {
        column for column, (new, old) in enumerate(zip(unique, names, strict=True), start=1) if new != old
    }


def test_many_columns_of_one_name_take_no_quadratic_time() -> None:
    unique, _ = adjusted(["x"] * 20_000)
    assert unique[-1] == "x_20000"


def test_several_records_are_joined_by_column() -> None:
    assert joined([["Price", "", " Qty"], ["USD", "b"]]) == ["Price USD", "b", "Qty"]
    assert joined([]) == []


def test_columns_without_header_are_numbered() -> None:
    assert numbered(2)[0] == ["column_1", "column_2"]
