"""Items ready to be written, and the digest that stands for a key."""

from __future__ import annotations

from collections.abc import Iterable
from hashlib import blake2b
from typing import NamedTuple

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


def key_digest(values: Iterable[str]) -> bytes:
    """Digest of a key from its canonical values, partition key first.

    128 bits: among 10**12 keys two share a digest with a probability of about 10**-15.
    """
    digest = blake2b(digest_size=DIGEST_BYTES)
    for value in values:
        data = value.encode("utf-8")
        digest.update(len(data).to_bytes(4, "big"))
        digest.update(data)
    return digest.digest()
