"""Bytes kept apart by number, in bounded memory: what is too much lies in one temporary file."""

from __future__ import annotations

import io
import itertools
import struct
import tempfile
from array import array
from collections.abc import Iterator
from types import TracebackType
from typing import IO

_READ_BYTES = 1 << 20
_BOUND_BYTES = 4


class Partitions:
    """Takes bytes for each of some partitions, and gives those of each back in the order they came.

    Use as a context manager. Besides `max_bytes` it holds a number for each time that memory was full.

    Args:
        count: how many partitions there are, numbered from 0.
        max_bytes: held in memory.
    """

    def __init__(self, count: int, max_bytes: int) -> None:
        self._max_bytes = max_bytes
        self._held: dict[int, bytearray] = {}
        self._held_bytes = 0
        self._file: IO[bytes] | None = None
        self._count = count
        self._spills = array("Q")
        """Where each begins in the file: with where in it the partitions begin, and where the last one ends."""
        self.sizes = array("Q", bytes(8 * count))
        """Bytes of each partition."""

    def add(self, partition: int, data: bytes | bytearray) -> None:
        """Take in bytes of a partition."""
        held = self._held.get(partition)
        if held is None:
            self._held[partition] = bytearray(data)
        else:
            held += data
        self.sizes[partition] += len(data)
        self._held_bytes += len(data)
        if self._held_bytes > self._max_bytes:
            self._spill()

    def chunks(self, partition: int) -> Iterator[bytes]:
        """Yield the bytes of a partition in chunks of at most a mebibyte."""
        for spill in self._spills:
            at, end = self._bounds(spill, partition)
            assert self._file is not None
            while at < end:
                self._file.seek(at)
                chunk = self._file.read(min(end - at, _READ_BYTES))
                yield chunk
                at += len(chunk)
        held = self._held.get(partition, b"")
        for at in range(0, len(held), _READ_BYTES):
            yield bytes(held[at : at + _READ_BYTES])

    def data(self, partition: int) -> bytes:
        """All bytes of a partition."""
        return b"".join(self.chunks(partition))

    def __enter__(self) -> Partitions:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._held.clear()
        if self._file is not None:
            self._file.close()

    def _spill(self) -> None:
        if self._file is None:
            self._file = tempfile.TemporaryFile()  # noqa: SIM115 - kept
        self._spills.append(self._file.seek(0, io.SEEK_END))
        sizes = [len(self._held.get(partition, b"")) for partition in range(self._count)]
        self._file.write(struct.pack(f"<{self._count + 1}I", *itertools.accumulate(sizes, initial=0)))
        for partition in range(self._count):
            self._file.write(self._held.pop(partition, b""))
        self._held_bytes = 0

    def _bounds(self, spill: int, partition: int) -> tuple[int, int]:
        """Where in the file a partition begins and ends."""
        assert self._file is not None
        self._file.seek(spill + _BOUND_BYTES * partition)
        begin, end = struct.unpack("<2I", self._file.read(2 * _BOUND_BYTES))
        data = spill + _BOUND_BYTES * (self._count + 1)
        return data + begin, data + end
