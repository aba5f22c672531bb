from collections.abc import Iterator
from typing import Any

import pytest
from botocore.exceptions import ClientError

from teardown.buckets import delete_bucket, empty_bucket
from teardown.errors import RemovalError
from teardown.patience import Patience


class FakeS3:
    """A versioned bucket; objects whose key begins with `locked` cannot be deleted."""

    def __init__(self, *pages: dict[str, Any]) -> None:
        self.pages = pages
        self.deleted: list[list[str]] = []
        self.aborted: list[str] = []

    def get_paginator(self, operation: str) -> "FakeS3":
        self.operation = operation
        return self

    def paginate(self, **_: str) -> Iterator[dict[str, Any]]:
        if self.operation == "list_object_versions":
            yield from self.pages
        else:
            yield {"Uploads": [{"Key": "half", "UploadId": "u"}]}
            yield {}

    def delete_objects(self, *, Bucket: str, Delete: dict[str, Any]) -> dict[str, Any]:  # noqa: N803
        keys = [f"{one['Key']}@{one['VersionId']}" for one in Delete["Objects"]]
        self.deleted.append(keys)
        locked = [key for key in keys if key.startswith("locked")]
        return {"Errors": [{"Key": key, "Code": "AccessDenied", "Message": "no"} for key in locked]}

    def abort_multipart_upload(self, *, Bucket: str, Key: str, UploadId: str) -> None:  # noqa: N803
        self.aborted.append(Key)


def version(key: str, id_: str = "1") -> dict[str, str]:
    return {"Key": key, "VersionId": id_}


def test_versions_markers_and_uploads_go() -> None:
    s3 = FakeS3(
        {"Versions": [version("a"), version("a", "2")], "DeleteMarkers": [version("b")]},
        {"Versions": [version("c")]},
        {},
    )
    assert empty_bucket(s3, "bucket") == 4
    assert s3.deleted == [["a@1", "a@2", "b@1"], ["c@1"]]
    assert s3.aborted == ["half"]


def test_what_cannot_be_deleted_is_named() -> None:
    with pytest.raises(RemovalError, match="bucket/locked@1: AccessDenied: no"):
        empty_bucket(FakeS3({"Versions": [version("a"), version("locked")]}), "bucket")


class WrittenTo:
    """A bucket that somebody writes an object into each time after it was emptied, `times` often."""

    def __init__(self, times: int) -> None:
        self.times, self.objects, self.gone = times, 1, False

    def get_paginator(self, operation: str) -> "WrittenTo":
        self.operation = operation
        return self

    def paginate(self, **_: str) -> Iterator[dict[str, Any]]:
        listed = self.operation == "list_object_versions"
        yield {"Versions": [version(str(n)) for n in range(self.objects)]} if listed else {}

    def delete_objects(self, **_: Any) -> dict[str, Any]:
        self.objects = 1 if self.times else 0
        self.times -= bool(self.times)
        return {}

    def delete_bucket(self, **_: str) -> None:
        if self.objects:
            raise ClientError({"Error": {"Code": "BucketNotEmpty", "Message": "."}}, "DeleteBucket")
        self.gone = True


@pytest.fixture
def pauses() -> list[float]:
    return []


@pytest.fixture
def patience(pauses: list[float]) -> Patience:
    return Patience(poll_s=1, limit_s=5, sleep=pauses.append)


def test_a_bucket_that_is_written_to_meanwhile_is_emptied_again(
    patience: Patience, pauses: list[float]
) -> None:
    s3 = WrittenTo(times=3)
    assert delete_bucket(s3, "bucket", patience) == 4
    assert s3.gone
    assert len(pauses) == 3


def test_a_bucket_that_is_written_to_for_ever_is_named(patience: Patience) -> None:
    with pytest.raises(RemovalError, match="bucket mine: somebody keeps writing"):
        delete_bucket(WrittenTo(times=1000), "mine", patience)
