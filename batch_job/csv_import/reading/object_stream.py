"""The bytes of one version of one S3 object, in order, across broken connections."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from csv_import.errors import BadConfiguration, BadData, ServiceAway
from csv_import.waiting import Backoff

_GONE = {"NoSuchKey", "NoSuchVersion", "404"}
_CHANGED = {"PreconditionFailed", "412"}
_FORBIDDEN = {"AccessDenied", "403"}
# Client errors that pass: https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html
_PASSING = {
    "RequestTimeout",
    "ExpiredToken",
    "RequestTimeTooSkewed",
    "SlowDown",
    "OperationAborted",
    "408",
    "429",
}


@dataclass(frozen=True, slots=True)
class ObjectVersion:
    """One version of one object; `version_id` is None in a bucket without versions, `etag` has no quotes."""

    bucket: str
    key: str
    version_id: str | None
    etag: str

    def __str__(self) -> str:
        version = f" (version {self.version_id})" if self.version_id else ""
        return f"s3://{self.bucket}/{self.key}{version}"


class ObjectStream:
    """Reads an object front to back, pinned to its version and ETag.

    A connection that breaks is opened again at the byte it broke at, for as long as `backoff` lasts.

    Attributes:
        size: the object's length in bytes.
        last_modified: the object's time, with time zone.
    """

    def __init__(
        self, s3: Any, version: ObjectVersion, *, chunk_bytes: int, backoff: Callable[[], Backoff]
    ) -> None:
        self._s3 = s3
        self._version = version
        self._chunk_bytes = chunk_bytes
        self._backoff = backoff
        head = self._call("head_object")
        self.size: int = head["ContentLength"]
        self.last_modified: datetime = head["LastModified"]

    def again_from(self, offset: int) -> Iterator[bytes]:
        """Yield the object's bytes from this one on, whatever `chunks` has given; raises as it does."""
        return self._from(offset)

    def chunks(self) -> Iterator[bytes]:
        """Yield the object's bytes from the first on, in chunks of about `chunk_bytes`.

        Raises:
            BadData: `object_gone` or `object_changed`.
            BadConfiguration: `object_forbidden`, `object_refused` or `range_ignored`.
            ServiceAway: `s3_unavailable`, when S3 stays out of reach.
        """
        return self._from(0)

    def read(self, offset: int, n_bytes: int) -> bytes:
        """Give so many bytes from this one on, or all where there are fewer; raises what `chunks` raises."""
        return b"".join(self._from(offset, offset + n_bytes))

    def tail(self, n_bytes: int) -> bytes:
        """Give the object's last `n_bytes` bytes, or all where there are fewer; raises what `chunks` raises."""
        return b"".join(self._from(max(0, self.size - n_bytes)))

    def _from(self, offset: int, stop: int | None = None) -> Iterator[bytes]:
        trouble = self._backoff()
        stop = self.size if stop is None else min(stop, self.size)
        while offset < stop:
            last = "" if stop == self.size else stop - 1
            answer = self._call("get_object", Range=f"bytes={offset}-{last}")
            self._check_range(answer, offset)
            body = answer["Body"]
            try:
                while chunk := body.read(self._chunk_bytes):
                    offset += len(chunk)
                    trouble = self._backoff()
                    yield chunk
            except (BotoCoreError, OSError) as broken:
                if not trouble.wait():
                    raise ServiceAway(
                        "s3_unavailable", f"reading {self._version} kept breaking off"
                    ) from broken
            finally:
                body.close()

    def _check_range(self, answer: dict[str, Any], offset: int) -> None:
        """Refuse the bytes of an endpoint that knows no ranges: they would be taken for others."""
        if not answer.get("ContentRange", "bytes 0-").startswith(f"bytes {offset}-"):
            answer["Body"].close()
            raise BadConfiguration(
                "range_ignored",
                f"asked for {self._version} from byte {offset} on, S3's endpoint gives other bytes:"
                " what stands between does not keep to ranges",
            )

    def _call(self, operation: str, **arguments: str) -> dict[str, Any]:
        if self._version.version_id:
            arguments["VersionId"] = self._version.version_id
        trouble = self._backoff()
        while True:
            try:
                answer: dict[str, Any] = getattr(self._s3, operation)(
                    Bucket=self._version.bucket,
                    Key=self._version.key,
                    IfMatch=f'"{self._version.etag}"',
                    **arguments,
                )
                return answer
            except ClientError as error:
                self._give_up_on(error)
                cause: Exception = error
            except BotoCoreError as error:
                cause = error
            if not trouble.wait():
                raise ServiceAway("s3_unavailable", f"S3 does not answer for {self._version}") from cause

    def _give_up_on(self, error: ClientError) -> None:
        """Raise where a repetition cannot help; otherwise return."""
        code = error.response["Error"]["Code"]
        if code in _GONE:
            raise BadData("object_gone", f"{self._version} no longer exists") from error
        if code in _CHANGED:
            raise BadData(
                "object_changed",
                f"{self._version} was overwritten before it was read; the newer upload is an import of its own",
            ) from error
        if code in _FORBIDDEN:
            raise BadConfiguration(
                "object_forbidden",
                f"the job's role may not read {self._version}, or the object is gone"
                " (S3 says 403 for a missing object where the role has no s3:ListBucket)",
            ) from error
        status = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 500)
        if 400 <= status < 500 and code not in _PASSING:
            raise BadConfiguration("object_refused", f"S3 refuses to read {self._version}: {code}") from error
