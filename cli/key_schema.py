"""`NAME[:S|N|B]`, as a person names a key of the table, and the template parameters that it means."""

from dataclasses import dataclass

TYPES = ("S", "N", "B")


@dataclass(frozen=True)
class KeyColumn:
    """A column that is a key of the table, and its DynamoDB type."""

    name: str
    type: str = "S"

    @classmethod
    def parse(cls, text: str) -> "KeyColumn":
        """Read `NAME` or `NAME:TYPE`; a name may hold colons itself. Raises ValueError."""
        name, _, type_ = text.rpartition(":")
        column = cls(name, type_) if name and type_ in TYPES else cls(text)
        if not 1 <= len(column.name) <= 255:
            raise ValueError("a key's name has 1 to 255 characters")
        return column


def template_parameters(partition_key: KeyColumn | None, sort_key: KeyColumn | None) -> dict[str, str]:
    """Give the template's parameters; keys that are not named keep the template's defaults."""
    parameters: dict[str, str] = {}
    if partition_key:
        parameters |= {"PartitionKeyName": partition_key.name, "PartitionKeyType": partition_key.type}
    if sort_key:
        parameters |= {"SortKeyName": sort_key.name, "SortKeyType": sort_key.type}
    return parameters
