"""The keys that occur in several parts, stretch by stretch, as the rows with them are looked for."""

from __future__ import annotations

import struct
from collections.abc import Iterable, Iterator
from types import TracebackType

from csv_import.accounting.distinct import pieces
from csv_import.planning.met_keys import SHORT_BYTES
from csv_import.planning.partitions import Partitions

_RUN = struct.Struct("<II")
_STRETCHES_AT_ONCE = 32


class SharedKeys:
    """Keeps short digests by stretch; use as a context manager.

    Args:
        stretches: how many there are.
        max_bytes: held in memory.
    """

    def __init__(self, stretches: int, max_bytes: int) -> None:
        self._kept = Partitions(-(-stretches // _STRETCHES_AT_ONCE), max_bytes)
        self._stretches = stretches

    def add(self, runs: Iterable[tuple[int, bytes]]) -> Iterator[tuple[int, int]]:
        """Take in digests of stretches; yields for each the stretch and how many."""
        for stretch, digests in runs:
            self._kept.add(stretch // _STRETCHES_AT_ONCE, _RUN.pack(stretch, len(digests)) + digests)
            yield stretch, len(digests) // SHORT_BYTES

    def by_stretch(self) -> Iterator[tuple[int, set[bytes]]]:
        """Yield each stretch that has any, in order, and its short digests."""
        for group in range(-(-self._stretches // _STRETCHES_AT_ONCE)):
            data, at = self._kept.data(group), 0
            found: dict[int, bytearray] = {}
            while at < len(data):
                stretch, size = _RUN.unpack_from(data, at)
                at += _RUN.size
                found.setdefault(stretch, bytearray()).extend(data[at : at + size])
                at += size
            for stretch in sorted(found):
                yield stretch, set(pieces(found.pop(stretch), SHORT_BYTES))

    def __enter__(self) -> SharedKeys:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._kept.__exit__(kind, error, trace)
