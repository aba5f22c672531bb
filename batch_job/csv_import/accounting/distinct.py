"""Count distinct keys exactly, in bounded memory, from their digests; and the keys whose items were left alone."""

from __future__ import annotations

import struct
import tempfile
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from operator import itemgetter
from types import TracebackType
from typing import IO

from csv_import.shaping.item import DIGEST_BYTES

LEFT_ALONE, WRITTEN = b"\1", b"\0"
"""What became of an item whose request had a condition."""

_PARTITIONS = 256
_NONE: Mapping[bytes, int] = {}


def pieces(data: bytes | bytearray, size: int) -> Iterator[bytes]:
    """Cut into pieces of `size` bytes."""
    return map(itemgetter(0), struct.iter_unpack(f"{size}s", data))


class Spill:
    """Keeps records that begin with a digest, in the order they come, apart by the digest's first byte.

    Memory is at most about `max_bytes` while collecting; the rest lies in temporary files. Reading one partition
    back holds a 256th of the records, about 100 bytes each: 40 MB at a hundred million keys.

    Args:
        max_bytes: held in memory before they are spilled.
        record_bytes: the length of a record.
    """

    def __init__(self, max_bytes: int, record_bytes: int = DIGEST_BYTES) -> None:
        self._record_bytes = record_bytes
        self._max_records = max(1, max_bytes // record_bytes)
        self._held: list[bytearray] = [bytearray() for _ in range(_PARTITIONS)]
        self._count = 0
        self._files: list[IO[bytes]] = []

    def add(self, records: Iterable[bytes]) -> None:
        """Take in records, all of which are held until the last one is in."""
        held, count = self._held, 0
        for count, record in enumerate(records, start=1):  # noqa: B007 - counts, at no cost
            held[record[0]] += record
        self._count += count
        if self._count >= self._max_records:
            self._spill()

    def records(self, partition: int) -> Iterator[bytes]:
        """The records of a partition, in the order they came."""
        data = bytes(self._held[partition])
        if self._files:
            file = self._files[partition]
            file.seek(0)
            data = file.read() + data
            file.seek(0, 2)
        return pieces(data, self._record_bytes)

    def close(self) -> None:
        """Let go of the files."""
        for file in self._files:
            file.close()

    def _spill(self) -> None:
        if not self._files:
            self._files = [tempfile.TemporaryFile() for _ in range(_PARTITIONS)]  # noqa: SIM115
        for file, records in zip(self._files, self._held, strict=True):
            file.write(records)
            records.clear()
        self._count = 0


class DistinctKeys:
    """Counts the distinct digests that were added.

    Args:
        max_bytes: digests held in memory before they are spilled.
    """

    def __init__(self, max_bytes: int) -> None:
        self._spill = Spill(max_bytes)
        self.add = self._spill.add

    def count(self, without: Mapping[bytes, int] = _NONE) -> int:
        """How many distinct digests were added.

        Args:
            without: digests, and how often each was added for what does not count after all.
        """
        return sum(len(self._distinct(partition, without)) for partition in range(_PARTITIONS))

    def outcomes(self, left_alone: LeftAlone, without: Mapping[bytes, int] = _NONE) -> tuple[int, int]:
        """How many distinct digests were added, and how many of them are of keys whose item was left alone."""
        count = skipped = 0
        for partition in range(_PARTITIONS):
            distinct = self._distinct(partition, without)
            count += len(distinct)
            skipped += len(distinct & left_alone.digests(partition))
        return count, skipped

    def __enter__(self) -> DistinctKeys:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._spill.close()

    def _distinct(self, partition: int, without: Mapping[bytes, int]) -> set[bytes]:
        distinct = set(self._spill.records(partition))
        doubted = [digest for digest in without if digest[0] == partition]
        if doubted:
            times = Counter(record for record in self._spill.records(partition) if record in without)
            distinct.difference_update(digest for digest in doubted if times[digest] <= without[digest])
        return distinct


class LeftAlone:
    """Remembers, by key, whether the item of its first row was left alone.

    What became of later rows with the key says nothing: whether they were sent at all depends on how rows fell into
    batches. A lane has one request in flight and rows of a key in file order, so the first answer is the first row's.

    Args:
        max_bytes: held in memory before it is spilled.
    """

    def __init__(self, max_bytes: int) -> None:
        self._spill = Spill(max_bytes, DIGEST_BYTES + 1)

    def tell(self, digest: bytes, left_alone: bool) -> None:
        """An item is settled."""
        self._spill.add((digest + (LEFT_ALONE if left_alone else WRITTEN),))

    def restore(self, told: bytes) -> None:
        """Take in answers of an earlier attempt, each a digest and what became of its item."""
        self._spill.add(pieces(told, DIGEST_BYTES + 1))

    def digests(self, partition: int) -> set[bytes]:
        """Digests of the keys whose first answer was that the item was left alone."""
        first: dict[bytes, int] = {}
        for record in self._spill.records(partition):
            first.setdefault(record[:DIGEST_BYTES], record[DIGEST_BYTES])
        return {digest for digest, left_alone in first.items() if left_alone}

    def __enter__(self) -> LeftAlone:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._spill.close()
