"""All that reading tells about the records of a file, to be compared."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from hypothesis import strategies as st

from csv_import.reading.blocks import Place, RecordBlock, read_blocks
from csv_import.reading.damage import damage_of
from csv_import.reading.dialect import Dialect

AMPLE = 1 << 20
"""More than any record of a test has."""

cut_sizes = st.lists(st.integers(1, 40), min_size=1, max_size=12)


@dataclass(frozen=True)
class Seen:
    """All that a block tells about a record; of a damaged one its best reading."""

    line: int
    record: int
    offset: int
    raw: bytes
    cells: tuple[str, ...]
    damage: str


def seen_in(blocks: Iterable[RecordBlock]) -> Iterator[Seen]:
    for block in blocks:
        for index, row in enumerate(block.rows):
            at, damage = block.location(index), damage_of(row)
            code = damage.code if damage else ""
            yield Seen(at.line, at.record, at.offset, block.raw(index), tuple(row), code)


def cut(data: bytes, sizes: Iterable[int]) -> list[bytes]:
    """Cut into chunks of the given sizes; the last size goes for all that is left."""
    chunks, rest = [], data
    todo = list(sizes)
    while rest:
        size = todo.pop(0) if len(todo) > 1 else todo[0]
        chunks.append(rest[:size])
        rest = rest[size:]
    return chunks


def blocks_of(
    data: bytes,
    dialect: Dialect,
    *,
    sizes: Sequence[int] = (AMPLE,),
    limit: int = AMPLE,
    start: Place | None = None,
) -> list[RecordBlock]:
    """What is read where the file comes in chunks of `sizes`, each of them read in pieces as small as the last."""
    chunks = cut(data, sizes)
    return list(
        read_blocks(chunks, dialect=dialect, max_record_bytes=limit, start=start, piece_bytes=2 * sizes[-1])
    )


def seen(data: bytes, dialect: Dialect, *, sizes: Sequence[int] = (AMPLE,), limit: int = AMPLE) -> list[Seen]:
    return list(seen_in(blocks_of(data, dialect, sizes=sizes, limit=limit)))
