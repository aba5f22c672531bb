from datetime import UTC, datetime, timedelta, timezone

import pytest

import times


def test_a_stamp_is_utc_with_microseconds() -> None:
    berlin = timezone(timedelta(hours=1))
    assert times.stamp(datetime(2026, 11, 23, 11, 0, 0, 5, tzinfo=berlin)) == "2026-11-23T10:00:00.000005Z"


def test_stamps_sort_as_time_does() -> None:
    moments = [datetime(2026, 11, 23, tzinfo=UTC) + timedelta(microseconds=n) for n in (0, 1, 999_999, 10**6)]
    stamps = [times.stamp(moment) for moment in moments]
    assert stamps == sorted(stamps)
    assert [times.parse(stamp) for stamp in stamps] == moments


def test_a_time_without_a_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="names no moment"):
        times.stamp(datetime(2026, 11, 23))  # noqa: DTZ001 (the case)


@pytest.mark.parametrize(
    "text",
    ["2026-11-23T10:00:00Z", "2026-11-23T10:00:00.000Z", "2026-11-23T11:00:00+01:00", "2026-11-23T10:00:00"],
)
def test_the_forms_that_s3_and_emulators_write_are_read(text: str) -> None:
    assert times.parse(text) == datetime(2026, 11, 23, 10, tzinfo=UTC)
