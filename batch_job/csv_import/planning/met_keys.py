"""Finds the keys that occur in several parts of a file, in memory that does not grow with it."""

from __future__ import annotations

import itertools
import struct
from collections.abc import Iterable, Iterator, Sequence
from types import TracebackType

from csv_import.accounting.distinct import pieces
from csv_import.planning.partitions import Partitions

SHORT_BYTES = 8
"""Of a digest, which is enough: where two keys look alike, their rows are shared for nothing, and loaded."""

_RUN = struct.Struct("<II")
_MANY_PARTITIONS_FROM_BYTES = 16 << 30

_Run = tuple[int, bytes]
"""A stretch, and the short digests that were met in it."""


class MetKeys:
    """Remembers the keys of each stretch of a file; use as a context manager.

    Short digests are kept apart by their first bits, so that what is held against each other fits in memory.

    Args:
        file_bytes: how large the file is.
        max_bytes: held in memory before it is spilled, four times as much of a file of many partitions, and about a
            fifth of what is held to compare.
    """

    def __init__(self, file_bytes: int, max_bytes: int) -> None:
        self._many = file_bytes >= _MANY_PARTITIONS_FROM_BYTES
        self._count = 4096 if self._many else 256
        self._max_compared = max(1, max_bytes // 20)
        self._kept = Partitions(self._count, max_bytes * (4 if self._many else 1))
        self._here: set[bytes] = set()
        self._stretch = 0

    def add(self, digests: Iterable[bytes]) -> None:
        """Take in digests of keys of the present stretch; empty ones mean nothing."""
        self._here.update(digests)

    def end_stretch(self) -> None:
        """What comes belongs to the next stretch."""
        self._here.discard(b"")
        runs = [bytearray() for _ in range(self._count)]
        if self._many:
            for digest in self._here:
                runs[digest[0] << 4 | digest[1] >> 4] += digest[:SHORT_BYTES]
        else:
            for digest in self._here:
                runs[digest[0]] += digest[:SHORT_BYTES]
        for partition, run in enumerate(runs):
            if run:
                self._kept.add(partition, _RUN.pack(self._stretch, len(run)) + run)
        self._here.clear()
        self._stretch += 1

    def shared(self, part_of: Sequence[int]) -> Iterator[_Run]:
        """Yield the short digests that occur in several parts, once for each stretch that has them.

        Args:
            part_of: the part of each stretch; parts come one after the other.
        """
        for partition in range(self._count):
            data = self._kept.data(partition)
            passes = -(-len(data) // SHORT_BYTES // self._max_compared) or 1
            for number in range(passes):
                yield from _shared(_runs(data, number, passes), part_of)

    def __enter__(self) -> MetKeys:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._kept.__exit__(kind, error, trace)


def _runs(data: bytes, number: int, passes: int) -> list[_Run]:
    """The runs of a partition; of several passes over it each takes another share of the digests."""
    runs, at = [], 0
    while at < len(data):
        stretch, size = _RUN.unpack_from(data, at)
        at += _RUN.size
        digests = data[at : at + size]
        at += size
        if passes > 1:
            digests = b"".join([each for each in pieces(digests, SHORT_BYTES) if each[2] % passes == number])
        runs.append((stretch, digests))
    return runs


def _shared(runs: list[_Run], part_of: Sequence[int]) -> Iterator[_Run]:
    seen: set[bytes] = set()
    shared: set[bytes] = set()
    for _, of_part in itertools.groupby(runs, lambda run: part_of[run[0]]):
        mine: set[bytes] = set()
        for _, digests in of_part:
            mine.update(pieces(digests, SHORT_BYTES))
        shared |= seen & mine
        seen |= mine
    if not shared:
        return
    for stretch, digests in runs:
        if found := shared.intersection(pieces(digests, SHORT_BYTES)):
            yield stretch, b"".join(found)
