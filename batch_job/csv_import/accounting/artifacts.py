"""Header and rejects in the artifacts bucket, one object a segment, so that doing a segment again changes nothing."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator, Sequence
from typing import IO, Any

import orjson
from botocore.exceptions import BotoCoreError, ClientError

from csv_import.accounting.ledger import PartKey
from csv_import.errors import BadConfiguration, ServiceAway
from csv_import.rejects import Reject

_MAX_HELD_BYTES = 2 << 20

Keep = Callable[[str, "bytes | IO[bytes]", str], None]


class Artifacts:
    """Writes what an import leaves behind besides items; keys as in docs/contracts.md.

    Args:
        s3: a client, which repeats what is worth repeating.
        bucket: the artifacts bucket.
        part: whose artifacts these are.
        line_ends: what may end a line of the file; the first of them ends a rejected last record that has none.
    """

    def __init__(self, s3: Any, bucket: str, part: PartKey, *, line_ends: Sequence[bytes]) -> None:
        self._s3 = s3
        self._bucket = bucket
        self._prefix = f"imports/{part.import_id}/run-{part.run:04d}"
        self._part = part.part
        self._line_ends = tuple(line_ends)

    def keep_header(self, raw: bytes) -> None:
        """Keep the header's bytes."""
        self._put(f"{self._prefix}/header.csv", raw, "text/csv")

    def segment_rejects(self, segment: int) -> SegmentRejects:
        """The rejects of one segment, to be filled and kept."""
        return SegmentRejects(self._stem(segment), self._put, self._line_ends)

    def refused_rows(self, segment: int) -> SegmentRejects:
        """The rows of one segment that DynamoDB refused when they were sent, to be filled and kept."""
        return SegmentRejects(f"{self._stem(segment)}.refused", self._put, self._line_ends)

    def keep_piece(self, kind: str, part: int, number: int, body: bytes) -> str:
        """Keep a piece of what a plan writes for a part, `shared` or `left-out`; gives its key."""
        key = f"{self._prefix}/plan/{kind}/part-{part:05d}/piece-{number:05d}"
        self._put(key, body, "application/octet-stream")
        return key

    def read(self, keys: Sequence[str]) -> Iterator[bytes]:
        """Give what was kept under these keys, one after the other.

        Raises:
            ServiceAway: `s3_unavailable`.
            BadConfiguration: `artifact_gone` or `artifacts_forbidden`.
        """
        for key in keys:
            try:
                yield self._s3.get_object(Bucket=self._bucket, Key=key)["Body"].read()
            except ClientError as error:
                code = error.response["Error"]["Code"]
                if code in {"NoSuchKey", "404"}:
                    raise BadConfiguration(
                        "artifact_gone",
                        f"{key} is no longer in the artifacts bucket {self._bucket}; repeat the import",
                    ) from error
                if code in {"AccessDenied", "403", "NoSuchBucket"}:
                    raise BadConfiguration(
                        "artifacts_forbidden",
                        f"the job may not read {key} in the artifacts bucket {self._bucket}: {code}",
                    ) from error
                raise ServiceAway("s3_unavailable", f"S3 does not serve {key}: {code}") from error
            except (BotoCoreError, OSError) as error:
                raise ServiceAway("s3_unavailable", f"S3 does not serve {key}") from error

    def _stem(self, segment: int) -> str:
        return f"{self._prefix}/rejects/part-{self._part:05d}/segment-{segment:07d}"

    def _put(self, key: str, body: bytes | IO[bytes], content_type: str) -> None:
        try:
            self._s3.put_object(Bucket=self._bucket, Key=key, Body=body, ContentType=content_type)
        except ClientError as error:
            code = error.response["Error"]["Code"]
            if code in {"AccessDenied", "403", "NoSuchBucket"}:
                raise BadConfiguration(
                    "artifacts_forbidden",
                    f"the job may not write to the artifacts bucket {self._bucket}: {code}",
                ) from error
            raise ServiceAway("s3_unavailable", f"S3 did not take {key}: {code}") from error
        except BotoCoreError as error:
            raise ServiceAway("s3_unavailable", f"S3 did not take {key}") from error


class SegmentRejects:
    """A segment's rejects: the records' bytes, and beside them a JSON line each.

    Held in memory up to 2 MiB each, then in temporary files.

    Args:
        stem: key of the two objects, without its ending.
        put: stores an object.
        line_ends: as for `Artifacts`.
    """

    def __init__(self, stem: str, put: Keep, line_ends: tuple[bytes, ...]) -> None:
        self._stem = stem
        self._put = put
        self._line_ends = line_ends
        self._records: IO[bytes] = tempfile.SpooledTemporaryFile(_MAX_HELD_BYTES)  # noqa: SIM115 - kept
        self._lines: IO[bytes] = tempfile.SpooledTemporaryFile(_MAX_HELD_BYTES)  # noqa: SIM115 - kept

    def add(self, reject: Reject) -> None:
        """Take in a reject; rejects come in file order."""
        self._records.write(reject.raw)
        if reject.raw and not reject.raw.endswith(self._line_ends):
            self._records.write(self._line_ends[0])
        self._lines.write(_json_line(reject))

    def keep(self) -> None:
        """Store what was added."""
        for file, ending, content_type in (
            (self._records, "csv", "text/csv"),
            (self._lines, "jsonl", "application/jsonl"),
        ):
            file.seek(0)
            self._put(f"{self._stem}.{ending}", file, content_type)
        self.close()

    def close(self) -> None:
        """Let go of what was added."""
        self._records.close()
        self._lines.close()


def _json_line(reject: Reject) -> bytes:
    return orjson.dumps(
        {
            "line": reject.location.line,
            "record": reject.location.record,
            "offset": reject.location.offset,
            "length": reject.length,
            "column": reject.reason.column,
            "code": reject.reason.code,
            "message": reject.reason.message,
        },
        option=orjson.OPT_APPEND_NEWLINE,
    )
