"""Load one part of an import: read, shape, write, account."""

from __future__ import annotations

from contextlib import closing
from typing import Any

from csv_import.accounting.artifacts import Artifacts
from csv_import.accounting.ledger import Ledger
from csv_import.accounting.ledger_values import Claim
from csv_import.accounting.tally import Tally
from csv_import.errors import BadData
from csv_import.reading.fitting import Fitting
from csv_import.reading.lines import line_ends
from csv_import.reading.object_stream import ObjectStream, ObjectVersion
from csv_import.reading.opening import OpenedFile, open_file
from csv_import.reading.pinned import detection_from, reading_map
from csv_import.services import Services
from csv_import.settings import Mode, Settings
from csv_import.shaping.key_columns import key_columns
from csv_import.shaping.plan import plan_for
from csv_import.shaping.provenance import Provenance
from csv_import.stages.attempt import PART_START, Attempt, begin_attempt
from csv_import.stages.part_loader import PartLoader
from csv_import.stages.spec import spec_of
from csv_import.writing.batch_write import BatchWriter
from csv_import.writing.delivery import Delivery
from csv_import.writing.lanes import Lanes
from csv_import.writing.modes.rule import rule_for
from csv_import.writing.one_by_one import sender
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

    # what is to be done with it
    said = spec_of(claim, attempt.ledger, settings, services)
    table_name = said.spec.table or settings.table_name
    keys = describe_keys(services.dynamodb, table_name)
    guard = attempt.guard_rejects(said.spec, parts=claim.parts)

    # read
    stream = ObjectStream(services.s3, version, chunk_bytes=settings.read.chunk_bytes, backoff=new_backoff)
    known = (claim.pinned or {}).get("reading")
    opened = open_file(
        stream,
        given=said.spec.dialect,
        limits=settings.read,
        key_names=key_columns(said.spec, keys),
        pinned=detection_from(known) if known else None,
    )
    header, dialect = opened.header, opened.detection.dialect
    mode = Mode(known["mode"]) if known else said.spec.rows or settings.reading_mode

    # shape
    plan = plan_for(said, header.names, keys, Provenance(version.key, stream.last_modified), line=header.line)

    # account
    artifacts = Artifacts(services.s3, settings.artifacts_bucket, attempt.part, line_ends=line_ends(dialect))
    artifacts.keep_header(opened.head())
    pinned = _pinned(settings, version, stream, opened, mode) | {
        "table_name": table_name,
        "mode": said.spec.mode.value,
    }
    attempt.ledger.pin(attempt.part, settings.job_id, pinned)
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
    rule = rule_for(said.spec.mode, table_name, keys)
    with (
        Tally(settings.accounting.max_digest_bytes, several=plan.items_per_row > 1) as tally,
        closing(BatchWriter.to(table_name, services, plan.key_of, settings.write.lanes, rule.verb)) as writer,
        Lanes(
            lambda: Delivery(
                sender(writer, rule, tally.left_alone.tell, attempt.lease.check),
                new_backoff,
                attempt.lease.check,
            ),
            settings.write,
            on_sealed=attempt.segments.sealed,
            on_acknowledged=attempt.segments.acknowledged,
            merge=rule.merge,
        ) as lanes,
        closing(
            PartLoader(
                fitting=Fitting(columns=len(header.names), delimiter=dialect.delimiter, mode=mode),
                plan=plan,
                lanes=lanes,
                segments=attempt.segments,
                artifacts=artifacts,
                tally=tally,
                counters=attempt.counters,
                guard=guard,
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
        loader.check_rejects()


def _pinned(
    settings: Settings, version: ObjectVersion, stream: ObjectStream, opened: OpenedFile, mode: Mode
) -> dict[str, Any]:
    header = opened.header
    return {
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
