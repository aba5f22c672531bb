import pytest
from hypothesis import given
from hypothesis import strategies as st

from csv_import.planning.plan_files import (
    MAX_ITEMS,
    Owned,
    SharedRow,
    left_out_entries,
    left_out_entry,
    shared_row,
    shared_rows,
)
from csv_import.reading.damage import Damage, DamagedRow, damage_of
from csv_import.rejects import Location, RejectCode

numbers = st.integers(1, 1 << 50)
owned = st.builds(Owned, st.frozensets(st.integers(0, MAX_ITEMS - 1), max_size=5), st.booleans())
damages = st.builds(Damage, st.sampled_from(RejectCode), st.text(max_size=5), st.integers(0, 9))
cells = st.lists(st.text(st.characters(exclude_categories=["Cs"]), max_size=4), max_size=4)
rows = st.builds(
    SharedRow,
    st.builds(Location, numbers, numbers, numbers),
    cells | st.builds(DamagedRow, cells, damages),
    st.binary(max_size=9),
    st.none() | owned,
)


def cut(data: bytes, size: int) -> list[bytes]:
    return [data[at : at + size] for at in range(0, len(data), size)]


@given(st.lists(rows, max_size=6), st.integers(1, 60))
def test_rows_come_back_as_they_were_however_their_bytes_are_cut(some: list[SharedRow], size: int) -> None:
    found = list(shared_rows(cut(b"".join(map(shared_row, some)), size)))
    assert found == some
    assert [damage_of(each.row) for each in found] == [damage_of(each.row) for each in some]


@given(st.lists(st.tuples(numbers, owned), max_size=6), st.integers(1, 40))
def test_what_is_left_out_comes_back_as_it_was(some: list[tuple[int, Owned]], size: int) -> None:
    data = b"".join(left_out_entry(*each) for each in some)
    assert list(left_out_entries(cut(data, size))) == some


@pytest.mark.parametrize("reader", [shared_rows, left_out_entries])
def test_a_file_that_ends_early_is_not_taken_for_whole(reader: object) -> None:
    row = shared_row(SharedRow(Location(1, 1, 1), ["a"], b"a\n", None))
    data = row if reader is shared_rows else left_out_entry(1, Owned(frozenset(), False))
    with pytest.raises(AssertionError, match="ends within"):
        list(reader([data[:-1]]))  # type: ignore[operator]


def test_who_has_neither_an_item_nor_the_count_has_nothing() -> None:
    assert Owned(frozenset(), False).nothing
    assert not Owned(frozenset({1}), False).nothing
    assert not Owned(frozenset(), True).nothing
