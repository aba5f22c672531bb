"""An object version that was just heard of → its import, behind those of older versions that nobody heard of yet."""

from collections.abc import Sequence

import times
from errors import LedgerBusyError, QueueFullError
from imports import Import, received
from objects import ObjectVersion
from queues import Queue
from wiring import Application

_AT_ONCE = 50
"""So many imports are registered by one transaction, which takes 100 writes at the most."""
_ROUNDS = 8
"""A registration is lost only to one that moved the queue of the same key on."""


def register(import_: Import, app: Application) -> str | None:
    """Put an import into the ledger and into the queue of its key, unseen older versions ahead of it.

    An event is a hint: what there is to load, the bucket's own list says, in the order that S3 keeps. Newer versions
    that nobody heard of yet are registered too. Gives the import whose turn it is, or None where the version is one
    that the queue has left behind it: over, and forgotten since. Safe when others do the same.
    Raises `QueueFullError`, `LedgerBusyError` and botocore's errors.
    """
    bucket, key = import_.object.bucket, import_.object.key
    losses = 0
    while losses < _ROUNDS:
        if app.ledger.import_of(import_.import_id) is not None:
            return app.ledger.queue(bucket, key).head or import_.import_id
        queue = app.ledger.queue(bucket, key)
        versions = unseen(import_.object, queue, app)
        if not versions:
            return None
        if queue.room < 1:
            raise QueueFullError(bucket=bucket, key=key, waiting=len(queue.waiting))
        imports = [received(each, at=import_.received_at) for each in versions]
        if losses:  # perhaps because some of them are known already
            imports = [each for each in imports if app.ledger.import_of(each.import_id) is None]
        batch = imports[: min(_AT_ONCE, queue.room)]
        if app.ledger.register(batch, queue):
            app.logger.info("registered", extra={"imports": [each.import_id for each in batch]})
        else:
            losses += 1
    raise LedgerBusyError(f"the queue of s3://{bucket}/{key} changed again and again")


def unseen(found: ObjectVersion, queue: Queue, app: Application) -> Sequence[ObjectVersion]:
    """List the versions of an object that its queue has not had, oldest first; `found` is one that an event named."""
    if found.version_id is None:
        return [found]
    newer: list[ObjectVersion] = []
    for version in app.input_versions.of(found.bucket, found.key):
        if version.version_id == queue.newest_version:
            break
        newer.append(version)
    else:  # the newest one that the queue has had is gone, so times must tell which are older
        newer = [each for each in newer if _is_named(each, found) or not _is_older(each, queue)]
    ours = [each for each in newer if _is_named(each, found) or not _is_before_us(each, app)]
    versions = [found if _is_named(each, found) else each for each in ours]
    versions.reverse()
    if any(_is_named(each, found) for each in versions) or _is_there(found, app):
        return versions
    return [*versions, found]  # somebody has deleted it since: its import will say so


def _is_named(version: ObjectVersion, found: ObjectVersion) -> bool:
    return version.version_id == found.version_id


def _is_older(version: ObjectVersion, queue: Queue) -> bool:
    """Tell by times: a list has them to the second, an event more exactly."""
    newest = queue.newest_modified
    return newest is not None and times.parse(version.event_time) < times.parse(newest).replace(microsecond=0)


def _is_before_us(version: ObjectVersion, app: Application) -> bool:
    return times.parse(version.event_time) < app.ledger.created_at.replace(microsecond=0)


def _is_there(found: ObjectVersion, app: Application) -> bool:
    return any(_is_named(each, found) for each in app.input_versions.of(found.bucket, found.key))
