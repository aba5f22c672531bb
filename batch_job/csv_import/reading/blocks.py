"""Cut a stream of bytes into blocks of records, each of which knows where it stands in the file.

Rows come in blocks because what costs time per record, its location above all, is worked out per block and only when
somebody asks for it. Where the chunks end makes no difference to what is read.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Generic, Protocol, TypeVar

from csv_import.reading.code_units import code_units_of
from csv_import.reading.dialect import Dialect
from csv_import.reading.lines import Lines
from csv_import.reading.parsing import BlockParser
from csv_import.reading.record_block import Place, RecordBlock

__all__ = ["Place", "RecordBlock", "read_blocks"]


PIECE_BYTES = 32 * 1024
"""Few enough rows that they still are in the processor's cache when they are used, and do not set off the garbage
collector; `make bench-reading` shows the difference."""


def read_blocks(
    chunks: Iterable[bytes],
    *,
    dialect: Dialect,
    max_record_bytes: int,
    start: Place | None = None,
    piece_bytes: int = PIECE_BYTES,
) -> Iterator[RecordBlock]:
    """Yield the records of `chunks` in blocks; together the blocks hold every byte once, in order.

    What a record is depends on nothing but the dialect and the bytes from its start on, and on no more of these than
    the longest record has, and one. So reading may begin at any record.

    Args:
        chunks: the bytes from `start` on, cut anywhere, without byte order mark.
        dialect: how they are read; `skipped_lines` and `header_records` play no part here.
        max_record_bytes: the longest record, with its line end. A longer line is a damaged row without cells, and its
            bytes are not held.
        start: where in the file the chunks begin, between two records.
        piece_bytes: how much is read in one go, which makes a difference to nothing but the time it takes.
    """
    parser = BlockParser(dialect, max_record_bytes, piece_bytes)
    return read_by(parser, chunks, dialect, max_record_bytes, start or Place())


class Block(Protocol):
    """Consecutive records."""

    @property
    def size(self) -> int:
        """In bytes."""
        ...

    def end(self) -> Place:
        """Where the next block begins."""
        ...


_B = TypeVar("_B", bound=Block)
_Made_co = TypeVar("_Made_co", bound=Block, covariant=True)


class Parser(Protocol[_Made_co]):
    """Makes blocks of bytes that begin at a record's start; as `BlockParser`, which says more."""

    def blocks(self, data: bytes, place: Place, *, final: bool) -> Iterator[_Made_co]:
        """Those at the front of `data` that nothing behind it can change."""
        ...

    def too_long(self, place: Place, size: int) -> _Made_co:
        """The block of a line that is longer than any record may be."""
        ...


def read_by(
    parser: Parser[_B], chunks: Iterable[bytes], dialect: Dialect, max_record_bytes: int, start: Place
) -> Iterator[_B]:
    """Yield the blocks that a parser makes of the bytes from `start` on; arguments as for `read_blocks`."""
    reader = _BlockReader(parser, dialect, max_record_bytes, start)
    for chunk in chunks:
        yield from reader.take(chunk)
    yield from reader.finish()


class _BlockReader(Generic[_B]):
    """Holds the bytes that are not yet read, and reads what can be read of them."""

    def __init__(self, parser: Parser[_B], dialect: Dialect, max_record_bytes: int, place: Place) -> None:
        self._parser = parser
        self._coding = code_units_of(dialect.encoding)
        self._lines = Lines(self._coding, dialect.line_end)
        self._max_bytes = max_record_bytes - max_record_bytes % self._coding.size
        self._place = place
        self._held: list[bytes] = []
        self._held_bytes = self._wanted_bytes = 0
        self._passed: int | None = None
        """Of a line that is too long, how many bytes went by."""

    def take(self, chunk: bytes) -> Iterator[_B]:
        """The blocks that are decided with this chunk."""
        self._held.append(chunk)
        self._held_bytes += len(chunk)
        if self._held_bytes >= self._wanted_bytes:
            yield from self._read(final=False)

    def finish(self) -> Iterator[_B]:
        """The blocks that are left where no chunk follows."""
        yield from self._read(final=True)

    def _read(self, *, final: bool) -> Iterator[_B]:
        data = b"".join(self._held)
        while data:
            if self._passed is not None:
                end = self._lines.first_end(data, final=final)
                if end is None:
                    self._passed += len(data)
                    data = data[-self._lines.undecided(data) :]
                    self._passed -= len(data)
                    break
                yield self._next(self._parser.too_long(self._place, self._passed + end))
                self._passed = None
                data = data[end:]
            used = 0
            for block in self._parser.blocks(data, self._place, final=final):
                used += block.size
                yield self._next(block)
            data = data[used:]
            if final or self._lines.last_end(data) or len(data) < self._max_bytes + self._coding.size:
                break
            self._passed = 0
        self._hold(data)

    def _next(self, block: _B) -> _B:
        self._place = block.end()
        return block

    def _hold(self, data: bytes) -> None:
        """Keep what is not decided; as it will be read again, it has to grow by half of itself or half a record."""
        self._held = [data]
        self._held_bytes = len(data)
        more = 0 if self._passed is not None else min(len(data), self._max_bytes) // 2
        self._wanted_bytes = len(data) + more
