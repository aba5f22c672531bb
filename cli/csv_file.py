"""A CSV file on this machine, opened for a table: its rows become items or rejects as an import's do."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, cast

from cli.key_schema import KeyColumn
from cli.reading_options import ReadingOptions
from cli.visible import decodable
from csv_import.errors import BadData
from csv_import.reading.blocks import RecordBlock
from csv_import.reading.fitting import Fitting
from csv_import.reading.header import Header
from csv_import.reading.local_file import LocalFile
from csv_import.reading.opening import OpenedFile, open_file
from csv_import.rejects import Reason, Reject
from csv_import.settings import ReadLimits
from csv_import.shaping.item import Item, Items
from csv_import.shaping.key_schema import (
    MAX_PARTITION_KEY_BYTES,
    MAX_SORT_KEY_BYTES,
    KeyAttribute,
    KeySchema,
    KeyType,
)
from csv_import.shaping.provenance import Provenance
from csv_import.shaping.row_plan import RowPlan

if TYPE_CHECKING:
    from csv_import.shaping.plan import Plan

DEFAULT_KEY = KeyColumn("ProductId")
"""The partition key of the table that the template makes where nobody names another."""


@dataclass(frozen=True, slots=True)
class CsvFile:
    """An opened file and what becomes of its rows.

    Attributes:
        name: the file's; items carry it as `Filename`.
        source: its bytes.
        opened: how it is read, and its records.
        keys: partition key and sort key. Empty where the caller names none and the default is no column: then
            rows are shaped without a key, which tells all that can be told.
        fitting: makes rows fit, as far as the mode allows.
    """

    name: str
    source: LocalFile
    opened: OpenedFile
    options: ReadingOptions
    keys: tuple[KeyColumn, ...]
    plan: Plan
    fitting: Fitting

    @property
    def columns(self) -> int:
        """How many cells a row should have."""
        return len(self.opened.header.names)

    def outcomes(self, block: RecordBlock) -> Iterator[tuple[Item, ...] | Reject]:
        """Give for each row of a block, in order, its items, the first of which stands for it, or why there is none."""
        shape, first = self.plan.shape, block.start.record
        for index, row in enumerate(self.fitting.rows(block.rows)):
            shaped = row if isinstance(row, Reason) else shape(row, first + index)
            if isinstance(shaped, Item):
                yield (shaped,)
            elif isinstance(shaped, Items):
                yield shaped.items
            else:
                raw = block.raw(index)
                yield Reject(block.location(index), shaped, raw, len(raw) or block.size)

    def content_bytes(self) -> int:
        """Give the content's size, counted apart from its records; of a compressed file as far as it was read."""
        return self.source.size if self.opened.compression is None else self.opened.content.size

    def is_end(self, offset: int) -> bool:
        """Tell whether all records stand before `offset`, as far as the file's size tells."""
        footer = self.opened.detection.footer_bytes
        return self.opened.compression is None and offset + footer >= self.source.size

    def require_keys(self) -> None:
        """Raise BadData `missing_key_column` where it is not known which columns are the key."""
        if not self.keys:
            raise missing_key()


def open_csv(path: Path, options: ReadingOptions, *, limits: ReadLimits | None = None) -> CsvFile:
    """Open a file that is not empty. Raises BadData, BadConfiguration, OSError."""
    source = LocalFile(path)
    named = tuple(key for key in (options.partition_key, options.sort_key) if key is not None)
    opened = open_file(
        source, given=options.given, limits=limits or ReadLimits(), key_names=_key_columns(options, named)
    )
    name = decodable(path.name)
    modified = datetime.fromtimestamp(path.stat().st_mtime, UTC)
    keys, plan = _plan(options, opened.header, Provenance(name, modified))
    fitting = Fitting(
        columns=len(opened.header.names), delimiter=opened.detection.dialect.delimiter, mode=options.mode
    )
    return CsvFile(name, source, opened, options, keys, plan, fitting)


def missing_key() -> BadData:
    """Give the error for a file of which nobody says what its key is."""
    return BadData(
        "missing_key_column",
        f"the file has no column {DEFAULT_KEY.name!r}, the key where none is named;"
        " name the key's column with --partition-key NAME or NAME:N",
    )


def _key_columns(options: ReadingOptions, keys: tuple[KeyColumn, ...]) -> list[str]:
    """The columns that the keys which the caller names need, and by which the header is known."""
    if options.spec is None:
        return [key.name for key in keys]
    from csv_import.shaping.key_columns import key_columns  # noqa: PLC0415 - only what is used is loaded

    return key_columns(options.spec.spec, _schema(keys))


def _plan(
    options: ReadingOptions, header: Header, provenance: Provenance
) -> tuple[tuple[KeyColumn, ...], Plan]:
    """The keys and the plan; without a key where the caller names none and nothing gives the default one."""
    given = tuple(key for key in (options.partition_key or DEFAULT_KEY, options.sort_key) if key is not None)
    try:
        return given, _plan_for(options, header, given, provenance)
    except BadData as error:
        if given != (DEFAULT_KEY,) or options.partition_key or error.code != "missing_key_column":
            raise
        return (), _plan_for(options, header, (), provenance)


def _plan_for(
    options: ReadingOptions, header: Header, keys: tuple[KeyColumn, ...], provenance: Provenance
) -> Plan:
    if options.spec is None:
        return RowPlan(header.names, _schema(keys), provenance, line=header.line)
    from csv_import.shaping.plan import plan_for  # noqa: PLC0415 - only what is used is loaded

    return plan_for(options.spec, header.names, _schema(keys), provenance, line=header.line)


def _schema(keys: tuple[KeyColumn, ...]) -> KeySchema:
    return KeySchema(tuple(map(_attribute, keys, (MAX_PARTITION_KEY_BYTES, MAX_SORT_KEY_BYTES))))


def _attribute(key: KeyColumn, max_bytes: int) -> KeyAttribute:
    return KeyAttribute(key.name, cast(KeyType, key.type), max_bytes)
