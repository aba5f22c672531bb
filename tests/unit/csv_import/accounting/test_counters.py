import pytest

from csv_import.accounting.counters import Counters


def test_ignored_spans_add_up_by_reason() -> None:
    counters = Counters()
    counters.ignore("header", spans=1, size=41)
    counters.ignore("blank_line", spans=2, size=3)
    counters.ignore("blank_line", spans=1, size=2)
    counters.ignore("byte_order_mark", spans=0, size=0)
    assert counters.ignored == {"header": (1, 41), "blank_line": (3, 5)}
    assert counters.bytes_ignored == 46


@pytest.mark.parametrize(
    ("changes", "holds"),
    [
        ({}, True),
        ({"rows_read": 1}, False),
        ({"rows_written": 1}, False),
        (
            {"rows_read": 10, "rows_written": 4, "rows_superseded": 3, "rows_rejected": 2, "rows_skipped": 1},
            True,
        ),
        ({"rows_read": 10, "rows_written": 4, "rows_superseded": 3, "rows_rejected": 2}, False),
        ({"bytes_read": 10, "bytes_records": 7, "bytes_ignored": 3}, True),
        ({"bytes_read": 10, "bytes_records": 7}, False),
    ],
)
def test_the_equation(changes: dict[str, int], holds: bool) -> None:
    counters = Counters()
    for name, value in changes.items():
        setattr(counters, name, value)
    assert counters.equation_holds() is holds
