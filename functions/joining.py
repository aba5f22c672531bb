"""Many pieces of bytes → one S3 object, in memory bounded by one upload part."""

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client
    from mypy_boto3_s3.type_defs import CompletedPartTypeDef

PART_BYTES = 8 * 1024 * 1024
"""Above S3's least part size of 5 MiB; with its 10,000 parts an object of 80 GB fits."""


def join(
    client: "S3Client",
    chunks: Iterable[bytes],
    *,
    bucket: str,
    key: str,
    content_type: str,
    part_bytes: int = PART_BYTES,
) -> None:
    """Write the chunks as one object: a plain put where they fit one part, else a multipart upload."""
    parts = _in_parts(chunks, part_bytes)
    first = next(parts, b"")
    second = next(parts, None)
    if second is None:
        client.put_object(Bucket=bucket, Key=key, Body=first, ContentType=content_type)
        return
    upload_id = client.create_multipart_upload(Bucket=bucket, Key=key, ContentType=content_type)["UploadId"]
    try:
        done: list[CompletedPartTypeDef] = []
        for body in _chain(first, second, parts):
            number = len(done) + 1
            answer = client.upload_part(
                Bucket=bucket, Key=key, UploadId=upload_id, PartNumber=number, Body=body
            )
            done.append({"PartNumber": number, "ETag": answer["ETag"]})
        client.complete_multipart_upload(
            Bucket=bucket, Key=key, UploadId=upload_id, MultipartUpload={"Parts": done}
        )
    except BaseException:
        client.abort_multipart_upload(Bucket=bucket, Key=key, UploadId=upload_id)
        raise


def _in_parts(chunks: Iterable[bytes], part_bytes: int) -> Iterator[bytes]:
    """Gather chunks into parts of at least `part_bytes`; the last may be smaller."""
    buffer = bytearray()
    for chunk in chunks:
        buffer += chunk
        if len(buffer) >= part_bytes:
            yield bytes(buffer)
            buffer.clear()
    if buffer:
        yield bytes(buffer)


def _chain(first: bytes, second: bytes, rest: Iterator[bytes]) -> Iterator[bytes]:
    yield first
    yield second
    yield from rest
