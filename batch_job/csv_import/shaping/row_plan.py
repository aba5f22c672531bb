"""The way from a row to an item, worked out once per file from its header and the table's keys."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from csv_import.errors import BadConfiguration, BadData
from csv_import.rejects import Reason, RejectCode
from csv_import.shaping.flat import Flat, ReadColumn
from csv_import.shaping.item import Item, json_body, key_text, key_text_of
from csv_import.shaping.item_plan import ItemPlan, KeyCheck
from csv_import.shaping.key_schema import KeyAttribute, KeySchema
from csv_import.shaping.notices import Notices
from csv_import.shaping.numbers import MAX_DIGITS, canonical_number
from csv_import.shaping.provenance import CREATED_TIME, FILENAME, LAST_MODIFIED, Provenance
from csv_import.shaping.sizes import (
    MAX_ITEM_BYTES,
    MAX_NAME_BYTES,
    base64_bytes,
    item_bytes,
    name_is_too_long,
)
from csv_import.shaping.spec import Column, Type
from csv_import.shaping.usual import usual
from csv_import.shaping.values.binary import base64_text
from csv_import.shaping.values.number import tell_loss
from csv_import.shaping.values.value import Refused, Value
from csv_import.shaping.weight import RowWeight, row_weight

Convert = Callable[[str], "str | Reason"]


class RowPlan:
    """Turns rows of one file into items of one table.

    Columns become strings, but for the key attributes of the table and its indexes, which take the type
    that the table gives them. An empty cell is left out. The provenance attributes are added unless a
    column has their name.

    Args:
        names: the header.
        schema: the table's keys.
        provenance: of the object.
        line: of the header, for messages.

    Raises:
        BadData: `missing_key_column` or `column_name_too_long`.
        BadConfiguration: `unsupported_key_type`, where an index wants a provenance attribute as a number.
    """

    def __init__(
        self, names: Sequence[str], schema: KeySchema, provenance: Provenance, *, line: int = 1
    ) -> None:
        self._line = line
        self.width = len(names)
        self.items_per_row = 1
        self.notices = Notices()
        self._names = tuple(names)
        self._provenance = provenance
        own = {name: value for name, value in self._fixed().items() if name not in names}
        self._stamps_created_time = CREATED_TIME not in names
        self._check_names(schema, own)
        self._constants = {name: {"S": value} for name, value in own.items() if name != CREATED_TIME}
        typed = {attribute.name: attribute for attribute in (*schema.table, *schema.indexes)}
        self._keys = tuple((attribute.name, attribute.type) for attribute in schema.table)
        self._required = tuple(name for name, _ in self._keys if name in names)
        self._typed = {name: attribute for name, attribute in typed.items() if name in names}
        self._converted = tuple(
            (name, typed[name].type, _converter(typed[name], self.notices)) for name in names if name in typed
        )

    def shape(self, row: list[str], record: int) -> Item | Reason:
        """The item of a row, or why there is none.

        Args:
            row: its cells.
            record: its number in the file, from 1.
        """
        if len(row) != self.width:
            return misfit(row, self._names)
        return self.notices.judge(self._shape(row, record))

    def _shape(self, row: list[str], record: int) -> Item | Reason:
        item = {name: {"S": cell} for name, cell in zip(self._names, row, strict=True) if cell}
        for name in self._required:
            if name not in item:
                return Reason(RejectCode.EMPTY_KEY, f"the key column {name!r} is empty", name)
        for name, kind, convert in self._converted:
            cell = item.get(name)
            if cell is not None:
                value = convert(cell["S"])
                if isinstance(value, Reason):
                    return value
                item[name] = {kind: value}
        item.update(self._constants)
        if self._stamps_created_time:
            item[CREATED_TIME] = {"S": self._provenance.created_time(record)}
        body = json_body(item)
        # JSON is never shorter than what DynamoDB counts, so most items need no second look.
        if len(body) > MAX_ITEM_BYTES and (size := item_bytes(item)) > MAX_ITEM_BYTES:
            return too_large(size)
        return Item(key_text([item[name][kind] for name, kind in self._keys]), body)

    def flat(self) -> Flat:
        """The plan for many rows at once."""
        own = {name for name, _ in self._keys}
        read = {name: kind for name, kind, _ in self._converted if kind != "S"}
        columns = tuple(self._read_column(*each) for each in self._converted if each[0] in read)
        return Flat(
            width=self.width,
            columns=columns,
            slot_of={column.index: slot for slot, column in enumerate(columns)},
            items=(
                ItemPlan(
                    plain=tuple((name, i) for i, name in enumerate(self._names) if name not in read),
                    typed=tuple((name, slot) for slot, name in enumerate(read)),
                    nested=(),
                    composed=(),
                    fixed=self._constants,
                    fixed_nested=(),
                    created_time=CREATED_TIME if self._stamps_created_time else None,
                    keys=tuple(
                        KeyCheck(attribute, needed=name in own, column=name, composer=None)
                        for name, attribute in self._typed.items()
                    ),
                    optional=False,
                ),
            ),
            keys=self._keys,
            created_times=self._provenance.created_times,
            notices=self.notices,
        )

    def _read_column(self, name: str, kind: str, convert: Convert) -> ReadColumn:
        def read(cell: str) -> Value | None:
            if not cell:
                return None
            value = convert(cell)
            if isinstance(value, Reason):
                raise Refused(value.code, value.message)
            return {kind: value}

        said = Column(type=Type(kind))
        return ReadColumn(name, self._names.index(name), read, usual(said, Type(kind)))

    def weight(self) -> RowWeight:
        """A bound on the bytes of a row's item."""
        flat = self.flat()
        return row_weight(flat.items, flat.columns)

    def key_of(self, item: Mapping[str, Mapping[str, Any]]) -> bytes:
        """The text of the key of an item as DynamoDB hands it back."""
        return key_text_of(item, self._keys)

    def _fixed(self) -> dict[str, str]:
        return {
            FILENAME: self._provenance.filename,
            LAST_MODIFIED: self._provenance.last_modified,
            CREATED_TIME: self._provenance.created_time(0),
        }

    def _check_names(self, schema: KeySchema, own: dict[str, str]) -> None:
        for attribute in schema.table:
            if attribute.name not in self._names and attribute.name not in own:
                raise missing_key_column(attribute.name, self._names, self._line)
        for attribute in (*schema.table, *schema.indexes):
            if attribute.name in own and attribute.type != "S":
                raise BadConfiguration(
                    "unsupported_key_type",
                    f"the table wants {attribute.name!r} as {attribute.type}, but it is the attribute that an"
                    " import sets itself, as S; change the table's key or give the file a column of that name",
                )
        check_name_lengths(self._names)


def check_name_lengths(names: Sequence[str]) -> None:
    """Refuse names that no attribute can have.

    Raises:
        BadData: `column_name_too_long`.
    """
    if any(map(name_is_too_long, names)):
        raise BadData("column_name_too_long", f"a column's name has more than {MAX_NAME_BYTES} bytes")


def missing_key_column(name: str, names: Sequence[str], line: int) -> BadData:
    """The stop for a header in which nothing gives a key attribute."""
    return BadData(
        "missing_key_column",
        f"line {line}: the header has no column {name!r}, which the table's key needs",
        what_there_is(name, names),
    )


def what_there_is(name: str, names: Sequence[str]) -> str:
    """The header's names, and the one that `name` may mean: in a file without a header these are cells."""
    near = [each for each in names if each.strip().casefold() == name.casefold()]
    hint = f"; did you mean {name!r} where it says {near[0]!r}?" if near else ""
    shown = ", ".join(repr(each) for each in names[:10])
    more = f" and {len(names) - 10} more" if len(names) > 10 else ""
    return f": it has {shown}{more}{hint}"


def misfit(row: list[str], names: Sequence[str]) -> Reason:
    """Why a row has not as many cells as the header."""
    few = len(row) < len(names)
    code = RejectCode.TOO_FEW_CELLS if few else RejectCode.TOO_MANY_CELLS
    column = names[len(row)] if few else None
    return Reason(code, f"{len(row)} cells, but the header has {len(names)} columns", column)


def too_large(size: int) -> Reason:
    """Why an item of so many bytes is refused."""
    return Reason(
        RejectCode.ITEM_TOO_LARGE,
        f"the item has {size} bytes, names included; DynamoDB takes at most {MAX_ITEM_BYTES}",
    )


def _converter(attribute: KeyAttribute, notices: Notices) -> Convert:
    """The check and, for numbers, the canonical form of one key attribute's cells."""
    name, limit = attribute.name, attribute.max_bytes
    tell = notices.about(name)

    def too_long(size: int) -> Reason:
        message = f"the key {name!r} has {size} bytes; DynamoDB takes at most {limit}"
        return Reason(RejectCode.KEY_TOO_LONG, message, name)

    def string(cell: str) -> str | Reason:
        if len(cell) * 4 > limit and (size := len(cell.encode())) > limit:
            return too_long(size)
        return cell

    def number(cell: str) -> str | Reason:
        canonical = canonical_number(cell)
        if canonical is None:
            rule = f"up to {MAX_DIGITS} digits, magnitude 1E-130 to 9.99E+125, no blanks or marks"
            return Reason(
                RejectCode.INVALID_NUMBER, f"the key {name!r} is no number that DynamoDB keeps: {rule}", name
            )
        if canonical is not cell:
            tell_loss(cell, tell)
        return canonical

    def binary(cell: str) -> str | Reason:
        try:
            text = base64_text(cell)
        except Refused as refused:
            message = refused.message.replace("the cell", f"the binary key {name!r}", 1)
            return Reason(refused.code, message, name)
        size = base64_bytes(text)
        return too_long(size) if size > limit else text

    return {"S": string, "N": number, "B": binary}[attribute.type]
