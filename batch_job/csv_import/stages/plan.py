"""Plan an import: cut its file into ranges, and take the rows out that several of them would fight over."""

from __future__ import annotations

import errno
import itertools
from collections import deque
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial

from csv_import.accounting.artifacts import Artifacts
from csv_import.accounting.ledger import Ledger, PartKey, PlanKey, Stage
from csv_import.accounting.ledger_values import Claim
from csv_import.accounting.scope import Range, SharedRows
from csv_import.errors import BadConfiguration
from csv_import.planning.met_keys import MetKeys
from csv_import.planning.pieces import keep_pieces
from csv_import.planning.plan_files import MAX_ITEMS
from csv_import.planning.shared_keys import SharedKeys
from csv_import.planning.sharing import Sharing
from csv_import.planning.stretches import Cutter, Stretches, stretch_bytes
from csv_import.planning.survey import KeyReader, Survey
from csv_import.reading.blocks import Place, RecordBlock, read_blocks
from csv_import.reading.boundaries import Passed, pass_over
from csv_import.reading.code_units import code_units_of
from csv_import.reading.lines import line_ends
from csv_import.reading.read_ahead import ranges_of, read_ahead
from csv_import.rejects import Location
from csv_import.services import Services
from csv_import.settings import PlanLimits, Settings
from csv_import.shaping.block_keys import BlockKeys
from csv_import.stages.attempt import Attempt, begin_attempt
from csv_import.stages.source import Source, open_source
from csv_import.stages.spec import spec_of
from csv_import.writing.target import describe_target

_SHARED_GROWTH = 3  # a row is kept with its cells and its bytes


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
    keys = BlockKeys(shaping)
    part_bytes = part_bytes_of(source.stream.size, limits)
    first = _first_record(source) if part_bytes < source.stream.size else None
    told = {"run": settings.run, "parts": 1, "shared_parts": 0, "rows_shared": 0, "part_bytes": part_bytes}
    if first is None or not _can_be_cut(source) or shaping.items_per_row > MAX_ITEMS:
        attempt.ledger.keep_plan(settings.import_id, settings.run, settings.job_id, told)
        return

    # cut it
    cutter = Cutter(part_bytes, stretch_bytes(source.stream.size, part_bytes))
    file = _File(source, limits, cutter.stretch_bytes)
    reader = KeyReader(fitting, keys)
    with MetKeys(source.stream.size, limits.max_held_bytes) as met:
        survey = Survey(cutter, None if keys.unique_by_row else met, reader)
        for block in file.boundaries(first) if keys.unique_by_row else file.blocks(first):
            attempt.lease.check()
            survey.take(block)
            attempt.counters.rows_read = survey.records
            attempt.counters.bytes_read = block.end().offset
        survey.finish()
        stretches = cutter.stretches

        # take out what its parts would share
        with SharedKeys(len(stretches), limits.max_held_bytes) as shared:
            shared_bytes = sum(
                _bytes_of(stretches, file.end, stretch)
                * count
                // _records_of(stretches, survey.records, stretch)
                for stretch, count in shared.add(met.shared(stretches.part_of))
            )
            ranges = len(stretches.firsts)
            parts = -(-shared_bytes * _SHARED_GROWTH // part_bytes)
            parts = min(parts, max(1, limits.max_parts - ranges))
            with Sharing(ranges, parts, max_bytes=limits.max_held_bytes, keys=reader) as sharing:
                for stretch, digests, block in file.stretches(stretches, shared.by_stretch()):
                    attempt.lease.check()
                    sharing.take(block, stretches.part_of[stretch], digests)
                _keep(attempt, artifacts, sharing, _ranges(stretches, survey.records, source.stream.size))
                told |= {
                    "parts": ranges + parts,
                    "shared_parts": parts,
                    "records": survey.records,
                    "rows_shared": sharing.records,
                }
    services.logger.info("planned", plan=told)
    attempt.ledger.keep_plan(settings.import_id, settings.run, settings.job_id, told)


def part_bytes_of(file_bytes: int, limits: PlanLimits) -> int:
    """How large a part is: as told, or larger where there would be too many; a quarter is left for shared parts."""
    most = max(1, limits.max_parts * 3 // 4)
    return max(limits.part_bytes, -(-file_bytes // most))


@dataclass(frozen=True, slots=True)
class _File:
    """The file's records, read by several requests at once.

    Args:
        source: the file.
        limits: how much is asked for at once.
        stretch_bytes: of a stretch; no more is read in one go.
    """

    source: Source
    limits: PlanLimits
    stretch_bytes: int

    @property
    def end(self) -> int:
        """Where its records end, and the footer begins."""
        return self.source.stream.size - self.source.opened.detection.footer_bytes

    def blocks(self, start: Location) -> Iterator[RecordBlock]:
        """The records from one on."""
        return self._read(self._chunks(start.offset), start)

    def boundaries(self, start: Location) -> Iterator[Passed | RecordBlock]:
        """Where the records from one on begin."""
        return pass_over(
            self._chunks(start.offset),
            dialect=self.source.dialect,
            max_record_bytes=self.source.max_record_bytes,
            start=Place(start.line, start.record, start.offset),
            counted_bytes=min(8 * self.limits.piece_bytes, self.stretch_bytes),
        )

    def stretches(
        self, stretches: Stretches, wanted: Iterable[tuple[int, set[bytes]]]
    ) -> Iterator[tuple[int, set[bytes], RecordBlock]]:
        """The records of some stretches, each block with its stretch and what is wanted of it."""
        asked: deque[tuple[int, set[bytes]]] = deque()
        size = self.stretch_bytes + 2 * self.limits.piece_bytes

        def ranges() -> Iterator[tuple[int, int]]:
            for each in wanted:
                asked.append(each)
                offset = stretches.start(each[0]).offset
                yield offset, min(size, self.end - offset)

        for chunk in read_ahead(self.source.stream.read, ranges(), ahead=self.limits.requests):
            stretch, digests = asked.popleft()
            start = stretches.start(stretch)
            end = self.end if stretch + 1 == len(stretches) else stretches.start(stretch + 1).offset
            rest = ranges_of(start.offset + len(chunk), self.end, size)
            chunks = itertools.chain((chunk,), itertools.starmap(self.source.stream.read, rest))
            for block in self._read(chunks, start):
                yield stretch, digests, block.until(end)
                if block.end().offset >= end:
                    break

    def _read(self, chunks: Iterable[bytes], start: Location) -> Iterator[RecordBlock]:
        return read_blocks(
            chunks,
            dialect=self.source.dialect,
            max_record_bytes=self.source.max_record_bytes,
            start=Place(start.line, start.record, start.offset),
            piece_bytes=min(self.limits.piece_bytes, self.stretch_bytes),
        )

    def _chunks(self, start: int) -> Iterator[bytes]:
        ranges = ranges_of(start, self.end, self.limits.request_bytes)
        return read_ahead(self.source.stream.read, ranges, ahead=self.limits.requests)


def _first_record(source: Source) -> Location | None:
    return next((block.location(0) for block in source.opened.blocks if block.rows), None)


def _can_be_cut(source: Source) -> bool:
    """Whether reading can begin anywhere: not within a compressed file, nor where a character may be half one."""
    return source.opened.compression is None and code_units_of(source.dialect.encoding).size == 1


def _bytes_of(stretches: Stretches, end: int, stretch: int) -> int:
    is_last = stretch + 1 == len(stretches)
    return (end if is_last else stretches.start(stretch + 1).offset) - stretches.start(stretch).offset


def _records_of(stretches: Stretches, records: int, stretch: int) -> int:
    last = stretches.start(0).record + records
    is_last = stretch + 1 == len(stretches)
    return (last if is_last else stretches.start(stretch + 1).record) - stretches.start(stretch).record


def _ranges(stretches: Stretches, records: int, size: int) -> list[Range]:
    starts = [stretches.start(first) for first in stretches.firsts]
    ends = [*starts[1:], Location(0, starts[0].record + records, size)]
    return [
        Range(start, end.offset, end.record - start.record) for start, end in zip(starts, ends, strict=True)
    ]


def _keep(attempt: Attempt, artifacts: Artifacts, sharing: Sharing, ranges: list[Range]) -> None:
    """Write down all parts: what is written of them first, then what they are."""
    settings = attempt.settings
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
