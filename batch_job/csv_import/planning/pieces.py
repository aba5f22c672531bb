"""Bytes that are kept as several artifacts, each small enough to be held and sent at once."""

from __future__ import annotations

from collections.abc import Callable, Iterable

_PIECE_BYTES = 8 << 20


def keep_pieces(chunks: Iterable[bytes], keep: Callable[[int, bytes], str]) -> tuple[str, ...]:
    """Keep bytes in pieces; gives their keys, in order.

    Args:
        chunks: cut anywhere.
        keep: stores a piece by its number, and gives its key.
    """
    keys: list[str] = []
    held, size = [], 0
    for chunk in chunks:
        held.append(chunk)
        size += len(chunk)
        if size >= _PIECE_BYTES:
            keys.append(keep(len(keys), b"".join(held)))
            held, size = [], 0
    if held:
        keys.append(keep(len(keys), b"".join(held)))
    return tuple(keys)
