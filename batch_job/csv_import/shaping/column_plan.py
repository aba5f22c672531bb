"""What becomes of each column of a file: its type, its place in the item, and what reads its cells."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from csv_import.shaping.cells import cell_reader, is_plain
from csv_import.shaping.flat import ReadColumn
from csv_import.shaping.key_schema import KeyAttribute, KeySchema
from csv_import.shaping.notices import Notices
from csv_import.shaping.spec import Absent, Column, Conversion, NullAs, Others, Spec, Type
from csv_import.shaping.spec_kinds import Path, Problem
from csv_import.shaping.templates import parse_path
from csv_import.shaping.usual import usual
from csv_import.shaping.values.conversion import conversion, stored_as
from csv_import.shaping.values.value import Refused
from csv_import.shaping.weight import GROWTH

IN_TEMPLATES = frozenset({Type.S, Type.N, Type.BOOL, Type.DATE, Type.TIMESTAMP, Type.TTL})
"""Types whose values have one text."""


@dataclass(frozen=True, slots=True)
class PlannedColumn:
    """A column of the file.

    Attributes:
        name: in the header.
        index: in a row.
        said: what the spec says, or what holds where it says nothing.
        type: as said, as the table's key wants it, or S.
        path: of its attribute; None where it is dropped.
    """

    name: str
    index: int
    said: Column
    type: Type
    path: tuple[str, ...] | None

    @property
    def plain(self) -> bool:
        """Whether its cell is the value."""
        return is_plain(self.said, self.type) and (self.path is None or len(self.path) == 1)


def planned_columns(spec: Spec, names: Sequence[str], schema: KeySchema) -> list[PlannedColumn]:
    """The columns of the file, in its order."""
    own = {attribute.name for attribute in schema.table}
    typed = {attribute.name: attribute for attribute in (*schema.table, *schema.indexes)}
    planned = []
    for index, name in enumerate(names):
        said = spec.columns.get(name) or Column(drop=spec.other_columns is Others.DROP and name not in own)
        path = None if said.drop else (parse_path(said.to) if said.to is not None else (name,))
        planned.append(PlannedColumn(name, index, said, type_for(said, path, typed), path))
    return planned


def type_for(said: Conversion, path: tuple[str, ...] | None, typed: Mapping[str, KeyAttribute]) -> Type:
    """The type that is said, or the one that the table's key gives, or S."""
    if said.type is not None:
        return said.type
    key = typed.get(path[0]) if path is not None and len(path) == 1 else None
    return Type(key.type) if key else Type.S


def key_problems(
    at: Path,
    said: Conversion,
    type_: Type,
    path: tuple[str, ...],
    typed: Mapping[str, KeyAttribute],
    *,
    is_own: bool,
) -> Iterator[Problem]:
    """What keeps a value from being the key attribute that it would be.

    Args:
        is_own: whether the table itself has the key, and not just an index.
    """
    key = typed.get(path[0])
    if key is None:
        return
    whose = f"{key.name!r} is a key of the table or of an index"
    if len(path) > 1:
        yield at, f"{whose}, so it is no map; take another path than {'.'.join(path)}"
        return
    stored = stored_as(said, type_)
    if stored != key.type:
        is_ = f"{type_} is stored as {stored}" if stored and stored != type_ else f"the spec says {type_}"
        yield (*at, "type"), f"{whose}, of type {key.type}, but {is_}"
    if isinstance(said, Column):
        if said.empty in (Absent.NULL, Absent.STRING):
            yield (*at, "empty"), f"{whose}, so it can't be {said.empty}; leave it out, or give a default"
        if said.nulls and said.nulls_as is NullAs.NULL:
            yield (*at, "nulls"), f"{whose}, so it can't be NULL; say nulls_as: omit"
        if is_own and Absent.REMOVE in (said.empty, said.nulls_as):
            field = "empty" if said.empty is Absent.REMOVE else "nulls_as"
            yield (
                (*at, field),
                f"{key.name!r} is the table's key, so it can't be removed; take {field!r} away",
            )


def readers(
    columns: Sequence[PlannedColumn], used: frozenset[str], notices: Notices
) -> tuple[dict[str, ReadColumn], list[Problem]]:
    """What reads the cells that are not plain, by column, in the file's order.

    Args:
        columns: all of the file.
        used: names of those that an item or a template needs.
    """
    found: dict[str, ReadColumn] = {}
    problems: list[Problem] = []
    for column in columns:
        if column.name in used and not column.plain:
            above = len(column.path) - 1 if column.path else 0
            convert = conversion(column.said, column.type, notices.about(column.name), levels_above=above)
            try:
                read = cell_reader(column.said, convert)
            except Refused as refused:
                problem = refused.message.replace("the cell", "the default", 1)
                problems.append((("columns", column.name, "default"), problem))
                continue
            found[column.name] = ReadColumn(
                column.name,
                column.index,
                read,
                usual(column.said, column.type),
                trims=column.said.trim,
                default_bytes=GROWTH * len(column.said.default or ""),
            )
    return found, problems
