"""The way from a row to an item, worked out once per file from its header and the table's keys."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable, Sequence

import orjson

from csv_import.errors import BadConfiguration, BadData
from csv_import.rejects import Reason, RejectCode
from csv_import.shaping.item import Item, key_digest
from csv_import.shaping.key_schema import KeyAttribute, KeySchema
from csv_import.shaping.numbers import MAX_DIGITS, canonical_number
from csv_import.shaping.provenance import CREATED_TIME, FILENAME, LAST_MODIFIED, Provenance

MAX_ITEM_BYTES = 400 * 1024
MAX_NAME_BYTES = 64 * 1024 - 1

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
        self._names = tuple(names)
        self._provenance = provenance
        own = {name: value for name, value in self._fixed().items() if name not in names}
        self._stamps_created_time = CREATED_TIME not in names
        self._check_names(schema, own)
        self._constants = {name: {"S": value} for name, value in own.items() if name != CREATED_TIME}
        typed = {attribute.name: attribute for attribute in (*schema.table, *schema.indexes)}
        self._keys = tuple((attribute.name, attribute.type) for attribute in schema.table)
        self._required = tuple(name for name, _ in self._keys if name in names)
        self._converted = tuple(
            (name, typed[name].type, _converter(typed[name])) for name in names if name in typed
        )

    def shape(self, row: list[str], record: int) -> Item | Reason:
        """The item of a row, or why there is none.

        Args:
            row: its cells.
            record: its number in the file, from 1.
        """
        if len(row) != self.width:
            return self._misfit(row)
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
        body = orjson.dumps(item)
        # JSON is never shorter than what DynamoDB counts, so most items need no second look.
        if len(body) > MAX_ITEM_BYTES and (size := item_bytes(item)) > MAX_ITEM_BYTES:
            return Reason(
                RejectCode.ITEM_TOO_LARGE,
                f"the item has {size} bytes, names included; DynamoDB takes at most {MAX_ITEM_BYTES}",
            )
        return Item(key_digest([item[name][kind] for name, kind in self._keys]), body)

    def key_of(self, item: dict[str, dict[str, str]]) -> bytes:
        """The digest of the key of an item as DynamoDB hands it back."""
        return key_digest([item[name][kind] for name, kind in self._keys])

    def _fixed(self) -> dict[str, str]:
        return {
            FILENAME: self._provenance.filename,
            LAST_MODIFIED: self._provenance.last_modified,
            CREATED_TIME: self._provenance.created_time(0),
        }

    def _check_names(self, schema: KeySchema, own: dict[str, str]) -> None:
        for attribute in schema.table:
            if attribute.name not in self._names and attribute.name not in own:
                raise BadData(
                    "missing_key_column",
                    f"line {self._line}: the header has no column {attribute.name!r}, which the table's key needs",
                    self._what_there_is(attribute.name),
                )
        for attribute in (*schema.table, *schema.indexes):
            if attribute.name in own and attribute.type != "S":
                raise BadConfiguration(
                    "unsupported_key_type",
                    f"the table wants {attribute.name!r} as {attribute.type}, but it is the attribute that an"
                    " import sets itself, as S; change the table's key or give the file a column of that name",
                )
        for name in self._names:
            if len(name.encode()) > MAX_NAME_BYTES:
                raise BadData("column_name_too_long", f"a column's name has more than {MAX_NAME_BYTES} bytes")

    def _what_there_is(self, name: str) -> str:
        """The header's names: in a file without a header these are cells."""
        near = [each for each in self._names if each.strip().casefold() == name.casefold()]
        hint = f"; did you mean {name!r} where it says {near[0]!r}?" if near else ""
        shown = ", ".join(repr(each) for each in self._names[:10])
        more = f" and {self.width - 10} more" if self.width > 10 else ""
        return f": it has {shown}{more}{hint}"

    def _misfit(self, row: list[str]) -> Reason:
        few = len(row) < self.width
        code = RejectCode.TOO_FEW_CELLS if few else RejectCode.TOO_MANY_CELLS
        column = self._names[len(row)] if few else None
        return Reason(code, f"{len(row)} cells, but the header has {self.width} columns", column)


def _converter(attribute: KeyAttribute) -> Convert:
    """The check and, for numbers, the canonical form of one key attribute's cells."""
    name, limit = attribute.name, attribute.max_bytes

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
        return canonical

    def binary(cell: str) -> str | Reason:
        try:
            data = base64.b64decode(cell, validate=True)
        except (binascii.Error, ValueError):
            return Reason(RejectCode.INVALID_BASE64, f"the binary key {name!r} is not in Base64", name)
        if len(data) > limit:
            return too_long(len(data))
        return base64.b64encode(data).decode()

    return {"S": string, "N": number, "B": binary}[attribute.type]


def item_bytes(item: dict[str, dict[str, str]]) -> int:
    """The item's size as DynamoDB counts it: names and values in UTF-8, numbers in half their digits and one.

    https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/CapacityUnitCalculations.html
    """
    size = 0
    for name, value in item.items():
        ((kind, text),) = value.items()
        size += len(name.encode())
        if kind == "N":
            size += (sum(character.isdigit() for character in text) + 1) // 2 + 1
        elif kind == "B":
            size += len(text) // 4 * 3
        else:
            size += len(text.encode())
    return size
