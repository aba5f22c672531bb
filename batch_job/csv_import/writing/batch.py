"""One request's worth of items, each key at most once, and where in the file each item came from."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

Entry = tuple[bytes, int]
"""An item's body, as JSON, and the number of its record in the file."""

Entries = dict[bytes, Entry]
"""Items by the digest of their key, in the order in which their keys first came."""

Merge = Callable[[bytes, bytes], "bytes | None"]
"""What the bodies of an earlier and a later row with one key come to while neither is sent; None where they must be
sent one after the other."""


Merged = dict[bytes, list[int]]
"""Of items that several rows became: by key the numbers of the other records."""

_RECORD_BYTES = 40
"""What the number of a record takes in a list."""


class Batch(NamedTuple):
    """Items of one lane and one segment, sealed.

    Attributes:
        segment: whose records they are.
        entries: the items.
        size: bytes of their bodies, and of what is known of merged rows.
        merged: rows that became part of them.
    """

    segment: int
    entries: Entries
    size: int
    merged: Merged


def sealed(segment: int, entries: Entries, merged: Merged | None = None) -> Batch:
    """The batch of these items, to which nothing is added any more."""
    size = sum([len(body) for body, _ in entries.values()])
    if merged:
        size += _RECORD_BYTES * sum(map(len, merged.values()))
    return Batch(segment, entries, size, merged or {})


def pieces(entries: Entries, max_items: int) -> list[Entries]:
    """Cut into as many requests as it takes, keeping the order."""
    if len(entries) <= max_items:
        return [entries]
    pairs = list(entries.items())
    return [dict(pairs[at : at + max_items]) for at in range(0, len(pairs), max_items)]


def halves(entries: Entries) -> tuple[Entries, Entries]:
    """Cut in two, keeping the order; of an odd number the second half has more."""
    pairs = list(entries.items())
    middle = len(pairs) // 2
    return dict(pairs[:middle]), dict(pairs[middle:])
