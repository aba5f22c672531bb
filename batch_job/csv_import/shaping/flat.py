"""What a plan comes to where no row needs more than its columns, templates and constants: enough for many at once."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from csv_import.shaping.cells import ReadCell
from csv_import.shaping.item_plan import ItemPlan
from csv_import.shaping.notices import Notices
from csv_import.shaping.usual import Usual


@dataclass(frozen=True, slots=True)
class ReadColumn:
    """A column whose cells are read, and not just taken as strings.

    Attributes:
        name: in the header.
        index: in a row.
        read: from a cell to its value.
        usual: takes the whole column at once, where its cells are as they mostly are; None where there is no such way.
        trims: whether blanks around a cell are no part of it.
        default_bytes: of the value that an empty cell becomes, at most.
    """

    name: str
    index: int
    read: ReadCell
    usual: Usual | None = None
    trims: bool = False
    default_bytes: int = 0


@dataclass(frozen=True, slots=True)
class Flat:
    """A plan for many rows.

    Attributes:
        width: cells of a row.
        columns: those that are read, by slot.
        slot_of: the slot of a column that is read, by its index in a row.
        items: what a row becomes.
        keys: name and type of the table's key attributes, partition key first.
        created_times: gives the `CreatedTime` of each of these records.
        notices: what the readers tell.
    """

    width: int
    columns: tuple[ReadColumn, ...]
    slot_of: Mapping[int, int]
    items: tuple[ItemPlan, ...]
    keys: tuple[tuple[str, str], ...]
    created_times: Callable[[Sequence[int]], list[bytes]]
    notices: Notices
