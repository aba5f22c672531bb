"""Empties a bucket of every version, delete marker and upload that was never completed, and deletes it."""

from typing import Any

from botocore.exceptions import ClientError

from teardown.errors import RemovalError
from teardown.patience import Patience


def delete_bucket(s3: Any, bucket: str, patience: Patience) -> int:
    """Delete a bucket with all that it holds; gives how many versions and markers that were.

    A function or job that still runs may write meanwhile: it is emptied again until S3 finds nothing in it.
    Raises `RemovalError`, and botocore's errors.
    """
    deleted = 0

    def emptied_and_gone() -> bool:
        nonlocal deleted
        deleted += empty_bucket(s3, bucket)
        try:
            s3.delete_bucket(Bucket=bucket)
        except ClientError as error:
            if error.response["Error"]["Code"] == "BucketNotEmpty":
                return False
            raise
        return True

    if not patience.until(emptied_and_gone):
        raise RemovalError(f"bucket {bucket}: somebody keeps writing to it; call again once nobody does")
    return deleted


def empty_bucket(s3: Any, bucket: str) -> int:
    """Delete what a bucket holds at this moment; gives how many versions and markers that were.

    Raises `RemovalError` with the first object that S3 would not delete, and botocore's errors.
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
            raise RemovalError(f"{bucket}/{error['Key']}: {error['Code']}: {error['Message']}")
        deleted += len(objects)
    for page in s3.get_paginator("list_multipart_uploads").paginate(Bucket=bucket):
        for upload in page.get("Uploads", []):
            s3.abort_multipart_upload(Bucket=bucket, Key=upload["Key"], UploadId=upload["UploadId"])
    return deleted
