from collections.abc import Iterator
from typing import Any, cast

import pytest

from joining import join


class RecordingS3:
    """The upload calls of S3, kept in memory; part `fail_at` is refused."""

    def __init__(self, fail_at: int | None = None) -> None:
        self.fail_at = fail_at
        self.put: bytes | None = None
        self.parts: dict[int, bytes] = {}
        self.completed: list[int] = []
        self.aborted = False

    def put_object(self, *, Body: bytes, **_: Any) -> None:  # noqa: N803 (boto3's name)
        self.put = Body

    def create_multipart_upload(self, **_: Any) -> dict[str, str]:
        return {"UploadId": "u"}

    def upload_part(self, *, PartNumber: int, Body: bytes, **_: Any) -> dict[str, str]:  # noqa: N803
        if self.fail_at == PartNumber:
            raise ConnectionError("gone")
        self.parts[PartNumber] = Body
        return {"ETag": f"e{PartNumber}"}

    def complete_multipart_upload(self, *, MultipartUpload: dict[str, Any], **_: Any) -> None:  # noqa: N803
        self.completed = [part["PartNumber"] for part in MultipartUpload["Parts"]]

    def abort_multipart_upload(self, **_: Any) -> None:
        self.aborted = True


def joined(s3: RecordingS3, chunks: Iterator[bytes]) -> None:
    join(cast(Any, s3), chunks, bucket="b", key="k", content_type="text/csv", part_bytes=10)


@pytest.mark.parametrize("chunks", [[], [b"abc"], [b"abc", b"def"], [b"0123456789"]])
def test_what_fits_one_part_is_put_plainly(chunks: list[bytes]) -> None:
    s3 = RecordingS3()
    joined(s3, iter(chunks))
    assert s3.put == b"".join(chunks)
    assert s3.parts == {}


@pytest.mark.parametrize(
    ("chunks", "parts"),
    [
        ([b"0123456789", b"a"], [b"0123456789", b"a"]),
        ([b"01234567", b"89ab", b"c"], [b"0123456789ab", b"c"]),
        ([b"x" * 7] * 5, [b"x" * 14, b"x" * 14, b"x" * 7]),
        ([b"0123456789"] * 3, [b"0123456789"] * 3),
    ],
)
def test_what_is_larger_goes_up_in_parts(chunks: list[bytes], parts: list[bytes]) -> None:
    s3 = RecordingS3()
    joined(s3, iter(chunks))
    assert s3.put is None
    assert list(s3.parts.values()) == parts
    assert s3.completed == list(range(1, len(parts) + 1))
    assert not s3.aborted


def test_an_upload_that_fails_is_aborted_and_the_error_stays() -> None:
    s3 = RecordingS3(fail_at=2)
    with pytest.raises(ConnectionError):
        joined(s3, iter([b"0123456789"] * 3))
    assert s3.aborted
    assert s3.completed == []


def test_no_more_than_a_part_is_read_ahead() -> None:
    s3 = RecordingS3()
    most = 0

    def chunks() -> Iterator[bytes]:
        nonlocal most
        for number in range(1, 101):
            yield b"0123456789"
            most = max(most, number - len(s3.parts))

    joined(s3, chunks())
    assert len(s3.parts) == 100
    assert most <= 3
