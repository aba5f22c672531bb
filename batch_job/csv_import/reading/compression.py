"""Take the compression off a file, found out by its content: gzip, zstd, bzip2 or xz, of one member or several."""

from __future__ import annotations

import bz2
import itertools
import lzma
import re
import sys
import zlib
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Protocol

from csv_import.errors import BadData

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

MIB = 1 << 20
_SIGNATURE_BYTES = 10
_INPUT_BYTES = 16 * 1024
_OUTPUT_BYTES = 256 * 1024
_MAX_DICTIONARY_BYTES = 128 * MIB
"""What an xz file may ask for; zstd's own limit is the same."""


@dataclass(frozen=True, slots=True)
class DecompressionLimit:
    """How much may come out of a compressed file. Memory is bounded whatever the limit; this bounds time and cost.

    Attributes:
        max_bytes: of the whole stream.
        max_ratio: decompressed bytes to compressed ones. Text of many like rows comes to some hundreds.
        ratio_from_bytes: up to here the ratio does not count.
    """

    max_bytes: int = 1 << 40
    max_ratio: int = 1000
    ratio_from_bytes: int = 256 * MIB


class _Decompressor(Protocol):
    """Of one member, as the standard library's of bzip2 and xz are."""

    @property
    def eof(self) -> bool: ...
    @property
    def needs_input(self) -> bool: ...
    @property
    def unused_data(self) -> bytes: ...
    def decompress(self, data: bytes, max_length: int = -1) -> bytes: ...


class _Gzip:
    """zlib's, made like the others."""

    def __init__(self) -> None:
        self._zlib = zlib.decompressobj(wbits=16 + zlib.MAX_WBITS)
        self._full = False

    @property
    def eof(self) -> bool:
        return self._zlib.eof

    @property
    def needs_input(self) -> bool:
        return not (self._full or self._zlib.unconsumed_tail or self.eof)

    @property
    def unused_data(self) -> bytes:
        return self._zlib.unused_data

    def decompress(self, data: bytes, max_length: int = -1) -> bytes:
        out = self._zlib.decompress(self._zlib.unconsumed_tail + data, max(max_length, 0))
        self._full = len(out) == max_length  # there may be more in its window, with no input left
        return out


@dataclass(frozen=True, slots=True)
class _Format:
    name: str
    signature: re.Pattern[bytes]
    decompressor: Callable[[], _Decompressor]


_FORMATS = (
    _Format("gzip", re.compile(rb"\x1f\x8b\x08"), _Gzip),
    _Format("zstd", re.compile(rb"\x28\xb5\x2f\xfd|[\x50-\x5f]\x2a\x4d\x18"), zstd.ZstdDecompressor),
    _Format(
        "bzip2",
        re.compile(rb"BZh[1-9](?:\x31\x41\x59\x26\x53\x59|\x17\x72\x45\x38\x50\x90)"),
        bz2.BZ2Decompressor,
    ),
    _Format(
        "xz",
        re.compile(rb"\xfd7zXZ\x00"),
        lambda: lzma.LZMADecompressor(lzma.FORMAT_XZ, memlimit=_MAX_DICTIONARY_BYTES),
    ),
)
_ERRORS = (zlib.error, zstd.ZstdError, lzma.LZMAError, OSError, EOFError, ValueError)


def decompress(chunks: Iterable[bytes], *, limit: DecompressionLimit) -> tuple[str | None, Iterator[bytes]]:
    """Tell how a file is compressed, and give its bytes without that.

    Members that follow one another are one stream. NUL bytes behind a member are padding; anything else there that is
    no member of the same kind is damage.

    Args:
        chunks: the object's bytes from its first on.
        limit: how much may come out.

    Returns:
        `gzip`, `zstd`, `bzip2`, `xz` or None, and the decompressed chunks, none longer than 256 KiB; the chunks as
        they are where the file is not compressed.

    Raises:
        BadData: from the iterator: `corrupt_compression`, `decompression_limit`.
    """
    front, rest = b"", iter(chunks)
    for chunk in rest:
        front += chunk
        if len(front) >= _SIGNATURE_BYTES:
            break
    whole = itertools.chain((front,), rest) if front else rest
    for each in _FORMATS:
        if each.signature.match(front):
            return each.name, _Stream(each, limit).chunks(whole)
    return None, whole


class _Stream:
    """One compressed file on its way through a decompressor for each of its members."""

    def __init__(self, kind: _Format, limit: DecompressionLimit) -> None:
        self._kind = kind
        self._limit = limit
        self._taken = self._given = 0
        """Bytes that went in, and that came out."""

    def chunks(self, compressed: Iterable[bytes]) -> Iterator[bytes]:
        member: _Decompressor | None = self._kind.decompressor()
        for data in _in_slices(compressed):
            self._taken += len(data)
            rest = data
            while rest:
                if member is None:
                    rest = rest.lstrip(b"\0")
                    if not rest:
                        break
                    member = self._kind.decompressor()
                yield from self._all_out(member, rest)
                rest = member.unused_data if member.eof else b""
                if member.eof:
                    member = None
        if member is not None:
            raise self._corrupt("ends in the middle")

    def _all_out(self, member: _Decompressor, data: bytes) -> Iterator[bytes]:
        """What the member makes of the data, in steps of bounded size."""
        while True:
            try:
                out = member.decompress(data, _OUTPUT_BYTES)
            except _ERRORS as error:
                raise self._corrupt("is damaged, or goes on with something else behind its end") from error
            if out:
                self._given += len(out)
                self._check()
                yield out
            if member.eof or member.needs_input:
                return
            data = b""

    def _check(self) -> None:
        limit = self._limit
        if self._given > limit.max_bytes:
            raise BadData(
                "decompression_limit",
                f"more than {limit.max_bytes} bytes come out of the {self._kind.name} file, which is the limit;"
                " split the file",
            )
        if self._given > limit.ratio_from_bytes and self._given > limit.max_ratio * self._taken:
            raise BadData(
                "decompression_limit",
                f"after {self._taken} bytes of the {self._kind.name} file {self._given} have come out, and the limit"
                f" is {limit.max_ratio} to one; if the file is meant, drop it uncompressed",
            )

    def _corrupt(self, what: str) -> BadData:
        return BadData(
            "corrupt_compression",
            f"the {self._kind.name} file {what}, at byte {self._taken} or in the {_INPUT_BYTES} before it;"
            " compress and drop it again",
        )


def _in_slices(chunks: Iterable[bytes]) -> Iterator[bytes]:
    for chunk in chunks:
        for at in range(0, len(chunk), _INPUT_BYTES):
            yield chunk[at : at + _INPUT_BYTES]
