"""Takes rows whose keys occur in several ranges out of these, into shared parts: each key into one of them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Set
from operator import itemgetter
from types import TracebackType

from csv_import.planning.met_keys import SHORT_BYTES
from csv_import.planning.partitions import Partitions
from csv_import.planning.plan_files import Owned, SharedRow, left_out_entry, shared_row
from csv_import.planning.survey import KeyReader
from csv_import.reading.record_block import RecordBlock

_SHORT = itemgetter(slice(0, SHORT_BYTES))


class Sharing:
    """Takes rows in file order; use as a context manager.

    Args:
        ranges, parts: how many of each.
        max_bytes: held in memory of each kind.
        keys: finds the keys of rows.

    Attributes:
        rows: of each shared part, as they are written.
        left_out: of each range, the records that it leaves out, as they are written.
        row_counts, left_out_counts: how many.
        records: how many rows there are of which a shared part has something.
    """

    def __init__(self, ranges: int, parts: int, *, max_bytes: int, keys: KeyReader) -> None:
        self._keys = keys
        self._parts = parts
        self.rows = Partitions(parts, max_bytes)
        self.left_out = Partitions(ranges, max_bytes)
        self.row_counts = [0] * parts
        self.left_out_counts = [0] * ranges
        self.records = 0

    def take(self, block: RecordBlock, range_: int, shared: Set[bytes]) -> None:
        """Take out a block's rows.

        Args:
            block: of one range.
            range_: which.
            shared: the short digests of keys that occur in other ranges, too.
        """
        if shared.isdisjoint(map(_SHORT, self._keys.of(block))):
            return  # mostly, and quickly told
        for index, digests in enumerate(self._keys.by_row(block)):
            if any(digest[:SHORT_BYTES] in shared for digest in digests):
                self._take_out(block, index, digests, range_, shared)

    def _take_out(
        self,
        block: RecordBlock,
        index: int,
        digests: tuple[bytes, ...],
        range_: int,
        shared: Set[bytes],
    ) -> None:
        items: dict[int | None, set[int]] = defaultdict(set)  # by shared part; None is the range
        for item, digest in enumerate(digests):
            is_shared = digest[:SHORT_BYTES] in shared
            items[self._part_of(digest) if is_shared else None].add(item)
        location = block.location(index)
        rest = items.pop(None, set())
        self.left_out.add(range_, left_out_entry(location.record, Owned(frozenset(rest), 0 in rest)))
        self.left_out_counts[range_] += 1
        for part, mine in items.items():
            assert part is not None
            owned = None if len(mine) == len(digests) else Owned(frozenset(mine), 0 in mine)
            row = SharedRow(location, block.rows[index], block.raw(index), owned)
            self.rows.add(part, shared_row(row))
            self.row_counts[part] += 1
        self.records += 1

    def _part_of(self, digest: bytes) -> int:
        return int.from_bytes(digest[SHORT_BYTES:]) % self._parts

    def __enter__(self) -> Sharing:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.rows.__exit__(kind, error, trace)
        self.left_out.__exit__(kind, error, trace)
