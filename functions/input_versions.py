"""The versions of an object, as its bucket lists them."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

import times
from objects import ObjectVersion

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client


@dataclass(frozen=True)
class InputVersions:
    """Lists versions in the order that S3 keeps, which is that of their arrival; times would not tell it.

    What a multipart upload brings has the time of its beginning
    (docs.aws.amazon.com/AmazonS3/latest/API/API_ListObjectVersions.html).
    """

    client: "S3Client"

    def of(self, bucket: str, key: str) -> Iterator[ObjectVersion]:
        """Give the versions of exactly this key, newest first; no delete markers, nothing without a version id.

        `event_time` is the time of the object, to the second; `sequencer` is empty.
        """
        pages = self.client.get_paginator("list_object_versions").paginate(Bucket=bucket, Prefix=key)
        for page in pages:
            for version in page.get("Versions", []):
                if version["Key"] != key:
                    return  # keys come sorted: what begins with this one comes behind it
                if version["VersionId"] == "null":
                    continue
                yield ObjectVersion(
                    bucket=bucket,
                    key=key,
                    version_id=version["VersionId"],
                    sequencer="",
                    etag=version["ETag"].strip('"'),
                    size=version["Size"],
                    event_time=times.stamp(version["LastModified"]),
                )
