"""Empties a bucket: every version, every delete marker, every upload that was never completed."""

from typing import Any


class BucketNotEmptyError(Exception):
    """S3 would not delete an object; the message has the first and its reason."""


def empty_bucket(s3: Any, bucket: str) -> int:
    """Delete all that a bucket holds; gives how many versions and markers that were.

    Raises `BucketNotEmptyError`, and botocore's errors.
    """
    deleted = 0
    for page in s3.get_paginator("list_object_versions").paginate(Bucket=bucket):
        found = [*page.get("Versions", []), *page.get("DeleteMarkers", [])]
        if not found:
            continue
        objects = [{"Key": one["Key"], "VersionId": one["VersionId"]} for one in found]
        # A page has no more than the 1,000 that DeleteObjects takes.
        answer = s3.delete_objects(Bucket=bucket, Delete={"Objects": objects, "Quiet": True})
        for error in answer.get("Errors", []):
            raise BucketNotEmptyError(f"{bucket}/{error['Key']}: {error['Code']}: {error['Message']}")
        deleted += len(objects)
    for page in s3.get_paginator("list_multipart_uploads").paginate(Bucket=bucket):
        for upload in page.get("Uploads", []):
            s3.abort_multipart_upload(Bucket=bucket, Key=upload["Key"], UploadId=upload["UploadId"])
    return deleted
