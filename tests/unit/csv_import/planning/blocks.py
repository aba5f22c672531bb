"""Blocks of rows, and keys that are told instead of made."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, cast

from csv_import.planning.survey import KeyReader
from csv_import.reading.blocks import Place, RecordBlock, read_blocks
from csv_import.reading.dialect import Dialect
from csv_import.reading.fitting import Fitting
from csv_import.settings import Mode


def block(text: str, start: Place | None = None) -> RecordBlock:
    (only,) = read_blocks(
        [text.encode()], dialect=Dialect(), max_record_bytes=1 << 20, start=start or Place()
    )
    return only


class ToldKeys:
    """Rows have the keys that their first cell names; several with a blank between."""

    unique_by_row = False

    def __init__(self, keys: Mapping[str, bytes]) -> None:
        self._keys = keys

    def by_row(self, rows: Sequence[list[str]], records: Sequence[int]) -> list[tuple[bytes, ...]]:
        return [tuple(self._keys[name] for name in row[0].split()) for row in rows]

    def digests(self, rows: Sequence[list[str]], records: Sequence[int]) -> list[bytes]:
        return [digest for digests in self.by_row(rows, records) for digest in digests]


def reader(keys: Mapping[str, bytes]) -> KeyReader:
    return KeyReader(Fitting(columns=2, delimiter=",", mode=Mode.STRICT), cast(Any, ToldKeys(keys)))
