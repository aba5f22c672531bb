"""A file that is planned and read part by part in this process, and what each part has of each row."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, cast

from csv_import.accounting.ledger_values import Claim, reached
from csv_import.accounting.scope import Range, SharedRows, scope_of
from csv_import.planning.survey import KeyReader
from csv_import.reading.damage import damage_of
from csv_import.reading.dialect import Detection, Given
from csv_import.reading.object_stream import ObjectVersion
from csv_import.reading.opening import open_file
from csv_import.rejects import Location, Reason
from csv_import.settings import Mode, PlanLimits, ReadLimits
from csv_import.shaping.block_keys import BlockKeys
from csv_import.shaping.item import Items
from csv_import.shaping.key_schema import KeyAttribute, KeySchema
from csv_import.shaping.spec_reader import ReadSpec, read_spec
from csv_import.stages.cutting import cut
from csv_import.stages.file_to_plan import FileToPlan
from csv_import.stages.part_reader import reader_of
from csv_import.stages.part_rows import PartRows
from csv_import.stages.source import Source
from tests.property.csv_import.spec_cases import WHEN

ORIGIN = ObjectVersion("input", "in/a.csv", "v1", "e")
KEYS = KeySchema((KeyAttribute("Id", "S", 2048),))
TIMED = KeySchema((KeyAttribute("Id", "S", 2048), KeyAttribute("CreatedTime", "S", 1024)))
"""No two rows have a key in common, so records are only counted."""


@dataclass(frozen=True)
class Bytes:
    """An object, as reading it goes."""

    data: bytes
    chunk_bytes: int = 1 << 20
    last_modified: Any = WHEN

    @property
    def size(self) -> int:
        return len(self.data)

    def chunks(self) -> Iterator[bytes]:
        return self.again_from(0)

    def again_from(self, offset: int) -> Iterator[bytes]:
        for at in range(offset, len(self.data), self.chunk_bytes):
            yield self.data[at : at + self.chunk_bytes]

    def tail(self, n_bytes: int) -> bytes:
        return self.data[-n_bytes:]

    def read(self, offset: int, n_bytes: int) -> bytes:
        return self.data[offset : offset + n_bytes]


@lru_cache
def _said(spec: str) -> ReadSpec:
    return read_spec(spec)


@lru_cache
def _detected(data: bytes, given: Given) -> Detection:
    return open_file(Bytes(data), given=given, limits=ReadLimits(), key_names=("Id",)).detection


def source_of(
    data: bytes,
    *,
    spec: str = "",
    mode: Mode = Mode.STRICT,
    given: Given | None = None,
    max_record_bytes: int = 1 << 20,
    keys: KeySchema = KEYS,
) -> Source:
    """The file as both stages open it."""
    stream = Bytes(data, chunk_bytes=7)
    said, detection = _said(spec), _detected(data, given or Given())
    limits = ReadLimits(max_record_bytes=max_record_bytes)
    opened = open_file(stream, given=Given(), limits=limits, pinned=detection)
    claim = Claim(ORIGIN, 1, None, None)
    whatever: Any = None
    return Source(
        claim,
        said,
        "items",
        keys,
        cast(Any, stream),
        opened,
        mode,
        10,
        whatever,
        limits.max_record_bytes,
    )


@dataclass(frozen=True)
class Row:
    """What a part has of a row."""

    record: int
    line: int
    offset: int
    cells: tuple[str, ...]
    damage: str
    raw: bytes


@dataclass
class Seen:
    """What a part's rows come to.

    Attributes:
        rows: all of which the part has something, in its order.
        items: which of a row's items belong to the part; None is all.
        counted: the records that the part counts.
        bytes_read, bytes_records, ignored: of the file.
    """

    rows: list[Row] = field(default_factory=list)
    items: dict[int, frozenset[int] | None] = field(default_factory=dict)
    counted: list[int] = field(default_factory=list)
    bytes_read: int = 0
    bytes_records: int = 0
    ignored: Counter[str] = field(default_factory=Counter)

    def take(self, rows: PartRows) -> None:
        for index, row in enumerate(rows.rows):
            at, damage = rows.location(index), damage_of(row)
            code = damage.code if damage else ""
            assert rows.records[index] == at.record
            self.rows.append(Row(at.record, at.line, at.offset, tuple(row), code, rows.raw(index)))
            owned = rows.owned.get(index)
            self.items[at.record] = owned.items if owned else None
            if owned is None or owned.counted:
                self.counted.append(at.record)
        stretch = rows.before(len(rows.rows))
        self.bytes_read += stretch.size
        self.bytes_records += stretch.bytes_records
        for reason, told in stretch.ignored.items():
            self.ignored[reason] += told.lines


@dataclass
class Planned:
    """A file in parts."""

    scopes: list[Range | SharedRows]
    parts: list[Seen]
    rows_shared: int


def in_parts(data: bytes, limits: PlanLimits, *, stretch_bytes: int, **how: Any) -> Planned:
    """Plan a file, and read it part by part."""
    source = source_of(data, **how)
    first = next((block.location(0) for block in source.opened.blocks if block.rows), None)
    assert first is not None
    with _planned(source, first, limits, stretch_bytes) as (scopes, artifacts, rows_shared):
        parts = []
        for part, scope in enumerate(scopes):
            seen = Seen()
            opened = source_of(data, **how)  # another process

            def read(keys: Sequence[str]) -> Iterator[bytes]:
                for key in keys:  # cut anywhere
                    yield from Bytes(artifacts[key], chunk_bytes=11).chunks()

            name = "range" if isinstance(scope, Range) else "shared"
            item = {"part": part, name: scope.as_map()}
            for rows in reader_of(scope_of(item), opened, read).rows(reached(item)):
                seen.take(rows)
            parts.append(seen)
        return Planned(scopes, parts, rows_shared)


@contextmanager
def _planned(
    source: Source, first: Location, limits: PlanLimits, stretch_bytes: int
) -> Iterator[tuple[list[Range | SharedRows], dict[str, bytes], int]]:
    fitting, plan = source.new_shaping()
    reader = KeyReader(fitting, BlockKeys(plan))
    told: list[tuple[int, int]] = []
    with cut(
        FileToPlan(source, limits, stretch_bytes),
        first,
        reader,
        part_bytes=limits.part_bytes,
        limits=limits,
        tell=lambda records, offset: told.append((records, offset)),
    ) as found:
        assert told == sorted(told)
        artifacts: dict[str, bytes] = {}
        scopes: list[Range | SharedRows] = []
        for part, each in enumerate(found.ranges):
            key = f"left-out-{part}"
            artifacts[key] = found.sharing.left_out.data(part)
            left_out = (key,) if artifacts[key] else ()
            count = found.sharing.left_out_counts[part]
            scopes.append(Range(each.start, each.end_offset, each.records, count, left_out))
        for number, rows in enumerate(found.sharing.row_counts):
            key = f"shared-{number}"
            artifacts[key] = found.sharing.rows.data(number)
            scopes.append(SharedRows((key,), rows, len(artifacts[key])))
        assert len(scopes) == len(found.ranges) + found.shared_parts
        yield scopes, artifacts, found.sharing.records


def whole(data: bytes, **how: Any) -> Seen:
    """The file as one part."""
    seen = Seen()
    source = source_of(data, **how)
    for rows in reader_of(None, source, lambda _: iter(())).rows(reached({})):
        seen.take(rows)
    return seen


def keys_by_record(data: bytes, **how: Any) -> dict[int, list[bytes]]:
    """The keys of the items of each row that is accepted, shaped one by one."""
    source = source_of(data, **how)
    fitting, plan = source.new_shaping()
    found: dict[int, list[bytes]] = {}
    for block in source.opened.blocks:
        for index, row in enumerate(fitting.rows(block.rows)):
            record = block.start.record + index
            shaped = row if isinstance(row, Reason) else plan.shape(row, record)
            if not isinstance(shaped, Reason):
                items = shaped.items if isinstance(shaped, Items) else (shaped,)
                found[record] = [item.key for item in items]
    return found


def digests_by_record(data: bytes, **how: Any) -> dict[int, tuple[bytes, ...]]:
    """The keys that planning finds, those of some rows that are rejected among them."""
    source = source_of(data, **how)
    fitting, plan = source.new_shaping()
    reader = KeyReader(fitting, BlockKeys(plan))
    found: dict[int, tuple[bytes, ...]] = {}
    for block in source.opened.blocks:
        found |= dict(enumerate(reader.by_row(block), start=block.start.record))
    return found
