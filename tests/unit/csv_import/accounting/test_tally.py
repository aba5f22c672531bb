from csv_import.accounting.counters import Counters
from csv_import.accounting.tally import Tally
from csv_import.shaping.item import Item, key_digest


def key(name: str) -> bytes:
    return key_digest([name])


def counted(tally: Tally, rows: int) -> tuple[tuple[int, int, int], tuple[int, int, int]]:
    counters = Counters(rows_read=rows, rows_accepted=rows)
    tally.settle(counters)
    assert counters.equation_holds()
    return (
        (counters.rows_written, counters.rows_superseded, counters.rows_skipped),
        (counters.items_written, counters.items_superseded, counters.items_skipped),
    )


def test_rows_and_items_are_one_where_a_row_is_an_item() -> None:
    with Tally(1000, several=False) as tally:
        for name in "abacab":
            tally.add(key(name))
        assert counted(tally, 6) == ((3, 3, 0), (3, 3, 0))


def test_a_row_of_several_items_counts_by_its_first() -> None:
    with Tally(1000, several=True) as tally:
        for names in (("a", "x"), ("b", "x"), ("a", "y"), ("c",)):
            tally.add_all(tuple(Item(key(name), b"{}") for name in names))
        # rows a, b, a, c: three keys of four rows; items a x b x a y c: five keys of seven items
        assert counted(tally, 4) == ((3, 1, 0), (5, 2, 0))


def test_a_key_whose_first_row_was_left_alone_is_skipped_whatever_came_of_later_rows() -> None:
    with Tally(1000, several=False) as tally:
        for name in "abab":
            tally.add(key(name))
        for name, left_alone in (("a", True), ("b", False), ("a", False), ("b", True)):
            tally.left_alone.tell(key(name), left_alone)
        assert counted(tally, 4) == ((1, 2, 1), (1, 2, 1))


def test_rows_are_skipped_with_their_first_item() -> None:
    with Tally(1000, several=True) as tally:
        tally.add_all((Item(key("a"), b"{}"), Item(key("x"), b"{}")))
        tally.add_all((Item(key("b"), b"{}"), Item(key("y"), b"{}")))
        for name, left_alone in (("a", True), ("x", False), ("b", False), ("y", True)):
            tally.left_alone.tell(key(name), left_alone)
        assert counted(tally, 2) == ((1, 0, 1), (2, 0, 2))


def test_what_is_spilled_to_files_counts_as_what_is_held() -> None:
    names = [str(number % 97) for number in range(500)]
    with Tally(64, several=False) as tally:
        for name in names:
            tally.add(key(name))
            tally.left_alone.tell(key(name), int(name) % 2 == 0)
        for name in names:
            tally.left_alone.tell(key(name), True)
        assert counted(tally, 500) == ((48, 403, 49), (48, 403, 49))
