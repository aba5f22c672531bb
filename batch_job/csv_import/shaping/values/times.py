"""Dates and points in time: written in one of several formats, stored in ISO 8601 or as seconds since 1970."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta, tzinfo

from csv_import.rejects import RejectCode
from csv_import.shaping.spec import Form
from csv_import.shaping.values.time_formats import EPOCH, ReadTime
from csv_import.shaping.values.value import Convert, Notice, Refused, Tell, Value

_MICROSECOND, _NONE = timedelta(microseconds=1), timedelta()


def date(readers: Sequence[ReadTime], formats: Sequence[str]) -> Convert:
    """Makes the conversion of dates, to S: `2026-11-23`."""
    read = _first_that_fits(readers, formats)
    return lambda cell: {"S": read(cell).date().isoformat()}


def timestamp(
    readers: Sequence[ReadTime],
    formats: Sequence[str],
    zone: tzinfo,
    form: Form,
    tell: Tell,
    *,
    whole: bool = False,
) -> Convert:
    """Makes the conversion of points in time, to S or N, in UTC.

    A time that the clocks of `zone` skip is refused; one that they show twice counts as the first, and is told.

    Args:
        readers, formats: how it may be written; the first that fits counts.
        zone: where times without an offset are meant.
        form: how it is stored. A time that is finer than that is refused.
        whole: whether finer times are cut off instead.
    """
    read = _first_that_fits(readers, formats)
    store, finest_us = _FORMS[form]

    def convert(cell: str) -> Value:
        try:
            moment = _in_utc(read(cell), zone, tell)
        except OverflowError:
            raise Refused(
                RejectCode.INVALID_TIME, "the cell's time lies outside of the years 1 to 9999"
            ) from None
        if moment.microsecond % finest_us and not whole:
            raise Refused(
                RejectCode.INVALID_TIME, f"the cell's time is finer than {form} keeps; store it as iso_us"
            )
        return store(moment)

    return convert


def _first_that_fits(readers: Sequence[ReadTime], formats: Sequence[str]) -> Callable[[str], datetime]:
    complaint = f"the cell is no date or time in the form {', '.join(formats)}"

    def read(cell: str) -> datetime:
        for reader in readers:
            if (found := reader(cell)) is not None:
                return found
        raise Refused(RejectCode.INVALID_TIME, complaint)

    return read


def _in_utc(moment: datetime, zone: tzinfo, tell: Tell) -> datetime:
    if moment.tzinfo is not None:
        return moment.astimezone(UTC)
    if zone is UTC:
        return moment.replace(tzinfo=UTC)
    local = moment.replace(tzinfo=zone)
    offset = local.utcoffset() or _NONE
    if offset != local.replace(fold=1).utcoffset():  # the clocks are changed about then
        if local.astimezone(UTC).astimezone(zone).replace(tzinfo=None) != moment:
            raise Refused(RejectCode.INVALID_TIME, f"the clocks of {zone} never showed the cell's time")
        tell(Notice.AMBIGUOUS_TIME)
    return (moment - offset).replace(tzinfo=UTC)


def _epoch(moment: datetime, unit_us: int) -> Value:
    return {"N": str((moment - EPOCH) // _MICROSECOND // unit_us)}


def _iso(moment: datetime, timespec: str) -> Value:
    return {"S": moment.replace(tzinfo=None).isoformat(timespec=timespec) + "Z"}


_FORMS: dict[Form, tuple[Callable[[datetime], Value], int]] = {
    Form.ISO: (lambda moment: _iso(moment, "seconds"), 1_000_000),
    Form.ISO_MS: (lambda moment: _iso(moment, "milliseconds"), 1_000),
    Form.ISO_US: (lambda moment: _iso(moment, "microseconds"), 1),
    Form.EPOCH_S: (lambda moment: _epoch(moment, 1_000_000), 1_000_000),
    Form.EPOCH_MS: (lambda moment: _epoch(moment, 1_000), 1_000),
}
