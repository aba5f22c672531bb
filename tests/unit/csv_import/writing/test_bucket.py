import pytest
from hypothesis import given
from hypothesis import strategies as st

from csv_import.writing.bucket import Bucket


def test_no_rate_is_no_limit() -> None:
    bucket = Bucket(None, 0.0)
    bucket.take(1e9)
    assert bucket.wait_s(0.0) == 0


def test_a_rate_of_nothing_grants_nothing() -> None:
    assert Bucket(0.0, 0.0).wait_s(1e6) == float("inf")


def test_it_begins_empty_and_may_be_overdrawn_once() -> None:
    bucket = Bucket(100.0, at=0.0)
    assert bucket.wait_s(0.0) > 0
    assert bucket.wait_s(0.01) == 0
    bucket.take(51)
    assert bucket.wait_s(0.01) == pytest.approx(0.5, abs=1e-4)
    assert bucket.wait_s(0.52) == 0


def test_what_is_not_used_is_not_saved_up() -> None:
    bucket = Bucket(100.0, at=0.0, burst_s=0.25)
    assert bucket.wait_s(1000.0) == 0
    bucket.take(25)
    assert bucket.wait_s(1000.0) > 0


def test_what_was_taken_too_much_is_given_back() -> None:
    bucket = Bucket(100.0, at=0.0)
    bucket.wait_s(0.25)
    bucket.take(100)
    bucket.settle(100, 25)
    assert bucket.wait_s(0.25) == pytest.approx(0.0, abs=1e-4)


def test_the_rate_may_change() -> None:
    bucket = Bucket(0.0, at=0.0)
    bucket.units_per_s = 10.0
    bucket.wait_s(1.0)
    bucket.take(12.5)
    assert bucket.wait_s(1.0) == pytest.approx(1.0, abs=1e-4)


def test_a_rate_that_was_not_put_off_ends() -> None:
    bucket = Bucket(100.0, at=0.0, until=4.0)
    assert bucket.wait_s(3.9) == 0
    assert bucket.wait_s(4.0) == float("inf"), "what is left unused goes with it"
    bucket.until = 8.0
    assert bucket.wait_s(4.0) > 0
    assert bucket.wait_s(4.1) == 0


def test_what_was_overdrawn_is_made_up_for_as_long_as_the_rate_holds() -> None:
    bucket = Bucket(100.0, at=0.0, until=4.0)
    bucket.take(500)
    assert bucket.wait_s(100.0) == float("inf")
    bucket.until = 200.0
    assert bucket.wait_s(100.0) == pytest.approx(1.0, abs=1e-4)


@given(st.floats(1, 10_000), st.lists(st.tuples(st.floats(0, 2), st.integers(1, 100)), max_size=200))
def test_no_more_than_the_rate_in_any_case(rate: float, wishes: list[tuple[float, int]]) -> None:
    bucket, now, used, last = Bucket(rate, at=0.0), 0.0, 0, 0
    for idle_s, units in wishes:
        now += idle_s
        now += bucket.wait_s(now)
        if bucket.wait_s(now) == 0:
            bucket.take(units)
            used, last = used + units, units
    assert used - last <= rate * now + rate * 1e-3 + 1e-6
