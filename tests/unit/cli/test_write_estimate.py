import statistics

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cli.write_estimate import ItemSizes, Rates


def sizes_of(*sizes: int) -> ItemSizes:
    counted = ItemSizes()
    for size in sizes:
        counted.add(size)
    return counted


@pytest.mark.parametrize(("size", "units"), [(1, 1), (1024, 1), (1025, 2), (400 * 1024, 400)])
def test_a_begun_kilobyte_is_a_whole_write_unit(size: int, units: int) -> None:
    assert sizes_of(size).write_units == units


def test_each_item_is_rounded_by_itself() -> None:
    assert sizes_of(100, 100, 1500).write_units == 4


def test_no_item_has_no_sizes() -> None:
    assert sizes_of().summary() == {}
    assert sizes_of().write_units == 0


@settings(deadline=None)
@given(st.lists(st.integers(1, 50), min_size=1, max_size=60))
def test_sizes_are_those_of_the_sorted_list(sizes: list[int]) -> None:
    summary, ranked = sizes_of(*sizes).summary(), sorted(sizes)
    assert (summary["min"], summary["max"], summary["total"]) == (ranked[0], ranked[-1], sum(sizes))
    assert summary["mean"] == round(statistics.fmean(sizes), 1)
    for percent in (50, 90, 99):
        assert summary[f"p{percent}"] == ranked[-(-percent * len(ranked) // 100) - 1]


def test_cost_and_time_follow_from_the_units() -> None:
    rates = Rates(capacity=4000, price_usd=1.25)
    assert rates.cost_usd(2_000_000) == 2.5
    assert rates.seconds(1_000_000) == 250
