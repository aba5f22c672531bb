"""The books are right whatever the order of events, and however little memory there is."""

from __future__ import annotations

from collections import Counter

from hypothesis import given, settings
from hypothesis import strategies as st

from csv_import.accounting.books import Books, Keys
from csv_import.accounting.counters import Counters
from csv_import.accounting.distinct import DistinctKeys
from csv_import.accounting.segments import Segments
from csv_import.rejects import Location
from csv_import.shaping.item import digest_of, key_text


def digest(key: int) -> bytes:
    return digest_of(key_text([str(key)]))


@given(
    st.lists(st.integers(0, 30) | st.integers(), max_size=150),
    st.lists(st.integers(0, 30), max_size=40),
    st.sampled_from([0, 16, 48, 1000, 1 << 20]),
)
@settings(max_examples=60, deadline=None)
def test_distinct_keys_are_counted_as_a_set_counts_them(
    first: list[int], later: list[int], max_bytes: int
) -> None:
    with DistinctKeys(max_bytes) as keys:
        keys.add(digest(key) for key in first)
        assert keys.count() == len(set(first))
        assert keys.count() == len(set(first)), "counting changes nothing"
        keys.add(digest(key) for key in later)
        assert keys.count() == len({*first, *later})


@given(
    st.lists(st.integers(0, 20), max_size=100),
    st.lists(st.integers(0, 200), max_size=30),
    st.sampled_from([0, 48, 1 << 20]),
)
@settings(max_examples=60, deadline=None)
def test_keys_all_of_whose_items_do_not_count_are_not_counted(
    added: list[int], gone: list[int], max_bytes: int
) -> None:
    removed = Counter(added[at] for at in {at for at in gone if at < len(added)})
    left = Counter(added) - removed
    with DistinctKeys(max_bytes) as keys:
        keys.add(digest(key) for key in added)
        without = {digest(key): times for key, times in removed.items()}
        assert keys.count(without) == len(left)


@given(st.lists(st.binary(min_size=2, max_size=2), max_size=200))
@settings(max_examples=60, deadline=None)
def test_digests_that_differ_in_one_byte_are_two(ends: list[bytes]) -> None:
    digests = [end[:1] + b"\0" * 14 + end[1:] for end in ends]
    with DistinctKeys(max_bytes=100) as keys:
        keys.add(digests)
        assert keys.count() == len(set(digests))


@st.composite
def histories(draw: st.DrawFn) -> tuple[list[int], list[tuple[str, int]]]:
    """Batches per segment, and events in an order that can happen: sealed, then acknowledged; all sealed, then read."""
    batches = draw(st.lists(st.integers(0, 4), min_size=1, max_size=6))
    reading = [
        event
        for segment, n in enumerate(batches)
        for event in [*[("sealed", segment)] * n, ("read", segment)]
    ]
    events: list[tuple[str, int]] = []
    open_batches: list[int] = []
    while reading or open_batches:
        if open_batches and (not reading or draw(st.booleans())):
            events.append(("acknowledged", open_batches.pop(draw(st.integers(0, len(open_batches) - 1)))))
        else:
            events.append(reading.pop(0))
            if events[-1][0] == "sealed":
                open_batches.append(events[-1][1])
    return batches, events


@given(histories(), st.data())
@settings(max_examples=300, deadline=None)
def test_the_checkpoint_is_the_longest_prefix_of_settled_segments(
    history: tuple[list[int], list[tuple[str, int]]], data: st.DataObject
) -> None:
    batches, events = history
    ends = [Location(n, n, n) for n in range(2, len(batches) + 2)]
    settled_books: list[Books] = []
    segments = Segments(on_settled=settled_books.append)
    acknowledged = [0] * len(batches)
    read: set[int] = set()
    for kind, segment in events:
        if kind == "sealed":
            segments.sealed(segment)
        elif kind == "acknowledged":
            segments.acknowledged(segment, 3)
            acknowledged[segment] += 1
        else:
            segments.read(Books(segment, ends[segment], Counters(), Keys()))
            read.add(segment)
        settled = 0
        while settled < len(batches) and settled in read and acknowledged[settled] == batches[settled]:
            settled += 1
        assert [each.segment for each in settled_books] == list(range(settled))
        assert segments.settled == settled
        assert segments.items_acknowledged == 3 * sum(acknowledged)
