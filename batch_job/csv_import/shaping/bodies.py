"""Puts the items of many rows together, column by column, as JSON."""

from __future__ import annotations

from collections.abc import Mapping

import orjson

from csv_import.shaping.values.value import Value

_END_OF_ROW = b"\n"  # stands in no JSON text but between values
_END_OF_TEXT = b'"}'


class Bodies:
    """The items of consecutive rows while they are built.

    Attributes are added in turn; the first one that is no constant must have a value in every row.

    A row is pieces, in turn what stands between two values and a value; what ends a text stands in the piece behind it.
    So where a text is empty, and the value before it is a text too, the piece in between is left out.

    Args:
        constants: attributes that are the same in each item.
        count: of the rows.

    Attributes:
        size: bytes of all items that are done.
    """

    def __init__(self, constants: Mapping[str, Value], count: int) -> None:
        self._count = count
        self._row: list[bytes] = []
        self._columns: list[list[bytes]] = []
        self._gaps: list[tuple[int, list[int]]] = []
        self.size = 0
        self._open = orjson.dumps(constants)[:-1]
        self._is_first = not constants

    def add_texts(self, name: str, kind: str, texts: list[bytes]) -> None:
        """Add an attribute of one type, S or N.

        Args:
            texts: as they stand between the quotes of JSON; an empty one is no value.
        """
        opening = b"," + orjson.dumps(name) + b':{"' + kind.encode() + b'":"'
        if b"" in texts:
            if self._open != _END_OF_TEXT:
                self.add_members([opening + text + _END_OF_TEXT if text else b"" for text in texts])
                return
            self._gaps.append((len(self._row), [row for row, text in enumerate(texts) if not text]))
        self._add_column(self._after_comma(opening), texts)
        self._open = _END_OF_TEXT

    def add_members(self, members: list[bytes]) -> None:
        """Add an attribute whose values are of any types.

        Args:
            members: each with a comma before its name; nothing where there is no value.
        """
        if self._is_first:
            members = [member[1:] for member in members]
        self._add_column(b"", members)

    def done(self) -> list[bytes]:
        """Every row's pieces in one list, joined and cut into items again: nothing is done row by row."""
        self._row.append(self._open + b"}" + _END_OF_ROW)
        stride = len(self._row)
        pieces = self._row * self._count
        for at, column in enumerate(self._columns):
            pieces[2 * at + 1 :: stride] = column
        for at, rows in self._gaps:
            for row in rows:
                pieces[row * stride + at] = b""
        text = b"".join(pieces)
        bodies = text.split(_END_OF_ROW)
        bodies.pop()
        self.size = len(text) - self._count
        return bodies

    def _after_comma(self, opening: bytes) -> bytes:
        return opening[1:] if self._is_first else opening

    def _add_column(self, opening: bytes, column: list[bytes]) -> None:
        self._row += [self._open + opening, b""]
        self._columns.append(column)
        self._open = b""
        self._is_first = False
