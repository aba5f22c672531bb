"""Ranges of an object's versions, as a job asks for them."""

import pytest
from botocore.exceptions import ClientError

from tests.end_to_end.application import Application


def read(application: Application, asked: str, version_id: str, etag: str) -> tuple[bytes, str]:
    answer = application.aws.client("s3").get_object(
        Bucket=application.bucket, Key="ranges.txt", VersionId=version_id, Range=asked, IfMatch=etag
    )
    return answer["Body"].read(), answer["ContentRange"]


def test_a_range_of_a_named_version_is_that_range(application: Application) -> None:
    s3 = application.aws.client("s3")
    old = s3.put_object(Bucket=application.bucket, Key="ranges.txt", Body=b"0123456789")
    new = s3.put_object(Bucket=application.bucket, Key="ranges.txt", Body=b"abcdefghijk")
    of_old, of_new = (old["VersionId"], old["ETag"]), (new["VersionId"], new["ETag"])
    assert read(application, "bytes=3-5", *of_old) == (b"345", "bytes 3-5/10")
    assert read(application, "bytes=8-", *of_old) == (b"89", "bytes 8-9/10")
    assert read(application, "bytes=8-100", *of_new) == (b"ijk", "bytes 8-10/11")
    with pytest.raises(ClientError, match="InvalidRange"):
        read(application, "bytes=10-", *of_old)
    with pytest.raises(ClientError, match="PreconditionFailed"):
        read(application, "bytes=0-1", old["VersionId"], new["ETag"])
