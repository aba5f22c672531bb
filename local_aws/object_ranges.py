"""A range of one version of an object; runs in the emulator, which would give all of it.

It honours `Range` on an object's newest version only where no version is named.
"""

from collections.abc import Mapping
from typing import Any

from ministack.services import s3

Answer = tuple[int, dict[str, str], bytes]


def install() -> None:
    """Let GetObject with `versionId` honour `Range` (docs.aws.amazon.com/AmazonS3/latest/API/API_GetObject.html)."""
    whole = s3._get_object

    def get(
        bucket: str, key: str, headers: Mapping[str, str], query: Mapping[str, Any] | None = None
    ) -> Answer:
        answer: Answer = whole(bucket, key, headers, query)
        status, _, _ = answer
        asked = headers.get("range", "")
        return _part(answer, asked) if status == 200 and asked else answer

    s3._get_object = get


def _part(answer: Answer, asked: str) -> Answer:
    _, headers, body = answer
    found = s3._parse_range(asked, len(body))
    if found is None:
        refused: Answer = s3._error("InvalidRange", "The requested range is not satisfiable", 416)
        return refused
    first, last = found
    # A checksum of the whole says nothing of a part.
    kept = {name: value for name, value in headers.items() if not name.lower().startswith("x-amz-checksum-")}
    part = body[first : last + 1]
    size = {"Content-Length": str(len(part)), "Content-Range": f"bytes {first}-{last}/{len(body)}"}
    return 206, kept | size, part
