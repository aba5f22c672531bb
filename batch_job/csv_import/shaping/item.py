"""Items ready to be written, and what stands for a key: its text, and a digest of that."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import orjson
from xxhash import xxh3_128_digest

from csv_import.shaping.numbers import canonical_number

DIGEST_BYTES = 16


class Item(NamedTuple):
    """An item in DynamoDB's JSON.

    Attributes:
        key: `key_text` of its key.
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


def key_text(values: Sequence[str]) -> bytes:
    """What stands for a key wherever rows with one key must be told from others: equal for equal keys, and only these.

    Args:
        values: the canonical values of the key, partition key first.

    Returns:
        the values as they stand in a JSON array, without what is around them: `P1`, or with a sort key `P1","2026`.
    """
    return orjson.dumps(values)[2:-2]


def key_text_of(item: Mapping[str, Mapping[str, Any]], keys: Sequence[tuple[str, str]]) -> bytes:
    """`key_text` of an item, or a key, as DynamoDB hands it back: a number in whatever form.

    Args:
        item: in DynamoDB's JSON.
        keys: name and type of the table's key attributes, partition key first.

    Raises:
        KeyError: it lacks one.
    """
    values = [item[name][kind] for name, kind in keys]
    return key_text(
        [
            (canonical_number(value) or value) if kind == "N" else value
            for (_, kind), value in zip(keys, values, strict=True)
        ]
    )


def key_texts(columns: Sequence[list[bytes]]) -> list[bytes]:
    """`key_text` of the keys of many items.

    Args:
        columns: for each of the key's attributes its values, as they stand between the quotes of JSON.
    """
    if len(columns) == 1:
        return columns[0]
    return [b'","'.join(values) for values in zip(*columns, strict=True)]


digest_of = xxh3_128_digest
"""Digest of a key's text, for counting keys and for finding out which ones several parts have.

128 bits: among 10**12 keys two share a digest with a probability of about 10**-15. XXH3 is no cryptographic hash:
who sets out to can make two keys with one digest. These are counted as one, or take the way of a shared key for
nothing; what is written does not depend on digests (docs/decisions/0033-keys-are-compared-as-texts.md).
"""


def digests_of(keys: Sequence[bytes]) -> list[bytes]:
    """`digest_of` each key."""
    return list(map(digest_of, keys))
