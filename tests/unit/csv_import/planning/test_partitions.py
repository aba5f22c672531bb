import tempfile
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from csv_import.planning.partitions import Partitions

COUNT = 5
additions = st.lists(st.tuples(st.integers(0, COUNT - 1), st.binary(max_size=9)), max_size=40)


@given(additions, st.integers(0, 30))
def test_each_partition_gives_back_its_bytes_in_order(added: list[tuple[int, bytes]], max_bytes: int) -> None:
    with Partitions(COUNT, max_bytes) as partitions:
        for partition, data in added:
            partitions.add(partition, data)
        for partition in range(COUNT):
            expected = b"".join(data for of, data in added if of == partition)
            assert partitions.data(partition) == expected
            assert partitions.sizes[partition] == len(expected)


def test_it_goes_on_after_it_was_read() -> None:
    with Partitions(2, 3) as partitions:
        partitions.add(0, b"spilled")
        assert partitions.data(0) == b"spilled"
        partitions.add(0, b" again")
        partitions.add(1, b"x")
        assert (partitions.data(0), partitions.data(1)) == (b"spilled again", b"x")


def test_chunks_are_at_most_a_mebibyte() -> None:
    with Partitions(1, 1 << 21) as partitions:
        partitions.add(0, b"a" * (5 << 20))  # spilled at once
        partitions.add(0, b"b" * (3 << 19))  # held
        chunks = list(partitions.chunks(0))
        assert {len(chunk) for chunk in chunks[:-1]} == {1 << 20}
        assert b"".join(chunks) == b"a" * (5 << 20) + b"b" * (3 << 19)


@pytest.fixture
def opened(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """The temporary files that were made."""
    files: list[Any] = []
    make = tempfile.TemporaryFile

    def watched(*arguments: Any, **named: Any) -> Any:
        files.append(make(*arguments, **named))
        return files[-1]

    monkeypatch.setattr(tempfile, "TemporaryFile", watched)
    return files


def test_what_fits_needs_no_file(opened: list[Any]) -> None:
    with Partitions(4096, 100) as partitions:
        partitions.add(4095, b"a" * 100)
        assert not opened
        partitions.add(7, b"b")
        assert len(opened) == 1


def test_the_file_goes_whatever_happens(opened: list[Any]) -> None:
    with pytest.raises(KeyError), Partitions(1, 0) as partitions:
        partitions.add(0, b"a")
        raise KeyError
    assert [file.closed for file in opened] == [True]


def test_what_is_held_stays_under_the_bound() -> None:
    with Partitions(3, 50) as partitions:
        for at in range(1000):
            partitions.add(at % 3, b"12345678")
            assert sum(map(len, partitions._held.values())) <= 50
