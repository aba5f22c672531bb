"""The little of HTTP/1.1 that AWS's SDKs speak: requests in with bounded memory, answers out, connections kept."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass
from http import HTTPStatus
from urllib.parse import parse_qs, unquote, urlsplit

PIECE_BYTES = 64 * 1024


@dataclass(frozen=True, slots=True)
class Request:
    """A request's head; names of headers are in lower case."""

    method: str
    target: str
    headers: dict[str, str]

    @property
    def path(self) -> str:
        """The path, decoded."""
        return unquote(urlsplit(self.target).path)

    def parameter(self, name: str) -> str | None:
        """A parameter of the query."""
        return parse_qs(urlsplit(self.target).query).get(name, [None])[0]


async def read_request(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> Request | None:
    """Read the next request's head, and ask for its body where the client waits for that; None at the end."""
    try:
        head = await reader.readuntil(b"\r\n\r\n")
    except (asyncio.IncompleteReadError, ConnectionResetError):
        return None
    first, *lines = head.removesuffix(b"\r\n\r\n").decode("latin-1").split("\r\n")
    method, target, _ = first.split(" ", 2)
    headers = {}
    for line in lines:
        name, _, value = line.partition(":")
        headers[name.lower()] = value.strip()
    if headers.get("expect", "").lower() == "100-continue":
        writer.write(b"HTTP/1.1 100 Continue\r\n\r\n")
    return Request(method, target, headers)


async def body_pieces(request: Request, reader: asyncio.StreamReader) -> AsyncIterator[bytes]:
    """Yield the body in pieces, whether it comes with a length or in chunks."""
    if request.headers.get("transfer-encoding", "").lower() == "chunked":
        while size := int((await reader.readline()).split(b";")[0], 16):
            async for piece in _pieces(reader, size):
                yield piece
            await reader.readline()
        while (await reader.readline()).strip():
            pass
    else:
        async for piece in _pieces(reader, int(request.headers.get("content-length", "0"))):
            yield piece


async def read_body(request: Request, reader: asyncio.StreamReader, max_bytes: int) -> bytes:
    """Read a body whole.

    Raises:
        ValueError: it has more than `max_bytes`.
    """
    length = int(request.headers.get("content-length", "0"))
    if length > max_bytes:
        raise ValueError(f"a body of {length} bytes")
    return await reader.readexactly(length)


def head_of(status: int, headers: dict[str, str]) -> bytes:
    """An answer's head."""
    lines = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
    return f"HTTP/1.1 {status} {HTTPStatus(status).phrase}\r\n{lines}\r\n".encode("latin-1")


def answer(status: int, body: bytes, content_type: str, **headers: str) -> bytes:
    """A whole answer; an underscore in a header's name stands for a hyphen."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return head_of(status, {"Content-Type": content_type, "Content-Length": str(len(body)), **named}) + body


async def _pieces(reader: asyncio.StreamReader, size: int) -> AsyncIterator[bytes]:
    while size:
        piece = await reader.read(min(size, PIECE_BYTES))
        if not piece:
            raise asyncio.IncompleteReadError(b"", size)
        size -= len(piece)
        yield piece
