from datetime import UTC, datetime, timedelta, timezone

import pytest

from csv_import.shaping.provenance import Provenance

AT = datetime(2026, 11, 23, 10, 0, 0, tzinfo=UTC)


def test_a_row_has_the_files_time_and_a_microsecond_per_record() -> None:
    provenance = Provenance("in/a.csv", AT)
    assert provenance.filename == "in/a.csv"
    assert provenance.last_modified == "2026-11-23T10:00:00Z"
    assert provenance.created_time(1) == "2026-11-23T10:00:00.000001Z"


@pytest.mark.parametrize(
    ("record", "time"),
    [
        (999_999, "10:00:00.999999Z"),
        (1_000_000, "10:00:01.000000Z"),
        (59_999_999, "10:00:59.999999Z"),
        (60_000_000, "10:01:00.000000Z"),
        (14 * 3600 * 1_000_000, "00:00:00.000000Z"),
    ],
)
def test_seconds_minutes_and_days_are_carried_over(record: int, time: str) -> None:
    day = "2026-11-24" if time.startswith("00") else "2026-11-23"
    assert Provenance("a", AT).created_time(record) == f"{day}T{time}"


def test_the_order_of_the_calls_makes_no_difference() -> None:
    provenance = Provenance("a", AT)
    records = [5, 2_000_000, 7, 1_000_000, 999_999, 1_000_000, 0]
    assert [provenance.created_time(record) for record in records] == [
        Provenance("a", AT).created_time(record) for record in records
    ]


@pytest.mark.parametrize("before_s", [1, 2, 86_400])
@pytest.mark.parametrize("record", [1, 999_999, 1_000_000, 1_000_001])
def test_files_from_before_1970(before_s: int, record: int) -> None:
    at = datetime(1970, 1, 1, tzinfo=UTC) - timedelta(seconds=before_s)
    expected = at + timedelta(microseconds=record)
    assert Provenance("a", at).created_time(record) == f"{expected:%Y-%m-%dT%H:%M:%S.%fZ}"


def test_times_are_told_in_utc() -> None:
    at = datetime(2026, 11, 23, 1, 30, tzinfo=timezone(timedelta(hours=2)))
    provenance = Provenance("a", at)
    assert provenance.last_modified == "2026-11-22T23:30:00Z"
    assert provenance.created_time(0) == "2026-11-22T23:30:00.000000Z"
