"""From what a spec says about a column to the one function that converts its cells."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, tzinfo
from zoneinfo import ZoneInfo

from csv_import.shaping.spec import Conversion, ElementType, Encoding, Form, Type
from csv_import.shaping.values.binary import BINARY, binary
from csv_import.shaping.values.boolean import FALSE, TRUE, boolean
from csv_import.shaping.values.document import document
from csv_import.shaping.values.elements import list_of, set_of
from csv_import.shaping.values.number import number, number_text
from csv_import.shaping.values.time_formats import ISO, read_time
from csv_import.shaping.values.times import date, timestamp
from csv_import.shaping.values.value import Convert, Tell, Value

STORED_AS = {
    Type.S: "S",
    Type.N: "N",
    Type.BOOL: "BOOL",
    Type.B: "B",
    Type.SS: "SS",
    Type.NS: "NS",
    Type.BS: "BS",
    Type.L: "L",
    Type.DATE: "S",
    Type.TTL: "N",
}


def stored_as(said: Conversion, type_: Type) -> str | None:
    """DynamoDB's type of what a conversion makes; None where that depends on the cell (JSON)."""
    if type_ is Type.TIMESTAMP:
        return "N" if said.as_ in (Form.EPOCH_S, Form.EPOCH_MS) else "S"
    return STORED_AS.get(type_)


def string(cell: str) -> Value:
    """The conversion to S."""
    return {"S": cell}


def conversion(said: Conversion, type_: Type, tell: Tell, *, levels_above: int = 0) -> Convert:
    """Makes the conversion of one column's cells, which are trimmed already and not empty.

    Args:
        said: what the spec says; `spec_checks` holds it to be sound.
        type_: the type, which the table may have given.
        tell: takes notices.
        levels_above: how many maps the attribute stands in.
    """
    return _MAKERS[type_](said, tell, levels_above)


def _number(said: Conversion, tell: Tell, _levels: int) -> Convert:
    return number(said.decimal or ".", said.thousands, tell)


def _boolean(said: Conversion, _tell: Tell, _levels: int) -> Convert:
    return boolean(said.true or TRUE, said.false or FALSE)


def _binary(said: Conversion, _tell: Tell, _levels: int) -> Convert:
    return binary(said.encoding or Encoding.BASE64)


def _string_set(said: Conversion, _tell: Tell, _levels: int) -> Convert:
    return set_of("SS", said.separator or "", str, trim=said.trim)


def _number_set(said: Conversion, tell: Tell, _levels: int) -> Convert:
    read = number_text(said.decimal or ".", said.thousands, tell)
    return set_of("NS", said.separator or "", read, trim=said.trim)


def _binary_set(said: Conversion, _tell: Tell, _levels: int) -> Convert:
    return set_of("BS", said.separator or "", BINARY[said.encoding or Encoding.BASE64], trim=said.trim)


def _list(said: Conversion, tell: Tell, levels: int) -> Convert:
    element = _MAKERS[Type(said.of or ElementType.S)](said, tell, levels)
    return list_of(said.separator or "", element, trim=said.trim)


def _date(said: Conversion, _tell: Tell, _levels: int) -> Convert:
    formats = said.formats or (ISO,)
    return date([read_time(each, dates_only=True) for each in formats], formats)


def _timestamp(said: Conversion, tell: Tell, _levels: int) -> Convert:
    formats = said.formats or (ISO,)
    return timestamp([read_time(each) for each in formats], formats, _zone(said), said.as_ or Form.ISO, tell)


def _ttl(said: Conversion, tell: Tell, _levels: int) -> Convert:
    formats = said.formats or (ISO,)
    readers = [read_time(each) for each in formats]
    return timestamp(readers, formats, _zone(said), Form.EPOCH_S, tell, whole=True)


def _zone(said: Conversion) -> tzinfo:
    return UTC if said.time_zone in (None, "UTC") else ZoneInfo(said.time_zone or "UTC")


_MAKERS: dict[Type, Callable[[Conversion, Tell, int], Convert]] = {
    Type.S: lambda _said, _tell, _levels: string,
    Type.N: _number,
    Type.BOOL: _boolean,
    Type.B: _binary,
    Type.SS: _string_set,
    Type.NS: _number_set,
    Type.BS: _binary_set,
    Type.L: _list,
    Type.JSON: lambda _said, tell, levels: document(tell, levels_above=levels),
    Type.DATE: _date,
    Type.TIMESTAMP: _timestamp,
    Type.TTL: _ttl,
}
