"""Plan an import: cut its file into ranges, and take the rows out that several of them would fight over."""

from __future__ import annotations

import errno
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial

from csv_import.accounting.artifacts import Artifacts
from csv_import.accounting.ledger import Ledger, PartKey, PlanKey, Stage
from csv_import.accounting.ledger_values import Claim
from csv_import.accounting.scope import Range, SharedRows
from csv_import.errors import BadConfiguration
from csv_import.planning.pieces import keep_pieces
from csv_import.planning.plan_files import MAX_ITEMS
from csv_import.planning.stretches import stretch_bytes
from csv_import.planning.survey import KeyReader
from csv_import.reading.code_units import code_units_of
from csv_import.reading.lines import line_ends
from csv_import.rejects import Location
from csv_import.services import Services
from csv_import.settings import PlanLimits, Settings
from csv_import.shaping.block_keys import BlockKeys
from csv_import.stages.attempt import Attempt, begin_attempt
from csv_import.stages.cutting import Cut, cut
from csv_import.stages.file_to_plan import FileToPlan
from csv_import.stages.source import Source, open_source
from csv_import.stages.spec import spec_of
from csv_import.writing.target import describe_target


def plan(settings: Settings, services: Services) -> None:
    """Claim the import's planning, lease it, plan.

    A job that is not the claimant changes nothing and returns; so does one whose plan is there.

    Raises:
        JobStop: why there is no plan; the ledger says so too.
    """
    ledger = Ledger(services.dynamodb, settings.ledger_table, services.now, Stage.PLAN)
    claim = ledger.claim(settings.import_id, settings.run, settings.job_id)
    if claim is None:
        services.logger.info("not the claimant: another job plans this import, or it is planned")
        return
    attempt = begin_attempt(ledger, PlanKey(settings.import_id, settings.run), settings, services)
    if attempt is None:
        services.logger.info("the plan is there already")
        return
    with attempt, _temporary_space():
        _plan(attempt, claim)


def _plan(attempt: Attempt, claim: Claim) -> None:
    settings, services, limits = attempt.settings, attempt.services, attempt.settings.plan

    # what is to be planned
    said = spec_of(claim, attempt.ledger, settings, services)
    table_name = said.spec.table or settings.table_name
    target = describe_target(services.dynamodb, table_name)
    source = open_source(claim, said, (table_name, target.keys), settings, services)
    artifacts = Artifacts(
        services.s3, settings.artifacts_bucket, attempt.part, line_ends=line_ends(source.dialect)
    )
    source.pin(artifacts, attempt.ledger, attempt.part, settings.job_id)
    fitting, shaping = source.new_shaping()
    part_bytes = part_bytes_of(source.stream.size, limits)
    first = _first_record(source) if part_bytes < source.stream.size else None
    told = {"run": settings.run, "parts": 1, "shared_parts": 0, "rows_shared": 0, "part_bytes": part_bytes}
    if first is None or not _can_be_cut(source) or shaping.items_per_row > MAX_ITEMS:
        attempt.ledger.keep_plan(settings.import_id, settings.run, settings.job_id, told)
        return

    # cut it
    def went_on(records: int, offset: int) -> None:
        attempt.lease.check()
        attempt.counters.rows_read, attempt.counters.bytes_read = records, offset

    file = FileToPlan(source, limits, stretch_bytes(source.stream.size, part_bytes))
    reader = KeyReader(fitting, BlockKeys(shaping))
    with cut(file, first, reader, part_bytes=part_bytes, limits=limits, tell=went_on) as found:
        _keep(attempt, artifacts, found)
        told |= {
            "parts": len(found.ranges) + found.shared_parts,
            "shared_parts": found.shared_parts,
            "records": found.records,
            "rows_shared": found.sharing.records,
        }
    services.logger.info("planned", plan=told)
    attempt.ledger.keep_plan(settings.import_id, settings.run, settings.job_id, told)


def part_bytes_of(file_bytes: int, limits: PlanLimits) -> int:
    """How large a part is: as told, or larger where there would be too many; a quarter is left for shared parts."""
    most = max(1, limits.max_parts * 3 // 4)
    return max(limits.part_bytes, -(-file_bytes // most))


def _first_record(source: Source) -> Location | None:
    return next((block.location(0) for block in source.opened.blocks if block.rows), None)


def _can_be_cut(source: Source) -> bool:
    """Whether reading can begin anywhere: not within a compressed file, nor where a character may be half one."""
    return source.opened.compression is None and code_units_of(source.dialect.encoding).size == 1


def _keep(attempt: Attempt, artifacts: Artifacts, found: Cut) -> None:
    """Write down all parts: what is written of them first, then what they are."""
    settings, sharing, ranges = attempt.settings, found.sharing, found.ranges
    key = partial(PartKey, settings.import_id, settings.run)
    for part, each in enumerate(ranges):
        attempt.lease.check()
        left_out = keep_pieces(sharing.left_out.chunks(part), partial(artifacts.keep_piece, "left-out", part))
        scope = Range(each.start, each.end_offset, each.records, sharing.left_out_counts[part], left_out)
        attempt.ledger.plan_part(key(part), scope)
    for number, rows in enumerate(sharing.row_counts):
        attempt.lease.check()
        part = len(ranges) + number
        keys = keep_pieces(sharing.rows.chunks(number), partial(artifacts.keep_piece, "shared", part))
        attempt.ledger.plan_part(key(part), SharedRows(keys, rows, sharing.rows.sizes[number]))


@contextmanager
def _temporary_space() -> Iterator[None]:
    try:
        yield
    except OSError as error:
        if error.errno != errno.ENOSPC:
            raise
        raise BadConfiguration(
            "temporary_space",
            "the plan's temporary files (about 12 bytes a row, and rows with keys in several parts) do not fit on the"
            " job's disk: cut the file in several, or load it in one part, with a larger SplitThresholdBytes",
        ) from error
