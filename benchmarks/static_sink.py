"""A static stand-in for S3 and DynamoDB, so that a benchmark measures the job and not an emulator.

`python -m benchmarks.static_sink --file rows.csv --bucket in --key rows.csv --forward http://127.0.0.1:5000`
listens on a free loopback port and prints its URL. It answers

- `BatchWriteItem` at once: items are counted and dropped, with `--units-per-s` no more than so many a second;
- every other call of DynamoDB (the ledger, DescribeTable) with what the emulator at `--forward` answers;
- GET and HEAD of the one object with the file from disk: ranges, `If-Match` and `versionId` honoured; with `--spec`
  of `_import.yaml` too;
- PUT of any object: counted and dropped, but what a plan writes is kept, and given back;
- `GET /-/counts` with what it has counted.

Memory is bounded by the largest BatchWriteItem per connection. It ends on SIGTERM, and when its standard input
closes, so that it never outlives the benchmark that started it.
"""

from __future__ import annotations

import argparse
import asyncio
import hashlib
import http.client
import json
import os
import re
import signal
import sys
import time
import zlib
from dataclasses import asdict, dataclass, field
from email.utils import formatdate
from pathlib import Path
from urllib.parse import urlsplit

from benchmarks.meter import Meter
from benchmarks.sink_http import Request, answer, body_pieces, head_of, read_body, read_request

# https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_BatchWriteItem.html
MAX_BATCH_ITEMS = 25
MAX_BATCH_BYTES = 16 * 1024 * 1024
JSON_1_0 = "application/x-amz-json-1.0"
TARGET = "DynamoDB_20120810."
VERSION_ID = "static-version-1"

_PUT_REQUEST = re.compile(rb'"PutRequest"\s*:')
_RANGE = re.compile(r"bytes=(\d+)-(\d*)")
_TAKEN_BODY = b'{"UnprocessedItems":{}}'
_TAKEN = answer(200, _TAKEN_BODY, JSON_1_0, x_amz_crc32=str(zlib.crc32(_TAKEN_BODY)))


@dataclass(slots=True)
class Counts:
    """What the sink has seen."""

    batches: int = 0
    items: int = 0
    throttled: int = 0
    batch_bytes: int = 0
    objects_put: int = 0
    object_reads: int = 0


@dataclass(slots=True)
class Sink:
    """Answers requests.

    Args:
        file: the object's content.
        spec: the content of the bucket's `_import.yaml`, or None.
        bucket, key: the object's name.
        forward: URL of the emulator that answers for the ledger.
        meter: limits what is taken.
    """

    file: Path
    bucket: str
    key: str
    forward: str
    spec: Path | None = None
    meter: Meter | None = None
    counts: Counts = field(default_factory=Counts)
    planned: dict[str, bytes] = field(default_factory=dict)

    async def connection(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Serve one connection until the client closes it."""
        try:
            while request := await read_request(reader, writer):
                await self._serve(request, reader, writer)
                await writer.drain()
        except (ConnectionError, asyncio.IncompleteReadError, asyncio.CancelledError):
            pass  # the client went away, or the sink ends
        finally:
            writer.close()

    async def _serve(
        self, request: Request, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        target = request.headers.get("x-amz-target", "")
        if target == f"{TARGET}BatchWriteItem":
            writer.write(self._take(await read_body(request, reader, MAX_BATCH_BYTES)))
        elif target.startswith(TARGET):
            body = await read_body(request, reader, MAX_BATCH_BYTES)
            writer.write(await asyncio.to_thread(self._ask, request, body))
        elif request.path == "/-/counts":
            writer.write(answer(200, json.dumps(asdict(self.counts)).encode(), "application/json"))
        elif request.method == "PUT":
            pieces = [piece async for piece in body_pieces(request, reader)]
            self.counts.objects_put += 1
            if "/plan/" in request.path:
                self.planned[request.path] = b"".join(pieces)
            writer.write(answer(200, b"", "application/xml", ETag='"dropped"'))
        elif request.method == "GET" and (kept := self.planned.get(request.path)) is not None:
            writer.write(answer(200, kept, "application/octet-stream"))
        elif request.method in {"GET", "HEAD"}:
            await self._send_object(request, writer)
        else:
            writer.write(_s3_error(405, "MethodNotAllowed"))

    def _take(self, body: bytes) -> bytes:
        items = len(_PUT_REQUEST.findall(body))
        if not 1 <= items <= MAX_BATCH_ITEMS:
            error = {"__type": "com.amazon.coral.validate#ValidationException", "message": f"{items} items"}
            return answer(400, json.dumps(error).encode(), JSON_1_0)
        self.counts.batches += 1
        if self.meter is not None:
            taken, told = self.meter.take(body, time.monotonic())
            self.counts.items += taken
            self.counts.throttled += taken < items
            return told
        self.counts.items += items
        self.counts.batch_bytes += len(body)
        return _TAKEN

    def _ask(self, request: Request, body: bytes) -> bytes:
        """Let the emulator answer."""
        emulator = http.client.HTTPConnection(urlsplit(self.forward).netloc, timeout=30)
        try:
            kept = {name: value for name, value in request.headers.items() if name != "connection"}
            emulator.request("POST", "/", body, kept)
            told = emulator.getresponse()
            return answer(told.status, told.read(), told.headers.get("Content-Type", JSON_1_0))
        finally:
            emulator.close()

    async def _send_object(self, request: Request, writer: asyncio.StreamWriter) -> None:
        objects = {f"/{self.bucket}/{self.key}": self.file, f"/{self.bucket}/_import.yaml": self.spec}
        file = objects.get(request.path)
        if file is None:
            writer.write(_s3_error(404, "NoSuchKey", request.method))
            return
        size, etag = file.stat().st_size, etag_of(file)
        version = request.parameter("versionId")
        if version not in {None, VERSION_ID}:
            writer.write(_s3_error(404, "NoSuchVersion", request.method))
        elif request.headers.get("if-match", etag).strip('"') != etag:
            writer.write(_s3_error(412, "PreconditionFailed", request.method))
        elif (span := _span(request.headers.get("range"), size)) is None:
            writer.write(_s3_error(416, "InvalidRange", request.method))
        else:
            start, stop = span
            headers = {
                "Content-Type": "text/csv",
                "Content-Length": str(stop - start),
                "Accept-Ranges": "bytes",
                "ETag": f'"{etag}"',
                "Last-Modified": formatdate(file.stat().st_mtime, usegmt=True),
                "x-amz-version-id": VERSION_ID,
            }
            if "range" in request.headers:
                headers["Content-Range"] = f"bytes {start}-{stop - 1}/{size}"
            writer.write(head_of(206 if "range" in request.headers else 200, headers))
            if request.method == "GET":
                self.counts.object_reads += 1
                await self._stream(file, start, stop, writer)

    async def _stream(self, file: Path, start: int, stop: int, writer: asyncio.StreamWriter) -> None:
        await writer.drain()
        with file.open("rb") as content:
            await asyncio.get_running_loop().sendfile(writer.transport, content, start, stop - start)


def etag_of(file: Path) -> str:
    """An ETag as a multipart upload's: no digest of the content, but another one for another content."""
    stat = file.stat()
    stamp = f"{file.name} {stat.st_size} {stat.st_mtime_ns}"
    return hashlib.md5(stamp.encode(), usedforsecurity=False).hexdigest() + "-1"


def _span(wanted: str | None, size: int) -> tuple[int, int] | None:
    """First byte and the byte after the last; None where there is none of them."""
    if wanted is None:
        return 0, size
    match = _RANGE.fullmatch(wanted)
    if match is None:
        return None
    start, last = int(match[1]), int(match[2] or size - 1)
    return (start, min(last + 1, size)) if start <= last and start < size else None


def _s3_error(status: int, code: str, method: str = "GET") -> bytes:
    body = f"<Error><Code>{code}</Code><Message>{code}</Message></Error>".encode()
    return answer(status, b"" if method == "HEAD" else body, "application/xml")


def _end_with_input(ended: asyncio.Event) -> None:
    if not os.read(sys.stdin.fileno(), 1):
        ended.set()


async def _run(sink: Sink) -> None:
    server = await asyncio.start_server(sink.connection, "127.0.0.1", 0, backlog=256)
    loop = asyncio.get_running_loop()
    ended = asyncio.Event()
    loop.add_signal_handler(signal.SIGTERM, ended.set)
    loop.add_reader(sys.stdin.fileno(), _end_with_input, ended)
    print(f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}", flush=True)
    await ended.wait()
    server.close()


def main() -> None:
    """Run until told to end."""
    parser = argparse.ArgumentParser(description="A static stand-in for S3 and DynamoDB.")
    parser.add_argument("--file", type=Path, required=True, help="content of the one object")
    parser.add_argument("--spec", type=Path, help="content of the bucket's _import.yaml")
    parser.add_argument("--bucket", required=True)
    parser.add_argument("--key", required=True)
    parser.add_argument("--forward", required=True, help="URL of an emulator for the ledger's calls")
    parser.add_argument("--units-per-s", type=float, help="items taken a second; no limit by default")
    options = parser.parse_args()
    meter = Meter(options.units_per_s, time.monotonic()) if options.units_per_s else None
    asyncio.run(_run(Sink(options.file, options.bucket, options.key, options.forward, options.spec, meter)))


if __name__ == "__main__":
    main()
