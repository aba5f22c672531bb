import pytest

from csv_import.accounting.books import Books, Keys
from csv_import.accounting.counters import Counters
from csv_import.accounting.segments import Segments
from csv_import.rejects import Location


def books(segment: int) -> Books:
    end = Location(10 * segment + 11, 10 * segment + 11, 100 * segment + 100)
    return Books(segment, end, Counters(), Keys())


def segments_of(settled: list[Books], first: int = 0) -> Segments:
    return Segments(first, settled.append)


def test_before_anything_is_settled_there_is_nothing_to_keep() -> None:
    settled: list[Books] = []
    segments = segments_of(settled)
    segments.sealed(0)
    assert (segments.settled, settled) == (0, [])


@pytest.mark.parametrize("first", ["read", "acknowledged"])
def test_a_segment_is_settled_when_it_is_read_and_acknowledged(first: str) -> None:
    settled: list[Books] = []
    segments = segments_of(settled)
    segments.sealed(0)
    for step in (first, "acknowledged" if first == "read" else "read"):
        assert settled == []
        if step == "read":
            segments.read(books(0))
        else:
            segments.acknowledged(0, 25)
    assert settled == [books(0)]
    assert (segments.settled, segments.items_acknowledged) == (1, 25)


def test_a_segment_of_nothing_but_rejects_is_settled_when_it_is_read() -> None:
    settled: list[Books] = []
    segments_of(settled).read(books(0))
    assert settled == [books(0)]


def test_a_later_segment_waits_for_an_earlier_one() -> None:
    settled: list[Books] = []
    segments = segments_of(settled)
    for segment in range(3):
        segments.sealed(segment)
        segments.read(books(segment))
    segments.acknowledged(2, 1)
    segments.acknowledged(1, 1)
    assert settled == []
    segments.acknowledged(0, 1)
    assert settled == [books(0), books(1), books(2)]


def test_one_batch_of_many_is_not_enough() -> None:
    settled: list[Books] = []
    segments = segments_of(settled)
    segments.sealed(0)
    segments.sealed(0)
    segments.read(books(0))
    segments.acknowledged(0, 25)
    assert settled == []


def test_an_attempt_that_goes_on_begins_where_the_earlier_one_got_to() -> None:
    settled: list[Books] = []
    segments = segments_of(settled, first=7)
    segments.sealed(7)
    segments.read(books(7))
    segments.acknowledged(7, 1)
    assert settled == [books(7)]
    assert segments.settled == 8


def test_settled_segments_are_forgotten() -> None:
    segments = Segments()
    for segment in range(1000):
        segments.sealed(segment)
        segments.read(books(segment))
        segments.acknowledged(segment, 1)
    assert segments._open == {}
