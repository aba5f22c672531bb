from __future__ import annotations

import pytest

from csv_import.planning.plan_files import Owned, SharedRow
from csv_import.reading.blocks import Place
from csv_import.reading.record_block import IgnoredLines
from csv_import.rejects import Location
from csv_import.stages.part_rows import SharedRowsBlock, all_rows, index_of, rows_but
from tests.unit.csv_import.planning.blocks import block

START = Place(10, 5, 100)
BLOCK = block('a,1\n\nb,"\n"\nc,3\nd,4\n', START)
NOTHING, ITEM = Owned(frozenset(), False), Owned(frozenset({1}), False)


def test_all_rows_are_the_block_s() -> None:
    rows = all_rows(BLOCK)
    assert rows.rows is BLOCK.rows
    assert list(rows.records) == [5, 6, 7, 8]
    assert [rows.location(index) for index in range(5)] == [
        Location(10, 5, 100),
        Location(12, 6, 105),
        Location(14, 7, 111),
        Location(15, 8, 115),
        Location(16, 9, 119),
    ]
    assert (rows.raw(1), rows.size, rows.owned) == (b'b,"\n"\n', 19, {})
    assert rows.before(4) == BLOCK.before(4)


def test_rows_that_are_left_out_are_not_there_but_their_bytes_count() -> None:
    rows = rows_but(BLOCK, {5: NOTHING, 7: ITEM, 8: NOTHING, 99: NOTHING})
    assert rows.rows == [["b", "\n"], ["c", "3"]]
    assert list(rows.records) == [6, 7]
    assert rows.owned == {1: ITEM}
    assert [rows.location(index).record for index in range(3)] == [6, 7, 9]
    assert (rows.raw(0), rows.raw(1)) == (b'b,"\n"\n', b"c,3\n")
    assert rows.before(0).size == 5
    assert rows.before(0).ignored == {"blank_line": IgnoredLines(1, 1)}
    assert rows.before(1).size == 11
    assert rows.before(2) == BLOCK.before(4)


def test_a_block_of_which_nothing_is_left_still_counts_its_bytes() -> None:
    rows = rows_but(BLOCK, dict.fromkeys(range(5, 9), NOTHING))
    assert (rows.rows, list(rows.records)) == ([], [])
    assert rows.location(0) == Location(16, 9, 119)
    assert rows.before(0).size == 19


def test_a_row_of_which_the_count_alone_is_left_is_there() -> None:
    counted = Owned(frozenset(), True)
    assert rows_but(BLOCK, {6: counted}).owned == {1: counted}


def test_shared_rows_are_where_they_were_and_have_no_bytes() -> None:
    rows = SharedRowsBlock(
        [
            SharedRow(Location(3, 2, 20), ["a", "1"], b"a,1\n", None),
            SharedRow(Location(9, 7, 80), ["b", "2"], b"b,2\n", ITEM),
        ]
    )
    assert rows.rows == [["a", "1"], ["b", "2"]]
    assert (rows.records, rows.size, rows.owned) == ([2, 7], 8, {1: ITEM})
    assert [rows.location(index) for index in range(3)] == [
        Location(3, 2, 20),
        Location(9, 7, 80),
        Location(9, 8, 80),
    ]
    assert rows.raw(1) == b"b,2\n"
    for index in range(3):
        assert (rows.before(index).size, rows.before(index).bytes_records) == (0, 0)


def test_a_record_is_found_among_the_rows() -> None:
    rows = rows_but(BLOCK, {6: NOTHING})
    assert [index_of(rows, record) for record in (5, 7, 8)] == [0, 1, 2]
    with pytest.raises(AssertionError):
        index_of(rows, 6)
