"""The queue of a key: the versions of an object that are still to be loaded, in the order of S3; pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from imports import Import

QUEUE_SORT_KEY = "queue"
MAX_WAITING = 3_500
"""How many versions may wait: an item of DynamoDB has 400 KB, and one of them takes at most 104 bytes of it."""

_SEQUENCER_LENGTH = 64


@dataclass(frozen=True, kw_only=True)
class Waiting:
    """A version in the queue: its import, and where its bucket gives no versions the sequencer of its event."""

    import_id: str
    sequencer: str | None = None


@dataclass(frozen=True, kw_only=True)
class Queue:
    """The queue of one key of one bucket.

    The first of `waiting` is under way. The `newest` attributes tell the newest version that was ever registered, also
    when it is long over: its import, its version id and when S3 says that it was written, or else its sequencer.
    """

    bucket: str
    key: str
    waiting: tuple[Waiting, ...] = ()
    newest: str | None = None
    newest_version: str | None = None
    newest_modified: str | None = None
    newest_sequencer: str | None = None
    revision: int = 0

    @property
    def head(self) -> str | None:
        """The import whose turn it is."""
        return self.waiting[0].import_id if self.waiting else None

    @property
    def room(self) -> int:
        """How many more versions may wait."""
        return MAX_WAITING - len(self.waiting)

    def ahead_of(self, import_id: str) -> str | None:
        """Name the import whose turn it is, if another one has to wait for it."""
        waits = any(each.import_id == import_id for each in self.waiting[1:])
        return self.head if waits else None

    def with_versions(self, imports: Sequence[Import]) -> "Queue":
        """Add imports of versions, which come in S3's order."""
        queue = self
        for import_ in imports:
            versioned = import_.object.version_id is not None
            queue = queue._with_version(import_) if versioned else queue._with_event(import_)
        return queue

    def _with_version(self, import_: Import) -> "Queue":
        return replace(
            self,
            waiting=(*self.waiting, Waiting(import_id=import_.import_id)),
            newest=import_.import_id,
            newest_version=import_.object.version_id,
            newest_modified=import_.object.event_time,
        )

    def _with_event(self, import_: Import) -> "Queue":
        """Without versions only sequencers tell an order; what is under way stays ahead all the same."""
        found = import_.object
        new = Waiting(import_id=import_.import_id, sequencer=found.sequencer)
        tail = sorted((*self.waiting[1:], new), key=lambda each: _padded(each.sequencer))
        queue = replace(self, waiting=(*self.waiting[:1], *tail))
        if _padded(found.sequencer) < _padded(self.newest_sequencer):
            return queue
        return replace(queue, newest=import_.import_id, newest_sequencer=found.sequencer)

    def without(self, import_id: str) -> "Queue":
        """Take an import out."""
        return replace(self, waiting=tuple(each for each in self.waiting if each.import_id != import_id))

    def with_head(self, import_id: str) -> "Queue":
        """Put an import, which is opened again, at the front."""
        return replace(self, waiting=(Waiting(import_id=import_id), *self.without(import_id).waiting))


def _padded(sequencer: str | None) -> str:
    """A sequencer in the form that sorts: the shorter of two is padded with zeros on its right.

    See docs.aws.amazon.com/AmazonS3/latest/userguide/notification-content-structure.html.
    """
    return (sequencer or "").ljust(_SEQUENCER_LENGTH, "0")


def queue_key(bucket: str, key: str) -> dict[str, str]:
    """Give the key of a queue's item."""
    return {"pk": f"key#{bucket}/{key}", "sk": QUEUE_SORT_KEY}


def queue_attributes(queue: Queue) -> dict[str, Any]:
    """Give what a queue's item has besides its key, for a write that makes its next revision."""
    return {
        "bucket": queue.bucket,
        "key": queue.key,
        "waiting": [
            {"import_id": each.import_id, **({"sequencer": each.sequencer} if each.sequencer else {})}
            for each in queue.waiting
        ],
        "newest": queue.newest,
        "newest_version": queue.newest_version,
        "newest_modified": queue.newest_modified,
        "newest_sequencer": queue.newest_sequencer,
        "revision": queue.revision + 1,
    }


def item_to_queue(item: Mapping[str, Any]) -> Queue:
    """Read a queue."""
    return Queue(
        bucket=item["bucket"],
        key=item["key"],
        waiting=tuple(
            Waiting(import_id=each["import_id"], sequencer=each.get("sequencer")) for each in item["waiting"]
        ),
        newest=item.get("newest"),
        newest_version=item.get("newest_version"),
        newest_modified=item.get("newest_modified"),
        newest_sequencer=item.get("newest_sequencer"),
        revision=int(item["revision"]),
    )
