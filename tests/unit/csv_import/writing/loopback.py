"""A DynamoDB on a loopback port, real HTTP with real faults: answers cut off, connections reset, no answer at all."""

from __future__ import annotations

import asyncio
import json
import socket
import struct
import threading
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from enum import Enum
from typing import Any


class Fault(Enum):
    """How an answer fails to come."""

    NONE = "none"
    RESET = "reset"
    TRUNCATED = "truncated"
    SILENCE = "silence"
    BAD_CHECKSUM = "bad checksum"


@dataclass(frozen=True)
class Reply:
    """What the server says, and how."""

    status: int
    body: bytes
    fault: Fault = Fault.NONE


Handler = Callable[[str, bytes], Reply]
"""Gives the reply to an operation and its body."""


class LoopbackServer:
    """Serves one handler; connections are kept open and counted, and so are the heads of requests."""

    def __init__(self, handler: Handler) -> None:
        self.handler = handler
        self.connections = 0
        self.heads: list[str] = []

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        try:
            while True:
                head = (await reader.readuntil(b"\r\n\r\n")).decode()
                self.heads.append(head)
                headers = {
                    name.lower(): value
                    for name, _, value in (line.partition(": ") for line in head.split("\r\n")[1:])
                }
                body = await reader.readexactly(int(headers["content-length"]))
                target = headers["x-amz-target"].rpartition(".")[2]
                if not await self._answer(self.handler(target, body), reader, writer):
                    return
        except (asyncio.IncompleteReadError, ConnectionError, asyncio.CancelledError):
            return
        finally:
            writer.close()

    async def _answer(self, reply: Reply, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
        checksum = zlib.crc32(reply.body) + (reply.fault is Fault.BAD_CHECKSUM)
        head = (
            f"HTTP/1.1 {reply.status} Said\r\nContent-Type: application/x-amz-json-1.0\r\n"
            f"Content-Length: {len(reply.body)}\r\nX-Amz-Crc32: {checksum}\r\n\r\n"
        ).encode()
        if reply.fault is Fault.RESET:
            raw: Any = writer.get_extra_info("socket")
            raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            writer.transport.abort()
            return False
        if reply.fault is Fault.SILENCE:
            await reader.read()  # until the client gives up
            return False
        if reply.fault is Fault.TRUNCATED:
            writer.write(head + reply.body[: len(reply.body) // 2])
            return False
        writer.write(head + reply.body)
        await writer.drain()
        return True


@contextmanager
def serving(handler: Handler, ssl: Any = None) -> Iterator[tuple[LoopbackServer, int]]:
    """Run the server in a thread of its own; gives it and its port."""
    server, ready = LoopbackServer(handler), threading.Event()
    loop = asyncio.new_event_loop()
    ended = asyncio.Event()
    port = 0

    async def run() -> None:
        nonlocal port
        listening = await asyncio.start_server(server.serve, "127.0.0.1", 0, ssl=ssl, backlog=256)
        port = listening.sockets[0].getsockname()[1]
        ready.set()
        await ended.wait()
        listening.close()
        for task in asyncio.all_tasks() - {asyncio.current_task()}:
            task.cancel()
        await asyncio.sleep(0.01)  # for the transports to close

    def work() -> None:
        loop.run_until_complete(run())
        loop.close()

    thread = threading.Thread(target=work, daemon=True)
    thread.start()
    assert ready.wait(30)
    try:
        yield server, port
    finally:
        loop.call_soon_threadsafe(ended.set)
        thread.join(30)
        assert not thread.is_alive()


def error(code: str) -> bytes:
    return json.dumps({"__type": f"com.amazonaws.dynamodb.v20120810#{code}", "message": code}).encode()
