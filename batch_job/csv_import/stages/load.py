"""Load one part of an import: read, shape, write, account."""

from __future__ import annotations

from contextlib import closing
from typing import Any

from csv_import.accounting.artifacts import Artifacts
from csv_import.accounting.distinct import DistinctKeys
from csv_import.accounting.ledger import Ledger
from csv_import.errors import BadData
from csv_import.reading.header import Header, open_table
from csv_import.reading.object_stream import ObjectStream, ObjectVersion
from csv_import.services import Services
from csv_import.settings import Settings
from csv_import.shaping.provenance import Provenance
from csv_import.shaping.row_plan import RowPlan
from csv_import.stages.attempt import PART_START, Attempt, begin_attempt
from csv_import.stages.part_loader import PartLoader
from csv_import.writing.batch_write import BatchWriter
from csv_import.writing.delivery import Delivery
from csv_import.writing.lanes import Lanes
from csv_import.writing.target import describe_keys

_MAX_PINNED_NAMES = 100


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
        _load_part(attempt, claim.version)


def _load_part(attempt: Attempt, version: ObjectVersion) -> None:
    settings, services = attempt.settings, attempt.services
    new_backoff = services.backoff(settings)

    # read
    stream = ObjectStream(services.s3, version, chunk_bytes=settings.read.chunk_bytes, backoff=new_backoff)
    header, blocks = open_table(stream.chunks(), max_record_bytes=settings.read.max_record_bytes)

    # shape
    keys = describe_keys(services.dynamodb, settings.table_name)
    plan = RowPlan(header.names, keys, Provenance(version.key, stream.last_modified), line=header.line)

    # account
    artifacts = Artifacts(services.s3, settings.artifacts_bucket, attempt.part)
    artifacts.keep_header(header.raw)
    attempt.ledger.pin(attempt.part, settings.job_id, _pinned(settings, version, stream, header))
    attempt.counters.bytes_read = header.mark
    attempt.counters.ignore("byte_order_mark", spans=int(header.mark > 0), size=header.mark)
    attempt.counters.ignore("header", spans=1, size=header.size)
    services.logger.info("loading", object=str(version), size=stream.size, columns=len(header.names))

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
            for block in blocks:
                attempt.lease.check()
                loader.take(block)
        except BadData:
            loader.finish()  # the good rows before the damage stay loaded, and counted
            raise
        loader.finish()


def _pinned(
    settings: Settings, version: ObjectVersion, stream: ObjectStream, header: Header
) -> dict[str, Any]:
    return {
        "table_name": settings.table_name,
        "etag": version.etag,
        "last_modified": f"{stream.last_modified:%Y-%m-%dT%H:%M:%SZ}",
        "header": header.names[:_MAX_PINNED_NAMES],
        "columns": len(header.names),
        "segment_records": settings.accounting.segment_records,
    }
