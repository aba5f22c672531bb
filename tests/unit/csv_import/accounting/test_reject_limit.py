import pytest

from csv_import.accounting.counters import Counters
from csv_import.accounting.reject_limit import RejectGuard, RejectLimit
from csv_import.errors import BadData
from csv_import.rejects import Location

AT = Location(line=7, record=5, offset=99)


@pytest.mark.parametrize(
    ("limit", "read", "rejected", "exceeded"),
    [
        (RejectLimit(), 10, 10, False),
        (RejectLimit(most=0), 10, 0, False),
        (RejectLimit(most=0), 10, 1, True),
        (RejectLimit(most=3), 10, 3, False),
        (RejectLimit(most=3), 10, 4, True),
        (RejectLimit(ratio=0.1, from_rows=100), 99, 99, False),
        (RejectLimit(ratio=0.1, from_rows=100), 100, 10, False),
        (RejectLimit(ratio=0.1, from_rows=100), 100, 11, True),
        (RejectLimit(ratio=0.0), 10, 0, False),
        (RejectLimit(ratio=0.0), 10, 1, True),
        (RejectLimit(ratio=1.0), 10, 10, False),
        (RejectLimit(most=100, ratio=0.5), 10, 6, True),
    ],
)
def test_a_limit(limit: RejectLimit, read: int, rejected: int, exceeded: bool) -> None:
    assert (limit.exceeded(read, rejected) is not None) == exceeded


def test_a_part_stops_and_says_where() -> None:
    guard = RejectGuard(RejectLimit(most=2))
    guard.check(Counters(rows_read=5, rows_rejected=2), AT)
    with pytest.raises(BadData) as stopped:
        guard.check(Counters(rows_read=5, rows_rejected=3), AT)
    assert stopped.value.code == "too_many_rejects"
    assert stopped.value.exit_code == 65
    assert stopped.value.message == (
        "stopped at line 7 (record 5): more rows are rejected than max_rejects allows (2); rejects.jsonl says why each"
        " one was"
    )


def test_the_rejects_of_other_parts_count() -> None:
    guard = RejectGuard(RejectLimit(most=2), others_read=100, others_rejected=2)
    with pytest.raises(BadData):
        guard.check(Counters(rows_read=1, rows_rejected=1), AT)
    guard = RejectGuard(RejectLimit(ratio=0.05, from_rows=10), others_read=100)
    guard.check(Counters(rows_read=1, rows_rejected=1), AT)


@pytest.mark.parametrize(("ratio", "rejected"), [(0.29, 29), (0.57, 57), (0.1, 10)])
def test_a_share_that_is_just_kept_is_kept(ratio: float, rejected: int) -> None:
    limit = RejectLimit(ratio=ratio, from_rows=1)
    assert limit.exceeded(100, rejected) is None
    assert limit.exceeded(100, rejected + 1) is not None
