"""S3 event records → the object versions that they name, or the reason why one is left alone."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote_plus

from aws_lambda_powertools.utilities.data_classes import S3Event
from aws_lambda_powertools.utilities.data_classes.s3_event import S3EventRecord

import times
from errors import UnexpectedEventError

TEXT_ENDINGS = (".csv", ".tsv", ".tab", ".psv", ".txt")
COMPRESSION_ENDINGS = (".gz", ".zst", ".bz2", ".xz")
ENDINGS = (*TEXT_ENDINGS, *(text + packed for text in TEXT_ENDINGS for packed in COMPRESSION_ENDINGS))
"""The endings of keys that are imported, whatever their case. How a file is read, its content tells."""


@dataclass(frozen=True, kw_only=True)
class ObjectVersion:
    """One version of one S3 object, as an event named it.

    `version_id` is None where the bucket is not versioned; `etag` has no quotes; `event_time` is a
    time of the ledger's form.
    """

    bucket: str
    key: str
    version_id: str | None
    sequencer: str
    etag: str
    size: int
    event_time: str


@dataclass(frozen=True, kw_only=True)
class Ignored:
    """A record that starts no import, and why."""

    key: str
    reason: str


def records_of(event: Mapping[str, Any]) -> Iterator[S3EventRecord]:
    """Give every record of an S3 event notification; none for `s3:TestEvent`.

    S3 sends the test event when a notification is set up
    (docs.aws.amazon.com/AmazonS3/latest/userguide/notification-content-structure.html).
    """
    if is_test_event(event):
        return iter(())
    if not isinstance(event.get("Records"), list):
        raise UnexpectedEventError("this is no S3 event notification: it has no list `Records`")
    return iter(S3Event(dict(event)).records)


def is_test_event(event: Mapping[str, Any]) -> bool:
    """Tell whether this is what S3 sends when a notification is set up."""
    return event.get("Event") == "s3:TestEvent"


def read_record(record: S3EventRecord) -> ObjectVersion | Ignored:
    """Read one record.

    Keys arrive URL-encoded with `+` for a space, and Powertools' `S3Object.key` leaves them so.
    Raises `UnexpectedEventError` for a record that lacks what an import needs.
    """
    try:
        thing = record.s3.get_object
        key = unquote_plus(thing.key)
        reason = _reason_to_ignore(event_name=record.event_name, key=key)
        if reason:
            return Ignored(key=key, reason=reason)
        found = ObjectVersion(
            bucket=record.s3.bucket.name,
            key=key,
            version_id=_version(thing.version_id),
            sequencer=thing.get("sequencer") or "",
            etag=thing.etag.strip('"'),
            size=thing.size,
            event_time=times.stamp(times.parse(record.event_time)),
        )
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        raise UnexpectedEventError(f"a record of the S3 event cannot be read: {error!r}") from error
    if found.version_id is None and not found.sequencer:
        raise UnexpectedEventError(f"the record of {key!r} has neither version id nor sequencer")
    return found


def _version(version_id: str | None) -> str | None:
    return None if version_id in (None, "", "null") else version_id


def _reason_to_ignore(*, event_name: str, key: str) -> str | None:
    name = key.rpartition("/")[2]
    if not event_name.removeprefix("s3:").startswith("ObjectCreated:"):
        return f"{event_name} creates no object"
    if not name:
        return "a key that ends in / is a folder marker"
    if name.startswith(("_", ".")):
        return "names that begin with _ or . are not data"
    if not name.lower().endswith(ENDINGS):
        return (
            f"the key ends in none of {' '.join(TEXT_ENDINGS)}, nor in one of these and"
            f" {' '.join(COMPRESSION_ENDINGS)}"
        )
    return None
