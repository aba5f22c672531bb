"""What the target table demands of an item: its keys, its indexes' keys, and their types."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

KeyType = Literal["S", "N", "B"]

MAX_PARTITION_KEY_BYTES = 2048
MAX_SORT_KEY_BYTES = 1024


@dataclass(frozen=True, slots=True)
class KeyAttribute:
    """A key attribute: its name, its type and the most bytes that DynamoDB accepts in it."""

    name: str
    type: KeyType
    max_bytes: int


@dataclass(frozen=True, slots=True)
class KeySchema:
    """Keys of a table.

    An item without an index's key is left out of the index; one whose index key is of another type, empty or too long
    is refused, as one with such a key of the table.
    https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/SecondaryIndexes.html
    https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/HowItWorks.NamingRulesDataTypes.html

    Attributes:
        table: partition key and, where the table has one, sort key.
        indexes: the key attributes of the secondary indexes that are not the table's own.
    """

    table: tuple[KeyAttribute, ...]
    indexes: tuple[KeyAttribute, ...] = field(default=())

    def as_map(self) -> dict[str, list[dict[str, Any]]]:
        """What `key_schema_of` reads."""
        return {
            kind: [
                {"name": each.name, "type": each.type, "max_bytes": each.max_bytes}
                for each in (self.table if kind == "table" else self.indexes)
            ]
            for kind in ("table", "indexes")
        }


def key_schema_of(told: Mapping[str, Any]) -> KeySchema:
    """The schema that `KeySchema.as_map` told of."""
    table, indexes = (
        tuple(KeyAttribute(each["name"], each["type"], int(each["max_bytes"])) for each in told[kind])
        for kind in ("table", "indexes")
    )
    return KeySchema(table, indexes)


def key_schema_from(description: Mapping[str, Any]) -> KeySchema:
    """Read the schema out of DescribeTable's `Table`.

    Limits: https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Constraints.html
    """
    types = {each["AttributeName"]: each["AttributeType"] for each in description["AttributeDefinitions"]}

    def attributes(schema: list[dict[str, str]]) -> list[KeyAttribute]:
        limits = {"HASH": MAX_PARTITION_KEY_BYTES, "RANGE": MAX_SORT_KEY_BYTES}
        ordered = sorted(schema, key=lambda each: each["KeyType"])  # HASH before RANGE
        return [
            KeyAttribute(each["AttributeName"], types[each["AttributeName"]], limits[each["KeyType"]])
            for each in ordered
        ]

    table = attributes(description["KeySchema"])
    strictest = {attribute.name: attribute for attribute in table}
    for kind in ("GlobalSecondaryIndexes", "LocalSecondaryIndexes"):
        for index in description.get(kind) or []:
            for attribute in attributes(index["KeySchema"]):
                known = strictest.setdefault(attribute.name, attribute)
                if attribute.max_bytes < known.max_bytes:
                    strictest[attribute.name] = attribute
    own = [attribute.name for attribute in table]
    return KeySchema(
        tuple(strictest[name] for name in own),
        tuple(attribute for name, attribute in strictest.items() if name not in own),
    )
