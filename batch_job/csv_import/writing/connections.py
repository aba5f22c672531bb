"""HTTP for the lanes: requests on kept-alive connections through libcurl, all of them driven by one thread."""

from __future__ import annotations

import re
from typing import NamedTuple

import pycurl

_MAX_ANSWER_BYTES = 32 << 20  # UnprocessedItems can be all that was sent: 16 MB at most
_UNSENT = ["Expect:", "Accept:", "User-Agent:"]  # headers of libcurl's own that nobody needs
_CHECKSUM = re.compile(rb"^x-amz-crc32:[ \t]*([^\r\n]*)", re.IGNORECASE | re.MULTILINE)


class Response(NamedTuple):
    """What came back for a request.

    Attributes:
        status: of HTTP; 0 where no whole answer came.
        content: the answer's body.
        checksum: the header `x-amz-crc32`, where there is one.
        failure: why no answer came.
    """

    status: int
    content: bytes = b""
    checksum: str | None = None
    failure: str = ""


class Connections:
    """Sends requests to one URL, each on behalf of a lane, and hands out what came back.

    A connection stays open for the next request. Certificates are checked; redirects are not followed; no
    request is sent twice but where libcurl finds a kept connection closed before it brought an answer.

    Args:
        url: where all requests go.
        connections: how many requests there are at once.
        connect_timeout_s, request_timeout_s: after which a request has failed.
        verify: False, or True for libcurl's own certificates, or the path of a CA bundle.
        proxy: URL of a proxy, or None.
    """

    def __init__(
        self,
        url: str,
        *,
        connections: int,
        connect_timeout_s: float,
        request_timeout_s: float,
        verify: bool | str = True,
        proxy: str | None = None,
    ) -> None:
        self._multi = pycurl.CurlMulti()
        self._multi.setopt(pycurl.M_MAXCONNECTS, connections)
        self._free = [
            _Slot(_handle(url, connect_timeout_s, request_timeout_s, verify, proxy))
            for _ in range(connections)
        ]
        self._busy: dict[pycurl.Curl, tuple[int, _Slot]] = {}

    def start(self, lane: int, headers: list[str], body: bytes) -> None:
        """Begin a request; its answer comes out of `finished` with the lane's number."""
        slot = self._free.pop()
        handle = slot.handle
        handle.setopt(pycurl.HTTPHEADER, headers + _UNSENT)
        handle.setopt(pycurl.POSTFIELDS, body)
        self._busy[handle] = (lane, slot)
        self._multi.add_handle(handle)

    def finished(self, wait_s: float) -> list[tuple[int, Response]]:
        """The requests that ended; waits up to so many seconds for the network if there are none yet."""
        ended = self._step()
        if not ended and wait_s > 0 and self._busy:
            own_ms = self._multi.timeout()  # when libcurl wants to look at its timeouts
            self._multi.select(min(wait_s, own_ms / 1000) if own_ms >= 0 else wait_s)
            ended = self._step()
        return ended

    def close(self) -> None:
        """Close the connections; what is in flight is given up."""
        for handle in self._busy:
            self._multi.remove_handle(handle)
        for slot in (*(slot for _, slot in self._busy.values()), *self._free):
            slot.handle.close()
        self._busy, self._free = {}, []
        self._multi.close()

    def _step(self) -> list[tuple[int, Response]]:
        self._multi.perform()
        ended: list[tuple[int, Response]] = []
        more = 1
        while more:
            more, good, bad = self._multi.info_read()
            ended += [self._answered(handle) for handle in good]
            ended += [self._failed(handle, reason) for handle, _, reason in bad]
        return ended

    def _answered(self, handle: pycurl.Curl) -> tuple[int, Response]:
        lane, slot = self._release(handle)
        found = _CHECKSUM.search(b"".join(slot.head))
        status = int(handle.getinfo(pycurl.RESPONSE_CODE))
        checksum = found[1].decode("latin-1").strip() if found else None
        response = Response(status, b"".join(slot.content), checksum)
        slot.clear()
        return lane, response

    def _failed(self, handle: pycurl.Curl, reason: str) -> tuple[int, Response]:
        lane, slot = self._release(handle)
        slot.clear()
        return lane, Response(0, failure=reason or "no answer")

    def _release(self, handle: pycurl.Curl) -> tuple[int, _Slot]:
        self._multi.remove_handle(handle)
        lane, slot = self._busy.pop(handle)
        self._free.append(slot)
        return lane, slot


class _Slot:
    """A handle of libcurl, and what it has received of the answer."""

    def __init__(self, handle: pycurl.Curl) -> None:
        self.handle = handle
        self.head: list[bytes] = []
        self.content: list[bytes] = []
        handle.setopt(pycurl.HEADERFUNCTION, self.head.append)
        handle.setopt(pycurl.WRITEFUNCTION, self.content.append)

    def clear(self) -> None:
        self.head.clear()
        self.content.clear()


def _handle(
    url: str, connect_timeout_s: float, request_timeout_s: float, verify: bool | str, proxy: str | None
) -> pycurl.Curl:
    handle = pycurl.Curl()
    handle.setopt(pycurl.URL, url)
    handle.setopt(pycurl.POST, 1)
    handle.setopt(pycurl.HTTP_VERSION, pycurl.CURL_HTTP_VERSION_1_1)
    handle.setopt(pycurl.NOSIGNAL, 1)
    handle.setopt(pycurl.TCP_NODELAY, 1)
    handle.setopt(pycurl.CONNECTTIMEOUT_MS, round(connect_timeout_s * 1000))
    handle.setopt(pycurl.TIMEOUT_MS, round(request_timeout_s * 1000))
    handle.setopt(pycurl.MAXFILESIZE, _MAX_ANSWER_BYTES)
    handle.setopt(pycurl.PROXY, proxy or "")  # empty: not what the environment says either
    if verify is False:
        handle.setopt(pycurl.SSL_VERIFYPEER, 0)
        handle.setopt(pycurl.SSL_VERIFYHOST, 0)
    elif isinstance(verify, str):
        handle.setopt(pycurl.CAINFO, verify)
    return handle
