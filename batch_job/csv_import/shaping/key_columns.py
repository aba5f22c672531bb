"""Which columns a file must have for its table's key: those by which its header is known."""

from __future__ import annotations

from csv_import.shaping.key_schema import KeySchema
from csv_import.shaping.spec import Spec
from csv_import.shaping.templates import parse_path


def key_columns(spec: Spec, schema: KeySchema) -> list[str]:
    """The names of the table's key attributes that only a column of the same name can give.

    A key that the spec composes, takes from a column of another name or from where the item came from says nothing
    of the header.

    Args:
        spec: one that `check_spec` has passed.
        schema: the table's keys.
    """
    own = spec.provenance
    others = {*spec.attributes, own.filename, own.last_modified, own.created_time}
    others.update(name for item in spec.items for name in item.attributes)
    for name, column in spec.columns.items():
        if column.drop or column.to is not None:
            others.add(name)
        if column.to is not None:
            others.add(parse_path(column.to)[0])
    return [key.name for key in schema.table if key.name not in others]
