"""Whether a table's first record names its columns, and how many records do so together."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from csv_import.reading.detection.cell_types import NOTHING, TYPED, Kind, kind_of
from csv_import.reading.dialect import Finding

_MIN_BODY, _MAX_BODY = 12, 100
_MAX_CELLS = 2_000
_MAX_HEADER_RECORDS = 6
_MAX_COLUMNS = 400
_DOMINANT = 0.7
_PRIOR = 1.5
_SAME_FAMILY = (
    frozenset({Kind.NUMBER, Kind.MONEY}),
    frozenset({Kind.DATE, Kind.MOMENT, Kind.TIME}),
)
_PROGRAMMERS_NAME = re.compile(
    r"[a-z][a-z0-9]*(?:_[a-z0-9]+)+|[a-z]+(?:[A-Z][a-z0-9]+)+|(?:[A-Z][a-z0-9]+){2,}"
)
_LETTERS = re.compile(r"[^\W\d_]+")
_DIGITS = re.compile(r"\d+")

Row = Sequence[str]


@dataclass(frozen=True, slots=True)
class Column:
    """What the cells of a column have in common.

    Attributes:
        kind: what most of the cells that say anything are; None where no kind prevails.
        kinds: how often each kind occurs.
        values: its cells.
    """

    kind: Kind | None
    kinds: Counter[Kind]
    values: list[str]

    @property
    def is_typed(self) -> bool:
        """Whether its cells are numbers, dates or something else that a name is not."""
        return self.kind in TYPED


def columns_of(body: Sequence[Row], width: int) -> list[Column]:
    """The columns of a table's first records."""
    columns = []
    width = min(width, _MAX_COLUMNS)
    body = body[: max(_MIN_BODY, min(_MAX_BODY, _MAX_CELLS // max(1, width)))]
    for index in range(width):
        values = [row[index].strip() for row in body if index < len(row)]
        kinds = Counter(map(kind_of, values))
        told = sum(times for kind, times in kinds.items() if kind not in NOTHING)
        kind, times = max(
            ((kind, times) for kind, times in kinds.items() if kind not in NOTHING),
            key=lambda each: each[1],
            default=(None, 0),
        )
        columns.append(Column(kind if told and times >= _DOMINANT * told else None, kinds, values))
    return columns


def find_header(rows: Sequence[Row], width: int) -> Finding:
    """How many of the table's first records name its columns.

    Args:
        rows: the records from the first after the preamble on.
        width: cells of a whole record.
    """
    if not rows:
        return Finding(1, 0.0, "the file holds no record; a header is assumed")
    if len(rows) == 1:
        return _of_a_single_record(rows[0])
    again = next((number for number, row in enumerate(rows) if row != rows[0]), 1)
    others = rows[again:]  # a header may stand there twice
    body = [row for row in others if len(row) == width] or list(others)
    columns = columns_of(body, width)
    score = likeness(rows[0], columns)
    confidence = round(1 - 0.5 ** (1 + abs(score) / 2), 2)
    differ = sum(
        1
        for cell, column in zip(rows[0], columns, strict=False)
        if column.is_typed and _is_name(kind_of(cell))
    )
    same = sum(
        1
        for cell, column in zip(rows[0], columns, strict=False)
        if column.is_typed and kind_of(cell) is column.kind
    )
    typed = sum(1 for column in columns if column.is_typed)
    evidence = (
        f"of {len(columns)} columns {typed} have cells of one type such as numbers or dates;"
        f" the first record has words in {differ} of them, and the same type in {same}"
    )
    if score <= 0:
        return Finding(0, confidence, evidence)
    count = _records_of_header(rows, width)
    if count > 1:
        evidence += f"; {count} records before the first of these types name columns"
    return Finding(count, confidence, evidence)


def looks_like_header(row: Row, body: Sequence[Row], width: int) -> bool:
    """Whether `row` has names above columns of other types: more than nothing to the contrary."""
    columns = columns_of([each for each in body if len(each) == width], width)
    return any(column.is_typed for column in columns) and likeness(row, columns) > _PRIOR + 1


def likeness(row: Row, columns: Sequence[Column]) -> float:
    """For (above 0) and against (below) the row being names of these columns, about in bits."""
    numbered = _is_numbered(row, columns)
    score = _PRIOR + sum(
        1.0 if numbered and kind_of(cell) is Kind.NUMBER else _of_cell(index, cell.strip(), column)
        for index, (cell, column) in enumerate(zip(row, columns, strict=False))
    )
    names = [cell.strip() for cell in row if cell.strip()]
    if len(set(names)) < len(names):
        score -= min(2.0, 0.5 * (len(names) - len(set(names))))
    score += min(2.0, 0.5 * sum(1 for name in names if _PROGRAMMERS_NAME.fullmatch(name)))
    return score


def _of_a_single_record(row: Row) -> Finding:
    typed = sum(1 for cell in row if kind_of(cell) in TYPED)
    if typed:
        return Finding(
            0, 0.6, f"the only record has {typed} cells of {len(row)} that are numbers, dates or the like"
        )
    return Finding(1, 0.6, f"the only record has {len(row)} cells and none is a number, a date or the like")


def _is_name(kind: Kind) -> bool:
    return kind in {Kind.WORD, Kind.TEXT, Kind.CODE}


def _of_cell(index: int, cell: str, column: Column) -> float:
    kind = kind_of(cell)
    filled = len(column.values) - column.kinds[Kind.EMPTY]
    if not filled:
        return 0.0
    if kind is Kind.EMPTY:
        return -0.5 if index and filled >= 0.9 * len(column.values) else 0.0
    if column.is_typed:
        return _above_typed(kind, column)
    if kind in {Kind.MONEY, Kind.EMAIL, Kind.URL, Kind.IDENTIFIER}:
        return -3.0
    if kind in {Kind.NUMBER, Kind.DATE, Kind.MOMENT, Kind.TIME}:
        return -1.0 if column.kinds[kind] or kind is not Kind.DATE else 0.0
    return _above_text(cell, column)


def _above_typed(kind: Kind, column: Column) -> float:
    if kind is column.kind:
        return -4.0
    if kind is Kind.MISSING:
        return -1.0
    if _is_name(kind):
        return 4.0
    return -3.0 if any({kind, column.kind} <= family for family in _SAME_FAMILY) else 0.0


def _above_text(cell: str, column: Column) -> float:
    values = [value for value in column.values if value]
    score = 0.0
    if cell in values:
        score -= 2.0
    elif len(values) >= 4 and len(set(values)) <= len(values) / 2:
        score += 1.0
    if len(values) >= 2 and _DIGITS.search(values[0]):
        shape = _shape(values[0])
        if all(_shape(value) == shape for value in values):
            score += -2.0 if _shape(cell) == shape else 2.0
    lengths = {len(value) for value in values}
    if len(values) >= 3 and len(lengths) == 1:
        score += -0.5 if len(cell) in lengths else 1.0
    if len(cell) > 60:
        score -= 2.0
    elif values and len(cell) <= 24 and sum(map(len, values)) / len(values) > 30:
        score += 1.0
    return score


def _shape(value: str) -> str:
    """`MG-8769` as `A-9`: what letters and digits it is made of, runs told once."""
    return _LETTERS.sub("A", _DIGITS.sub("9", value))


def _is_numbered(row: Row, columns: Sequence[Column]) -> bool:
    """Years, days or the like in a row: three or more whole numbers, each one more than the one before it."""
    numbers = [int(cell) for cell in row if cell.strip().isdecimal() and len(cell.strip()) <= 4]
    steps = {later - earlier for earlier, later in pairwise(numbers)}
    if len(numbers) < 3 or steps not in ({1}, {-1}) or len(numbers) == len(row):
        return False
    return not any(str(numbers[0]) in column.values for column in columns)


def _records_of_header(rows: Sequence[Row], width: int) -> int:
    count = 1
    while count < min(_MAX_HEADER_RECORDS, len(rows) - 1):
        more = _continues(rows, count, width)
        if not more:
            break
        count += more
    return count


def _continues(rows: Sequence[Row], count: int, width: int) -> int:
    """How many records more the header takes after its first `count`.

    What continues a header says the same again, has words above numbers and the like, or fills the gaps that a row of
    names for groups leaves; an empty record may stand between these.
    """
    above, row = rows[count - 1], rows[count]
    body = [each for each in rows[count + 1 :] if len(each) == width]
    if [cell.strip() for cell in row] == [cell.strip() for cell in above]:
        return int(_has_words_above_types(row, columns_of(body, width)))
    if not body or len(row) != width:
        return 0
    if _fills_gaps(above, row, body):
        return 1
    if not any(cell.strip() for cell in row):
        return 2 if len(body) > 1 and _fills_gaps(above, rows[count + 1], body[1:]) else 0
    columns = columns_of(body, width)
    return int(_has_words_above_types(row, columns) and _has_nothing_else(row, columns))


def _has_nothing_else(row: Row, columns: Sequence[Column]) -> bool:
    """Whether only the columns of numbers and the like have something in a row: units, rather than a row of data."""
    return not any(cell.strip() for cell, column in zip(row, columns, strict=False) if not column.is_typed)


def _has_words_above_types(row: Row, columns: Sequence[Column]) -> bool:
    kinds = [kind_of(cell) for cell in row]
    if any(kind in TYPED or kind is Kind.MISSING for kind in kinds):
        return False
    typed = [kind for kind, column in zip(kinds, columns, strict=False) if column.is_typed]
    words = sum(1 for kind in typed if _is_name(kind))
    return words >= max(1, min(2, len(typed) / 2)) and likeness(row, columns) > _PRIOR + 1


def _fills_gaps(above: Row, row: Row, body: Sequence[Row]) -> bool:
    """`Date,Travel,,Total` and `,Air,Rail,`: names of groups, and below them the names in the groups."""
    gaps = [index for index, cell in enumerate(above) if not cell.strip()]
    if not gaps or len(gaps) == len(above) or any(kind_of(cell) in TYPED for cell in row):
        return False
    filled = {index for index, cell in enumerate(row) if cell.strip()}
    inner = [index for index in gaps if index < max(filled, default=-1) + 1]
    if not inner or not filled.issuperset(inner):
        return False
    columns = columns_of(body, len(above))
    if not any(columns[index].is_typed for index in filled if index < len(columns)):
        return False
    # Below a group's name stands the name of its first column; anything else that is named already stays empty.
    allowed = {*gaps, *(index - 1 for index in gaps)}
    return filled <= allowed and not any(
        {i for i, c in enumerate(each) if c.strip()} == filled for each in body
    )
