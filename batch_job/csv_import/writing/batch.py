"""One request's worth of items, each key at most once, and where in the file each item came from."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from operator import itemgetter
from typing import NamedTuple

Entry = tuple[bytes, int]
"""An item's body, as JSON, and the number of its record in the file."""

Entries = dict[bytes, Entry]
"""Items by the text of their key, in the order in which their keys first came."""

Merge = Callable[[bytes, bytes], "bytes | None"]
"""What the bodies of an earlier and a later row with one key come to while neither is sent; None where they must be
sent one after the other."""


Merged = dict[bytes, list[Entry]]
"""Of items that several rows became: by key these rows, each as it was, in file order."""

_BODY: Callable[[Entry], bytes] = itemgetter(0)

ROW_BYTES = 128
"""What a merged row takes beside its body."""

ITEM_BYTES = 208
"""What an item takes beside its body and the text of its key: its place, and the objects around them."""


class Batch(NamedTuple):
    """Items of one lane and one segment, sealed.

    Attributes:
        segment: whose records they are.
        entries: the items.
        size: bytes that they and merged rows take.
        merged: rows that became one of them together. They are kept until the item is settled: where DynamoDB refuses
            it, it may take some of its rows.
    """

    segment: int
    entries: Entries
    size: int
    merged: Merged


def sealed(segment: int, entries: Entries, merged: Merged | None = None) -> Batch:
    """The batch of these items, to which nothing is added any more."""
    size = sum(map(len, bodies_of(entries))) + sum(map(len, entries)) + ITEM_BYTES * len(entries)
    if merged:
        size += sum([held_bytes(entry) for rows in merged.values() for entry in rows])
    return Batch(segment, entries, size, merged or {})


def bodies_of(entries: Entries) -> Iterator[bytes]:
    """The items, as JSON."""
    return map(_BODY, entries.values())


def held_bytes(row: Entry) -> int:
    """What keeping a merged row takes."""
    return len(row[0]) + ROW_BYTES


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
