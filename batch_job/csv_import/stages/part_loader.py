"""Takes a part's rows, segment by segment: each row is written, or kept as a reject, and counted."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from csv_import.accounting.artifacts import Artifacts, SegmentRejects
from csv_import.accounting.books import Books, Keys
from csv_import.accounting.counters import Counters
from csv_import.accounting.reject_limit import RejectGuard
from csv_import.accounting.segments import Checkpoint, Segments
from csv_import.accounting.settlement import Settlement
from csv_import.accounting.tally import Tally
from csv_import.errors import BadData
from csv_import.planning.plan_files import Owned
from csv_import.reading.fitting import Fitting
from csv_import.reading.record_block import IgnoredLines, Stretch
from csv_import.rejects import Location, Reason, Reject
from csv_import.shaping.block_plan import BlockPlan
from csv_import.shaping.item import digests_of
from csv_import.shaping.plan import Plan
from csv_import.shaping.shaped_rows import ShapedRows
from csv_import.stages.part_rows import PartRows
from csv_import.writing.lanes import Lanes

_NOTHING = Stretch(0, 0, {})


class PartLoader:
    """Loads the rows of one part, which come in order.

    Args:
        fitting: makes rows fit the table, as far as the mode allows.
        plan: shapes rows.
        lanes: writes items.
        segments, settlement, artifacts, tally, counters: account for them.
        guard: stops the part when too many rows are rejected.
        make_room: returns when not too much waits to be kept.
        segment_records: rows of a segment.
        start: where to begin: segment and record.
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
        make_room: Callable[[], None],
        segment_records: int,
        start: Checkpoint,
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
        self._make_room = make_room
        self._segment_records = segment_records
        self._segment = start.segment
        self._left = segment_records
        """Of the segment under way, how many rows are still to come."""
        self._begun = False
        self._keys = Keys()
        self._refused = 0
        self._rejects: SegmentRejects | None = None
        self._end = start.at
        self._items_before = tally.items - settlement.refused_items.total()

    def take(self, rows: PartRows) -> None:
        """Load rows; a segment that ends among them is settled there.

        Raises:
            BadData: `too_many_rejects`; what stands before the record that was too much is on its way.
            JobStop: why nothing more can be written.
        """
        counters = self._counters
        counted, index, count = _NOTHING, 0, len(rows.rows)
        if not self._begun and count:
            self._begun = True
            self._settlement.begin(self._segment, rows.location(0))
        while index < count:
            stop = min(count, index + self._left)
            stop = self._block_plan.stop(rows.rows, index, stop, rows.size)
            taken, too_many = self._load(rows, index, stop)
            index += taken
            self._left -= taken
            if too_many is not None:
                self._count(counted, rows.before(index))
                self._end = rows.location(index)
                raise too_many
            if not self._left:
                counted = self._count(counted, rows.before(index))
                self._end_segment(rows.location(index))
        self._count(counted, rows.before(count))
        self._end = rows.location(count)
        counters.notices = self._plan.notices.counts.copy()
        for location in self._keep_refused():
            self._guard.check(counters, location)
        # So far; items, where a row is several.
        counters.rows_written = self._items_before + self._segments.items_acknowledged

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

    def _count(self, counted: Stretch, stretch: Stretch) -> Stretch:
        """Account for the bytes in front of a row, of which some may be counted already."""
        counters = self._counters
        counters.bytes_read += stretch.size - counted.size
        counters.bytes_records += stretch.bytes_records - counted.bytes_records
        for reason, ignored in stretch.ignored.items():
            before = counted.ignored.get(reason, IgnoredLines())
            counters.ignore(reason, spans=ignored.lines - before.lines, size=ignored.size - before.size)
        return stretch

    def _load(self, part_rows: PartRows, start: int, stop: int) -> tuple[int, BadData | None]:
        """The way of all rows; gives how many were taken, and what is wrong if that is not all."""
        if part_rows.owned:
            if start in part_rows.owned:
                return self._load_owned(part_rows, start, part_rows.owned[start])
            stop = min((index for index in part_rows.owned if start < index < stop), default=stop)
        rows, records = part_rows.rows, part_rows.records
        if stop - start < len(rows):
            rows, records = rows[start:stop], records[start:stop]
        counters, read = self._counters, self._counters.rows_read
        told = self._fitting.mendings.copy(), self._plan.notices.counts.copy()
        shaped = self._shape(rows, records)
        taken, too_many = len(rows), None
        for index, reason in shaped.rejects:
            counters.rows_read = read + index + 1
            try:
                self._reject(part_rows, start + index, reason)
            except BadData as error:
                taken, too_many = index + 1, error
                self._fitting.mendings, self._plan.notices.counts = told
                # nothing of the rows behind it counts
                shaped = self._shape(rows[:taken], records[:taken])
                break
        counters.rows_read = read + taken
        counters.mended = self._fitting.mendings.copy()
        counters.rows_accepted += len(shaped.rows)
        self._put(shaped.row_keys, shaped)
        return taken, too_many

    def _load_owned(self, part_rows: PartRows, index: int, owned: Owned) -> tuple[int, BadData | None]:
        """The way of a row of several items of which some are other parts': whoever has the first one counts it."""
        told = self._fitting.mendings.copy(), self._plan.notices.counts.copy()
        shaped = self._shape(part_rows.rows[index : index + 1], part_rows.records[index : index + 1])
        self._counters.rows_read += owned.counted
        if not owned.counted:
            self._fitting.mendings, self._plan.notices.counts = told
        self._counters.mended = self._fitting.mendings.copy()
        if shaped.rejects:
            try:
                if owned.counted:
                    self._reject(part_rows, index, shaped.rejects[0][1])
            except BadData as error:
                return 1, error
            return 1, None
        self._counters.rows_accepted += owned.counted
        mine = [item for item in range(len(shaped.keys)) if item in owned.items]
        row_keys = list(shaped.rows) if owned.counted else []
        keys, bodies = [shaped.keys[item] for item in mine], [shaped.bodies[item] for item in mine]
        records = [shaped.records[item] for item in mine]
        self._put(row_keys, ShapedRows(keys, bodies, records))
        return 1, None

    def _put(self, row_keys: Sequence[bytes] | None, shaped: ShapedRows) -> None:
        """Account for items that are accepted, and for the rows that count here, and send them off."""
        items = digests_of(shaped.keys)
        rows = items if row_keys is None else digests_of(row_keys)
        joined = b"".join(items)
        self._tally.add(rows, items)
        self._keys.items += joined
        if row_keys is not None:
            self._keys.rows += b"".join(rows)
        self._lanes.put(shaped.keys, joined, shaped.bodies, shaped.records, self._segment)

    def _shape(self, rows: Sequence[list[str]], records: Sequence[int]) -> ShapedRows:
        fitted = self._fitting.rows(rows)
        if fitted is rows:
            return self._block_plan.shape(rows, records)
        return self._block_plan.shape_fitted(list(fitted), records)

    def _reject(self, rows: PartRows, index: int, reason: Reason) -> None:
        if self._rejects is None:
            self._rejects = self._artifacts.segment_rejects(self._segment)
        location, raw = rows.location(index), rows.raw(index)
        self._rejects.add(Reject(location, reason, raw, len(raw) or rows.size))
        self._counters.rejects_by_code[reason.code] += 1
        self._counters.rows_rejected += 1
        self._guard.check(self._counters, location)

    def _end_segment(self, end: Location) -> None:
        self._lanes.end_segment()
        if self._rejects is not None:
            self._rejects.keep()
            self._rejects = None
        self._counters.notices = self._plan.notices.counts.copy()
        totals = self._counters.copy()
        totals.refuse(-self._refused)
        self._segments.read(Books(self._segment, end, totals, self._keys))
        self._make_room()
        self._keys = Keys()
        self._segment += 1
        self._settlement.begin(self._segment, end)
        self._left = self._segment_records

    def _keep_refused(self) -> list[Location]:
        """Rows that DynamoDB refused are rejects like others, found out late; the places of the new ones."""
        refused = self._settlement.keep_refused()
        self._refused += len(refused)
        self._counters.refuse(len(refused))
        return refused

    def _settle(self) -> None:
        """Say what became of rows and items, and hold the books against what the lanes have done."""
        counters, settlement = self._counters, self._settlement
        counters.notices = self._plan.notices.counts.copy()
        self._tally.settle(counters, settlement.refused_rows, settlement.refused_items)
        acknowledged = self._segments.items_acknowledged
        items = counters.items_accepted - self._items_before
        if acknowledged + self._lanes.merged != items or not counters.equation_holds():
            raise AssertionError(
                f"the books do not balance: {acknowledged=} {self._lanes.merged=} {counters}"
            )
