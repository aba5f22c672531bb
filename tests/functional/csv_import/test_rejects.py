"""A rejected row is kept byte for byte with its place, in a form that can be mended and dropped again."""

from __future__ import annotations

import json

from csv_import.settings import ReadLimits
from tests.functional.csv_import.conftest import World

HEADER = 'ProductId,"A, and Bé"\r\n'.encode()
GOOD = [b"1,x\r\n", b'2,"a\r\nb"\r\n', b"3,z\r\n", b"4,\r\n"]
BAD = [b"5,x,y\r\n", b'"6","lost\r\ncells",3\r\n', b"7\r\n", b",x\r\n", b"8,\xff\r\n", b"9,x,"]
FILE = (
    HEADER
    + GOOD[0]
    + BAD[0]
    + GOOD[1]
    + BAD[1]
    + b"\r\n"
    + BAD[2]
    + GOOD[2]
    + BAD[3]
    + BAD[4]
    + GOOD[3]
    + BAD[5]
)


def test_every_rejected_record_stands_in_its_segments_files(world: World) -> None:
    world.table()
    import_id = world.drop(b"\xef\xbb\xbf" + FILE)
    assert world.attempt(import_id, segment_records=3, read=ReadLimits(chunk_bytes=7)) is None

    assert world.artifact(import_id, "header.csv") == b"\xef\xbb\xbf" + HEADER
    by_segment = {0: [BAD[0]], 1: [BAD[1], BAD[2]], 2: [BAD[3], BAD[4]], 3: [BAD[5] + b"\n"]}
    for segment, records in by_segment.items():
        stem = f"rejects/part-00000/segment-{segment:07d}"
        assert world.artifact(import_id, f"{stem}.csv") == b"".join(records)
        lines = world.artifact(import_id, f"{stem}.jsonl").splitlines()
        assert len(lines) == len(records)
    assert len(world.artifacts(import_id)) == 1 + 2 * len(by_segment)


def test_a_reject_names_its_place_and_reason_and_no_content(world: World) -> None:
    world.table()
    import_id = world.drop(FILE)
    assert world.attempt(import_id, segment_records=4) is None

    lines = [json.loads(line) for line in world.rejects(import_id, "jsonl").splitlines()]
    assert [line["code"] for line in lines] == [
        *(
            "too_many_cells",
            "too_many_cells",
            "too_few_cells",
            "empty_key",
            "invalid_encoding",
            "too_many_cells",
        ),
    ]
    assert [line["record"] for line in lines] == [2, 4, 5, 7, 8, 10]
    assert [line["line"] for line in lines] == [3, 6, 9, 11, 12, 14]
    assert [line["column"] for line in lines] == [None, None, "A, and Bé", "ProductId", None, None]
    for line, record in zip(lines, BAD, strict=True):
        assert FILE[line["offset"] : line["offset"] + line["length"]] == record
    assert world.part(import_id)["rejects_by_code"] == {
        "too_many_cells": 3,
        "too_few_cells": 1,
        "empty_key": 1,
        "invalid_encoding": 1,
    }


def test_mended_rejects_that_are_dropped_again_complete_the_table(world: World) -> None:
    world.table()
    first = world.drop(FILE)
    assert world.attempt(first, segment_records=2) is None
    assert world.items().keys() == {"1", "2", "3", "4"}

    rejects = world.artifact(first, "header.csv") + world.rejects(first)
    assert rejects == HEADER + b"".join(BAD) + b"\n"
    mended = [b"5,x\r\n", b'"6","lost\r\ncells"\r\n', b"7,\r\n", b"77,x\r\n", b"8,\xc3\xbf\r\n", b"9,x\n"]
    second = world.drop(HEADER + b"".join(mended))
    assert world.load(second) == 0

    assert world.items().keys() == {"1", "2", "3", "4", "5", "6", "7", "77", "8", "9"}
    assert world.items()["6"]["A, and Bé"] == {"S": "lost\r\ncells"}
    assert world.counters(second)["rows_rejected"] == 0


def test_rejects_dropped_again_as_they_are_are_the_same_rejects(world: World) -> None:
    world.table()
    first = world.drop(FILE)
    assert world.attempt(first, segment_records=2) is None
    again = world.drop(world.artifact(first, "header.csv") + world.rejects(first))
    assert world.load(again) == 0
    assert world.rejects(again) == world.rejects(first)
    assert world.part(again)["rejects_by_code"] == world.part(first)["rejects_by_code"]


def test_a_file_without_rejects_leaves_no_files_of_them(world: World) -> None:
    world.table()
    import_id = world.drop(HEADER + b"".join(GOOD))
    assert world.load(import_id) == 0
    assert world.artifacts(import_id) == ["header.csv"]
