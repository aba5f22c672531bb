import pytest

from csv_import.accounting.segments import Checkpoint, Segments
from csv_import.rejects import Location

START = Location(1, 1, 0)


def end(segment: int) -> Location:
    return Location(10 * segment + 11, 10 * segment + 11, 100 * segment + 100)


def test_before_anything_is_settled_the_next_attempt_starts_at_the_start() -> None:
    segments = Segments(START)
    segments.sealed(0)
    assert segments.checkpoint() == Checkpoint(0, START)


@pytest.mark.parametrize("first", ["read", "acknowledged"])
def test_a_segment_is_settled_when_it_is_read_and_acknowledged(first: str) -> None:
    segments = Segments(START)
    segments.sealed(0)
    for step in (first, "acknowledged" if first == "read" else "read"):
        assert segments.checkpoint() == Checkpoint(0, START)
        if step == "read":
            segments.read(0, end(0))
        else:
            segments.acknowledged(0, 25)
    assert segments.checkpoint() == Checkpoint(1, end(0))
    assert segments.items_acknowledged == 25


def test_a_segment_of_nothing_but_rejects_is_settled_when_it_is_read() -> None:
    segments = Segments(START)
    segments.read(0, end(0))
    assert segments.checkpoint() == Checkpoint(1, end(0))


def test_a_later_segment_waits_for_an_earlier_one() -> None:
    segments = Segments(START)
    for segment in range(3):
        segments.sealed(segment)
        segments.read(segment, end(segment))
    segments.acknowledged(2, 1)
    segments.acknowledged(1, 1)
    assert segments.checkpoint() == Checkpoint(0, START)
    segments.acknowledged(0, 1)
    assert segments.checkpoint() == Checkpoint(3, end(2))


def test_one_batch_of_many_is_not_enough() -> None:
    segments = Segments(START)
    segments.sealed(0)
    segments.sealed(0)
    segments.read(0, end(0))
    segments.acknowledged(0, 25)
    assert segments.checkpoint() == Checkpoint(0, START)


def test_settled_segments_are_forgotten() -> None:
    segments = Segments(START)
    for segment in range(1000):
        segments.sealed(segment)
        segments.read(segment, end(segment))
        segments.acknowledged(segment, 1)
    assert segments._open == {}
