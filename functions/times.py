"""Times as the ledger and the reports hold them: ISO 8601, UTC, microseconds, `Z`."""

from datetime import UTC, datetime


def stamp(moment: datetime) -> str:
    """Write an aware moment; the text has a fixed width, so it sorts as time does."""
    if moment.tzinfo is None:
        raise ValueError("a time without a zone names no moment")
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def parse(text: str) -> datetime:
    """Read a time in ISO 8601; one without a zone is taken as UTC."""
    moment = datetime.fromisoformat(text)
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
