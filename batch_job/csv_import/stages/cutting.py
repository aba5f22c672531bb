"""Cuts a file into ranges, and takes the rows out that several of them would fight over."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from csv_import.accounting.scope import Range
from csv_import.planning.met_keys import MetKeys
from csv_import.planning.shared_keys import SharedKeys
from csv_import.planning.sharing import Sharing
from csv_import.planning.stretches import Cutter, Stretches
from csv_import.planning.survey import KeyReader, Survey
from csv_import.rejects import Location
from csv_import.settings import PlanLimits
from csv_import.stages.file_to_plan import FileToPlan

_SHARED_GROWTH = 3  # a row is kept with its cells and its bytes

Tell = Callable[[int, int], None]
"""Told every now and then how many records, and bytes, are looked through; may raise."""


@dataclass(frozen=True, slots=True)
class Cut:
    """A file, cut.

    Attributes:
        ranges: without what they leave out.
        sharing: what they leave out, and the rows of the shared parts.
        shared_parts: how many.
        records: of the file.
    """

    ranges: list[Range]
    sharing: Sharing
    shared_parts: int
    records: int


@contextmanager
def cut(
    file: FileToPlan, first: Location, keys: KeyReader, *, part_bytes: int, limits: PlanLimits, tell: Tell
) -> Iterator[Cut]:
    """Cut a file; what is in temporary files is gone when the block ends.

    Args:
        file: what to cut.
        first: its first record.
        keys: finds the keys of rows.
        part_bytes: of a range, at least.
        limits: how many parts, and how much is held.
        tell: see there.
    """
    cutter = Cutter(part_bytes, file.stretch_bytes)
    stretches = cutter.stretches
    with MetKeys(file.source.stream.size, limits.max_held_bytes) as met:
        records = _survey(file, first, Survey(cutter, None if keys.unique_by_row else met, keys), tell)
        stretches.finish(Location(0, first.record + records, file.end))
        ranges = _ranges(stretches, file.source.stream.size)
        with SharedKeys(len(stretches), limits.max_held_bytes) as shared:
            met_again = shared.add(met.shared(stretches.part_of))
            shared_bytes = sum(_shared_bytes(stretches, *each) for each in met_again)
            parts = -(-shared_bytes * _SHARED_GROWTH // part_bytes)
            parts = min(parts, max(1, limits.max_parts - len(ranges)))
            with Sharing(len(ranges), parts, max_bytes=limits.max_held_bytes, keys=keys) as sharing:
                for stretch, digests, block in file.stretches(stretches, shared.by_stretch()):
                    tell(records, file.end)
                    sharing.take(block, stretches.part_of[stretch], digests)
                yield Cut(ranges, sharing, parts, records)


def _survey(file: FileToPlan, first: Location, survey: Survey, tell: Tell) -> int:
    for block in file.blocks(first) if survey.needs_keys else file.boundaries(first):
        survey.take(block)
        tell(survey.records, block.end().offset)
    survey.finish()
    return survey.records


def _shared_bytes(stretches: Stretches, stretch: int, keys: int) -> int:
    """What the rows of so many keys of a stretch take, about."""
    start, end = stretches.start(stretch), stretches.start(stretch + 1)
    return (end.offset - start.offset) * keys // (end.record - start.record)


def _ranges(stretches: Stretches, size: int) -> list[Range]:
    """The last one has the footer, too."""
    firsts = [*stretches.firsts, len(stretches)]
    starts = [stretches.start(first) for first in firsts]
    offsets = [*(start.offset for start in starts[1:-1]), size]
    return [
        Range(start, offset, after.record - start.record)
        for start, after, offset in zip(starts, starts[1:], offsets, strict=False)
    ]
