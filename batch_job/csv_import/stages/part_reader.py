"""Reads the rows of one part: all of a file, a range of it, or rows that ranges share."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Protocol, TypeVar

from csv_import.accounting.counters import Counters
from csv_import.accounting.scope import Range, Scope, SharedRows
from csv_import.accounting.segments import Checkpoint
from csv_import.errors import JobStop
from csv_import.planning.plan_files import Owned, left_out_entries, shared_rows
from csv_import.reading.blocks import RecordBlock
from csv_import.rejects import Location
from csv_import.stages.part_rows import PartRows, SharedRowsBlock, all_rows, rows_but
from csv_import.stages.source import Source

_SHARED_ROWS_AT_ONCE = 200
_Each = TypeVar("_Each")

ReadArtifacts = Callable[[Sequence[str]], Iterator[bytes]]
"""Gives the bytes of artifacts, one after the other, by their keys."""


class PartReader(Protocol):
    """Reads a part."""

    def rows(self, reached: Checkpoint) -> Iterator[PartRows]:
        """The part's rows from a checkpoint on."""
        ...

    def rows_from(self, at: Location) -> Iterator[PartRows]:
        """The part's rows from one of them on, once more."""
        ...

    def count_front(self, counters: Counters) -> None:
        """Account for what of the file belongs to the part, and comes before its rows."""
        ...


def reader_of(scope: Scope, source: Source, read_artifacts: ReadArtifacts) -> PartReader:
    """What reads a part.

    Args:
        scope: what the part is.
        source: the file.
        read_artifacts: gives what the plan has written.
    """
    if isinstance(scope, SharedRows):
        return _SharedReader(scope, read_artifacts)
    return _FileReader(scope, source, read_artifacts)


class _FileReader:
    def __init__(self, range_: Range | None, source: Source, read_artifacts: ReadArtifacts) -> None:
        self._range = range_
        self._source = source
        self._read_artifacts = read_artifacts
        self._is_first = range_ is None or range_.start.record == 1

    def rows(self, reached: Checkpoint) -> Iterator[PartRows]:
        at_front = reached.state is None and self._is_first
        # The first blocks hold the header's bytes, too.
        blocks = self._source.opened.blocks if at_front else self._source.blocks_from(reached.at)
        return self._kept(blocks)

    def rows_from(self, at: Location) -> Iterator[PartRows]:
        return self._kept(self._source.blocks_from(at))

    def count_front(self, counters: Counters) -> None:
        if self._is_first:
            self._source.count_front(counters)

    def _kept(self, blocks: Iterator[RecordBlock]) -> Iterator[PartRows]:
        blocks = self._of_range(blocks)
        if self._range is None or not self._range.left_out:
            return map(all_rows, blocks)
        entries = left_out_entries(self._read_artifacts(self._range.left_out))
        end = self._range.start.record + self._range.records
        return _but(blocks, _all(entries, self._range.rows_left_out, "rows left out"), end)

    def _of_range(self, blocks: Iterator[RecordBlock]) -> Iterator[RecordBlock]:
        if self._range is None:
            yield from blocks
            return
        is_last = self._range.end_offset >= self._source.stream.size  # with the footer, then
        end, found = self._range.end_offset, None
        for block in blocks:
            if is_last:
                yield block
            elif block.start.offset < end:
                yield (block := block.until(end))
            else:
                break
            found = block.end().record - self._range.start.record
        if found not in (None, self._range.records):
            raise JobStop(
                "plan_mismatch", f"the part has {found} records, and its plan counted {self._range.records}"
            )


def _but(blocks: Iterable[RecordBlock], entries: Iterator[tuple[int, Owned]], end: int) -> Iterator[PartRows]:
    """The blocks' rows but for what others own; both come in file order, and end before the record `end`."""
    entry = next(entries, None)
    for block in blocks:
        after = block.start.record + len(block.rows)
        left_out: dict[int, Owned] = {}
        while entry is not None and entry[0] < after:
            if entry[0] >= block.start.record:  # not one from before the checkpoint
                left_out[entry[0]] = entry[1]
            entry = next(entries, None)
        yield rows_but(block, left_out) if left_out else all_rows(block)
    # Whoever goes on from the range's end has read nothing: all entries are from before the checkpoint then.
    for record, _ in itertools.chain((entry,) if entry else (), entries):
        if record >= end:
            raise JobStop("plan_mismatch", f"record {record}, which the part leaves out, is not in it")


def _all(each: Iterator[_Each], planned: int, what: str) -> Iterator[_Each]:
    """Give what a plan has written, and see that it is all there."""
    count = 0
    for count, one in enumerate(each, start=1):  # noqa: B007 - counts
        yield one
    if count != planned:
        raise JobStop("plan_mismatch", f"the part has {count} {what}, and its plan wrote {planned}")


class _SharedReader:
    def __init__(self, shared: SharedRows, read_artifacts: ReadArtifacts) -> None:
        self._shared = shared
        self._read_artifacts = read_artifacts

    def rows(self, reached: Checkpoint) -> Iterator[PartRows]:
        return self.rows_from(reached.at)

    def rows_from(self, at: Location) -> Iterator[PartRows]:
        kept = shared_rows(self._read_artifacts(self._shared.keys))
        rows = (
            each
            for each in _all(kept, self._shared.records, "rows of its own")
            if each.location.record >= at.record
        )
        while some := list(itertools.islice(rows, _SHARED_ROWS_AT_ONCE)):
            yield SharedRowsBlock(some)

    def count_front(self, counters: Counters) -> None:
        """Nothing: its bytes are the ranges'."""
