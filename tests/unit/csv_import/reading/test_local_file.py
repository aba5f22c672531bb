from pathlib import Path

import pytest

from csv_import.reading.local_file import LocalFile

CONTENT = bytes(range(256)) * 3


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "a.csv"
    path.write_bytes(CONTENT)
    return path


def test_the_bytes_come_in_order_in_chunks_and_are_counted(path: Path) -> None:
    file = LocalFile(path, chunk_bytes=100)
    seen = []
    for chunk in file.chunks():
        seen.append(chunk)
        assert file.bytes_read == sum(map(len, seen))
    assert b"".join(seen) == CONTENT
    assert max(map(len, seen)) == 100
    assert file.size == len(CONTENT)


def test_reading_may_begin_again(path: Path) -> None:
    file = LocalFile(path, chunk_bytes=100)
    next(file.chunks())
    assert b"".join(file.chunks()) == CONTENT


@pytest.mark.parametrize("n_bytes", [0, 1, 100, len(CONTENT), len(CONTENT) + 1])
def test_the_tail(path: Path, n_bytes: int) -> None:
    assert LocalFile(path).tail(n_bytes) == (CONTENT[-n_bytes:] if n_bytes else b"")


def test_an_empty_file_has_no_chunks(tmp_path: Path) -> None:
    (tmp_path / "empty").touch()
    file = LocalFile(tmp_path / "empty")
    assert (list(file.chunks()), file.tail(10), file.size) == ([], b"", 0)
