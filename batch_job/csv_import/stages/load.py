"""Load one part of an import: read, shape, write, account."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from contextlib import closing

from csv_import.accounting.artifacts import Artifacts
from csv_import.accounting.ledger import Ledger, PartKey
from csv_import.accounting.ledger_values import Claim
from csv_import.accounting.segments import Segments
from csv_import.accounting.settlement import Settlement
from csv_import.accounting.tally import Tally
from csv_import.errors import BadConfiguration, BadData
from csv_import.reading.lines import line_ends
from csv_import.services import Services
from csv_import.settings import Settings
from csv_import.stages.attempt import Attempt, begin_attempt
from csv_import.stages.part_loader import PartLoader
from csv_import.stages.part_reader import reader_of
from csv_import.stages.part_rows import PartRows
from csv_import.stages.refused_rows import RefusedRows
from csv_import.stages.source import open_source
from csv_import.stages.spec import spec_of
from csv_import.writing.kind import kind_of
from csv_import.writing.lanes import Lanes
from csv_import.writing.modes.rule import later_stays, rule_for
from csv_import.writing.route import route_to
from csv_import.writing.sending import Sending
from csv_import.writing.target import describe_target
from csv_import.writing.window import Window


def load(settings: Settings, services: Services) -> None:
    """Claim the import, lease the part, load it.

    A job that is not the claimant changes nothing and returns; so does one whose part is done.

    Raises:
        JobStop: why the part is not done; the ledger says so too.
    """
    ledger = Ledger(services.dynamodb, settings.ledger_table, services.now)
    claim = ledger.claim(settings.import_id, settings.run, settings.job_id, settings.submission)
    if claim is None:
        services.logger.info("not the claimant: another job loads this import, or it is closed")
        return
    number = claim.part_at(settings.index)
    if number is None:
        services.logger.info("this submission has no such part")
        return
    services.logger.append_keys(part=number)
    part = PartKey(settings.import_id, settings.run, number)
    attempt = begin_attempt(ledger, part, settings, services)
    if attempt is None:
        services.logger.info("the part is done already")
        return
    with attempt:
        _load_part(attempt, claim)


def _load_part(attempt: Attempt, claim: Claim) -> None:
    settings, services = attempt.settings, attempt.services

    if claim.is_planned and attempt.taken.scope is None:
        raise BadConfiguration(
            "part_unknown",
            f"the ledger no longer says what part {attempt.part.part} is; repeat the import",
        )

    # what is to be done with it
    said = spec_of(claim, attempt.ledger, settings, services)
    table_name = said.spec.table or settings.table_name
    target = describe_target(services.dynamodb, table_name)
    bucket = attempt.write_to(table_name, said.spec.write_budget)
    guard = attempt.guard_rejects(said.spec, parts=claim.parts)

    # read
    source = open_source(claim, said, (table_name, target.keys), settings, services)
    reached, scope = attempt.taken.reached, attempt.taken.scope

    # shape
    fitting, plan = source.new_shaping()

    # account
    artifacts = Artifacts(
        services.s3, settings.artifacts_bucket, attempt.part, line_ends=line_ends(source.dialect)
    )
    source.pin(artifacts, attempt.ledger, attempt.part, settings.job_id)
    services.logger.info(
        "loading",
        object=str(claim.version),
        size=source.stream.size,
        columns=len(source.opened.header.names),
        from_record=reached.at.record,
        reading=source.reading,
    )

    # write
    rule = rule_for(said.spec.mode, table_name, source.keys)
    several = plan.items_per_row > 1
    reader = reader_of(scope, source, artifacts.read)
    refused_rows = RefusedRows(reader.rows_from, source.new_shaping if several else None)
    kind = kind_of(rule, table_name, plan.key_of)
    with (
        Tally(settings.accounting.max_digest_bytes, several=several) as tally,
        closing(route_to(table_name, services, settings.write, kind, target.cost)) as route,
    ):
        segments = Segments(
            reached.segment, lambda books: attempt.checkpoints.settled(settlement.complete(books))
        )
        settlement = Settlement(segments, artifacts, refused_rows.find, tally.left_alone.tell)
        if reached.state is not None:
            _restore(attempt, reached.state, tally, settlement)
            fitting.mendings.update(attempt.counters.mended)
            plan.notices.counts = Counter(attempt.counters.notices)
        else:
            reader.count_front(attempt.counters)
        sending = Sending(
            route,
            lanes=settings.write.lanes,
            window=Window(settings.write.lanes, settings.write.first_window),
            bucket=bucket,
            effort=attempt.effort,
            backoff=source.new_backoff,
            before_send=attempt.lease.check,
            clock=services.clock,
            pause=services.stop.pause,
            drain_s=settings.write.drain_s,
            progress=settlement,
            refused=settlement.refused_items.total(),
        )
        merge = None if rule.merge is later_stays else rule.merge
        with (
            Lanes(sending, settings.write, merge=merge, on_sealed=segments.sealed) as lanes,
            closing(
                PartLoader(
                    fitting=fitting,
                    plan=plan,
                    lanes=lanes,
                    segments=segments,
                    settlement=settlement,
                    artifacts=artifacts,
                    tally=tally,
                    counters=attempt.counters,
                    guard=guard,
                    make_room=attempt.make_room,
                    segment_records=source.segment_records,
                    start=reached,
                )
            ) as loader,
        ):
            _load_all(reader.rows(reached), loader, attempt)


def _restore(attempt: Attempt, state: str, tally: Tally, settlement: Settlement) -> None:
    """Go on from where an earlier attempt got to."""
    for totals, keys in attempt.checkpoints.saved.history(state):
        tally.restore(keys)
        settlement.restore(keys)
        attempt.counters = totals
    effort, counters = attempt.effort, attempt.counters
    effort.requests, effort.throttles, effort.retries = (
        counters.requests,
        counters.throttles,
        counters.retries,
    )


def _load_all(part_rows: Iterable[PartRows], loader: PartLoader, attempt: Attempt) -> None:
    try:
        for rows in part_rows:
            attempt.lease.check()
            loader.take(rows)
    except BadData:
        loader.finish()  # the good rows before the damage stay loaded, and counted
        raise
    loader.finish()
    attempt.look_at_all_rejects()
    loader.check_rejects()
