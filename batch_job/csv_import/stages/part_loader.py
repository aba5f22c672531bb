"""Takes a part's blocks, segment by segment: each row is written, or kept as a reject, and counted."""

from __future__ import annotations

from csv_import.accounting.artifacts import Artifacts, SegmentRejects
from csv_import.accounting.counters import Counters
from csv_import.accounting.distinct import DistinctKeys
from csv_import.accounting.segments import Segments
from csv_import.reading.blocks import RecordBlock
from csv_import.reading.fitting import Fitting
from csv_import.rejects import Location, Reason, Reject
from csv_import.shaping.item import Item
from csv_import.shaping.row_plan import RowPlan
from csv_import.writing.lanes import Lanes


class PartLoader:
    """Loads the records of one part, which come in blocks and in order.

    Args:
        fitting: makes rows fit the table, as far as the mode allows.
        plan: shapes rows.
        lanes: writes items.
        segments, artifacts, keys, counters: account for them.
        segment_records: records of a segment.
        start: the part's first record.
    """

    def __init__(
        self,
        *,
        fitting: Fitting,
        plan: RowPlan,
        lanes: Lanes,
        segments: Segments,
        artifacts: Artifacts,
        keys: DistinctKeys,
        counters: Counters,
        segment_records: int,
        start: Location,
    ) -> None:
        self._fitting = fitting
        self._plan = plan
        self._lanes = lanes
        self._segments = segments
        self._artifacts = artifacts
        self._keys = keys
        self._counters = counters
        self._segment_records = segment_records
        self._segment = 0
        self._next_segment_at = start.record + segment_records
        self._rejects: SegmentRejects | None = None
        self._end = start

    def take(self, block: RecordBlock) -> None:
        """Load a block's rows; a segment that ends among them is settled there."""
        counters = self._counters
        counters.bytes_read += block.size
        counters.bytes_records += block.bytes_records
        for reason, ignored in block.ignored.items():
            counters.ignore(reason, spans=ignored.lines, size=ignored.size)
        first, index = block.start.record, 0
        while index < len(block.rows):
            stop = min(len(block.rows), self._next_segment_at - first)
            self._load(block, index, stop)
            index = stop
            if first + index == self._next_segment_at:
                self._end_segment(block.location_after(index - 1))
        end = block.end()
        self._end = Location(end.line, end.record, end.offset)
        counters.rows_written = self._segments.items_acknowledged  # so far

    def finish(self) -> None:
        """The part has no more records: settle the last segment and wait until all is in the table."""
        self._end_segment(self._end)
        self._lanes.drain()
        self._settle()

    def close(self) -> None:
        """Let go of the rejects of a segment that was not finished."""
        if self._rejects is not None:
            self._rejects.close()

    def _load(self, block: RecordBlock, start: int, stop: int) -> None:
        """The way of every row."""
        shape, put, add = self._plan.shape, self._lanes.put, self._keys.add
        segment, first, rejected = self._segment, block.start.record, 0
        rows = block.rows if stop - start == len(block.rows) else block.rows[start:stop]
        for record, row in enumerate(self._fitting.rows(rows), first + start):
            shaped = row if isinstance(row, Reason) else shape(row, record)
            if type(shaped) is Item:
                add(shaped.key)
                put(shaped, segment)
            else:
                assert isinstance(shaped, Reason)
                self._reject(block, record - first, shaped)
                rejected += 1
        counters = self._counters
        counters.rows_read += stop - start
        counters.rows_rejected += rejected
        counters.rows_accepted += stop - start - rejected
        counters.mended = self._fitting.mendings.copy()

    def _reject(self, block: RecordBlock, index: int, reason: Reason) -> None:
        if self._rejects is None:
            self._rejects = self._artifacts.segment_rejects(self._segment)
        raw = block.raw(index)
        self._rejects.add(Reject(block.location(index), reason, raw, len(raw) or block.size))
        self._counters.rejects_by_code[reason.code] += 1

    def _end_segment(self, end: Location) -> None:
        self._lanes.end_segment()
        if self._rejects is not None:
            self._rejects.keep()
            self._rejects = None
        self._segments.read(self._segment, end)
        self._segment += 1
        self._next_segment_at += self._segment_records

    def _settle(self) -> None:
        """Turn what was accepted into written and superseded; both follow from the keys alone."""
        counters = self._counters
        counters.rows_written = self._keys.count()
        counters.rows_superseded = counters.rows_accepted - counters.rows_written
        effort = self._lanes.effort()
        counters.requests, counters.throttles, counters.retries = (
            effort.requests,
            effort.throttles,
            effort.retries,
        )
        acknowledged = self._segments.items_acknowledged
        if acknowledged + self._lanes.merged != counters.rows_accepted or not counters.equation_holds():
            raise AssertionError(
                f"the books do not balance: {acknowledged=} {self._lanes.merged=} {counters}"
            )
