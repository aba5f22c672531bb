"""What a cell seems to be (a number, a date, a name, prose), and how many bits it takes to say it.

The bits are those of a plain code for each type: a digit of a number takes log2(10), a day about log2(40,000), a
character of text what its kind takes in most texts. A reading that cuts a file into cells of real types needs
fewer bits to tell the file again than one that tears numbers, times and sentences apart.
"""

from __future__ import annotations

import re
from enum import IntEnum


class Kind(IntEnum):
    """Types of cells; from `NUMBER` on they say something about their column."""

    EMPTY = 0
    MISSING = 1
    WORD = 2
    TEXT = 3
    CODE = 4
    NUMBER = 5
    DATE = 6
    TIME = 7
    MOMENT = 8
    MONEY = 9
    BOOLEAN = 10
    EMAIL = 11
    URL = 12
    IDENTIFIER = 13


TYPED = frozenset(kind for kind in Kind if kind >= Kind.NUMBER)
NOTHING = frozenset({Kind.EMPTY, Kind.MISSING})

_MISSING = frozenset(
    {"na", "n/a", "nan", "null", "nil", "none", "\\n", "-", "--", "?", ".", "#n/a", "(null)", "inf"}
)
_BOOLEAN = frozenset({"true", "false", "yes", "no"})

_AMOUNT = (
    r"(?:\d{{1,3}}(?:(?P<{0}>[,.'\u2019 \u00a0\u202f])\d{{3}}(?:(?P={0})\d{{3}})*)(?:[.,]\d+)?"
    r"|\d+(?:[.,]\d*)?|[.,]\d+)"
)
_NUMBER = re.compile(rf"[-+\u2212]?{_AMOUNT.format('a')}(?:[eE][-+]?\d+)?[-%]?|\({_AMOUNT.format('b')}\)")
_CURRENCY = r"(?:[$\u20ac\u00a3\u00a5\u20b9\u20bd\u20a9\u20ba]|[A-Z]{3}|CA\$|US\$|R\$|kr|z\u0142|Fr\.)"
_MONEY = re.compile(
    rf"[-+(]?{_CURRENCY} ?[-+]?{_AMOUNT.format('a')}\)?|[-+]?{_AMOUNT.format('b')} ?{_CURRENCY}"
)
_DAY = (
    r"(?:(?:1\d|2[01])\d\d(?P<{0}1>[-/.])(?:0?[1-9]|1[0-2])(?P={0}1)(?:0?[1-9]|[12]\d|3[01])"
    r"|(?:0?[1-9]|[12]\d|3[01])(?P<{0}2>[-/.])(?:0?[1-9]|[12]\d|3[01])(?P={0}2)(?:(?:1\d|2[01])\d\d|\d\d)"
    r"|(?:0?[1-9]|[12]\d|3[01])(?:\. ?|[- /])[^\W\d_]{{3,9}}\.?[- /,]{{1,2}}(?:(?:1\d|2[01])\d\d|\d\d)"
    r"|[A-Z][a-z]{{2,8}}\.? (?:0?[1-9]|[12]\d|3[01])(?:, ?| )(?:1\d|2[01])\d\d)"
)
_HOUR = (
    r"(?:[01]?\d|2[0-4]):[0-5]\d(?::[0-6]\d(?:\.\d{1,9}|,\d{3})?)?"
    r"(?: ?[aApP]\.?[mM]\.?)?(?: ?(?:Z|UTC|GMT|[-+]\d\d:?\d\d))?"
)
_DATE = re.compile(_DAY.format("d"))
_TIME = re.compile(_HOUR)
_MOMENT = re.compile(rf"{_DAY.format('d')}(?:[T ]|, ){_HOUR}|{_HOUR} {_DAY.format('e')}")
_MONTH = re.compile(
    r"(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)[a-z]{0,6}[- ](?:(?:19|20)\d\d|\d\d)"
)
_EMAIL = re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+")
_URL = re.compile(r"(?:[a-z][a-z0-9+]{1,9}://|www\.)[^\s,;|\"']+", re.IGNORECASE)
_IDENTIFIER = re.compile(
    r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}|(?:\d{1,3}\.){3}\d{1,3}|(?:[0-9A-Fa-f]{2}[:-]){5}[0-9A-Fa-f]{2}"
)
_WORD = re.compile(r"[^\W\d_]+")
_CODE = re.compile(r"[\w#+*-]+(?:[./:][\w+-]+)*")


def kind_of(cell: str) -> Kind:
    """What a cell seems to be; blanks around it say nothing."""
    value = cell.strip()
    if not value:
        return Kind.EMPTY
    if value.lower() in _MISSING:
        return Kind.MISSING
    if len(value) > 64:
        return Kind.URL if _URL.fullmatch(value) else Kind.TEXT
    if value[0].isalpha() and _WORD.fullmatch(value):
        return Kind.BOOLEAN if value.lower() in _BOOLEAN else Kind.WORD
    return _with_digits_or_signs(value)


def _with_digits_or_signs(value: str) -> Kind:
    if _NUMBER.fullmatch(value):
        return Kind.NUMBER
    for pattern, kind in _PATTERNS:
        if pattern.fullmatch(value):
            return kind
    return Kind.TEXT


_PATTERNS = (
    (_DATE, Kind.DATE),
    (_TIME, Kind.TIME),
    (_MOMENT, Kind.MOMENT),
    (_MONTH, Kind.DATE),
    (_MONEY, Kind.MONEY),
    (_IDENTIFIER, Kind.IDENTIFIER),
    (_EMAIL, Kind.EMAIL),
    (_URL, Kind.URL),
    (_CODE, Kind.CODE),
)


def _costs() -> bytes:
    """Eighths of a bit for each character of Latin-1 (all else becomes `?` first, and takes its 7 bits)."""
    bits = [6.0] * 256
    for code in range(256):
        character = chr(code)
        if character.isalpha():
            bits[code] = 4.2 if code < 128 else 6.0
        elif character.isdigit():
            bits[code] = 4.7
        elif code < 32 or 127 <= code < 160:
            bits[code] = 12.0
        elif code > 127:
            bits[code] = 10.0
        else:
            bits[code] = 7.0
    for character, cost in {
        " ": 2.6, ",": 6.0, ".": 5.5, "-": 5.5, "_": 5.5, "/": 6.0, "'": 6.0, "\n": 7.0, "\r": 5.0,
        ";": 9.0, "\t": 11.0, "|": 11.0, ":": 6.5, "^": 10.0, "~": 10.0, '"': 8.0, "\\": 8.0,
    }.items():  # fmt: skip
        bits[ord(character)] = cost
    return bytes(round(8 * each) for each in bits)


_COSTS = _costs()
_DIGIT_BITS = 3.33
_END_OF_TYPED = 2.0
_COMMA_BITS = 6.0
_CLOCK = frozenset({Kind.TIME, Kind.MOMENT})
_END_OF_TEXT = 4.0
_FIXED_BITS = {
    Kind.EMPTY: 0.0, Kind.MISSING: 3.0, Kind.BOOLEAN: 3.0, Kind.DATE: 15.5,
}  # fmt: skip


def bits_of_text(text: str) -> float:
    """What `text` takes as text, its end not counted."""
    return sum(text.encode("latin-1", "replace").translate(_COSTS)) / 8


def bits_of(cell: str, kind: Kind) -> float:
    """What a cell of this kind takes, the mark of its end included."""
    if kind in _FIXED_BITS:
        bits = _FIXED_BITS[kind] + (0.5 if kind is Kind.EMPTY else _END_OF_TYPED)
    elif kind in _BY_DIGITS:
        digits = sum(character.isdigit() for character in cell)
        bits = _BY_DIGITS[kind] + _DIGIT_BITS * digits + _END_OF_TYPED
        if kind in _CLOCK and "," in cell:
            bits += _COMMA_BITS
    elif kind is Kind.EMAIL or kind is Kind.URL:
        return 0.8 * bits_of_text(cell) + _END_OF_TYPED
    else:
        return bits_of_text(cell) + _END_OF_TEXT
    padding = len(cell) - len(cell.strip())
    return bits + 2.6 * padding


# A moment has a day, whose eight digits are cheaper than other digits.
_BY_DIGITS = {
    Kind.NUMBER: 2.0,
    Kind.TIME: 0.0,
    Kind.MOMENT: 17.5 - 8 * _DIGIT_BITS,
    Kind.MONEY: 5.0,
    Kind.IDENTIFIER: 0.0,
}
