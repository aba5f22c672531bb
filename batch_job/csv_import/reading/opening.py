"""Open a file for reading: decompress it, find out how it is written, read its header."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from typing import Protocol

from csv_import.reading.blocks import RecordBlock
from csv_import.reading.compression import DecompressionLimit, decompress
from csv_import.reading.detection import detect
from csv_import.reading.detection.encoding import MARKS
from csv_import.reading.dialect import Detection, Given
from csv_import.reading.header import Header, open_table
from csv_import.settings import ReadLimits

SAMPLE_BYTES = 256 * 1024
"""How much of a file's front its dialect is found out from."""

TAIL_BYTES = 64 * 1024
"""How much of a longer file's end a footer is looked for in."""

_DECOMPRESSION = DecompressionLimit()


class Source(Protocol):
    """Where a file's bytes come from.

    Attributes:
        size: how many there are.
    """

    @property
    def size(self) -> int: ...  # noqa: D102

    def chunks(self) -> Iterator[bytes]:
        """Give the bytes from the first on."""
        ...

    def tail(self, n_bytes: int) -> bytes:
        """Give the last `n_bytes` bytes, or all where there are fewer."""
        ...


class Counted:
    """Chunks that are counted as they go by.

    Attributes:
        size: bytes so far.
    """

    def __init__(self, chunks: Iterator[bytes]) -> None:
        self._chunks = chunks
        self.size = 0

    def __iter__(self) -> Counted:
        return self

    def __next__(self) -> bytes:
        chunk = next(self._chunks)
        self.size += len(chunk)
        return chunk


@dataclass(frozen=True, slots=True)
class OpenedFile:
    """A file whose records are to be read.

    Offsets and sizes are those of the content, which in a compressed file is what comes out of it.

    Attributes:
        compression: `gzip`, `zstd`, `bzip2`, `xz`; None where the file is not compressed.
        detection: how it is read, and why.
        header: its columns.
        blocks: its records, and what else stands among and behind them. With byte order mark, preamble and header,
            which the header tells of, they hold every byte of the content once.
        content: counts the content's bytes as they are read.
    """

    compression: str | None
    detection: Detection
    header: Header
    blocks: Iterator[RecordBlock]
    content: Counted

    def head(self) -> bytes:
        """What to put before records taken out of the file so that they are read alike: its mark and its header."""
        marked = "byte_order_mark" in self.header.ignored
        return (MARKS[self.detection.dialect.encoding] if marked else b"") + self.header.raw


def open_file(
    source: Source,
    *,
    given: Given,
    limits: ReadLimits,
    decompression: DecompressionLimit = _DECOMPRESSION,
    key_names: Collection[str] = (),
    pinned: Detection | None = None,
) -> OpenedFile:
    """Open a file by its content; its name means nothing.

    A footer is looked for at the file's end; in a compressed file only if the whole is in the sample.

    Args:
        source: its bytes.
        given: parts of the dialect that the caller knows.
        limits: how much is held at once.
        decompression: how much may come out of a compressed file.
        key_names: columns that the table's key needs, where that is known; they tell the header.
        pinned: what was found out before; nothing is found out anew then.

    Raises:
        BadData: `no_header`, `not_text`, what is wrong with the header or the compression.
        BadConfiguration: what is given cannot be.
    """
    compression, content = decompress(source.chunks(), limit=decompression)
    detection = pinned
    if detection is None:
        front, complete, content = _peek(content, SAMPLE_BYTES)
        tail = source.tail(TAIL_BYTES) if compression is None and not complete else None
        detection = detect(front, complete=complete, tail=tail, given=given, key_names=key_names)
    counted = Counted(content)
    header, blocks = open_table(counted, detection, max_record_bytes=limits.max_record_bytes)
    return OpenedFile(compression, detection, header, blocks, counted)


def content_from(
    chunks_from: Callable[[int], Iterator[bytes]], offset: int, *, compressed: bool
) -> Iterator[bytes]:
    """The content of a file once more, from a place in it on.

    Nobody can begin in the middle of a compressed file, so it is decompressed again from its start.

    Args:
        chunks_from: gives the file's bytes from one of them on.
        offset: where in the content to begin.
        compressed: whether the file is.
    """
    if not compressed:
        yield from chunks_from(offset)
        return
    _, content = decompress(chunks_from(0), limit=_DECOMPRESSION)
    for chunk in content:
        if offset < len(chunk):
            yield chunk[offset:]
        offset = max(0, offset - len(chunk))


def _peek(chunks: Iterator[bytes], size: int) -> tuple[bytes, bool, Iterator[bytes]]:
    """The first `size` bytes, whether there are no more, and all chunks again."""
    seen: list[bytes] = []
    total = 0
    for chunk in chunks:
        seen.append(chunk)
        total += len(chunk)
        if total > size:
            return b"".join(seen)[:size], False, itertools.chain(seen, chunks)
    return b"".join(seen), True, iter(seen)
