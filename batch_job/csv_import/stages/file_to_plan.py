"""The file of an import as planning reads it: by several requests at once, whole or stretch by stretch."""

from __future__ import annotations

import itertools
from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from csv_import.planning.stretches import Stretches
from csv_import.reading.blocks import Place, RecordBlock, read_blocks
from csv_import.reading.boundaries import Passed, pass_over
from csv_import.reading.read_ahead import ranges_of, read_ahead
from csv_import.rejects import Location
from csv_import.settings import PlanLimits
from csv_import.stages.source import Source


@dataclass(frozen=True, slots=True)
class FileToPlan:
    """The file's records, read by several requests at once.

    Args:
        source: the file.
        limits: how much is asked for at once.
        stretch_bytes: of a stretch; no more is read in one go.
    """

    source: Source
    limits: PlanLimits
    stretch_bytes: int

    @property
    def end(self) -> int:
        """Where its records end, and the footer begins."""
        return self.source.stream.size - self.source.opened.detection.footer_bytes

    def blocks(self, start: Location) -> Iterator[RecordBlock]:
        """The records from one on."""
        return self._read(self._chunks(start.offset), start)

    def boundaries(self, start: Location) -> Iterator[Passed | RecordBlock]:
        """Where the records from one on begin."""
        return pass_over(
            self._chunks(start.offset),
            dialect=self.source.dialect,
            max_record_bytes=self.source.max_record_bytes,
            start=Place(start.line, start.record, start.offset),
            counted_bytes=min(4 * self.limits.piece_bytes, self.stretch_bytes),
        )

    def stretches(
        self, stretches: Stretches, wanted: Iterable[tuple[int, set[bytes]]]
    ) -> Iterator[tuple[int, set[bytes], RecordBlock]]:
        """The records of some stretches, each block with its stretch and what is wanted of it."""
        asked: deque[tuple[int, set[bytes]]] = deque()
        size = self.stretch_bytes + 2 * self.limits.piece_bytes

        def ranges() -> Iterator[tuple[int, int]]:
            for each in wanted:
                asked.append(each)
                offset = stretches.start(each[0]).offset
                yield offset, min(size, self.end - offset)

        for chunk in read_ahead(self.source.stream.read, ranges(), ahead=self.limits.requests):
            stretch, digests = asked.popleft()
            start = stretches.start(stretch)
            end = stretches.start(stretch + 1).offset
            rest = ranges_of(start.offset + len(chunk), self.end, size)
            chunks = itertools.chain((chunk,), itertools.starmap(self.source.stream.read, rest))
            for block in self._read(chunks, start):
                yield stretch, digests, block.until(end)
                if block.end().offset >= end:
                    break

    def _read(self, chunks: Iterable[bytes], start: Location) -> Iterator[RecordBlock]:
        return read_blocks(
            chunks,
            dialect=self.source.dialect,
            max_record_bytes=self.source.max_record_bytes,
            start=Place(start.line, start.record, start.offset),
            piece_bytes=min(self.limits.piece_bytes, self.stretch_bytes),
        )

    def _chunks(self, start: int) -> Iterator[bytes]:
        ranges = ranges_of(start, self.end, self.limits.request_bytes)
        return read_ahead(self.source.stream.read, ranges, ahead=self.limits.requests)
