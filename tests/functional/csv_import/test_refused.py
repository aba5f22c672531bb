"""Rows that pass every check and that DynamoDB refuses all the same: rejects, found late, that cost no other row."""

from __future__ import annotations

import gzip
import json
from collections.abc import Collection
from typing import Any

import pytest

from csv_import.errors import BadConfiguration, BadData, TryAgain
from csv_import.settings import ReadLimits, WriteLimits
from csv_import.stages.part_loader import PartLoader
from csv_import.stages.part_rows import PartRows
from csv_import.writing.connections import Response
from csv_import.writing.route import Sender
from tests.functional.csv_import.conftest import World
from tests.functional.csv_import.test_throttling import through
from tests.unit.csv_import.writing.flaky import Flaky

REFUSAL = Response(400, b'{"__type":"x#ValidationException","message":"not this one"}')
SMALL: dict[str, Any] = {
    "segment_records": 20,
    "write": WriteLimits(lanes=3, max_batch_items=4),
    "read": ReadLimits(chunk_bytes=300),
}


def keys_of(request: dict[str, Any]) -> set[str]:
    if "RequestItems" in request:
        ((_, entries),) = request["RequestItems"].items()
        given = [next(iter(next(iter(entry.values())).values())) for entry in entries]
    else:
        given = [request.get("Item") or request["Key"]]
    return {item["ProductId"]["S"] for item in given}


class Refuses(Flaky):
    """Refuses requests with some keys."""

    def __init__(self, sender: Sender, bad: Collection[str]) -> None:
        super().__init__(sender, 0)
        self.bad = frozenset(bad)

    def start(self, lane: int, headers: list[str], body: bytes) -> None:
        self.instead[lane] = None
        if keys_of(json.loads(body)) & self.bad:
            self.said.append((lane, REFUSAL))
        else:
            self.sender.start(lane, headers, body)


def refusing(patch: pytest.MonkeyPatch, *bad: str) -> None:
    through(patch, lambda sender: Refuses(sender, bad))


def spec(world: World, text: str) -> None:
    world.s3.put_object(Bucket="input", Key="_import.yaml", Body=text.encode())


def test_it_is_a_reject_with_its_place_and_bytes(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    world.table()
    content = b"ProductId,A\n" + b"".join(b'%d,"cell\n%d"\n' % (row, row) for row in range(110))
    import_id = world.drop(content)
    refusing(monkeypatch, "7", "99")

    assert world.attempt(import_id, **SMALL) is None

    assert world.items().keys() == {str(row) for row in range(110)} - {"7", "99"}
    counters = world.counters(import_id)
    assert (counters["rows_read"], counters["rows_written"], counters["rows_rejected"]) == (110, 108, 2)
    assert world.part(import_id)["rejects_by_code"] == {"refused_by_dynamodb": 2}
    assert world.rejects(import_id) == b'7,"cell\n7"\n99,"cell\n99"\n'
    lines = [json.loads(line) for line in world.rejects(import_id, "jsonl").splitlines()]
    assert [(each["record"], each["line"], each["offset"]) for each in lines] == [
        (8, 16, content.index(b"7,")),
        (100, 200, content.index(b"\n99,") + 1),
    ]
    assert {each["message"] for each in lines} == {"DynamoDB refuses the item: not this one"}


@pytest.mark.parametrize("compress", [bytes, gzip.compress], ids=["plain", "gzip"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_it_is_found_again_however_the_file_is_written(
    world: World, monkeypatch: pytest.MonkeyPatch, compress: Any, encoding: str
) -> None:
    world.table()
    text = "a title\r\nProductId;A\r\n" + "".join(f"{row};'é;\r\n{row}'\r\n" for row in range(200))
    content = text.encode(encoding)
    spec(world, "dialect: {skipped_lines: 1, quote: \"'\", delimiter: ';'}\n")
    import_id = world.drop(compress(content))
    refusing(monkeypatch, "7", "170")

    assert world.attempt(import_id, **SMALL) is None

    assert world.items().keys() == {str(row) for row in range(200)} - {"7", "170"}
    lines = [json.loads(line) for line in world.rejects(import_id, "jsonl").splitlines()]
    assert [each["record"] for each in lines] == [8, 171]
    rows = [content[each["offset"] :][: each["length"]] for each in lines]
    little = "utf-16-le" if encoding == "utf-16" else "utf-8"
    assert [row.decode(little) for row in rows] == ["7;'é;\r\n7'\r\n", "170;'é;\r\n170'\r\n"]
    assert world.rejects(import_id) == b"".join(rows)


@pytest.mark.parametrize("mode", ["put", "insert", "update", "delete"])
def test_every_mode_goes_on_without_it(world: World, monkeypatch: pytest.MonkeyPatch, mode: str) -> None:
    world.table()
    world.dynamodb.put_item(TableName="items", Item={"ProductId": {"S": "old"}, "A": {"S": "old"}})
    spec(world, f"mode: {mode}\nprovenance: off\n")
    rows = [*"abcdef", "old", "bad", *"abc", "bad", "worse"]
    import_id = world.drop(
        b"ProductId,A\n" + b"".join(b"%s,%d\n" % (key.encode(), row) for row, key in enumerate(rows))
    )
    refusing(monkeypatch, "bad", "worse")

    assert world.attempt(import_id, **SMALL, ALLOWED_MODES="put,insert,update,delete") is None

    counters = world.rows(import_id)
    assert counters["rows_read"] == 13
    assert counters["rows_skipped"] == (mode == "insert")
    assert counters["rows_written"] == 7 - (mode == "insert")
    assert (counters["rows_superseded"], counters["rows_rejected"]) == (3, 3)
    assert world.rejects(import_id) == b"bad,7\nbad,11\nworse,12\n"
    assert set(world.items()) == (set() if mode == "delete" else {*"abcdef", "old"})


def test_it_counts_for_the_limit_of_rejects(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    world.table()
    spec(world, "max_rejects: 1\n")
    content = b"ProductId,A\n" + b"".join(b"%d,x\n" % row for row in range(110))
    refusing(monkeypatch, "7", "99")
    stopped = world.attempt(world.drop(content), **SMALL)
    assert isinstance(stopped, BadData)
    assert (stopped.code, stopped.exit_code) == ("too_many_rejects", 65)

    spec(world, "max_rejects: 2\n")
    assert world.attempt(world.drop(content), **SMALL) is None


@pytest.mark.parametrize(("most", "fails"), [(5, True), (6, False)])
def test_the_limit_of_refused_items_does_not_depend_on_the_attempts(
    world: World, monkeypatch: pytest.MonkeyPatch, most: int, fails: bool
) -> None:
    world.table()
    import_id = world.drop(b"ProductId,A\n" + b"".join(b"%d,x\n" % row for row in range(110)))
    refusing(monkeypatch, "7", "8", "27", "88", "99", "105")
    monkeypatch.setattr("csv_import.writing.sending.MAX_REFUSED", most)
    limits = SMALL | {"read": ReadLimits(chunk_bytes=100), "checkpoint_rest_s": 0.0}
    take, blocks = PartLoader.take, iter(range(100))

    def taking(self: PartLoader, rows: PartRows) -> None:
        if next(blocks) == 3:
            self._lanes.drain()
            self._keep_refused()
            raise TryAgain("broken_off", "in the middle")
        take(self, rows)

    monkeypatch.setattr(PartLoader, "take", taking)
    first = world.attempt(import_id, **limits)
    assert isinstance(first, TryAgain)
    kept = world.part(import_id)["checkpoint"]
    assert 20 <= kept["record"] <= 90, "there is something before it and something behind it"

    second = world.attempt(import_id, 2, **limits)
    if fails:
        assert isinstance(second, BadConfiguration)
        assert second.code == "request_refused"
    else:
        assert second is None
        assert world.counters(import_id)["rows_rejected"] == 6


def test_a_row_of_several_items_is_one_reject_whichever_of_them_is_refused(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.table()
    spec(
        world,
        "columns: {Id: drop, Category: drop}\n"
        "provenance: off\n"
        "items:\n"
        "  - attributes: {ProductId: 'P#{Id}'}\n"
        "  - attributes: {ProductId: 'C#{Category}'}\n"
        "    optional: true\n"
        "  - attributes: {ProductId: 'X#{Id}'}\n",
    )
    import_id = world.drop(b"Id,Category,Name\n1,a,x\n2,bad,y\n3,b,z\n4,bad,q\n3,,w\n")
    refusing(monkeypatch, "C#bad", "X#4", "P#3")

    assert world.attempt(import_id, write=WriteLimits(lanes=2, max_batch_items=1)) is None

    assert world.items().keys() == {"P#1", "C#a", "X#1", "P#2", "X#2", "C#b", "X#3", "P#4"}
    assert world.rejects(import_id) == b"2,bad,y\n3,b,z\n4,bad,q\n3,,w\n"
    counters = {
        name: count for name, count in world.counters(import_id).items() if name.startswith(("rows", "items"))
    }
    assert counters == {
        "rows_read": 5,
        "rows_accepted": 1,
        "rows_written": 1,
        "rows_superseded": 0,
        "rows_skipped": 0,
        "rows_rejected": 4,
        "items_accepted": 9,
        "items_written": 8,
        "items_superseded": 1,
        "items_skipped": 0,
    }
