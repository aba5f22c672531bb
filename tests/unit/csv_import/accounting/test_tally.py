from collections import Counter

from csv_import.accounting.counters import Counters
from csv_import.accounting.tally import Tally
from csv_import.shaping.item import digest_of, key_text


def key(name: str) -> bytes:
    return digest_of(key_text([name]))


def add(tally: Tally, *rows: str) -> None:
    """Rows, each with its items' names."""
    tally.add([key(names[0]) for names in rows], [key(name) for names in rows for name in names])


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
        add(tally, *"abacab")
        assert counted(tally, 6) == ((3, 3, 0), (3, 3, 0))


def test_a_row_of_several_items_counts_by_its_first() -> None:
    with Tally(1000, several=True) as tally:
        add(tally, "ax", "bx")
        add(tally, "ay", "c")
        # rows a, b, a, c: three keys of four rows; items a x b x a y c: five keys of seven items
        assert counted(tally, 4) == ((3, 1, 0), (5, 2, 0))


def test_a_key_whose_first_row_was_left_alone_is_skipped_whatever_came_of_later_rows() -> None:
    with Tally(1000, several=False) as tally:
        add(tally, *"abab")
        for name, left_alone in (("a", True), ("b", False), ("a", False), ("b", True)):
            tally.left_alone.tell(key(name), left_alone)
        assert counted(tally, 4) == ((1, 2, 1), (1, 2, 1))


def test_rows_are_skipped_with_their_first_item() -> None:
    with Tally(1000, several=True) as tally:
        add(tally, "ax", "by")
        for name, left_alone in (("a", True), ("x", False), ("b", False), ("y", True)):
            tally.left_alone.tell(key(name), left_alone)
        assert counted(tally, 2) == ((1, 0, 1), (2, 0, 2))


def test_what_is_spilled_to_files_counts_as_what_is_held() -> None:
    names = [str(number % 97) for number in range(500)]
    with Tally(64, several=False) as tally:
        for name in names:
            add(tally, (name,))  # type: ignore[arg-type]
            tally.left_alone.tell(key(name), int(name) % 2 == 0)
        for name in names:
            tally.left_alone.tell(key(name), True)
        assert counted(tally, 500) == ((48, 403, 49), (48, 403, 49))


def refused(*names: str) -> Counter[bytes]:
    return Counter(map(key, names))


def test_what_was_refused_leaves_the_counts() -> None:
    with Tally(1000, several=False) as tally:
        add(tally, *"abac")
        tally.left_alone.tell(key("b"), True)
        counters = Counters(rows_read=4, rows_accepted=2, rows_rejected=2)
        tally.settle(counters, refused("a", "c"), refused("a", "c"))
        assert counters.equation_holds()
        assert (counters.rows_written, counters.rows_superseded, counters.rows_skipped) == (1, 0, 1)
        assert (counters.items_accepted, counters.items_written, counters.items_skipped) == (2, 1, 1)


def test_a_row_one_of_whose_items_was_refused_is_no_row_but_its_other_items_are() -> None:
    with Tally(1000, several=True) as tally:
        add(tally, "ax", "by")
        counters = Counters(rows_read=2, rows_accepted=1, rows_rejected=1)
        tally.settle(counters, refused("b"), refused("y"))
        assert counters.equation_holds()
        assert (counters.rows_written, counters.items_accepted, counters.items_written) == (1, 3, 3)
