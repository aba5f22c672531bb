"""What a part came to up to a checkpoint, as an artifact that the next attempt goes on from.

An artifact holds the part's totals at its end, and the keys of the segments since the artifact before, whose name is
in its metadata. An attempt names its own artifacts, so one that is thought dead cannot change what its successor reads.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import orjson
from botocore.exceptions import BotoCoreError, ClientError

from csv_import.accounting.books import Books, Keys
from csv_import.accounting.counters import Counters
from csv_import.accounting.ledger import PartKey
from csv_import.errors import BadConfiguration, ServiceAway
from csv_import.shaping.values.value import Notice

_PREVIOUS = "previous"
_DIGESTS = "xxh3_128"
"""How keys were digested: digests of two kinds cannot be counted together."""

_MAPS = ("ignored", "rejects_by_code", "mended", "notices")
_COUNTS = tuple(name for name in Counters.__slots__ if name not in _MAPS)


class SavedBooks:
    """Keeps books in the artifacts bucket, and gives them back.

    Args:
        s3: a client, which repeats what is worth repeating.
        bucket: the artifacts bucket.
        part: whose books they are.
        owner: of the attempt; no two have the same.
    """

    def __init__(self, s3: Any, bucket: str, part: PartKey, owner: str) -> None:
        self._s3 = s3
        self._bucket = bucket
        self._prefix = f"imports/{part.import_id}/run-{part.run:04d}/checkpoints/part-{part.part:05d}"
        self._owner = "".join(each if each.isalnum() else "-" for each in owner)

    def keep(self, books: Sequence[Books], previous: str | None) -> str:
        """Keep the books of consecutive segments; gives the artifact's key.

        Raises:
            ServiceAway: `s3_unavailable`.
            BadConfiguration: `artifacts_forbidden`.
        """
        key = f"{self._prefix}/segment-{books[-1].segment:07d}-{self._owner}.books"
        arguments = {"Metadata": {_PREVIOUS: previous}} if previous else {}
        self._call("put_object", Key=key, Body=_encoded(books), **arguments)
        return key

    def history(self, key: str) -> Iterator[tuple[Counters, Keys]]:
        """Yield what was kept up to and with this artifact, oldest first; raises as `keep`."""
        chain = [key]
        while previous := self._call("head_object", Key=chain[-1])["Metadata"].get(_PREVIOUS):
            chain.append(previous)
        for each in reversed(chain):
            yield _decoded(self._call("get_object", Key=each)["Body"])

    def _call(self, operation: str, **arguments: Any) -> dict[str, Any]:
        try:
            answer: dict[str, Any] = getattr(self._s3, operation)(Bucket=self._bucket, **arguments)
        except ClientError as error:
            code = error.response["Error"]["Code"]
            if code in {"NoSuchKey", "404"}:
                raise BadConfiguration(
                    "artifact_gone",
                    f"{arguments['Key']} is no longer in the artifacts bucket {self._bucket}; repeat the import",
                ) from error
            if code in {"AccessDenied", "403", "NoSuchBucket"}:
                message = (
                    f"the job may not use {arguments['Key']} in the artifacts bucket {self._bucket}: {code}"
                )
                raise BadConfiguration("artifacts_forbidden", message) from error
            raise ServiceAway("s3_unavailable", f"S3 does not serve {arguments['Key']}: {code}") from error
        except BotoCoreError as error:
            raise ServiceAway("s3_unavailable", f"S3 does not serve {arguments['Key']}") from error
        return answer


def _encoded(books: Sequence[Books]) -> bytes:
    keys = Keys()
    for each in books:
        keys.extend(each.keys)
    head = orjson.dumps(
        {
            "totals": _told(books[-1].totals),
            "lengths": {_DIGESTS: [len(each) for each in keys.fields()]},
        },
        option=orjson.OPT_NON_STR_KEYS,  # members of a StrEnum
    )
    return b"".join((head, b"\n", *keys.fields()))


def _decoded(body: Any) -> tuple[Counters, Keys]:
    try:
        head, _, rest = body.read().partition(b"\n")
    except (BotoCoreError, OSError) as broken:
        raise ServiceAway("s3_unavailable", "reading a checkpoint broke off") from broken
    told = orjson.loads(head)
    lengths = told["lengths"]
    if not isinstance(lengths, dict) or _DIGESTS not in lengths:
        raise BadConfiguration(
            "checkpoint_foreign",
            "the part's checkpoint was made by another version of the job's image; repeat the import",
        )
    parts = []
    for length in lengths[_DIGESTS]:
        parts.append(bytearray(rest[:length]))
        rest = rest[length:]
    return _totals(told["totals"]), Keys(*parts)


def _told(totals: Counters) -> dict[str, Any]:
    return {
        "counts": {name: getattr(totals, name) for name in _COUNTS},
        "ignored": totals.ignored,
        "rejects_by_code": dict(totals.rejects_by_code),
        "mended": dict(totals.mended),
        "notices": [[column, code, cells] for (column, code), cells in totals.notices.items()],
    }


def _totals(told: dict[str, Any]) -> Counters:
    totals = Counters(**told["counts"])
    totals.ignored = {reason: (spans, size) for reason, (spans, size) in told["ignored"].items()}
    totals.rejects_by_code.update(told["rejects_by_code"])
    totals.mended.update(told["mended"])
    totals.notices = {(column, Notice(code)): cells for column, code, cells in told["notices"]}
    return totals
