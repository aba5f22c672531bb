"""The artifacts of an import in S3: their keys, listing, reading and joining."""

import json
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from itertools import chain
from typing import TYPE_CHECKING, Any

from joining import join

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

_CHUNK_BYTES = 1024 * 1024


def root(import_id: str, run: int) -> str:
    """Give the prefix of all artifacts of one run."""
    return f"imports/{import_id}/run-{run:04d}/"


@dataclass(frozen=True)
class Artifacts:
    """The artifacts bucket."""

    client: "S3Client"
    bucket: str

    def keys(self, prefix: str) -> list[str]:
        """List the keys under a prefix, in key order."""
        pages = self.client.get_paginator("list_objects_v2").paginate(Bucket=self.bucket, Prefix=prefix)
        return sorted(thing["Key"] for page in pages for thing in page.get("Contents", []))

    def join(self, sources: Sequence[str], target: str, *, content_type: str) -> None:
        """Write the objects `sources`, one after the other, as one object; each ends its last line itself.

        Memory stays at one upload part, however much there is to join.
        """
        chunks = chain.from_iterable(self._chunks(key) for key in sources)
        join(self.client, chunks, bucket=self.bucket, key=target, content_type=content_type)

    def first_json_lines(self, sources: Sequence[str], count: int) -> list[dict[str, Any]]:
        """Read the first `count` JSON lines of the objects `sources`."""
        lines: list[dict[str, Any]] = []
        for key in sources:
            with closing(self.client.get_object(Bucket=self.bucket, Key=key)["Body"]) as body:
                for line in body.iter_lines():
                    if len(lines) == count:
                        return lines
                    lines.append(json.loads(line))
        return lines

    def put_json(self, key: str, value: object) -> None:
        """Write a value as an object of JSON, indented for people."""
        text = json.dumps(value, indent=2, ensure_ascii=False) + "\n"
        self.client.put_object(
            Bucket=self.bucket, Key=key, Body=text.encode(), ContentType="application/json"
        )

    def _chunks(self, key: str) -> Iterator[bytes]:
        with closing(self.client.get_object(Bucket=self.bucket, Key=key)["Body"]) as body:
            yield from body.iter_chunks(_CHUNK_BYTES)
