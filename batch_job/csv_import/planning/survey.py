"""The one pass over a file that cuts it, and remembers which keys stand where."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from csv_import.planning.met_keys import MetKeys
from csv_import.planning.stretches import Cutter
from csv_import.reading.boundaries import Passed
from csv_import.reading.fitting import Fitting
from csv_import.reading.record_block import RecordBlock
from csv_import.rejects import Location, Reason
from csv_import.shaping.block_keys import BlockKeys


class KeyReader:
    """Finds the keys of a block's rows, as loading will.

    Args:
        fitting: makes rows fit the table.
        keys: finds the keys of rows that fit.
    """

    def __init__(self, fitting: Fitting, keys: BlockKeys) -> None:
        self._fitting = fitting
        self._keys = keys
        self.unique_by_row = keys.unique_by_row
        """Whether no two rows can have a key in common."""

    def of(self, block: RecordBlock) -> Iterable[bytes]:
        """The keys of all items, in any order; empty ones are none."""
        return self._keys.digests(self._fitted(block), _records(block))

    def by_row(self, block: RecordBlock) -> list[tuple[bytes, ...]]:
        """The keys of each row's items."""
        return self._keys.by_row(self._fitted(block), _records(block))

    def _fitted(self, block: RecordBlock) -> Sequence[list[str] | Reason]:
        fitted = self._fitting.rows(block.rows)
        return block.rows if fitted is block.rows else list(fitted)


class Survey:
    """Takes a file's blocks one after the other.

    Args:
        cutter: decides where stretches begin.
        met: remembers keys; None where no key can occur in two places.
        keys: finds them.

    Attributes:
        records: how many there were.
    """

    def __init__(self, cutter: Cutter, met: MetKeys | None, keys: KeyReader) -> None:
        self._cutter = cutter
        self._met = met
        self._keys = keys
        self.records = 0

    @property
    def needs_keys(self) -> bool:
        """Whether rows must be read, not counted."""
        return self._met is not None

    def take(self, block: Passed | RecordBlock) -> None:
        """Take in a block."""
        if isinstance(block, RecordBlock) and not block.rows:
            return
        if self._cutter.is_due(block.end().offset - 1) and self._cutter.is_due(
            (first := _first_record(block)).offset
        ):
            self._end_stretch()
            self._cutter.begin(first)
        if isinstance(block, Passed):
            self.records += block.records
            return
        self.records += len(block.rows)
        if self._met is not None:
            self._met.add(self._keys.of(block))

    def finish(self) -> None:
        """There is no other block."""
        self._end_stretch()

    def _end_stretch(self) -> None:
        if self._met is not None and len(self._cutter.stretches):
            self._met.end_stretch()


def _first_record(block: Passed | RecordBlock) -> Location:
    if isinstance(block, Passed):
        start = block.start
        return Location(start.line, start.record, start.offset)
    return block.location(0)


def _records(block: RecordBlock) -> range:
    return range(block.start.record, block.start.record + len(block.rows))
