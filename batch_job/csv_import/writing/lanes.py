"""Lanes: many requests in flight, and yet the rows of one key written in file order.

A key always takes the same lane, by the digest of its text, and a lane has one request in flight. What is handed in and
not yet settled is bounded in bytes, so a slow table holds the reader up instead of filling memory.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from types import TracebackType

from csv_import.settings import WriteLimits
from csv_import.shaping.item import DIGEST_BYTES
from csv_import.writing.batch import Entries, Entry, Merge, Merged, bodies_of, held_bytes, sealed
from csv_import.writing.sending import Sending

MAX_LANES = 256


class Lanes:
    """Gathers items into batches, lane by lane, and hands these to be sent; use as a context manager.

    Args:
        sending: settles batches.
        limits: number of lanes, sizes of batches, bytes unsettled.
        merge: what rows with one key in an unsent batch come to; None where the later one stays.
        on_sealed: called with a segment whenever a batch of it is complete, before it is sent.
    """

    def __init__(
        self,
        sending: Sending,
        limits: WriteLimits,
        *,
        merge: Merge | None = None,
        on_sealed: Callable[[int], None],
    ) -> None:
        assert limits.lanes <= MAX_LANES
        self._lane_of = bytes(first % limits.lanes for first in range(256))
        self._sending = sending
        self._limits = limits
        self._merge = merge
        self._on_sealed = on_sealed
        self._segment = 0
        self._taken = 0
        self._sealed = 0
        self._gathering: list[Entries] = [{} for _ in range(limits.lanes)]
        self._merged: list[Merged] = [{} for _ in range(limits.lanes)]
        self._merged_bytes = [0] * limits.lanes

    @property
    def merged(self) -> int:
        """Items that were merged with another before they were sent, and stayed so."""
        return self._taken - self._sealed - sum(map(len, self._gathering)) - self._sending.taken_apart

    def put(
        self,
        keys: Sequence[bytes],
        digests: bytes,
        bodies: Sequence[bytes],
        records: Iterable[int],
        segment: int,
    ) -> None:
        """Take items of one segment on their way, in file order; blocks while too much is unsettled.

        Args:
            keys: the texts of their keys.
            digests: of their keys, one after the other.
            bodies: their bodies, as JSON.
            records: the numbers of their records.
            segment: whose records they are; `end_segment` stands between two segments.

        Raises:
            JobStop: why nothing more can be written.
        """
        if not keys:
            return
        self._segment = segment
        self._taken += len(keys)
        full = self._limits.max_batch_items
        numbers = digests[::DIGEST_BYTES].translate(self._lane_of)
        items = zip(numbers, keys, zip(bodies, records, strict=True), strict=True)
        if self._items_of_a_batch(max(map(len, bodies))) < full:
            self._put_weighing(items)
            return
        if self._merge is not None:
            self._put_merging(items, self._merge)
            return
        gathering = self._gathering
        for number, key, entry in items:
            entries = gathering[number]
            earlier = entries.setdefault(key, entry)
            if earlier is not entry:
                entries[key] = entry  # a later row takes its predecessor's place
                if self._holds_much(number, key, earlier, entry):
                    self._seal(number)
            elif len(entries) >= full:
                self._seal(number)

    def end_segment(self) -> None:
        """Send off what is in hand: a batch never spans two segments."""
        for number, entries in enumerate(self._gathering):
            if entries:
                self._seal(number)

    def drain(self) -> None:
        """Return when all that was put is settled.

        Raises:
            JobStop: why nothing more can be written.
        """
        self.end_segment()
        while self._sending.unsettled:
            self._sending.advance()

    def __enter__(self) -> Lanes:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """What is not sent stays unsent, what is being sent is waited for."""
        self._sending.close()

    def _put_weighing(self, items: Iterable[tuple[int, bytes, Entry]]) -> None:
        """Add up what each lane holds: some items are long, and must not make the others' batches small."""
        bounds, weights = self._limits, [_weight(entries) for entries in self._gathering]
        for number, key, entry in items:
            earlier = self._gathering[number].get(key)
            kept = entry if earlier is None else self._folded(earlier, entry)
            if kept is None or (
                earlier is None and 0 < weights[number] > bounds.max_batch_bytes - len(entry[0])
            ):
                self._seal(number)
                weights[number], earlier, kept = 0, None, entry
            entries = self._gathering[number]
            entries[key] = kept
            weights[number] += len(kept[0]) - (0 if earlier is None else len(earlier[0]))
            much = earlier is not None and self._holds_much(number, key, earlier, entry)
            if much or len(entries) >= bounds.max_batch_items or weights[number] >= bounds.max_batch_bytes:
                self._seal(number)
                weights[number] = 0

    def _folded(self, earlier: Entry, later: Entry) -> Entry | None:
        """What two rows with one key come to; None where they must be sent one after the other."""
        if self._merge is None:
            return later
        merged = self._merge(earlier[0], later[0])
        if merged is None:
            return None
        return earlier if merged is earlier[0] else (merged, later[1])

    def _put_merging(self, items: Iterable[tuple[int, bytes, Entry]], merge: Merge) -> None:
        full = self._limits.max_batch_items
        for number, key, entry in items:
            entries = self._gathering[number]
            earlier, bound, kept, much = entries.get(key), full, entry, False
            if earlier is not None:
                merged = merge(earlier[0], entry[0])
                if merged is None:
                    self._seal(number)
                    entries = self._gathering[number]
                else:
                    bound = min(full, self._items_of_a_batch(len(merged)))
                    kept = earlier if merged is earlier[0] else (merged, entry[1])
                    much = self._holds_much(number, key, earlier, entry)
            entries[key] = kept
            if much or len(entries) >= bound:
                self._seal(number)

    def _holds_much(self, lane: int, key: bytes, earlier: Entry, later: Entry) -> bool:
        """Keep the rows that became one item; whether a lane keeps as much of such rows as a batch may hold."""
        rows = self._merged[lane].get(key)
        if rows is None:
            self._merged[lane][key] = [earlier, later]
            self._merged_bytes[lane] += held_bytes(earlier) + held_bytes(later)
        else:
            rows.append(later)
            self._merged_bytes[lane] += held_bytes(later)
        return self._merged_bytes[lane] >= self._limits.max_batch_bytes

    def _items_of_a_batch(self, longest: int) -> int:
        """As many items as fit into a batch if all were as long as the longest; one at least.

        Where that is as many as a batch may have, nothing needs to be added up row by row: the items that a lane
        holds already may be longer, but together they did not fill a batch, so it is at most twice as large as it
        should be.
        """
        return max(1, min(self._limits.max_batch_items, self._limits.max_batch_bytes // max(longest, 1)))

    def _seal(self, number: int) -> None:
        batch = sealed(self._segment, self._gathering[number], self._merged[number])
        self._gathering[number] = {}
        if batch.merged:
            self._merged[number] = {}
            self._merged_bytes[number] = 0
        self._sealed += len(batch.entries)
        sending = self._sending
        while sending.unsettled_bytes >= self._limits.max_unacknowledged_bytes:
            sending.advance()
        self._on_sealed(self._segment)
        sending.take(number, batch)


def _weight(entries: Entries) -> int:
    return sum(map(len, bodies_of(entries)))
