"""The spec that belongs to an object: the nearest `_import.yaml` up its key's prefixes."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from csv_import.errors import BadConfiguration, ServiceAway

SPEC_NAME = "_import.yaml"
MAX_SPEC_BYTES = 64 * 1024
MAX_KEY_BYTES = 1024
"""https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-keys.html"""


@dataclass(frozen=True, slots=True)
class SpecObject:
    """A spec as it stands in the bucket; `version_id` is None in a bucket without versions."""

    key: str
    version_id: str | None
    text: str


def spec_keys(key: str) -> Iterator[str]:
    """Where an object's spec may stand, the nearest place first; nothing can stand where a key would be too long."""
    folders = key.split("/")[:-1]
    for depth in range(len(folders), -1, -1):
        place = "/".join([*folders[:depth], SPEC_NAME])
        if len(place.encode()) <= MAX_KEY_BYTES:
            yield place


def find_spec(s3: Any, bucket: str, key: str) -> SpecObject | None:
    """The nearest spec of an object; None where there is none.

    Args:
        s3: a client, which repeats what is worth repeating.
        bucket, key: of the object.

    Raises:
        BadConfiguration: `spec_forbidden`, or `invalid_spec` for one that is too large or no UTF-8 text.
        ServiceAway: `s3_unavailable`.
    """
    for candidate in spec_keys(key):
        found = _read(s3, bucket, candidate)
        if found is not None:
            return found
    return None


def _read(s3: Any, bucket: str, key: str) -> SpecObject | None:
    try:
        answer = s3.get_object(Bucket=bucket, Key=key)
        with answer["Body"] as body:
            data: bytes = body.read(MAX_SPEC_BYTES + 1)
    except ClientError as error:
        code = error.response["Error"]["Code"]
        if code in {"NoSuchKey", "404"}:
            return None
        if code in {"AccessDenied", "403"}:
            raise BadConfiguration(
                "spec_forbidden",
                f"the job's role may not read s3://{bucket}/{key}, or may not list the bucket: then S3 answers 403"
                " where there is no spec",
            ) from error
        raise ServiceAway("s3_unavailable", f"S3 does not give s3://{bucket}/{key}: {code}") from error
    except (BotoCoreError, OSError) as error:
        raise ServiceAway("s3_unavailable", f"S3 does not give s3://{bucket}/{key}") from error
    if len(data) > MAX_SPEC_BYTES:
        raise BadConfiguration(
            "invalid_spec",
            f"{key}: the spec has more than {MAX_SPEC_BYTES} bytes; it says things about columns, not rows",
        )
    try:
        return SpecObject(key, answer.get("VersionId"), data.decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        raise BadConfiguration("invalid_spec", f"{key}: this is no UTF-8 text; save it as UTF-8") from error
