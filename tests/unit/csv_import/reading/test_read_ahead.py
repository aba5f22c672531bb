from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest

from csv_import.reading.read_ahead import ranges_of, read_ahead

DATA = bytes(range(200))


def read(offset: int, n_bytes: int) -> bytes:
    return DATA[offset : offset + n_bytes]


@pytest.mark.parametrize("ahead", [1, 2, 7, 100])
def test_chunks_come_in_order_whichever_is_there_first(ahead: int) -> None:
    """The first request is answered after the second one, where there are two at once."""
    second = threading.Event()

    def late_first(offset: int, n_bytes: int) -> bytes:
        if offset == 0 and ahead > 1:
            assert second.wait(30)
        if offset == 11:
            second.set()
        return read(offset, n_bytes)

    chunks = list(read_ahead(late_first, ranges_of(0, len(DATA), 11), ahead=ahead))
    assert b"".join(chunks) == DATA
    assert [len(chunk) for chunk in chunks] == [11] * 18 + [2]


def test_no_more_is_asked_for_than_may_be_held() -> None:
    asked: list[int] = []

    def ranges() -> Iterator[tuple[int, int]]:
        for offset in range(0, 200, 10):
            asked.append(offset)
            yield offset, 10

    chunks = read_ahead(read, ranges(), ahead=3)
    assert not asked
    for taken in range(1, 15):
        next(chunks)
        assert len(asked) == 3 + taken
    chunks.close()  # type: ignore[attr-defined]


def test_what_reading_raises_comes_in_its_place_and_ends_it() -> None:
    asked: list[int] = []

    def broken(offset: int, n_bytes: int) -> bytes:
        asked.append(offset)
        if offset == 30:
            raise OSError("broken off")
        return read(offset, n_bytes)

    chunks = read_ahead(broken, ranges_of(0, 200, 10), ahead=2)
    assert [next(chunks) for _ in range(3)] == [DATA[0:10], DATA[10:20], DATA[20:30]]
    with pytest.raises(OSError, match="broken off"):
        next(chunks)
    assert max(asked) <= 50


def test_nobody_reads_on_when_the_chunks_are_let_go() -> None:
    chunks = read_ahead(read, ranges_of(0, 200, 10), ahead=4)
    next(chunks)
    chunks.close()  # type: ignore[attr-defined]
    assert not [each for each in threading.enumerate() if each.name.startswith("read-ahead")]


def test_no_range_is_no_chunk() -> None:
    assert list(read_ahead(read, ranges_of(5, 5, 10), ahead=2)) == []


def test_ranges_end_where_they_are_told_to() -> None:
    assert list(ranges_of(7, 30, 10)) == [(7, 10), (17, 10), (27, 3)]
