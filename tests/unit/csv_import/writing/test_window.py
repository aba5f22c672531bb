import random

import pytest

from csv_import.writing.window import Window

INFINITY = float("inf")
TAKEN, REFUSED = (1.0, 0.0), (0.0, 1.0)


def window(most: int = 64, first: float = 8.0) -> Window:
    return Window(most, first, draw=lambda _, ceiling: ceiling / 2)


def test_as_many_requests_as_the_window_is_wide() -> None:
    wide = window(first=3.7)
    assert [wide.wait_s(in_flight, 0.0) for in_flight in (0, 2, 3, 4)] == [0, 0, INFINITY, INFINITY]


def test_the_first_rounds_double() -> None:
    wide = window(first=4)
    for _ in range(3):
        for _ in range(int(wide.size)):
            wide.answered(0.0, 0.01)
    assert wide.size == 32


def test_after_the_first_throttle_a_round_adds_one() -> None:
    wide = window(first=16)
    wide.answered(0.0, 0.01, *REFUSED)
    assert wide.size == 8
    for _ in range(8):
        wide.answered(1.0, 1.01)
    assert 8.8 < wide.size < 9


def test_the_news_of_one_moment_halve_once() -> None:
    wide = window(first=16)
    for _ in range(16):
        wide.answered(1.0, 1.01, *REFUSED)
    assert wide.size == 8
    wide.answered(1.02, 1.03, *REFUSED)
    assert wide.size == 4


def test_a_request_that_is_refused_in_part_narrows_it_by_that_part() -> None:
    wide = window(first=16)
    wide.answered(0.0, 0.01, 0.9, 0.1)
    assert wide.size == pytest.approx((16 + 0.9 / 16) * 0.95)


def test_what_is_left_of_a_batch_weighs_as_little_as_it_is() -> None:
    wide = window(first=1)
    wide.answered(0.0, 0.01, *REFUSED)
    before = wide.size
    wide.answered(0.02, 0.03, 0.0, 1 / 25)
    assert 0.99 * before < wide.size < before
    wide.answered(0.04, 0.05, 1 / 25, 0.0)
    assert before < wide.size < 1.03 * before


@pytest.mark.parametrize(("taken", "rests_at"), [(0.9, 18), (0.8, 8), (0.5, 1.2), (0.2, 0.9)])
def test_a_share_that_is_refused_whatever_the_pace_sets_a_pace(taken: float, rests_at: float) -> None:
    """Where a round's increase is its decrease: `taken = size * (1 - taken) / 2`; just below one it climbs back."""
    wide, now, sizes = window(first=16), 0.0, []
    for _ in range(300):
        started = now
        now += 0.01
        for _ in range(int(max(wide.size, 1))):
            wide.answered(started, now, taken, 1 - taken)
        sizes.append(wide.size)
    assert sum(sizes[100:]) / 200 == pytest.approx(rests_at, rel=0.1)


def test_it_stays_within_its_bounds() -> None:
    wide = window(most=10)
    for _ in range(100):
        wide.answered(0.0, 0.01)
    assert wide.size == 10
    for number in range(100):
        wide.answered(float(number), number + 0.5, *REFUSED)
    assert 0 < wide.size < 0.1


def test_below_one_it_is_a_share_of_the_time() -> None:
    wide = window(first=1)
    wide.answered(0.0, 1.0, *REFUSED)
    for second in range(1, 6):
        wide.answered(float(second), second + 1.0, *REFUSED)
    assert wide.size == pytest.approx(0.25)
    assert wide.wait_s(1, 6.0) == INFINITY
    pause = wide.wait_s(0, 6.0)
    assert pause == pytest.approx(3 * wide._round_trip_s), "three round trips of rest to one of work"
    assert wide.wait_s(0, 6.0 + pause) == 0


def test_rests_are_drawn_from_nothing_to_twice_their_mean() -> None:
    drawn: list[tuple[float, float]] = []

    def draw(low: float, high: float) -> float:
        drawn.append((low, high))
        return high / 7

    wide = Window(64, 1.0, draw=draw)
    wide.answered(0.0, 1.0, *REFUSED)
    ((low, high),) = drawn
    assert low == 0.0
    assert high == pytest.approx(2 * wide._round_trip_s), "the mean is one round trip at 1/2"
    assert wide.wait_s(0, 1.0) == pytest.approx(drawn[0][1] / 7)
    wide.answered(1.0, 2.0, *REFUSED)
    assert len(drawn) == 2, "each answer draws anew"


def test_windows_with_chances_of_their_own_do_not_march_in_step() -> None:
    rests = set()
    for seed in range(20):
        wide = Window(64, 1.0, draw=random.Random(seed).uniform)
        wide.answered(0.0, 1.0, *REFUSED)
        rests.add(wide.wait_s(0, 1.0))
    assert len(rests) == 20


def test_below_one_a_request_that_is_taken_makes_up_for_four_that_are_refused() -> None:
    wide, now = window(first=1), 0.0
    for turn in range(1, 201):
        wide.answered(now, now + 0.01, *(REFUSED if turn % 5 else TAKEN))
        now += 0.01
        assert wide.size > 0.2, f"after {turn} answers"


def test_it_recovers_from_below_one() -> None:
    wide = window(first=1)
    for number in range(20):
        wide.answered(float(number), number + 0.5, *REFUSED)
    for _ in range(100):
        wide.answered(50.0, 50.01)
    assert wide.size > 2
