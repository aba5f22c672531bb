"""Count distinct keys exactly, in bounded memory, from their digests."""

from __future__ import annotations

import struct
import tempfile
from types import TracebackType
from typing import IO

from csv_import.shaping.item import DIGEST_BYTES

_PARTITIONS = 256


class DistinctKeys:
    """Collects digests by their first byte, spills them to temporary files, counts each file by itself.

    Memory is at most about `max_bytes` while collecting. Counting holds one 256th of the digests, about
    100 bytes each: 40 MB at a hundred million keys. The files hold 16 bytes a key.

    Args:
        max_bytes: digests held in memory before they are spilled.
    """

    def __init__(self, max_bytes: int) -> None:
        self._max_digests = max(1, max_bytes // DIGEST_BYTES)
        self._held: list[bytearray] = [bytearray() for _ in range(_PARTITIONS)]
        self._count = 0
        self._files: list[IO[bytes]] = []

    def add(self, digest: bytes) -> None:
        """Take in the digest of a key."""
        self._held[digest[0]] += digest
        self._count += 1
        if self._count >= self._max_digests:
            self._spill()

    def count(self) -> int:
        """How many distinct digests were added."""
        return sum(self._distinct(partition) for partition in range(_PARTITIONS))

    def __enter__(self) -> DistinctKeys:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for file in self._files:
            file.close()

    def _spill(self) -> None:
        if not self._files:
            self._files = [tempfile.TemporaryFile() for _ in range(_PARTITIONS)]  # noqa: SIM115
        for file, digests in zip(self._files, self._held, strict=True):
            file.write(digests)
            digests.clear()
        self._count = 0

    def _distinct(self, partition: int) -> int:
        digests = bytes(self._held[partition])
        if self._files:
            file = self._files[partition]
            file.seek(0)
            digests += file.read()
            file.seek(0, 2)
        return len(set(struct.iter_unpack(f"{DIGEST_BYTES}s", digests)))
