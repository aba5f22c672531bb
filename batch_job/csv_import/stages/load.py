"""Load one part of an import: read, shape, write, account."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import closing
from typing import Any

from csv_import.accounting.artifacts import Artifacts
from csv_import.accounting.ledger import Ledger
from csv_import.accounting.ledger_values import Claim
from csv_import.accounting.settlement import Settlement
from csv_import.accounting.tally import Tally
from csv_import.errors import BadData
from csv_import.reading.blocks import Place, RecordBlock, read_blocks
from csv_import.reading.fitting import Fitting
from csv_import.reading.lines import line_ends
from csv_import.reading.object_stream import ObjectStream, ObjectVersion
from csv_import.reading.opening import OpenedFile, content_from, open_file
from csv_import.reading.pinned import detection_from, reading_map
from csv_import.rejects import Location
from csv_import.services import Services
from csv_import.settings import Mode, Settings
from csv_import.shaping.key_columns import key_columns
from csv_import.shaping.plan import Plan, plan_for
from csv_import.shaping.provenance import Provenance
from csv_import.stages.attempt import PART_START, Attempt, begin_attempt
from csv_import.stages.part_loader import PartLoader
from csv_import.stages.refused_rows import RefusedRows
from csv_import.stages.spec import spec_of
from csv_import.writing.kind import kind_of
from csv_import.writing.lanes import Lanes
from csv_import.writing.modes.rule import later_stays, rule_for
from csv_import.writing.route import route_to
from csv_import.writing.sending import Sending
from csv_import.writing.target import describe_target
from csv_import.writing.window import Window

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
    target = describe_target(services.dynamodb, table_name)
    bucket = attempt.write_to(table_name, said.spec.write_budget)
    guard = attempt.guard_rejects(said.spec, parts=claim.parts)

    # read
    stream = ObjectStream(services.s3, version, chunk_bytes=settings.read.chunk_bytes, backoff=new_backoff)
    known = (claim.pinned or {}).get("reading")
    opened = open_file(
        stream,
        given=said.spec.dialect,
        limits=settings.read,
        key_names=key_columns(said.spec, target.keys),
        pinned=detection_from(known) if known else None,
    )
    header, dialect = opened.header, opened.detection.dialect
    mode = Mode(known["mode"]) if known else said.spec.rows or settings.reading_mode

    # shape
    def new_shaping() -> tuple[Fitting, Plan]:
        origin = Provenance(version.key, stream.last_modified)
        return (
            Fitting(columns=len(header.names), delimiter=dialect.delimiter, mode=mode),
            plan_for(said, header.names, target.keys, origin, line=header.line),
        )

    fitting, plan = new_shaping()

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
    def blocks_from(place: Location) -> Iterator[RecordBlock]:
        return read_blocks(
            content_from(stream.again_from, place.offset, compressed=opened.compression is not None),
            dialect=dialect,
            max_record_bytes=settings.read.max_record_bytes,
            start=Place(place.line, place.record, place.offset),
        )

    rule = rule_for(said.spec.mode, table_name, target.keys)
    several = plan.items_per_row > 1
    refused_rows = RefusedRows(blocks_from, new_shaping if several else None)
    kind = kind_of(rule, table_name, plan.key_of)
    with (
        Tally(settings.accounting.max_digest_bytes, several=several) as tally,
        closing(route_to(table_name, services, settings.write, kind, target.cost)) as route,
    ):
        settlement = Settlement(attempt.segments, artifacts, refused_rows.find, tally.left_alone.tell)
        sending = Sending(
            route,
            lanes=settings.write.lanes,
            window=Window(settings.write.lanes, settings.write.first_window),
            bucket=bucket,
            effort=attempt.effort,
            backoff=new_backoff,
            before_send=attempt.lease.check,
            clock=services.clock,
            pause=services.stop.pause,
            progress=settlement,
        )
        merge = None if rule.merge is later_stays else rule.merge
        with (
            Lanes(sending, settings.write, merge=merge, on_sealed=attempt.segments.sealed) as lanes,
            closing(
                PartLoader(
                    fitting=fitting,
                    plan=plan,
                    lanes=lanes,
                    segments=attempt.segments,
                    settlement=settlement,
                    artifacts=artifacts,
                    tally=tally,
                    counters=attempt.counters,
                    guard=guard,
                    segment_records=settings.accounting.segment_records,
                    start=PART_START,
                )
            ) as loader,
        ):
            _load_all(opened.blocks, loader, attempt)


def _load_all(blocks: Iterable[RecordBlock], loader: PartLoader, attempt: Attempt) -> None:
    try:
        for block in blocks:
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
