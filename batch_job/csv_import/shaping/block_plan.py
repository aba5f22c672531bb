"""Shapes many rows at once: the same items as row by row, at a fraction of the work for each."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass, field

import orjson

from csv_import.rejects import Reason
from csv_import.shaping.item import Item, Items, digest_of, digests_of
from csv_import.shaping.plan import Plan
from csv_import.shaping.provenance import CREATED_TIME
from csv_import.shaping.row_plan import Column, Flat
from csv_import.shaping.sizes import MAX_ITEM_BYTES

# Cells are joined with one of these to be escaped together; JSON leaves both as they are. A cell that holds one
# of them makes a piece too many, which is noticed.
_BETWEEN_CELLS = ("\x7f", "\ufdd0")
_END_OF_ROW = b"\n"  # stands in no JSON text but between values
_MOSTLY_ODD = 8  # one odd row in so many, and rows are shaped one by one


@dataclass(slots=True)
class ShapedRows:
    """Items of consecutive rows, as lists of equal length in file order, and what was rejected among the rows.

    Attributes:
        keys: digests of the items' keys.
        bodies: the items, as `Item.body`.
        records: the number of each item's record.
        rejects: index of the row, and why it has no item.
        row_keys: the keys that stand for the rows, where a row may be several items; None where each is one.
    """

    keys: list[bytes] = field(default_factory=list)
    bodies: list[bytes] = field(default_factory=list)
    records: list[int] = field(default_factory=list)
    rejects: list[tuple[int, Reason]] = field(default_factory=list)
    row_keys: list[bytes] | None = None

    @property
    def rows(self) -> Sequence[bytes]:
        """The keys that stand for the rows that were accepted."""
        return self.keys if self.row_keys is None else self.row_keys

    def add(self, index: int, record: int, shaped: Item | Items | Reason) -> None:
        """Take in what a row came to."""
        if isinstance(shaped, Reason):
            self.rejects.append((index, shaped))
            return
        items = shaped.items if isinstance(shaped, Items) else (shaped,)
        if self.row_keys is not None:
            self.row_keys.append(items[0].key)
        for item in items:
            self.keys.append(item.key)
            self.bodies.append(item.body)
            self.records.append(record)

    def append(self, others: ShapedRows, at: int) -> None:
        """Take in the rows that follow, the first of which has the index `at`."""
        self.keys += others.keys
        self.bodies += others.bodies
        self.records += others.records
        self.rejects += [(at + index, reason) for index, reason in others.rejects]
        if self.row_keys is not None:
            self.row_keys += others.rows


class BlockPlan:
    """Shapes rows by a plan, whose `shape` says what is right.

    Rows that are as they should be are built column by column. Every other row, too short, with an empty key or
    a number that is none, is left to the plan; so is every row of a plan that is more than columns and constants.

    Args:
        plan: made of spec, header, table and object.
    """

    def __init__(self, plan: Plan) -> None:
        self._plan = plan
        self._flat = plan.flat()
        if self._flat is not None:
            self._width = len(self._flat.columns)
            self._head = _head(self._flat)
            self._order = sorted(range(self._width), key=lambda index: not self._flat_column(index).required)
            self._openings = self._make_openings()

    def shape(self, rows: Sequence[list[str]], first: int) -> ShapedRows:
        """The items of consecutive rows.

        Args:
            rows: their cells.
            first: number of the first one's record in the file.
        """
        if self._flat is None:
            return self._one_by_one(rows, first)
        shaped = self._columns_at_once(rows, first) if set(map(len, rows)) == {self._width} else None
        if shaped is not None:
            return shaped
        odd = [index for index, row in enumerate(rows) if not self._is_plain(row)]
        if not odd or len(odd) > len(rows) // _MOSTLY_ODD:
            return self._one_by_one(rows, first)
        return self._in_runs(rows, first, odd)

    def shape_fitted(self, rows: Sequence[list[str] | Reason], first: int) -> ShapedRows:
        """The items of consecutive rows among which some cannot be taken, for a reason that is known already.

        Args:
            rows: their cells, or the reason.
            first: number of the first one's record in the file.
        """
        all_shaped, start = self._no_rows(), 0
        for reason, run in itertools.groupby(rows, lambda row: isinstance(row, Reason)):
            members = list(run)
            if reason:
                all_shaped.rejects += [
                    (start + at, row) for at, row in enumerate(members) if isinstance(row, Reason)
                ]
            else:
                good = [row for row in members if not isinstance(row, Reason)]
                all_shaped.append(self.shape(good, first + start), start)
            start += len(members)
        return all_shaped

    def _no_rows(self) -> ShapedRows:
        return ShapedRows(row_keys=[] if self._plan.items_per_row > 1 else None)

    def _in_runs(self, rows: Sequence[list[str]], first: int, odd: list[int]) -> ShapedRows:
        """Shape what stands between odd rows at once, and these by themselves."""
        all_shaped, start = self._no_rows(), 0
        for index in (*odd, len(rows)):
            run = rows[start:index]
            if run:
                shaped = self._columns_at_once(run, first + start) or self._one_by_one(run, first + start)
                all_shaped.append(shaped, start)
            if index < len(rows):
                all_shaped.add(index, first + index, self._plan.shape(rows[index], first + index))
            start = index + 1
        return all_shaped

    def _one_by_one(self, rows: Sequence[list[str]], first: int) -> ShapedRows:
        shaped = self._no_rows()
        for index, row in enumerate(rows):
            shaped.add(index, first + index, self._plan.shape(row, first + index))
        return shaped

    def _is_plain(self, row: list[str]) -> bool:
        if len(row) != self._width:
            return False
        assert self._flat is not None
        return all(
            _convert(column, cell) is not None for column, cell in zip(self._flat.columns, row, strict=True)
        )

    def _columns_at_once(self, rows: Sequence[list[str]], first: int) -> ShapedRows | None:
        """The items of rows of the right width, or None where one of them is odd."""
        assert self._flat is not None
        cells = _escaped(rows, self._width)
        if cells is None:
            return None
        values: dict[int, list[str]] = {}
        for index, column in enumerate(self._flat.columns):
            if column.convert is None:
                continue
            found = _values(column, [row[index] for row in rows], max(map(len, cells[index])))
            if found is None:
                return None
            values[index] = found
            if column.kind != "S":
                cells[index] = [value.encode() for value in found]
        bodies = self._bodies(cells, first, len(rows))
        if max(map(len, bodies)) > MAX_ITEM_BYTES:
            return None
        keys = _digests([values[index] for index in self._flat.keys])
        return ShapedRows(keys, bodies, list(range(first, first + len(rows))))

    def _bodies(self, cells: list[list[bytes]], first: int, count: int) -> list[bytes]:
        """Every row's pieces in one list, joined and cut into items again: nothing is done row by row."""
        assert self._flat is not None
        created_times = self._flat.created_times
        stamped = created_times is not None
        stride = 2 + stamped + 2 * self._width
        pieces: list[bytes] = [self._head] * (stride * count)
        if created_times is not None:
            pieces[1::stride] = created_times(first, count)
        at = 1 + stamped
        for index, opening in zip(self._order, self._openings, strict=True):
            pieces[at::stride] = [opening] * count
            pieces[at + 1 :: stride] = cells[index]
            at += 2
        pieces[at::stride] = [b'"}}' + _END_OF_ROW] * count
        text = b"".join(pieces)
        for index in self._order:
            column = self._flat.columns[index]
            if not column.required and b"" in cells[index]:
                # Quotes inside of names and values are escaped, so this stands for the empty attribute alone.
                text = text.replace(b"," + _opening(column) + b'"}', b"")
        bodies = text.split(_END_OF_ROW)
        bodies.pop()
        return bodies

    def _flat_column(self, index: int) -> Column:
        assert self._flat is not None
        return self._flat.columns[index]

    def _make_openings(self) -> list[bytes]:
        """What stands before each column's value: the end of the attribute before it, and its own name and type."""
        assert self._flat is not None
        before = b'"},' if self._flat.created_times else b"," if self._flat.constants else b""
        openings = []
        for index in self._order:
            openings.append(before + _opening(self._flat_column(index)))
            before = b'"},'
        return openings


def _head(flat: Flat) -> bytes:
    """The start of every item: the constants, and the name of `CreatedTime`."""
    parts = [orjson.dumps(name) + b":" + orjson.dumps({"S": value}) for name, value in flat.constants.items()]
    if flat.created_times:
        parts.append(_opening(Column(CREATED_TIME)))
    return b"{" + b",".join(parts)


def _opening(column: Column) -> bytes:
    return orjson.dumps(column.name) + b':{"' + column.kind.encode() + b'":"'


def _escaped(rows: Sequence[list[str]], width: int) -> list[list[bytes]] | None:
    """The columns' cells as they stand between the quotes of JSON; None where that can't be told at once."""
    for between in _BETWEEN_CELLS:
        cells = orjson.dumps(between.join(map(between.join, rows)))[1:-1].split(between.encode())
        if len(cells) == width * len(rows):
            return [cells[index::width] for index in range(width)]
    return None


def _values(column: Column, cells: list[str], longest_bytes: int) -> list[str] | None:
    """The values of a key column, or None where one of its cells is not as it should be."""
    assert column.max_bytes is not None
    if column.kind == "S" and longest_bytes <= column.max_bytes:  # escaped cells are never shorter
        return None if column.required and "" in cells else cells
    values = [value for cell in cells if (value := _convert(column, cell)) is not None]
    return values if len(values) == len(cells) else None


def _convert(column: Column, cell: str) -> str | None:
    """The value of a cell that is as it should be; None for every other cell."""
    if not cell:
        return None if column.required else cell
    if column.convert is None:
        return cell
    value = column.convert(cell)
    return None if isinstance(value, Reason) else value


def _digests(columns: list[list[str]]) -> list[bytes]:
    """`key_digest` of each row's values."""
    encoded = [[value.encode() for value in column] for column in columns]
    if len(encoded) == 1:
        return digests_of(encoded[0])
    return [digest_of(values) for values in zip(*encoded, strict=True)]
