"""From a column's cell to its value: trimmed, null words and empty cells told, then converted."""

from __future__ import annotations

from collections.abc import Callable

from csv_import.rejects import RejectCode
from csv_import.shaping.spec import Absent, Column, NullAs, Type
from csv_import.shaping.values.value import NULL, REMOVED, Convert, Refused, Value

ReadCell = Callable[[str], "Value | None"]
"""The cell's value, None where it makes no attribute; raises `Refused`."""

_EMPTY: dict[Absent, Value | None] = {
    Absent.OMIT: None,
    Absent.NULL: NULL,
    Absent.STRING: {"S": ""},
    Absent.REMOVE: REMOVED,
}
_NULLS: dict[NullAs, Value | None] = {NullAs.OMIT: None, NullAs.NULL: NULL, NullAs.REMOVE: REMOVED}


def is_plain(column: Column, type_: Type) -> bool:
    """Whether the cell is the value: a string, left out where it is empty."""
    special = column.trim or column.required or column.default is not None or column.nulls
    return type_ is Type.S and not special and column.empty in (None, Absent.OMIT)


def cell_reader(column: Column, convert: Convert) -> ReadCell:
    """Makes the function from a cell of the column to its value.

    Args:
        column: what the spec says.
        convert: takes texts that are trimmed and not empty.

    Raises:
        Refused: the default is no value of the column's type.
    """
    nulls = frozenset(column.nulls)
    null = _NULLS[column.nulls_as]
    empty = convert(column.default) if column.default is not None else _EMPTY[column.empty or Absent.OMIT]
    trim, required = column.trim, column.required
    if not (trim or required or nulls):
        return lambda cell: convert(cell) if cell else empty

    def read(cell: str) -> Value | None:
        if trim:
            cell = cell.strip()
        if cell and cell not in nulls:
            return convert(cell)
        if required:
            what = "is a null word" if cell else "is empty"
            raise Refused(
                RejectCode.REQUIRED_CELL_EMPTY, f"the cell {what}, and the spec requires the column"
            )
        return null if cell else empty

    return read


def text_of(value: Value | None) -> str:
    """A value as a template shows it; nothing where there is none."""
    if value is None:
        return ""
    ((_, content),) = value.items()
    if isinstance(content, bool):
        return str(content).lower() if "BOOL" in value else ""
    return str(content)
