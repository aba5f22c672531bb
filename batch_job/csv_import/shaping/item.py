"""Items ready to be written, and the digest that stands for a key."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from hashlib import blake2b
from typing import NamedTuple

import orjson

DIGEST_BYTES = 16


class Item(NamedTuple):
    """An item in DynamoDB's JSON.

    Attributes:
        key: digest of its key: equal keys, and only those, have equal digests.
        body: the item as UTF-8 JSON, `{"Name":{"S":"…"},…}`.
    """

    key: bytes
    body: bytes


class Items(NamedTuple):
    """The items of a row that becomes several; the first one stands for the row in the counts."""

    items: tuple[Item, ...]


def json_body(members: object) -> bytes:
    """An item as JSON, in no more memory than it is long: what `orjson.dumps` gives keeps some 4 KB, however short."""
    return b"".join((orjson.dumps(members), b""))


def key_digest(values: Iterable[str]) -> bytes:
    """Digest of a key from its canonical values, partition key first.

    128 bits: among 10**12 keys two share a digest with a probability of about 10**-15.
    """
    return digest_of([value.encode() for value in values])


def digest_of(values: Sequence[bytes]) -> bytes:
    """`key_digest` of values in UTF-8. Each goes in with its length, so that no two keys look alike."""
    return blake2b(
        b"".join([len(value).to_bytes(4, "big") + value for value in values]), digest_size=DIGEST_BYTES
    ).digest()


def digests_of(values: Sequence[bytes]) -> list[bytes]:
    """`digest_of` each value alone: the keys of a table without sort key."""
    longest = max(map(len, values), default=0)
    lengths = [length.to_bytes(4, "big") for length in range(longest + 1)]
    return [blake2b(lengths[len(value)] + value, digest_size=DIGEST_BYTES).digest() for value in values]
