"""What turns rows into items: the common interface of the plans, and the choice between them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Protocol

from csv_import.rejects import Reason
from csv_import.shaping.flat import Flat
from csv_import.shaping.item import Item, Items
from csv_import.shaping.key_schema import KeySchema
from csv_import.shaping.notices import Notices
from csv_import.shaping.provenance import Provenance
from csv_import.shaping.row_plan import RowPlan
from csv_import.shaping.spec import PLAIN, Mode
from csv_import.shaping.spec_checks import check_spec
from csv_import.shaping.spec_compiler import compile_spec
from csv_import.shaping.spec_reader import ReadSpec
from csv_import.shaping.weight import RowWeight


class Plan(Protocol):
    """Turns rows of one file into items of one table.

    Attributes:
        width: cells of a row.
        items_per_row: the most items that a row becomes.
        notices: what was told about cells so far.
    """

    width: int
    items_per_row: int
    notices: Notices

    def shape(self, row: list[str], record: int) -> Item | Items | Reason:
        """The item of a row, its items where `items_per_row` is more than one, or why there is none."""
        ...

    def flat(self) -> Flat | None:
        """The plan for many rows at once; None where there is something in it that is done row by row."""
        ...

    def weight(self) -> RowWeight:
        """A bound on the bytes of a row's items."""
        ...

    def key_of(self, item: Mapping[str, Mapping[str, Any]]) -> bytes:
        """The text of the key of an item as DynamoDB hands it back."""
        ...


def plan_for(
    read: ReadSpec, names: Sequence[str], schema: KeySchema, provenance: Provenance, *, line: int = 1
) -> Plan:
    """Compile the way from a row to its items, once per file; refuse what can't work.

    Args:
        read: the spec; `ReadSpec()` where there is none.
        names: the header.
        schema: the table's keys.
        provenance: of the object.
        line: of the header, for messages.

    Raises:
        BadConfiguration: `invalid_spec`, or `unsupported_key_type`.
        BadData: `missing_key_column`, `missing_column` or `column_name_too_long`.
    """
    check_spec(read)
    spec = read.spec
    says_nothing_of_items = all(
        getattr(spec, name) == getattr(PLAIN, name)
        for name in ("columns", "other_columns", "attributes", "items", "provenance")
    )
    if says_nothing_of_items and spec.mode in (Mode.PUT, Mode.INSERT):
        return RowPlan(names, schema, provenance, line=line)
    return compile_spec(read, names, schema, provenance, line=line)
