"""An import that is broken off at any point, any number of times, ends as if nothing had happened."""

from __future__ import annotations

import gzip
import random
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import pytest

from csv_import.accounting.artifacts import Artifacts
from csv_import.accounting.ledger import Ledger
from csv_import.accounting.saved_books import SavedBooks
from csv_import.reading.object_stream import ObjectStream
from csv_import.services import Services
from csv_import.settings import AccountingLimits, ReadLimits, WriteLimits
from csv_import.stages.load import load
from csv_import.stages.part_loader import PartLoader
from csv_import.waiting import StopSign
from csv_import.writing.sending import Sending
from tests.functional.csv_import.conftest import Clock, World
from tests.functional.csv_import.test_refused import refusing

MODES = ["put", "insert", "update", "delete"]
SEGMENT = 20
SMALL: dict[str, Any] = {
    "read": ReadLimits(chunk_bytes=300),
    "write": WriteLimits(lanes=3, max_batch_items=4, max_unacknowledged_bytes=600),
    "segment_records": SEGMENT,
    "checkpoint_rest_s": 0.0,
    "ALLOWED_MODES": ",".join(MODES),
}
SPEC = "mode: {mode}\nprovenance: off\ndialect: {{comment: '#'}}\ncolumns: {{N: {{type: N}}}}\n"
BOUNDARIES = [
    (Ledger, "renew"),
    (SavedBooks, "keep"),
    (Artifacts, "_put"),
    (Sending, "take"),
    (Sending, "_answered"),
    (Sending, "close"),
    (PartLoader, "take"),
]


def rows(count: int) -> bytes:
    """Rows with duplicate keys, rejects, numbers that lose zeros, and lines that are none."""
    lines = [b"ProductId,A,N\n"]
    for row in range(count):
        lines.append(b"\n" * (row % 13 == 0) + b"# a comment\n" * (row % 17 == 0))
        surplus = b",too many" * (row % 11 == 0)
        lines.append(b'%d,"row\n%d",%d.50%b\n' % (row % 41, row, row, surplus))
    return b"".join(lines)


FILE = rows(150)

pytestmark = [  # what dies leaves its thread and its files as they are
    pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning"),
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
]


class Gone(BaseException):
    """The process is gone: nobody tidies up."""


@contextmanager
def dies(patch: pytest.MonkeyPatch, after: int) -> Iterator[None]:
    """The process dies at one of its next calls to the world, in any thread, and makes no other."""
    left = [after]

    def counted(owner: Any, name: str) -> None:
        call = getattr(owner, name)

        def mortal(self: Any, *arguments: Any, **named: Any) -> Any:
            left[0] -= 1
            if left[0] < 0:
                raise Gone
            return call(self, *arguments, **named)

        context.setattr(owner, name, mortal)

    with patch.context() as context:
        for owner, name in BOUNDARIES:
            counted(owner, name)
        context.setattr(Ledger, "give_up", lambda *_, **__: None)
        yield


def attempt(world: World, import_id: str, number: int, clock: Clock) -> Any:
    try:
        return world.attempt(import_id, number, clock=clock, **SMALL)
    except Gone:
        return "gone"
    finally:
        clock.passed_s += 120  # the lease of one that died runs out


def outcome(world: World, import_id: str) -> dict[str, Any]:
    """All that must not depend on how often the import was broken off."""
    part = world.part(import_id)
    names = ("status", "ignored", "rejects_by_code", "mended", "notices")
    kept = [name for name in world.artifacts(import_id) if not name.startswith("checkpoints/")]
    return {
        "items": world.items(),
        "rows": world.rows(import_id),
        **{name: part.get(name) for name in names},
        "artifacts": {name: world.artifact(import_id, name) for name in kept},
    }


def prepare(world: World, mode: str, content: bytes) -> str:
    for item in world.scan():
        world.dynamodb.delete_item(TableName="items", Key={"ProductId": item["ProductId"]})
    for key in ("3", "5", "old"):
        world.dynamodb.put_item(TableName="items", Item={"ProductId": {"S": key}, "A": {"S": "old"}})
    world.s3.put_object(Bucket="input", Key="_import.yaml", Body=SPEC.format(mode=mode).encode())
    return world.drop(content)


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("seed", range(4))
def test_it_ends_as_if_nothing_had_happened(
    world: World, monkeypatch: pytest.MonkeyPatch, mode: str, seed: int
) -> None:
    world.table()
    content = gzip.compress(FILE) if seed % 2 else FILE
    if seed > 1:
        refusing(monkeypatch, "7", "24")
    import_id = prepare(world, mode, content)
    assert attempt(world, import_id, 1, Clock()) is None
    expected = outcome(world, import_id)
    assert expected["notices"] or mode == "delete"
    assert expected["rows"]["rows_superseded"] > 50

    import_id = prepare(world, mode, content)
    draw, clock, number = random.Random(seed), Clock(), 0
    ends: list[Any] = []
    while not ends or ends[-1] is not None:
        number += 1
        assert number < 30, ends
        after = draw.randint(0, 60) if number < 12 else 10_000
        with dies(monkeypatch, after):
            ends.append(attempt(world, import_id, number, clock))
    assert len(ends) > 3
    assert outcome(world, import_id) == expected


@pytest.mark.parametrize("content", [FILE, gzip.compress(FILE)], ids=["plain", "gzip"])
def test_nothing_before_the_checkpoint_is_done_again(
    world: World, monkeypatch: pytest.MonkeyPatch, content: bytes
) -> None:
    world.table()
    import_id = prepare(world, "put", content)
    clock = Clock()
    with dies(monkeypatch, 100):
        assert attempt(world, import_id, 1, clock) is not None
    checkpoint = world.part(import_id)["checkpoint"]
    assert checkpoint["segment"] >= 2

    taken: list[int] = []
    opened: list[int] = []
    take, stream = PartLoader.take, ObjectStream.again_from

    def watched_take(self: PartLoader, rows: Any) -> None:
        taken.append(rows.location(0).record)
        take(self, rows)

    def watched_stream(self: ObjectStream, offset: int) -> Iterator[bytes]:
        opened.append(offset)
        return stream(self, offset)

    with monkeypatch.context() as patch:
        patch.setattr(PartLoader, "take", watched_take)
        patch.setattr(ObjectStream, "again_from", watched_stream)
        assert attempt(world, import_id, 2, clock) is None
    assert min(taken) == checkpoint["record"] == checkpoint["segment"] * SEGMENT + 1
    assert opened == [checkpoint["offset"] if content is FILE else 0]


def test_sigterm_keeps_what_is_settled_and_frees_the_part(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.table()
    import_id = prepare(world, "put", FILE)
    stops: list[StopSign] = []
    take = PartLoader.take

    def told_to_stop(self: PartLoader, rows: Any) -> None:
        take(self, rows)
        if rows.location(0).record > 100:
            stops[0].set()

    services = World.services

    def watched_services(self: World, stop: StopSign) -> Services:
        stops.append(stop)
        return services(self, stop)

    with monkeypatch.context() as patch:
        patch.setattr(World, "services", watched_services)
        patch.setattr(PartLoader, "take", told_to_stop)
        stopped = world.attempt(import_id, 1, **SMALL)
    assert (stopped.code, stopped.exit_code) == ("interrupted", 75)  # type: ignore[union-attr]
    part = world.part(import_id)
    assert part["status"] == "RUNNING"
    assert "lease_owner" not in part
    assert part["checkpoint"]["segment"] >= 3

    clock = Clock()
    assert world.attempt(import_id, 2, clock=clock, **SMALL) is None
    assert clock.passed_s == 0, "there is no lease to wait out"
    assert world.rows(import_id)["rows_read"] == 150


def test_a_load_that_has_no_room_waits_for_the_checkpoint_and_not_for_its_rest(world: World) -> None:
    """It would wait an hour, and lose its lease on the way."""
    world.table()
    accounting = AccountingLimits(
        segment_records=SEGMENT, heartbeat_s=3600.0, checkpoint_rest_s=3600.0, max_unsaved_bytes=16
    )
    settings = replace(world.settings(world.drop(rows(150))), accounting=accounting, write=SMALL["write"])
    load(settings, world.services(StopSign()))
