"""Good files, odd files and bad files: a clear outcome with its place, and the good rows in the table."""

from __future__ import annotations

import csv
import io
import json

import pytest

from csv_import.settings import ReadLimits
from tests.functional.csv_import.conftest import World
from tests.oracle import naive_table

EQUAL = ("rows_read", "rows_written", "rows_superseded", "rows_rejected")


def error_of(world: World, import_id: str) -> tuple[str, int]:
    part = world.part(import_id)
    assert part["status"] == "FAILED"
    assert "lease_owner" not in part
    return part["error"]["code"], int(part["error"]["exit_code"])


def assert_books_balance(world: World, import_id: str) -> None:
    count = world.counters(import_id)
    outcomes = ("rows_written", "rows_superseded", "rows_skipped", "rows_rejected")
    assert count["rows_read"] == sum(count[name] for name in outcomes)
    assert count["bytes_read"] == count["bytes_records"] + count["bytes_ignored"]


def assert_as_the_naive_loop(world: World, import_id: str, content: bytes, **key: str) -> None:
    expected = naive_table(
        content, bucket_key="in/products.csv", last_modified=world.last_modified[import_id], **key
    )
    names = ["ProductId", *([key["sort_key"]] if "sort_key" in key else [])]
    found = {tuple(text for name in names for text in item[name].values()): item for item in world.scan()}
    assert found == expected.items
    counters = world.counters(import_id)
    assert {name: counters[name] for name in EQUAL} == {name: getattr(expected, name) for name in EQUAL}
    assert world.part(import_id)["rejects_by_code"] == expected.rejects_by_code
    assert_books_balance(world, import_id)
    assert counters["bytes_read"] == len(content)


@pytest.mark.parametrize(
    "content",
    [
        pytest.param(b"ProductId,A\n1,x\n2,y\n", id="plain"),
        pytest.param(b"ProductId,A\n1,x\n2,y", id="last line without its end"),
        pytest.param(b"\xef\xbb\xbfProductId,A\r\n1,x\r\n", id="byte order mark"),
        pytest.param(b"ProductId,A\n\n1,x\r\n\r\n\n2,y\n\n", id="blank lines"),
        pytest.param(b"ProductId,A\r1,x\r2,y\r", id="CR"),
        pytest.param(b"A,ProductId\nx,1\ny,1\nz,1\n", id="one key"),
        pytest.param(b"ProductId,A\n1,x\n1,x,y\n1\n,\n,x\n1,\n", id="rows that do not fit"),
        pytest.param(
            "ProductId,Größe\nä,ö\n".encode() + b"2,\xff\n\xfe,y\n3,z\n", id="bytes that are no UTF-8"
        ),
        pytest.param(b'ProductId,A\n"1\n1","a,""b"""\n" 2",\n', id="quotes"),
        pytest.param(b"ProductId,Filename,CreatedTime\n1,mine,\n2,,now\n", id="provenance columns"),
        pytest.param(b"ProductId,A\n%b,x\n%b,y\n" % (b"k" * 2048, b"k" * 2049), id="long keys"),
        pytest.param(b"ProductId,A\n1,%b\n2,y\n" % (b"x" * 409_600), id="an item over 400 KB"),
        pytest.param("ProductId,Größe\nä,😀\n\u0430,\u2028\n".encode(), id="other scripts"),
        pytest.param(b"ProductId\n1\n2\n\n1\n", id="one column"),
    ],
)
def test_the_table_is_what_the_naive_loop_leaves(world: World, content: bytes) -> None:
    world.table()
    import_id = world.drop(content)
    assert world.load(import_id) == 0
    assert_as_the_naive_loop(world, import_id, content)


def test_a_composite_key(world: World) -> None:
    world.table(key={"ProductId": "S", "Version": "N"})
    content = b"ProductId,Version,A\na,1,x\na,01.0,y\na,2,z\nab,1,x\na,b,bad\na,,bad\n,1,bad\n"
    import_id = world.drop(content)
    assert world.load(import_id) == 0
    assert_as_the_naive_loop(world, import_id, content, sort_key="Version", sort_key_type="N")
    assert world.part(import_id)["rejects_by_code"] == {"invalid_number": 1, "empty_key": 2}


def test_a_number_key(world: World) -> None:
    world.table(key={"ProductId": "N"})
    content = b"ProductId,A\n7,x\n07.0,y\n7e1,z\nseven,bad\n1 ,bad\n" + b"1" * 39 + b",bad\n-0,x\n0,y\n"
    import_id = world.drop(content)
    assert world.load(import_id) == 0
    assert_as_the_naive_loop(world, import_id, content, key_type="N")
    assert set(world.items()) == {"7", "70", "0"}


def test_a_binary_key(world: World) -> None:
    world.table(key={"ProductId": "B"})
    import_id = world.drop(b"ProductId,A\nQQ==,x\nQQ==,y\nQUI=,z\nQ,bad\nQR==,bad\n")
    assert world.load(import_id) == 0
    assert {item["ProductId"]["B"] for item in world.scan()} == {b"A", b"AB"}
    (superseding,) = (item for item in world.scan() if item["ProductId"] == {"B": b"A"})
    assert superseding["A"] == {"S": "y"}
    assert world.part(import_id)["rejects_by_code"] == {"invalid_base64": 2}
    assert world.counters(import_id)["rows_superseded"] == 1


def test_an_index_key_that_is_empty_is_left_out_and_one_that_is_bad_is_rejected(world: World) -> None:
    world.table(index={"Maker": "S", "Rank": "N"})
    rows = [
        ["1", "acme", "7"],
        ["2", "", ""],
        ["3", "m" * 2049, "1"],
        ["4", "m" * 2048, "07"],
        ["5", "acme", "first"],
    ]
    out = io.StringIO()
    csv.writer(out).writerows([["ProductId", "Maker", "Rank"], *rows])
    import_id = world.drop(out.getvalue().encode())
    assert world.load(import_id) == 0
    items = world.items()
    assert items.keys() == {"1", "2", "4"}
    assert "Maker" not in items["2"]
    assert "Rank" not in items["2"]
    assert items["4"]["Rank"] == {"N": "7"}
    assert world.part(import_id)["rejects_by_code"] == {"key_too_long": 1, "invalid_number": 1}


def test_an_unclosed_quote_in_the_middle_costs_its_line_and_no_more(world: World) -> None:
    world.table()
    content = b'ProductId,A\n1,x\n2,"y\n3,z\n4,w\n'
    import_id = world.drop(content)
    assert world.load(import_id) == 0
    assert world.items().keys() == {"1", "3", "4"}
    (line,) = (json.loads(line) for line in world.rejects(import_id, "jsonl").splitlines())
    assert {name: line[name] for name in ("line", "record", "offset", "length", "code")} == {
        "line": 3,
        "record": 2,
        "offset": content.index(b"2,"),
        "length": 5,
        "code": "unclosed_quote",
    }
    assert world.rejects(import_id) == b'2,"y\n'
    assert_books_balance(world, import_id)


@pytest.mark.parametrize(
    ("content", "code"),
    [
        pytest.param(b"", "no_header", id="empty"),
        pytest.param(b"\xef\xbb\xbf\n", "no_header", id="a mark and a blank line"),
        pytest.param(b"ProductID,A\n1,x\n", "missing_key_column", id="another key column"),
        pytest.param(b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", "not_text", id="an image"),
    ],
)
def test_a_file_that_is_no_table(world: World, content: bytes, code: str) -> None:
    world.table()
    import_id = world.drop(content)
    assert world.load(import_id) == 65
    assert error_of(world, import_id) == (code, 65)
    assert world.scan() == []
    assert world.counters(import_id)["rows_read"] == 0
    assert "finished_at" in world.part(import_id)


def test_names_that_cannot_be_told_apart_are_adjusted(world: World) -> None:
    world.table()
    import_id = world.drop(b" ProductId ,A,A,\n1,x,y,z\n")
    assert world.load(import_id) == 0
    (item,) = world.scan()
    assert {"ProductId", "A", "A_2", "column_4"} <= item.keys()


def test_a_header_alone_is_an_empty_table(world: World) -> None:
    world.table()
    import_id = world.drop(b"ProductId,A")
    assert world.load(import_id) == 0
    assert world.rows(import_id) == {
        **dict.fromkeys(world.rows(import_id), 0),
        "bytes_read": 11,
        "bytes_ignored": 11,
    }
    assert world.part(import_id)["ignored"] == {"header": {"spans": 1, "bytes": 11}}
    assert world.artifacts(import_id) == ["header.csv"]
    assert world.artifact(import_id, "header.csv") == b"ProductId,A\n"


def test_a_line_that_is_too_long_is_rejected_and_reading_goes_on_behind_it(world: World) -> None:
    world.table()
    import_id = world.drop(b"ProductId,A\n1,x\n2,y,z\n3,z\n" + b"x" * 200 + b"\n4,a\n")
    assert world.attempt(import_id, read=ReadLimits(chunk_bytes=16, max_record_bytes=100)) is None
    assert world.items().keys() == {"1", "3", "4"}
    assert world.rejects(import_id) == b"2,y,z\n"
    count = world.counters(import_id)
    assert (count["rows_read"], count["rows_written"], count["rows_rejected"]) == (5, 3, 2)
    assert world.part(import_id)["rejects_by_code"] == {"too_many_cells": 1, "record_too_long": 1}
    assert_books_balance(world, import_id)


def test_blank_lines_before_the_header_are_passed_over(world: World) -> None:
    world.table()
    import_id = world.drop(b"\r\n\nProductId,A\n1,x\n")
    assert world.load(import_id) == 0
    assert world.items()["1"]["A"] == {"S": "x"}
    assert world.part(import_id)["ignored"] == {
        "header": {"spans": 1, "bytes": 12},
        "blank_line": {"spans": 2, "bytes": 3},
    }
    assert_books_balance(world, import_id)


def test_what_the_file_was_read_as_is_pinned(world: World) -> None:
    world.table()
    names = ["ProductId", *(f"c{number}" for number in range(150))]
    import_id = world.drop(",".join(names).encode() + b"\n")
    assert world.load(import_id) == 0
    pinned = world.record(import_id)["pinned"]
    assert pinned["header"] == names[:100]
    assert (pinned["table_name"], pinned["columns"]) == ("items", 151)
    assert pinned["etag"] == world.record(import_id)["etag"]


class TestTheObject:
    def test_in_a_bucket_without_versions(self, world: World) -> None:
        world.table()
        import_id = world.drop(b"ProductId,A\n1,x\n", bucket="unversioned")
        assert world.load(import_id) == 0
        assert world.items().keys() == {"1"}

    def test_overwritten_in_a_bucket_without_versions(self, world: World) -> None:
        world.table()
        import_id = world.drop(b"ProductId,A\n1,x\n", bucket="unversioned")
        world.drop(b"ProductId,A\n2,x\n", bucket="unversioned")
        assert world.load(import_id) == 65
        assert error_of(world, import_id) == ("object_changed", 65)
        assert world.scan() == []

    def test_overwritten_where_versions_are_kept(self, world: World) -> None:
        world.table()
        first = world.drop(b"ProductId,A\n1,x\n")
        second = world.drop(b"ProductId,A\n2,x\n")
        assert world.load(first) == 0
        assert world.items().keys() == {"1"}
        assert world.load(second) == 0
        assert world.items().keys() == {"1", "2"}

    def test_deleted(self, world: World) -> None:
        world.table()
        import_id = world.drop(b"ProductId,A\n1,x\n", bucket="unversioned")
        world.s3.delete_object(Bucket="unversioned", Key="in/products.csv")
        assert world.load(import_id) == 65
        assert error_of(world, import_id) == ("object_gone", 65)

    def test_its_version_deleted(self, world: World) -> None:
        world.table()
        import_id = world.drop(b"ProductId,A\n1,x\n")
        version = world.record(import_id)["version_id"]
        world.s3.delete_object(Bucket="input", Key="in/products.csv", VersionId=version)
        assert world.load(import_id) == 65
        assert error_of(world, import_id) == ("object_gone", 65)

    def test_behind_a_delete_marker_its_version_is_still_read(self, world: World) -> None:
        world.table()
        import_id = world.drop(b"ProductId,A\n1,x\n")
        world.s3.delete_object(Bucket="input", Key="in/products.csv")
        assert world.load(import_id) == 0
        assert world.items().keys() == {"1"}


class TestTheTarget:
    def test_that_does_not_exist(self, world: World) -> None:
        import_id = world.drop(b"ProductId,A\n1,x\n")
        assert world.load(import_id) == 78
        assert error_of(world, import_id) == ("table_missing", 78)

    def test_that_wants_an_attribute_of_ours_as_a_number(self, world: World) -> None:
        world.table(key={"ProductId": "S", "CreatedTime": "N"})
        import_id = world.drop(b"ProductId,A\n1,x\n")
        assert world.load(import_id) == 78
        assert error_of(world, import_id) == ("unsupported_key_type", 78)

    def test_a_bucket_for_artifacts_that_does_not_exist(self, world: World) -> None:
        world.table()
        import_id = world.drop(b"ProductId,A\n1,x\n")
        assert world.load(import_id, ARTIFACTS_BUCKET="nowhere") == 78
        assert error_of(world, import_id) == ("artifacts_forbidden", 78)

    def test_a_ledger_that_does_not_exist(self, world: World) -> None:
        world.table()
        import_id = world.drop(b"ProductId,A\n1,x\n")
        assert world.load(import_id, LEDGER_TABLE="nowhere") == 78
        assert world.scan() == []
