"""Bytes as text with one character for each code unit, so that a place in the text is a place in the file."""

from __future__ import annotations

import codecs
import re
import sys
from array import array
from dataclasses import dataclass, replace
from functools import lru_cache

from csv_import.reading.dialect import Dialect

_SURROGATE = re.compile("[\ud800-\udfff]")
_HALF_A_UNIT = "\ud800"
"""Stands for the odd byte at the end of a file in UTF-16. At the end nothing makes a pair of it."""
_NOWHERE = "\U0010ffff"
"""Stands for what the encoding cannot write; no code unit is as high."""


@dataclass(frozen=True, slots=True)
class CodeUnits:
    """How one encoding makes text of bytes: units of one byte, or of two in UTF-16.

    Attributes:
        codec: the codec's own name.
        size: bytes of a unit.
    """

    codec: str
    size: int

    def units(self, data: bytes) -> str:
        """A character for each code unit; all but the last unit of a file are whole."""
        if self.size == 1:
            return data.decode("latin-1")
        whole = len(data) & ~1
        units = array("H", data[:whole])
        if (sys.byteorder == "little") != (self.codec == "utf-16-le"):
            units.byteswap()
        codec = "utf-32-le" if sys.byteorder == "little" else "utf-32-be"
        text = array("I", units).tobytes().decode(codec, "surrogatepass")
        return text if whole == len(data) else text + _HALF_A_UNIT

    def of(self, text: str) -> str:
        """What `text`, a delimiter say, looks like among the units."""
        try:
            return self.units(text.encode(self.codec))
        except UnicodeEncodeError:
            return _NOWHERE

    def text(self, units: str) -> tuple[str, bool]:
        """The text that units stand for, and whether all of them stand for any; U+FFFD is put for those that don't."""
        if self.size == 2:
            if _SURROGATE.search(units) is None:
                return units, True
            data = units.encode(self.codec, "surrogatepass")
        elif units.isascii():
            return units, True
        else:
            data = units.encode("latin-1")
        try:
            return data.decode(self.codec), True
        except UnicodeDecodeError:
            return data.decode(self.codec, "replace"), False

    def dialect(self, dialect: Dialect) -> Dialect:
        """The dialect as it is among the units."""
        if (dialect.delimiter + (dialect.quote or "") + (dialect.comment or "")).isascii():
            return dialect
        return replace(
            dialect,
            delimiter=self.of(dialect.delimiter),
            quote=dialect.quote and self.of(dialect.quote),
            comment=dialect.comment and self.of(dialect.comment),
        )


@lru_cache(maxsize=64)
def code_units_of(encoding: str) -> CodeUnits:
    """The units of an encoding: UTF-8, UTF-16 of either byte order, or any of one byte a character that keeps ASCII."""
    codec = codecs.lookup(encoding).name
    return CodeUnits(codec, 2 if codec in ("utf-16-le", "utf-16-be") else 1)
