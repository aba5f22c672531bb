"""The file of an import as every stage reads it: one version, one dialect, one header, one way of shaping."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from csv_import.accounting.artifacts import Artifacts
from csv_import.accounting.counters import Counters
from csv_import.accounting.ledger import Ledger, PartKey
from csv_import.accounting.ledger_values import Claim
from csv_import.reading.blocks import Place, RecordBlock
from csv_import.reading.dialect import Dialect
from csv_import.reading.fitting import Fitting
from csv_import.reading.header import records_from
from csv_import.reading.object_stream import ObjectStream
from csv_import.reading.opening import OpenedFile, content_from, open_file
from csv_import.reading.pinned import detection_from, reading_map
from csv_import.rejects import Location
from csv_import.services import Services
from csv_import.settings import Mode, Settings
from csv_import.shaping.key_columns import key_columns
from csv_import.shaping.key_schema import KeySchema, key_schema_of
from csv_import.shaping.plan import Plan, plan_for
from csv_import.shaping.provenance import Provenance
from csv_import.shaping.spec_reader import ReadSpec
from csv_import.waiting import Backoff

_MAX_PINNED_NAMES, _MAX_PINNED_CHARACTERS = 100, 255


@dataclass(frozen=True, slots=True)
class Source:
    """An import's file, opened.

    Attributes:
        claim: the object, and what was pinned before.
        said: the spec.
        table_name, keys: the table, and its keys and its indexes' keys as they were at first.
        stream: the object's bytes.
        opened: its dialect and header, and its blocks from the first on.
        mode: what becomes of rows that do not fit.
        segment_records: records of a segment.
        new_backoff: paces what fails.
        max_record_bytes: the longest record.
    """

    claim: Claim
    said: ReadSpec
    table_name: str
    keys: KeySchema
    stream: ObjectStream
    opened: OpenedFile
    mode: Mode
    segment_records: int
    new_backoff: Callable[[], Backoff]
    max_record_bytes: int

    @property
    def dialect(self) -> Dialect:
        """How the file is written."""
        return self.opened.detection.dialect

    @property
    def reading(self) -> dict[str, Any]:
        """How it is read, as docs/contracts.md has it."""
        return reading_map(self.opened, self.mode)

    def new_shaping(self) -> tuple[Fitting, Plan]:
        """What makes rows fit and what shapes them; both count what they do."""
        header = self.opened.header
        origin = Provenance(self.claim.version.key, self.stream.last_modified)
        return (
            Fitting(columns=len(header.names), delimiter=self.dialect.delimiter, mode=self.mode),
            plan_for(self.said, header.names, self.keys, origin, line=header.line),
        )

    def blocks_from(self, at: Location) -> Iterator[RecordBlock]:
        """Read once more, from a record on."""
        compressed = self.opened.compression is not None
        return records_from(
            content_from(self.stream.again_from, at.offset, compressed=compressed),
            self.opened.detection,
            start=Place(at.line, at.record, at.offset),
            max_record_bytes=self.max_record_bytes,
        )

    def count_front(self, counters: Counters) -> None:
        """Account for what stands before the blocks: byte order mark, preamble and header."""
        header = self.opened.header
        counters.bytes_read = header.start
        for reason, ignored in header.ignored.items():
            counters.ignore(reason, spans=ignored.lines, size=ignored.size)

    def pin(self, artifacts: Artifacts, ledger: Ledger, part: PartKey, job_id: str) -> None:
        """Write down how the file is read, if nobody has: what comes after reads it alike.

        Raises:
            JobStop: as artifacts and ledger do.
        """
        if self.claim.pinned is not None:
            return
        artifacts.keep_header(self.opened.head())
        header = self.opened.header
        ledger.pin(
            part,
            job_id,
            {
                "etag": self.claim.version.etag,
                "last_modified": f"{self.stream.last_modified:%Y-%m-%dT%H:%M:%SZ}",
                "header": [name[:_MAX_PINNED_CHARACTERS] for name in header.names[:_MAX_PINNED_NAMES]],
                "header_adjusted": [
                    {"column": each.column, "kind": each.kind.value}
                    for each in header.adjusted[:_MAX_PINNED_NAMES]
                ],
                "columns": len(header.names),
                "reading": self.reading,
                "segment_records": self.segment_records,
                "table_name": self.table_name,
                "keys": self.keys.as_map(),
                "mode": self.said.spec.mode.value,
            },
        )


def open_source(
    claim: Claim, said: ReadSpec, table: tuple[str, KeySchema], settings: Settings, services: Services
) -> Source:
    """Open an import's file as it was opened first.

    Args:
        claim: the object, and what is pinned.
        said: the spec.
        table: the target's name, and its keys as they are now.

    Raises:
        BadData: what is wrong with the file, or that it is gone.
        BadConfiguration: what does not fit it.
        ServiceAway: S3 is.
    """
    table_name, keys = table
    new_backoff = services.backoff(settings)
    stream = ObjectStream(
        services.s3, claim.version, chunk_bytes=settings.read.chunk_bytes, backoff=new_backoff
    )
    pinned = claim.pinned or {}
    known = pinned.get("reading")
    if "keys" in pinned:
        keys = key_schema_of(pinned["keys"])
    opened = open_file(
        stream,
        given=said.spec.dialect,
        limits=settings.read,
        key_names=key_columns(said.spec, keys),
        pinned=detection_from(known) if known else None,
    )
    return Source(
        claim,
        said,
        table_name,
        keys,
        stream,
        opened,
        Mode(known["mode"]) if known else said.spec.rows or settings.reading_mode,
        int(pinned.get("segment_records", settings.accounting.segment_records)),
        new_backoff,
        settings.read.max_record_bytes,
    )
