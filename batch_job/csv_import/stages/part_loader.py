"""Takes a part's blocks, segment by segment: each row is written, or kept as a reject, and counted."""

from __future__ import annotations

from csv_import.accounting.artifacts import Artifacts, SegmentRejects
from csv_import.accounting.counters import Counters
from csv_import.accounting.reject_limit import RejectGuard
from csv_import.accounting.segments import Segments
from csv_import.accounting.settlement import Settlement
from csv_import.accounting.tally import Tally
from csv_import.errors import BadData
from csv_import.reading.blocks import RecordBlock
from csv_import.reading.fitting import Fitting
from csv_import.rejects import Location, Reason, Reject, RejectCode
from csv_import.shaping.block_plan import BlockPlan
from csv_import.shaping.plan import Plan
from csv_import.shaping.shaped_rows import ShapedRows
from csv_import.writing.lanes import Lanes


class PartLoader:
    """Loads the records of one part, which come in blocks and in order.

    Args:
        fitting: makes rows fit the table, as far as the mode allows.
        plan: shapes rows.
        lanes: writes items.
        segments, settlement, artifacts, tally, counters: account for them.
        guard: stops the part when too many rows are rejected.
        segment_records: records of a segment.
        start: the part's first record.
    """

    def __init__(
        self,
        *,
        fitting: Fitting,
        plan: Plan,
        lanes: Lanes,
        segments: Segments,
        settlement: Settlement,
        artifacts: Artifacts,
        tally: Tally,
        counters: Counters,
        guard: RejectGuard,
        segment_records: int,
        start: Location,
    ) -> None:
        self._fitting = fitting
        self._plan = plan
        self._block_plan = BlockPlan(plan)
        self._lanes = lanes
        self._segments = segments
        self._settlement = settlement
        self._artifacts = artifacts
        self._tally = tally
        self._counters = counters
        self._guard = guard
        self._segment_records = segment_records
        self._first = start.record
        self._segment = 0
        self._next_segment_at = start.record + segment_records
        self._rejects: SegmentRejects | None = None
        self._end = start

    def take(self, block: RecordBlock) -> None:
        """Load a block's rows; a segment that ends among them is settled there.

        Raises:
            BadData: `too_many_rejects`; what stands before the record that was too much is on its way.
            JobStop: why nothing more can be written.
        """
        counters = self._counters
        counters.bytes_read += block.size
        counters.bytes_records += block.bytes_records
        for reason, ignored in block.ignored.items():
            counters.ignore(reason, spans=ignored.lines, size=ignored.size)
        first, index = block.start.record, 0
        if self._segment == 0 and block.rows and first == self._first:
            self._settlement.begin(0, block.location(0))
        while index < len(block.rows):
            stop = min(len(block.rows), self._next_segment_at - first)
            stop = self._block_plan.stop(block.rows, index, stop, block.size)
            self._load(block, index, stop)
            index = stop
            if first + index == self._next_segment_at:
                self._end_segment(block.location_after(index - 1))
        end = block.end()
        self._end = Location(end.line, end.record, end.offset)
        counters.notices = self._plan.notices.counts.copy()
        for location in self._keep_refused():
            self._guard.check(counters, location)
        counters.rows_written = self._segments.items_acknowledged  # so far; items, where a row is several

    def finish(self) -> None:
        """The part has no more records: settle the last segment and wait until all is in the table."""
        self._end_segment(self._end)
        self._lanes.drain()
        self._keep_refused()
        self._settle()

    def check_rejects(self) -> None:
        """The whole part is read: hold its rejects once more against the limit, for a share counts from some row on.

        Raises:
            BadData: `too_many_rejects`.
        """
        self._guard.check(self._counters, self._end)

    def close(self) -> None:
        """Let go of the rejects of a segment that was not finished."""
        if self._rejects is not None:
            self._rejects.close()

    def _load(self, block: RecordBlock, start: int, stop: int) -> None:
        """The way of all rows."""
        rows = block.rows if stop - start == len(block.rows) else block.rows[start:stop]
        counters, read, record = self._counters, self._counters.rows_read, block.start.record + start
        told = self._fitting.mendings.copy(), self._plan.notices.counts.copy()
        shaped = self._shape(rows, record)
        taken, too_many = len(rows), None
        for index, reason in shaped.rejects:
            counters.rows_read = read + index + 1
            try:
                self._reject(block, start + index, reason)
            except BadData as error:
                taken, too_many = index + 1, error
                self._fitting.mendings, self._plan.notices.counts = told
                shaped = self._shape(rows[:taken], record)  # nothing of the rows behind it counts
                break
        counters.rows_read = read + taken
        counters.mended = self._fitting.mendings.copy()
        counters.rows_accepted += len(shaped.rows)
        self._tally.add(shaped.rows, shaped.keys)
        self._lanes.put(shaped.keys, shaped.bodies, shaped.records, self._segment)
        if too_many is not None:
            raise too_many

    def _shape(self, rows: list[list[str]], first: int) -> ShapedRows:
        fitted = self._fitting.rows(rows)
        if fitted is rows:
            return self._block_plan.shape(rows, first)
        return self._block_plan.shape_fitted(list(fitted), first)

    def _reject(self, block: RecordBlock, index: int, reason: Reason) -> None:
        if self._rejects is None:
            self._rejects = self._artifacts.segment_rejects(self._segment)
        location, raw = block.location(index), block.raw(index)
        self._rejects.add(Reject(location, reason, raw, len(raw) or block.size))
        self._counters.rejects_by_code[reason.code] += 1
        self._counters.rows_rejected += 1
        self._guard.check(self._counters, location)

    def _end_segment(self, end: Location) -> None:
        self._lanes.end_segment()
        if self._rejects is not None:
            self._rejects.keep()
            self._rejects = None
        self._segments.read(self._segment, end)
        self._segment += 1
        self._settlement.begin(self._segment, end)
        self._next_segment_at += self._segment_records

    def _keep_refused(self) -> list[Location]:
        """Rows that DynamoDB refused are rejects like others, found out late; the places of the new ones."""
        refused = self._settlement.keep_refused()
        counters = self._counters
        counters.rows_accepted -= len(refused)
        counters.rows_rejected += len(refused)
        if refused:
            counters.rejects_by_code[RejectCode.REFUSED_BY_DYNAMODB] += len(refused)
        return refused

    def _settle(self) -> None:
        """Say what became of rows and items, and hold the books against what the lanes have done."""
        counters, settlement = self._counters, self._settlement
        counters.notices = self._plan.notices.counts.copy()
        self._tally.settle(counters, settlement.refused_rows, settlement.refused_items)
        acknowledged = self._segments.items_acknowledged
        if acknowledged + self._lanes.merged != counters.items_accepted or not counters.equation_holds():
            raise AssertionError(
                f"the books do not balance: {acknowledged=} {self._lanes.merged=} {counters}"
            )
