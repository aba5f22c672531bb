"""Rows that become several items, over several attempts: they count once, by their first item."""

from __future__ import annotations

import random

import pytest

from csv_import.errors import JobStop
from tests.functional.csv_import.conftest import Clock, World
from tests.functional.csv_import.test_refused import refusing
from tests.functional.csv_import.test_resuming import attempt, dies, outcome

SPEC = """
mode: {mode}
provenance: off
columns: {{Id: drop, Group: drop}}
items:
  - attributes: {{ProductId: 'P#{{Id}}'}}
  - attributes: {{ProductId: 'G#{{Group}}'}}
    optional: true
"""
ROWS = b"".join(b"%d,%s,%d\n" % (row % 41, b"g%d" % (row % 7) if row % 5 else b"", row) for row in range(150))
FILE = b"Id,Group,N\n" + ROWS
MOST_ATTEMPTS = 30

pytestmark = [  # what dies leaves its thread and its files as they are
    pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning"),
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
]


def prepare(world: World, mode: str) -> str:
    for item in world.scan():
        world.dynamodb.delete_item(TableName="items", Key={"ProductId": item["ProductId"]})
    world.dynamodb.put_item(TableName="items", Item={"ProductId": {"S": "P#3"}, "N": {"S": "old"}})
    world.s3.put_object(Bucket="input", Key="_import.yaml", Body=SPEC.format(mode=mode).encode())
    return world.drop(FILE)


@pytest.mark.parametrize("mode", ["put", "insert"])
@pytest.mark.parametrize("refused", [(), ("P#7", "G#g2")], ids=["all taken", "some refused"])
def test_it_ends_as_if_nothing_had_happened(
    world: World, monkeypatch: pytest.MonkeyPatch, mode: str, refused: tuple[str, ...]
) -> None:
    world.table()
    if refused:
        refusing(monkeypatch, *refused)
    quiet = prepare(world, mode)
    assert attempt(world, quiet, 1, Clock()) is None
    expected = outcome(world, quiet)

    import_id = prepare(world, mode)
    draw, clock = random.Random(len(refused)), Clock()
    ends: list[JobStop | None] = []
    while not ends or ends[-1] is not None:
        assert len(ends) < MOST_ATTEMPTS, ends
        with dies(monkeypatch, draw.randint(20, 120) if len(ends) < 9 else 10_000):
            ends.append(attempt(world, import_id, len(ends) + 1, clock))

    assert len(ends) > 2, "it died in between"
    assert outcome(world, import_id) == expected
