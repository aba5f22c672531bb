"""The judge: what one patient loop over Python's csv module would leave in the table.

Kept as plain as possible and free of the project's own code. Where a row has more than one fault, it counts
under the first of: `invalid_encoding`, `too_many_cells`, `too_few_cells`, then by key attribute `empty_key`,
`invalid_number` or `invalid_base64`, `key_too_long`, then `item_too_large`.
"""

from __future__ import annotations

import base64
import binascii
import csv
import io
import re
from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Context, Decimal
from pathlib import Path

Value = dict[str, str]
Item = dict[str, Value]
Key = tuple[str, ...]

# https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Constraints.html
MAX_PARTITION_KEY_BYTES = 2048
MAX_SORT_KEY_BYTES = 1024
MAX_ITEM_BYTES = 400 * 1024
MAX_DIGITS = 38
NUMBER = re.compile(r"[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?")


@dataclass
class Table:
    """The items by key (the partition key's value, and the sort key's where there is one), and the counts."""

    items: dict[Key, Item] = field(default_factory=dict)
    rows_read: int = 0
    rows_written: int = 0
    rows_superseded: int = 0
    rows_skipped: int = 0
    rows_rejected: int = 0
    rejects_by_code: Counter[str] = field(default_factory=Counter)


class Reject(Exception):
    """A row that cannot be loaded; the first argument is the code."""


def naive_table(
    path_or_bytes: Path | str | bytes,
    *,
    bucket_key: str,
    last_modified: datetime,
    partition_key: str = "ProductId",
    sort_key: str | None = None,
    key_type: str = "S",
    sort_key_type: str = "S",
) -> Table:
    """Put the rows of a CSV into a table that is a dict, one after the other.

    `last_modified` is the object's (aware, UTC); `key_type` and `sort_key_type` are S, N or B. Items are
    DynamoDB JSON; a value of type B is its base64 text, as in a JSON dump. Bytes that are no UTF-8 become
    lone surrogates, so that the row can be told.
    """
    data = path_or_bytes if isinstance(path_or_bytes, bytes) else Path(path_or_bytes).read_bytes()
    text = data.decode("utf-8", errors="surrogateescape").removeprefix("\ufeff")
    csv.field_size_limit(len(text) + 1)
    rows = csv.reader(io.StringIO(text, newline=""))
    header = next(rows)
    key_types = {partition_key: key_type}
    if sort_key is not None:
        key_types[sort_key] = sort_key_type
    limits = {partition_key: MAX_PARTITION_KEY_BYTES, sort_key: MAX_SORT_KEY_BYTES}

    table = Table()
    accepted = 0
    for row in rows:
        if row == []:  # a blank line is no record
            continue
        table.rows_read += 1
        try:
            check_row(row, header)
            item: Item = {}
            for name, cell in zip(header, row, strict=True):
                if name in key_types:
                    item[name] = key_value(cell, key_types[name], limits[name])
                elif cell != "":
                    item[name] = {"S": cell}
            created = last_modified + timedelta(microseconds=table.rows_read)
            for name, value in (
                ("Filename", bucket_key),
                ("LastModified", last_modified.strftime("%Y-%m-%dT%H:%M:%SZ")),
                ("CreatedTime", created.strftime("%Y-%m-%dT%H:%M:%S.%fZ")),
            ):
                if name not in header:
                    item[name] = {"S": value}
            check_size(item)
        except Reject as reject:
            table.rejects_by_code[str(reject)] += 1
        else:
            accepted += 1
            key = tuple(text for name in key_types for text in item[name].values())
            table.items[key] = item
    table.rows_rejected = table.rejects_by_code.total()
    table.rows_written = len(table.items)
    table.rows_superseded = accepted - len(table.items)
    return table


def naive_modes(
    content: bytes,
    there: dict[Key, Item],
    *,
    mode: str,
    bucket_key: str,
    last_modified: datetime,
    provenance: bool = True,
) -> Table:
    """Write the rows of a CSV with the key `ProductId` (S) in a mode, one after the other, into a table.

    A key counts once: as skipped where its first row found another item than its own, otherwise as written; every
    further row with it is superseded.
    """
    csv.field_size_limit(len(content) + 1)
    header, *rows = list(csv.reader(io.StringIO(content.decode("utf-8"), newline="")))
    table = Table(items={key: dict(item) for key, item in there.items()})
    seen: set[Key] = set()
    for number, row in enumerate(rows, start=1):
        table.rows_read += 1
        try:
            check_row(row, header)
            item = {name: {"S": cell} for name, cell in zip(header, row, strict=True) if cell != ""}
            item["ProductId"] = key_value(row[header.index("ProductId")], "S", MAX_PARTITION_KEY_BYTES)
        except Reject as reject:
            table.rejects_by_code[str(reject)] += 1
            continue
        if provenance:
            created = last_modified + timedelta(microseconds=number)
            item["Filename"] = {"S": bucket_key}
            item["LastModified"] = {"S": last_modified.strftime("%Y-%m-%dT%H:%M:%SZ")}
            item["CreatedTime"] = {"S": created.strftime("%Y-%m-%dT%H:%M:%S.%fZ")}
        key = (item["ProductId"]["S"],)
        left_alone = mode == "insert" and key in table.items and table.items[key] != item
        if mode == "put":
            table.items[key] = item
        elif mode == "insert":
            table.items.setdefault(key, item)
        elif mode == "update":
            table.items[key] = {**table.items.get(key, {}), **item}
        else:
            table.items.pop(key, None)
        if key in seen:
            table.rows_superseded += 1
        elif left_alone:
            table.rows_skipped += 1
        else:
            table.rows_written += 1
        seen.add(key)
    table.rows_rejected = table.rejects_by_code.total()
    return table


def check_row(row: list[str], header: list[str]) -> None:
    """Refuse a row that is no UTF-8 or does not have the header's number of cells."""
    try:
        "".join(row).encode("utf-8")
    except UnicodeEncodeError:
        raise Reject("invalid_encoding") from None
    if len(row) > len(header):
        raise Reject("too_many_cells")
    if len(row) < len(header):
        raise Reject("too_few_cells")


def key_value(cell: str, key_type: str, max_bytes: int) -> Value:
    """Make the value of a key attribute, or refuse what DynamoDB refuses."""
    if cell == "":
        raise Reject("empty_key")
    if key_type == "N":
        return {"N": number(cell)}
    if key_type == "B":
        binary = base64_bytes(cell)
        text = base64.b64encode(binary).decode("ascii")  # bits that are no part of a byte make no other key
    else:
        binary = cell.encode("utf-8")
        text = cell
    if len(binary) > max_bytes:
        raise Reject("key_too_long")
    return {key_type: text}


def number(cell: str) -> str:
    """Give the one form of a number that DynamoDB can hold: digits without exponent or superfluous zeros.

    https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/HowItWorks.NamingRulesDataTypes.html
    """
    if not NUMBER.fullmatch(cell):
        raise Reject("invalid_number")
    value = Decimal(cell)
    if value == 0:
        return "0"
    value = value.normalize(Context(prec=len(cell) + 1))
    if len(value.as_tuple().digits) > MAX_DIGITS or not -130 <= value.adjusted() <= 125:
        raise Reject("invalid_number")
    return format(value, "f")


def base64_bytes(cell: str) -> bytes:
    """Decode a key of type B."""
    try:
        return base64.b64decode(cell.encode("utf-8"), validate=True)
    except binascii.Error:
        raise Reject("invalid_base64") from None


def check_size(item: Item) -> None:
    """Refuse an item over 400 KB."""
    if item_bytes(item) > MAX_ITEM_BYTES:
        raise Reject("item_too_large")


def item_bytes(item: Item) -> int:
    """Size of an item as DynamoDB counts it: names and values in UTF-8. (Near enough for numbers and base64.)

    https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/CapacityUnitCalculations.html
    """
    return sum(
        len(name.encode("utf-8")) + len(text.encode("utf-8"))
        for name, value in item.items()
        for text in value.values()
    )
