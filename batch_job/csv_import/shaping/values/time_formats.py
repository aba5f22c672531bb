"""How points in time are written: formats with `%d.%m.%Y`, ISO 8601, seconds since 1970; in no locale."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
ISO, EPOCH_S, EPOCH_MS = "iso", "epoch_s", "epoch_ms"

ReadTime = Callable[[str], "datetime | None"]
"""The time that a text names, with offset where it has one; None where it is written otherwise."""

_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_LONG_MONTHS = (
    *("january", "february", "march", "april", "may", "june", "july"),
    *("august", "september", "october", "november", "december"),
)
_OFFSET = r"Z|[+-][0-9]{2}:?[0-5][0-9]"
_DIRECTIVES = {
    "Y": r"(?P<Y>[0-9]{4})",
    "y": r"(?P<y>[0-9]{2})",
    "m": r"(?P<m>[0-9]{1,2})",
    "b": rf"(?P<b>{'|'.join(_MONTHS)})",
    "B": rf"(?P<B>{'|'.join(_LONG_MONTHS)})",
    "d": r"(?P<d>[0-9]{1,2})",
    "H": r"(?P<H>[0-9]{1,2})",
    "I": r"(?P<I>[0-9]{1,2})",
    "p": r"(?P<p>am|pm)",
    "M": r"(?P<M>[0-9]{2})",
    "S": r"(?P<S>[0-9]{2})",
    "f": r"(?P<f>[0-9]{1,6})",
    "z": rf"(?P<z>{_OFFSET})",
    "%": "%",
}
_TIMES = frozenset("HIpMSfz")
_DIGITS = frozenset("YymdHIMSf")
_ISO = re.compile(
    r"(?P<date>[0-9]{4}-[0-9]{2}-[0-9]{2})(?:[T ](?P<time>[0-9]{2}:[0-9]{2}(?::[0-9]{2}(?:[.,][0-9]{1,6}0*)?)?)"
    rf"(?P<z>{_OFFSET})?)?"
)
_SECONDS = re.compile(r"-?[0-9]{1,17}(?:\.[0-9]{1,6}0*)?")


class FormatFault(ValueError):
    """A format that cannot be meant; says why."""


def read_time(format_: str, *, dates_only: bool = False) -> ReadTime:
    """Makes the function that reads texts of one format.

    Months have English names; digits are ASCII; a year of two digits is from 1969 to 2068, as POSIX has it. One digit
    does for a day, a month or an hour, unless other digits stand right beside it.

    Args:
        format_: `iso`, `epoch_s`, `epoch_ms`, or a text with directives.
        dates_only: whether the time of day is no part of it.

    Raises:
        FormatFault: for a directive that is not known, or where no date is named.
    """
    if format_ == ISO:
        return _read_iso_date if dates_only else _read_iso
    if format_ in (EPOCH_S, EPOCH_MS):
        if dates_only:
            raise FormatFault(f"{format_} is a time, not a date; give the column the type TIMESTAMP")
        return _epoch_reader(1_000_000 if format_ == EPOCH_S else 1_000)
    return _format_reader(format_, dates_only=dates_only)


def _read_iso(text: str) -> datetime | None:
    found = _ISO.fullmatch(text)
    if not found:
        return None
    try:
        if not found["time"]:
            return datetime.fromisoformat(found["date"])
        return datetime.fromisoformat(f"{found['date']}T{found['time']}{found['z'] or ''}")
    except ValueError:
        return None


def _read_iso_date(text: str) -> datetime | None:
    return _read_iso(text) if len(text) == len("2026-11-23") else None


def _epoch_reader(unit_us: int) -> ReadTime:
    def read(text: str) -> datetime | None:
        if not _SECONDS.fullmatch(text):
            return None
        microseconds = Decimal(text) * unit_us
        if microseconds != microseconds.to_integral_value():
            return None
        try:
            return EPOCH + timedelta(microseconds=int(microseconds))
        except OverflowError:
            return None

    return read


def _format_reader(format_: str, *, dates_only: bool) -> ReadTime:
    names = re.findall(r"%(.?)", format_)
    for name in names:
        if name not in _DIRECTIVES:
            listed = " ".join(f"%{each}" for each in _DIRECTIVES)
            raise FormatFault(f"there is no %{name}; there are {listed}, and iso, epoch_s, epoch_ms")
        if name != "%" and names.count(name) > 1:
            raise FormatFault(f"%{name} stands in it twice")
        if dates_only and name in _TIMES:
            raise FormatFault(f"%{name} is a time, not a date; give the column the type TIMESTAMP")
    _check_complete(set(names))
    pattern = re.compile(_pattern(format_), re.IGNORECASE | re.ASCII)
    in_order = [name for name in "YmdHMS" if name in names]

    def read(text: str) -> datetime | None:
        found = pattern.fullmatch(text)
        return _datetime(found.groupdict()) if found else None

    def read_digits(text: str) -> datetime | None:
        found = pattern.fullmatch(text)
        try:
            parts: list[int] = list(map(int, found.group(*in_order))) if found else []
            return datetime(*parts) if parts else None  # type: ignore[arg-type]  # noqa: DTZ001 - it names no offset
        except ValueError:
            return None

    return read_digits if set(names) <= set("YmdHMS") else read


def _pattern(format_: str) -> str:
    """The format as an expression.

    Days, months, hours and fractions that stand right beside other digits have all their digits: 1112024 is no
    `%d%m%Y`, for it could be two days.
    """
    pieces = re.findall(r"%.|[^%]", format_, re.S)
    pattern = ""
    for before, piece, after in zip(["", *pieces], pieces, [*pieces[1:], ""], strict=False):
        expression = _DIRECTIVES[piece[1]] if len(piece) == 2 else re.escape(piece)
        if _is_digits(before) or _is_digits(after):
            expression = expression.replace("{1,", "{")
        pattern += expression
    return pattern


def _is_digits(piece: str) -> bool:
    """Whether a piece of a format stands for digits at both of its ends."""
    return piece[1] in _DIGITS if len(piece) == 2 else piece.isdecimal()


def _check_complete(names: set[str]) -> None:
    for what, choices in (("a year", "Yy"), ("a month", "mbB"), ("a day", "d")):
        if len(names & set(choices)) != 1:
            listed = " or ".join(f"%{each}" for each in choices)
            raise FormatFault(f"it must name {what} once: {listed}")
    if ("I" in names) != ("p" in names) or {"H", "I"} <= names:
        raise FormatFault("hours are %H, or %I with %p")
    if (
        ("M" in names and not names & {"H", "I"})
        or ("S" in names and "M" not in names)
        or ("f" in names and "S" not in names)
    ):
        raise FormatFault("minutes need hours, seconds need minutes, fractions need seconds")


def _datetime(parts: dict[str, str | None]) -> datetime | None:
    get = parts.get
    short = int(get("y") or 0)
    year = int(long) if (long := get("Y")) is not None else short + (1900 if short >= 69 else 2000)
    name = (get("b") or get("B") or "").lower()[:3]
    hour = int(get("H") or get("I") or 0)
    if half := get("p"):
        if not 1 <= hour <= 12:
            return None
        hour = hour % 12 + (12 if half.lower() == "pm" else 0)
    try:
        return datetime(
            year,
            _MONTHS.index(name) + 1 if name else int(get("m") or 0),
            int(get("d") or 0),
            hour,
            int(get("M") or 0),
            int(get("S") or 0),
            int((get("f") or "").ljust(6, "0")),
            tzinfo=_offset(get("z")),
        )
    except ValueError:
        return None


def _offset(text: str | None) -> timezone | None:
    if text is None:
        return None
    if text in ("Z", "z"):
        return UTC
    sign = -1 if text[0] == "-" else 1
    return timezone(sign * timedelta(hours=int(text[1:3]), minutes=int(text[-2:])))
