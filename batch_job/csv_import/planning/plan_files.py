"""The two kinds of files that a plan writes: rows for shared parts, and what a range leaves to them."""

from __future__ import annotations

import struct
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import orjson

from csv_import.reading.damage import Damage, DamagedRow
from csv_import.rejects import Location, RejectCode

_ROW = struct.Struct("<II")
_ENTRY = struct.Struct("<QQ")
_COUNTED = 1 << 63

MAX_ITEMS = 62
"""Of a row, whose owners a file can tell."""


@dataclass(frozen=True, slots=True)
class Owned:
    """What of a row belongs to a part that does not have it all.

    Attributes:
        items: which of its items, numbered from 0.
        counted: whether the part counts the row; that is the one that has its first item.
    """

    items: frozenset[int]
    counted: bool

    @property
    def nothing(self) -> bool:
        """Whether the part has nothing to do with it."""
        return not self.items and not self.counted


@dataclass(frozen=True, slots=True)
class SharedRow:
    """A row of a shared part.

    Attributes:
        location: in the file.
        row: its cells as they were read; `DamagedRow` where they are a best reading.
        raw: its bytes.
        owned: what of it belongs to the part; None where that is all.
    """

    location: Location
    row: list[str]
    raw: bytes
    owned: Owned | None


def shared_row(each: SharedRow) -> bytes:
    """A row as it is written."""
    at, owned = each.location, each.owned
    damage = each.row.damage if isinstance(each.row, DamagedRow) else None
    head = orjson.dumps(
        [
            *(at.line, at.record, at.offset),
            each.row if damage is None else list(each.row),
            [damage.code, damage.message, damage.cost] if damage else None,
            [sorted(owned.items), owned.counted] if owned else None,
        ]
    )
    return _ROW.pack(len(head), len(each.raw)) + head + each.raw


def shared_rows(chunks: Iterable[bytes]) -> Iterator[SharedRow]:
    """The rows that were written, one after the other; chunks may be cut anywhere."""
    held = b""
    for chunk in chunks:
        held, at = held + chunk, 0
        while len(held) - at >= _ROW.size:
            head_size, raw_size = _ROW.unpack_from(held, at)
            head_at = at + _ROW.size
            raw_at = head_at + head_size
            end = raw_at + raw_size
            if end > len(held):
                break
            yield _row(held[head_at:raw_at], held[raw_at:end])
            at = end
        held = held[at:]
    assert not held, "a shared part ends within a row"


def _row(head: bytes, raw: bytes) -> SharedRow:
    line, record, offset, cells, damage, owned = orjson.loads(head)
    row = DamagedRow(cells, Damage(RejectCode(damage[0]), damage[1], damage[2])) if damage else cells
    return SharedRow(
        Location(line, record, offset), row, raw, Owned(frozenset(owned[0]), owned[1]) if owned else None
    )


def left_out_entry(record: int, owned: Owned) -> bytes:
    """What a range keeps of a row of which other parts own something, as it is written."""
    bits = sum(1 << item for item in owned.items) | (_COUNTED if owned.counted else 0)
    return _ENTRY.pack(record, bits)


def left_out_entries(chunks: Iterable[bytes]) -> Iterator[tuple[int, Owned]]:
    """The entries that were written: numbers of records, and what the range keeps of each."""
    held = b""
    for chunk in chunks:
        held += chunk
        whole = len(held) - len(held) % _ENTRY.size
        for record, bits in _ENTRY.iter_unpack(held[:whole]):
            items = bits & ~_COUNTED
            owned = frozenset(item for item in range(items.bit_length()) if items >> item & 1)
            yield record, Owned(owned, bool(bits & _COUNTED))
        held = held[whole:]
    assert not held, "what is left out ends within an entry"
