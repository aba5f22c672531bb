"""What became of batches: a batch counts for its segment once the rows that DynamoDB refused of it are kept."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from csv_import.accounting.artifacts import Artifacts
from csv_import.accounting.books import Books, Keys
from csv_import.accounting.distinct import LEFT_ALONE, WRITTEN, pieces
from csv_import.accounting.segments import Segments
from csv_import.rejects import Location, Reason, Reject, RejectCode
from csv_import.shaping.item import DIGEST_BYTES, digest_of


class FoundRow(NamedTuple):
    """A row read again.

    Attributes:
        location, raw: its place and its bytes.
        key: digest of the key that stands for it in the counts.
        counted: whether it counts here; of a row of several items that may be another part.
    """

    location: Location
    raw: bytes
    key: bytes
    counted: bool = True


@dataclass(frozen=True, slots=True)
class Refused:
    """A row that passed every check and of which DynamoDB would not take an item all the same.

    Attributes:
        record: its number in the file.
        key: digest of the item's key.
        message: DynamoDB's.
    """

    record: int
    key: bytes
    message: str


FindRows = Callable[[Location, Sequence[Refused]], Iterator[FoundRow]]
"""Reads refused rows again, in file order, from a place at or before the first of them."""


class Settlement:
    """Hears what became of batches.

    Args:
        segments: to be told what is settled.
        artifacts: where refused rows are kept.
        find_rows: reads them again, for nobody holds on to the bytes of rows that are on their way.
        told: takes the digest of a key and whether its item was left alone, in the order of the rows of that key.

    Attributes:
        refused_items: digests of the refused items' keys, and how many with each.
        refused_rows: how many rows had an item refused, by the digest of the key that stands for the row.
    """

    def __init__(
        self,
        segments: Segments,
        artifacts: Artifacts,
        find_rows: FindRows,
        told: Callable[[bytes, bool], None],
    ) -> None:
        self._segments = segments
        self._artifacts = artifacts
        self._find_rows = find_rows
        self._told = told
        self._keys: dict[int, Keys] = defaultdict(Keys)
        self._refused_before = 0
        self._starts: dict[int, Location] = {}
        self._refused: dict[int, dict[int, Refused]] = defaultdict(dict)
        self._held_back: dict[int, list[int]] = {}
        self._kept: set[int] = set()
        self.refused_items: Counter[bytes] = Counter()
        self.refused_rows: Counter[bytes] = Counter()

    def restore(self, keys: Keys) -> None:
        """Take in what an earlier attempt was refused."""
        self.refused_items.update(pieces(bytes(keys.refused_items), DIGEST_BYTES))
        self.refused_rows.update(pieces(bytes(keys.refused_rows), DIGEST_BYTES))

    def begin(self, segment: int, start: Location) -> None:
        """A segment begins here."""
        settled = self._segments.settled
        for known in [each for each in self._starts if each < settled]:
            del self._starts[known]
        self._starts[segment] = start

    def tell(self, segment: int, key: bytes, left_alone: bool) -> None:
        """What became of an item whose request had a condition, in the order of the rows of its key."""
        digest = digest_of(key)
        self._told(digest, left_alone)
        self._keys[segment].told += digest + (LEFT_ALONE if left_alone else WRITTEN)

    def acknowledged(self, segment: int, items: int) -> None:
        """A batch is settled: so many of its items are in the table, or left alone."""
        if segment in self._held_back:
            self._held_back[segment].append(items)
        else:
            self._segments.acknowledged(segment, items)

    def refused(self, segment: int, record: int, key: bytes, message: str) -> None:
        """DynamoDB refuses an item, and so its row; of a row of several items one refusal is told."""
        digest = digest_of(key)
        self._refused[segment].setdefault(record, Refused(record, digest, message))
        self.refused_items[digest] += 1
        self._keys[segment].refused_items += digest
        self._held_back.setdefault(segment, [])

    def keep_refused(self) -> list[Location]:
        """Keep refused rows as rejects; the places of those that were not kept before."""
        new: list[Location] = []
        for segment, batches in list(self._held_back.items()):
            refused = sorted(self._refused[segment].values(), key=lambda each: each.record)
            rejects = self._artifacts.refused_rows(segment)
            rows = self._find_rows(self._starts[segment], refused)
            for each, row in zip(refused, rows, strict=True):
                message = f"DynamoDB refuses the item: {each.message}"
                reason = Reason(RejectCode.REFUSED_BY_DYNAMODB, message)
                rejects.add(Reject(row.location, reason, row.raw, len(row.raw)))
                if row.counted and each.record not in self._kept:
                    self._kept.add(each.record)
                    self.refused_rows[row.key] += 1
                    self._keys[segment].refused_rows += row.key
                    new.append(row.location)
            rejects.keep()
            del self._held_back[segment]
            for items in batches:
                self._segments.acknowledged(segment, items)
        return new

    def complete(self, books: Books) -> Books:
        """Add to a settled segment's books what became of its items since its rows were read.

        Called in the order of segments.
        """
        self._kept.difference_update(self._refused.pop(books.segment, ()))  # it is refused nothing more
        keys = self._keys.pop(books.segment, None)
        if keys is not None:
            self._refused_before += len(keys.refused_rows) // DIGEST_BYTES
            books.keys.extend(keys)
        books.totals.refuse(self._refused_before)
        return books
