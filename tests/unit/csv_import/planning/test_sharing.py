from __future__ import annotations

from csv_import.planning.met_keys import SHORT_BYTES
from csv_import.planning.plan_files import Owned, SharedRow, left_out_entries, shared_rows
from csv_import.planning.sharing import Sharing
from csv_import.reading.blocks import Place
from tests.unit.csv_import.planning.blocks import block, reader

ODD, EVEN = b"\0" * 7 + b"\1", b"\0" * 7 + b"\2"
KEYS = {"a": b"a" * 8 + EVEN, "b": b"b" * 8 + ODD, "c": b"c" * 8 + EVEN, "x": b"x" * 8 + ODD}
SHARED = {KEYS[name][:SHORT_BYTES] for name in "abc"}
NOTHING, ALL = Owned(frozenset(), False), None


def shared_by(*texts: str, parts: int = 2) -> Sharing:
    """A block a range."""
    sharing, start = Sharing(len(texts), parts, max_bytes=10, keys=reader(KEYS)), Place()
    for range_, text in enumerate(texts):
        taken = block(text, start)
        sharing.take(taken, range_, SHARED)
        start = taken.end()
    return sharing


def rows(sharing: Sharing, part: int) -> list[SharedRow]:
    return list(shared_rows(sharing.rows.chunks(part)))


def owned(sharing: Sharing, part: int) -> list[tuple[int, Owned | None]]:
    return [(each.location.record, each.owned) for each in rows(sharing, part)]


def left_out(sharing: Sharing, range_: int) -> list[tuple[int, Owned]]:
    return list(left_out_entries(sharing.left_out.chunks(range_)))


def test_a_row_goes_whole_to_the_part_of_its_key_and_keeps_its_place() -> None:
    with shared_by('a,1\nx,"\n"\nb,3\n', "x,4\na,5\n") as sharing:
        first, last = rows(sharing, 0)
        assert (first.location.line, first.location.record, first.location.offset) == (1, 1, 0)
        assert (last.location.line, last.location.record, last.location.offset) == (6, 5, 18)
        assert (last.row, last.raw) == (["a", "5"], b"a,5\n")
        assert owned(sharing, 1) == [(3, ALL)]
        assert left_out(sharing, 0) == [(1, NOTHING), (3, NOTHING)]
        assert left_out(sharing, 1) == [(5, NOTHING)]
        assert (sharing.row_counts, sharing.left_out_counts, sharing.records) == ([2, 1], [2, 1], 3)


def test_each_item_goes_to_the_part_of_its_key_and_the_first_one_s_counts_the_row() -> None:
    with shared_by("a x b c,1\nx a,2\nx b x,3\n") as sharing:
        assert owned(sharing, 0) == [(1, Owned(frozenset({0, 3}), True)), (2, Owned(frozenset({1}), False))]
        assert owned(sharing, 1) == [(1, Owned(frozenset({2}), False)), (3, Owned(frozenset({1}), False))]
        assert left_out(sharing, 0) == [
            (1, Owned(frozenset({1}), False)),
            (2, Owned(frozenset({0}), True)),
            (3, Owned(frozenset({0, 2}), True)),
        ]
        assert sharing.records == 3


def test_a_row_with_all_its_keys_in_one_part_is_its_own() -> None:
    with shared_by("a c a,1\n") as sharing:
        assert owned(sharing, 0) == [(1, ALL)]
        assert owned(sharing, 1) == []


def test_rows_without_shared_keys_stay() -> None:
    with shared_by("x,1\nx x,2\n", parts=1) as sharing:
        assert (rows(sharing, 0), left_out(sharing, 0), sharing.records) == ([], [], 0)
