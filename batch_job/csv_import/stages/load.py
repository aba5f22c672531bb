"""Load one part of an import: read, shape, write, account."""

from __future__ import annotations

from contextlib import closing
from typing import Any

from csv_import.accounting.artifacts import Artifacts
from csv_import.accounting.distinct import DistinctKeys
from csv_import.accounting.ledger import Claim, Ledger
from csv_import.errors import BadData
from csv_import.reading.dialect import Given
from csv_import.reading.fitting import Fitting
from csv_import.reading.lines import line_ends
from csv_import.reading.object_stream import ObjectStream, ObjectVersion
from csv_import.reading.opening import OpenedFile, open_file
from csv_import.reading.pinned import detection_from, reading_map
from csv_import.services import Services
from csv_import.settings import Mode, Settings
from csv_import.shaping.provenance import PROVENANCE, Provenance
from csv_import.shaping.row_plan import RowPlan
from csv_import.stages.attempt import PART_START, Attempt, begin_attempt
from csv_import.stages.part_loader import PartLoader
from csv_import.writing.batch_write import BatchWriter
from csv_import.writing.delivery import Delivery
from csv_import.writing.lanes import Lanes
from csv_import.writing.target import describe_keys

_MAX_PINNED_NAMES, _MAX_PINNED_CHARACTERS = 100, 255


def load(settings: Settings, services: Services) -> None:
    """Claim the import, lease the part, load it.

    A job that is not the claimant changes nothing and returns; so does one whose part is done.

    Raises:
        JobStop: why the part is not done; the ledger says so too.
    """
    ledger = Ledger(services.dynamodb, settings.ledger_table, services.now)
    claim = ledger.claim(settings.import_id, settings.run, settings.job_id)
    if claim is None:
        services.logger.info("not the claimant: another job loads this import, or it is closed")
        return
    attempt = begin_attempt(ledger, settings, services)
    if attempt is None:
        services.logger.info("the part is done already")
        return
    with attempt:
        _load_part(attempt, claim)


def _load_part(attempt: Attempt, claim: Claim) -> None:
    settings, services, version = attempt.settings, attempt.services, claim.version
    new_backoff = services.backoff(settings)

    # read
    keys = describe_keys(services.dynamodb, settings.table_name)
    stream = ObjectStream(services.s3, version, chunk_bytes=settings.read.chunk_bytes, backoff=new_backoff)
    pinned = (claim.pinned or {}).get("reading")
    opened = open_file(
        stream,
        given=Given(),
        limits=settings.read,
        key_names=[key.name for key in keys.table if key.name not in PROVENANCE],
        pinned=detection_from(pinned) if pinned else None,
    )
    header, dialect = opened.header, opened.detection.dialect
    mode = Mode(pinned["mode"]) if pinned else settings.reading_mode

    # shape
    plan = RowPlan(header.names, keys, Provenance(version.key, stream.last_modified), line=header.line)

    # account
    artifacts = Artifacts(services.s3, settings.artifacts_bucket, attempt.part, line_ends=line_ends(dialect))
    artifacts.keep_header(opened.head())
    attempt.ledger.pin(attempt.part, settings.job_id, _pinned(settings, version, stream, opened, mode))
    attempt.counters.bytes_read = header.start
    for reason, ignored in header.ignored.items():
        attempt.counters.ignore(reason, spans=ignored.lines, size=ignored.size)
    services.logger.info(
        "loading",
        object=str(version),
        size=stream.size,
        columns=len(header.names),
        reading=reading_map(opened, mode),
    )

    # write
    with (
        DistinctKeys(settings.accounting.max_digest_bytes) as distinct_keys,
        closing(BatchWriter.to(settings.table_name, services, plan.key_of, settings.write.lanes)) as send,
        Lanes(
            lambda: Delivery(send, new_backoff, attempt.lease.check),
            settings.write,
            on_sealed=attempt.segments.sealed,
            on_acknowledged=attempt.segments.acknowledged,
        ) as lanes,
        closing(
            PartLoader(
                fitting=Fitting(columns=len(header.names), delimiter=dialect.delimiter, mode=mode),
                plan=plan,
                lanes=lanes,
                segments=attempt.segments,
                artifacts=artifacts,
                keys=distinct_keys,
                counters=attempt.counters,
                segment_records=settings.accounting.segment_records,
                start=PART_START,
            )
        ) as loader,
    ):
        try:
            for block in opened.blocks:
                attempt.lease.check()
                loader.take(block)
        except BadData:
            loader.finish()  # the good rows before the damage stay loaded, and counted
            raise
        loader.finish()


def _pinned(
    settings: Settings, version: ObjectVersion, stream: ObjectStream, opened: OpenedFile, mode: Mode
) -> dict[str, Any]:
    header = opened.header
    return {
        "table_name": settings.table_name,
        "etag": version.etag,
        "last_modified": f"{stream.last_modified:%Y-%m-%dT%H:%M:%SZ}",
        "header": [name[:_MAX_PINNED_CHARACTERS] for name in header.names[:_MAX_PINNED_NAMES]],
        "header_adjusted": [
            {"column": each.column, "kind": each.kind.value} for each in header.adjusted[:_MAX_PINNED_NAMES]
        ],
        "columns": len(header.names),
        "reading": reading_map(opened, mode),
        "segment_records": settings.accounting.segment_records,
    }
