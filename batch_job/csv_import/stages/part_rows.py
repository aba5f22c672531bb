"""Consecutive rows of a part, wherever they come from, as loading takes them."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Protocol

from csv_import.planning.plan_files import Owned, SharedRow
from csv_import.reading.blocks import RecordBlock
from csv_import.reading.record_block import Stretch
from csv_import.rejects import Location

_NOTHING = Stretch(0, 0, {})


class PartRows(Protocol):
    """Rows of a part, in file order.

    Attributes:
        rows: their cells.
        records: their numbers in the file.
        size: their bytes, or more.
        owned: by index, what belongs to the part of a row that it does not have all of.
    """

    @property
    def rows(self) -> Sequence[list[str]]: ...  # noqa: D102
    @property
    def records(self) -> Sequence[int]: ...  # noqa: D102
    @property
    def size(self) -> int: ...  # noqa: D102
    @property
    def owned(self) -> Mapping[int, Owned]: ...  # noqa: D102

    def location(self, index: int) -> Location:
        """Where a row starts in the file; behind the last, where the part goes on."""
        ...

    def raw(self, index: int) -> bytes:
        """A row's bytes."""
        ...

    def before(self, index: int) -> Stretch:
        """What the part counts of the file's bytes in front of a row; behind the last, of all."""
        ...


def index_of(rows: PartRows, record: int) -> int:
    """The index of a record that is among the rows."""
    index = bisect_left(rows.records, record)
    assert rows.records[index] == record
    return index


@dataclass(frozen=True, slots=True)
class FileRows:
    """The rows of a block of the file, all of them or some.

    Attributes:
        block: what was read.
        kept: the indexes of the rows that belong to the part.
    """

    block: RecordBlock
    kept: Sequence[int]
    rows: Sequence[list[str]]
    records: Sequence[int]
    owned: Mapping[int, Owned] = field(default_factory=dict)

    @property
    def size(self) -> int:
        """Of the block."""
        return self.block.size

    def location(self, index: int) -> Location:
        """By the block."""
        if index < len(self.kept):
            return self.block.location(self.kept[index])
        end = self.block.end()
        return Location(end.line, end.record, end.offset)

    def raw(self, index: int) -> bytes:
        """By the block."""
        return self.block.raw(self.kept[index])

    def before(self, index: int) -> Stretch:
        """By the block: what is left out counts here as well."""
        return self.block.before(self.kept[index] if index < len(self.kept) else len(self.block.rows))


def all_rows(block: RecordBlock) -> FileRows:
    """All rows of a block."""
    first, count = block.start.record, len(block.rows)
    return FileRows(block, range(count), block.rows, range(first, first + count))


def rows_but(block: RecordBlock, left_out: Mapping[int, Owned]) -> FileRows:
    """The rows of a block but for those, by record, of which the part owns nothing or not all."""
    first = block.start.record
    owned_of = partial(left_out.get)
    kept = [
        index
        for index in range(len(block.rows))
        if (owned := owned_of(first + index)) is None or not owned.nothing
    ]
    records = [first + index for index in kept]
    owned_rows = {at: left_out[record] for at, record in enumerate(records) if record in left_out}
    return FileRows(block, kept, [block.rows[index] for index in kept], records, owned_rows)


class SharedRowsBlock:
    """Rows of a shared part. Their bytes are counted by the ranges that they stand in.

    Args:
        shared: the rows.
    """

    def __init__(self, shared: Sequence[SharedRow]) -> None:
        self._shared = shared
        self.rows = [each.row for each in shared]
        self.records = [each.location.record for each in shared]
        self.size = sum([len(each.raw) for each in shared])
        self.owned = {index: each.owned for index, each in enumerate(shared) if each.owned is not None}

    def location(self, index: int) -> Location:
        """As the plan wrote it down; behind the last, behind its record's number."""
        if index < len(self._shared):
            return self._shared[index].location
        last = self._shared[-1].location
        return Location(last.line, last.record + 1, last.offset)

    def raw(self, index: int) -> bytes:
        """As the plan wrote it down."""
        return self._shared[index].raw

    def before(self, index: int) -> Stretch:
        """Nothing."""
        return _NOTHING
