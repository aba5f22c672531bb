"""The artifacts of an import in S3: their keys, listing, reading and joining."""

import json
from collections import deque
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass
from itertools import chain, islice
from typing import TYPE_CHECKING, Any

from joining import join

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

_CHUNK_BYTES = 1024 * 1024
_FRONT_BYTES = 256 * 1024
_AT_ONCE = 10
"""As many as the client keeps connections."""


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

        Several are asked for at once, for a large import has tens of thousands. Memory stays at one upload part, and
        the front of each of these, however much there is to join.
        """
        chunks = chain.from_iterable(map(self._chunks, self._opened(sources)))
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

    def _opened(self, sources: Sequence[str]) -> Iterator[tuple[bytes, Any]]:
        """Ask for the objects, some ahead; gives the front of each and the body that goes on with the rest."""
        keys = iter(sources)
        with ThreadPoolExecutor(_AT_ONCE) as pool:
            waiting = deque(pool.submit(self._open, key) for key in islice(keys, _AT_ONCE))
            try:
                while waiting:
                    yield waiting.popleft().result()
                    waiting.extend(pool.submit(self._open, key) for key in islice(keys, 1))
            finally:
                for left in waiting:
                    left.cancel()

    def _open(self, key: str) -> tuple[bytes, Any]:
        body = self.client.get_object(Bucket=self.bucket, Key=key)["Body"]
        return body.read(_FRONT_BYTES), body

    @staticmethod
    def _chunks(opened: tuple[bytes, Any]) -> Iterator[bytes]:
        front, body = opened
        with closing(body):
            yield front
            yield from body.iter_chunks(_CHUNK_BYTES)
