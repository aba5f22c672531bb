"""The form that the cells of most columns have: it is told, and stored, for a whole column at once."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from csv_import.shaping.spec import Absent, Column, Form, Type
from csv_import.shaping.values.time_formats import EPOCH_MS, EPOCH_S, ISO

_WHOLE = rb"-?[1-9][0-9]{0,37}|0"
_DECIMAL = rb"-?(?:0|[1-9][0-9]{0,17})(?:\.[0-9]{1,18})?"
_DAY = (
    rb"(?!0000)[0-9]{4}-(?:(?:0[1-9]|1[0-2])-(?:0[1-9]|1[0-9]|2[0-8])|(?:0[13-9]|1[0-2])-(?:29|30)"
    rb"|(?:0[13578]|1[02])-31)"  # 29 February has to be looked at more closely
)
_TIME = _DAY + rb"T(?:[01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9]"
_FORMS = {
    (ISO, Form.ISO): _TIME + rb"Z",
    (ISO, Form.ISO_MS): _TIME + rb"\.[0-9]{3}Z",
    (ISO, Form.ISO_US): _TIME + rb"\.[0-9]{6}Z",
    (EPOCH_S, Form.EPOCH_S): rb"[1-9][0-9]{0,10}|0",  # up to the year 5138
    (EPOCH_MS, Form.EPOCH_MS): rb"[1-9][0-9]{0,13}|0",
}


@dataclass(frozen=True, slots=True)
class Usual:
    """Takes a column whose cells are, all of them, nearly what is stored.

    Attributes:
        kind: DynamoDB's type of the values.
        texts: from the cells, trimmed where the column is, as they stand between the quotes of JSON, to the texts that
            are stored; None where a cell is of another form. An empty text is no value.
    """

    kind: str
    texts: Callable[[list[bytes]], list[bytes] | None]


def usual(said: Column, type_: Type) -> Usual | None:
    """The usual form of a column; None where there is none that can be told at once.

    Whatever is taken here, the column's `ReadCell` would take alike. Of numbers it may cut zeros at the end off: that
    is told of each text that is not its cell.

    Args:
        said: what the spec says.
        type_: the type, which the table may have given.
    """
    if said.nulls:
        return None
    may_be_empty = not said.required and said.default is None and said.empty in (None, Absent.OMIT)
    if type_ is Type.S:
        return Usual("S", lambda cells: _filled(cells, may_be_empty))
    if type_ is Type.N and said.decimal in (None, ".") and said.thousands is None:
        whole, decimal = _column(_WHOLE, may_be_empty), _column(_DECIMAL, may_be_empty)
        return Usual("N", lambda cells: _numbers(cells, whole, decimal))
    if type_ is Type.DATE and _first_format(said) == ISO:
        return _as_they_are("S", _column(_DAY, may_be_empty))
    if type_ in (Type.TIMESTAMP, Type.TTL):
        form = Form.EPOCH_S if type_ is Type.TTL else said.as_ or Form.ISO
        pattern = _FORMS.get((_first_format(said), form))
        kind = "N" if form in (Form.EPOCH_S, Form.EPOCH_MS) else "S"
        return None if pattern is None else _as_they_are(kind, _column(pattern, may_be_empty))
    return None


def _first_format(said: Column) -> str:
    return said.formats[0] if said.formats else ISO


def _column(cell: bytes, may_be_empty: bool) -> re.Pattern[bytes]:
    """A column of such cells, each with a line end behind: none stands in JSON's texts."""
    return re.compile(rb"(?:(?:%b)%b\n)*+" % (cell, b"?" if may_be_empty else b""))


def _joined(cells: list[bytes]) -> bytes:
    return b"\n".join(cells) + b"\n"


def _filled(cells: list[bytes], may_be_empty: bool) -> list[bytes] | None:
    return cells if may_be_empty or b"" not in cells else None


def _as_they_are(kind: str, pattern: re.Pattern[bytes]) -> Usual:
    return Usual(kind, lambda cells: cells if pattern.fullmatch(_joined(cells)) else None)


def _numbers(cells: list[bytes], whole: re.Pattern[bytes], decimal: re.Pattern[bytes]) -> list[bytes] | None:
    """Numbers without exponent, of few digits and without zeros in front; zeros at the end go."""
    joined = _joined(cells)
    if whole.fullmatch(joined):
        return cells
    if not decimal.fullmatch(joined):
        return None
    texts = [cell.rstrip(b"0").rstrip(b".") if b"." in cell else cell for cell in cells]
    return None if b"-0" in texts else texts
