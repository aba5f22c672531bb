from csv_import.writing.batch import ITEM_BYTES, halves, sealed
from tests.unit.csv_import.writing.fakes import batch


def test_a_batch_is_as_large_as_its_items_and_the_objects_around_them() -> None:
    made = sealed(7, {b"a": (b"12345", 1), b"b": (b"1", 2)})
    assert (made.segment, made.size) == (7, 6 + 2 + 2 * ITEM_BYTES)


def test_halves_keep_all_items_in_order() -> None:
    entries = batch("a", "b", "c").entries
    first, second = halves(entries)
    assert (len(first), len(second)) == (1, 2)
    assert [*first.items(), *second.items()] == list(entries.items())
