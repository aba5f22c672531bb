"""The front of a file: its mark, its preamble and its header, and behind them the records."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial

from csv_import.errors import BadData
from csv_import.reading.blocks import Place, RecordBlock, read_blocks
from csv_import.reading.code_units import code_units_of
from csv_import.reading.column_names import Adjusted, Adjustment, adjusted, joined, numbered
from csv_import.reading.damage import DamagedRow, damage_of
from csv_import.reading.detection.encoding import LONGEST_MARK, mark_of
from csv_import.reading.dialect import Detection, Dialect, LineEnd
from csv_import.reading.lines import Lines
from csv_import.reading.record_block import IgnoredLines, Layout
from csv_import.rejects import RejectCode

_LINE_ENDS = {LineEnd.ANY: "\n", LineEnd.LF: "\n", LineEnd.CRLF: "\r\n", LineEnd.CR: "\r"}


@dataclass(frozen=True, slots=True)
class Header:
    """The columns of a file, and what stands before its records.

    Attributes:
        names: one a column, in the file's order, unique and not empty.
        as_read: the names as the header has them, several header records joined; none where there is no header.
        adjusted: the columns whose name is not what the header says.
        raw: the header records' bytes, always with a line end; empty where there is no header.
        ignored: bytes and lines of the byte order mark, the preamble and the header.
        line: where the header stands, or the first record where there is none.
    """

    names: list[str]
    as_read: list[str] = field(default_factory=list)
    adjusted: Sequence[Adjusted] = ()
    raw: bytes = b""
    ignored: Mapping[str, IgnoredLines] = field(default_factory=dict)
    line: int = 1

    @property
    def start(self) -> int:
        """How many bytes stand before the blocks, in none of them: the mark and the preamble."""
        return sum(size.size for reason, size in self.ignored.items() if reason != "header")


def open_table(
    chunks: Iterable[bytes], detection: Detection, *, max_record_bytes: int
) -> tuple[Header, Iterator[RecordBlock]]:
    """Read the header, and give the blocks of records that follow it.

    The first blocks hold the header's bytes, which are no record's; the last one has no record where a footer was
    found, but holds it as ignored.

    Args:
        chunks: the file's decompressed bytes from its first on.
        detection: how they are read.
        max_record_bytes: the longest record, in bytes with its line end.

    Raises:
        BadData: `no_header`, `not_text`, `line_too_long`.
    """
    dialect = detection.dialect
    before, chunks = _after_preamble(iter(chunks), dialect)
    start = Place(
        line=1 + dialect.skipped_lines,
        record=1 - dialect.header_records,
        offset=sum(each.size for each in before.values()),
    )
    blocks = _with_footer(
        partial(read_blocks, dialect=dialect, max_record_bytes=max_record_bytes, start=start),
        chunks,
        detection,
        start,
    )
    opening = _Opening(dialect)
    for block in blocks:
        if opening.take(block):
            return opening.header(before), itertools.chain(opening.blocks, blocks)
    if opening.rows:  # the file ends within its header, or has no record but it
        return opening.header(before), iter(opening.blocks)
    raise BadData("no_header", "the file holds no record: its first line must name the columns")


def records_from(
    chunks: Iterable[bytes], detection: Detection, *, start: Place, max_record_bytes: int
) -> Iterator[RecordBlock]:
    """Give the blocks from a record on, as `open_table` would, the footer among them.

    Args:
        chunks: the file's decompressed bytes from `start` on.
        detection: how they are read.
        start: a record's start.
        max_record_bytes: as for `open_table`.
    """
    return _with_footer(
        partial(read_blocks, dialect=detection.dialect, max_record_bytes=max_record_bytes, start=start),
        iter(chunks),
        detection,
        start,
    )


class _Opening:
    """Takes the header records off the first blocks."""

    def __init__(self, dialect: Dialect) -> None:
        self._dialect = dialect
        self._line: int | None = None
        self._raw: list[bytes] = []
        self._width = dialect.columns
        self.rows: list[list[str]] = []
        self.blocks: list[RecordBlock] = []

    def take(self, block: RecordBlock) -> bool:
        """Keep a block without header records; say whether all is known that the header needs."""
        wanted = self._dialect.header_records
        while block.rows and len(self.rows) < wanted:
            self._check(block)
            self._line = self._line or block.location(0).line
            self.rows.append(block.rows[0])
            self._raw.append(block.raw(0))
            block = block.without_first()
        self.blocks.append(block)
        if wanted:
            return len(self.rows) == wanted
        if block.rows and self._line is None:
            self._line = block.location(0).line
            self._width = self._width or len(block.rows[0])
        return bool(block.rows)

    def header(self, before: Mapping[str, IgnoredLines]) -> Header:
        """The header, complete."""
        if not self._dialect.header_records:
            names, changes = numbered(self._width or 1)
            return Header(names, adjusted=changes, ignored=before, line=self._line or 1)
        as_read = list(self.rows[0]) if len(self.rows) == 1 else joined(self.rows)
        names, changes = adjusted(as_read)
        if any(isinstance(row, DamagedRow) for row in self.rows):
            known = {change.column for change in changes}
            mended = (Adjusted(n, Adjustment.MENDED) for n in range(1, len(names) + 1) if n not in known)
            changes = sorted([*changes, *mended], key=lambda change: change.column)
        raw = b"".join(self._raw)
        lines = Lines(code_units_of(self._dialect.encoding), self._dialect.line_end)
        span = IgnoredLines(len(lines.ends(raw)), len(raw))
        if lines.last_end(raw + b"." * lines.coding.size) < len(raw):
            raw += _LINE_ENDS[self._dialect.line_end].encode(lines.coding.codec)
        return Header(names, as_read, changes, raw, {**before, "header": span}, self._line or 1)

    @staticmethod
    def _check(block: RecordBlock) -> None:
        row = block.rows[0]
        where = f"line {block.location(0).line}"
        damage = damage_of(row)
        if damage and damage.code is RejectCode.RECORD_TOO_LONG:
            raise BadData(
                "line_too_long",
                f"{where}: {damage.message}; this is no CSV file, or its line ends are lost",
            )
        if (damage and damage.code is RejectCode.INVALID_ENCODING) or any("\0" in name for name in row):
            raise BadData(
                "not_text",
                f"{where}: the header holds bytes that are no text in the file's encoding; is this a CSV file?"
                " Save it as UTF-8 and drop it again",
            )


def _after_preamble(
    chunks: Iterator[bytes], dialect: Dialect
) -> tuple[dict[str, IgnoredLines], Iterator[bytes]]:
    """Take byte order mark and preamble off the front."""
    ignored = {}
    front = b""
    while len(front) < LONGEST_MARK and (chunk := next(chunks, None)) is not None:
        front += chunk
    mark = len(mark_of(dialect.encoding, front))
    if mark:
        ignored["byte_order_mark"] = IgnoredLines(1, mark)
    front = front[mark:]
    lines = Lines(code_units_of(dialect.encoding), dialect.line_end)
    size = skipped = 0
    while skipped < dialect.skipped_lines:
        end = lines.first_end(front[: len(front) - len(front) % lines.coding.size], final=False)
        if end is None:
            chunk = next(chunks, None)
            if chunk is not None:
                # What is known to hold no line end need not be looked at again.
                sure = len(front) - lines.undecided(front)
                size += sure
                front = front[sure:] + chunk
                continue
            end = lines.first_end(front, final=True) or 0
            if not end:
                break
        size += end
        front = front[end:]
        skipped += 1
    if size:
        ignored["preamble"] = IgnoredLines(skipped, size)
    return ignored, itertools.chain((front,), chunks)


def _with_footer(
    read: partial[Iterator[RecordBlock]], chunks: Iterator[bytes], detection: Detection, start: Place
) -> Iterator[RecordBlock]:
    """The blocks of all but the file's last bytes, if these are a footer, and it as a block without records."""
    if not detection.footer_bytes:
        yield from read(chunks)
        return
    held = _Held(chunks, detection.footer_bytes)
    end = start
    for block in read(held):
        end = block.end()
        yield block
    footer = held.rest
    lines = Lines(code_units_of(detection.dialect.encoding), detection.dialect.line_end).ends(footer)
    count = len(lines) if footer else 0
    yield RecordBlock(
        rows=[],
        start=end,
        data=footer,
        size=len(footer),
        lines=count,
        layout=Layout(lambda: lines, list),
        ignored={"footer": IgnoredLines(count, len(footer))},
    )


class _Held:
    """Chunks but for the last `size` bytes, which are in `rest` at the end."""

    def __init__(self, chunks: Iterator[bytes], size: int) -> None:
        self._chunks = chunks
        self._size = size
        self.rest = b""

    def __iter__(self) -> Iterator[bytes]:
        for chunk in self._chunks:
            data = self.rest + chunk
            at = max(0, len(data) - self._size)
            self.rest = data[at:]
            if at:
                yield data[:at]
