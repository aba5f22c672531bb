"""The judge is judged by hand: its answers to files small enough to read."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from tests.oracle import Item, Table, naive_table

TIME = datetime(2026, 11, 23, 10, 0, 0, tzinfo=UTC)
REJECTED = "rejected"


def table_of(data: bytes, *, key_type: str = "S", sort_key: str | None = None) -> Table:
    return naive_table(
        data,
        bucket_key="in/a.csv",
        last_modified=TIME,
        partition_key="Id",
        key_type=key_type,
        sort_key=sort_key,
    )


def with_provenance(item: Item, record: int) -> Item:
    return {
        **item,
        "Filename": {"S": "in/a.csv"},
        "LastModified": {"S": "2026-11-23T10:00:00Z"},
        "CreatedTime": {"S": f"2026-11-23T10:00:00.{record:06d}Z"},
    }


def test_rows_are_items_with_the_records_number_in_their_time() -> None:
    table = table_of(b'Id,Name,Note\na,"x, ""y""\r\nz",\n\nb,,"1\n2"')
    assert table.items == {
        ("a",): with_provenance({"Id": {"S": "a"}, "Name": {"S": 'x, "y"\r\nz'}}, 1),
        ("b",): with_provenance({"Id": {"S": "b"}, "Note": {"S": "1\n2"}}, 2),
    }
    assert (table.rows_read, table.rows_written, table.rows_superseded, table.rows_rejected) == (2, 2, 0, 0)


def test_the_last_accepted_row_of_a_key_wins_whole() -> None:
    table = table_of(b"Id,Name\na,1\nb,2\na,\na,3,4\n")
    assert table.items == {
        ("a",): with_provenance({"Id": {"S": "a"}}, 3),
        ("b",): with_provenance({"Id": {"S": "b"}, "Name": {"S": "2"}}, 2),
    }
    assert (table.rows_read, table.rows_written, table.rows_superseded, table.rows_rejected) == (4, 2, 1, 1)


def test_a_column_of_the_name_takes_the_place_of_provenance_even_where_it_is_empty() -> None:
    table = table_of(b"Id,CreatedTime\na,then\nb,\n")
    assert table.items["a",]["CreatedTime"] == {"S": "then"}
    assert "CreatedTime" not in table.items["b",]
    assert table.items["b",]["Filename"] == {"S": "in/a.csv"}


def test_a_sort_key_is_part_of_the_key() -> None:
    table = table_of(b"Id,Name\na,1\na,2\na,\n", sort_key="Name")
    assert list(table.items) == [("a", "1"), ("a", "2")]
    assert table.rejects_by_code == {"empty_key": 1}


def test_a_byte_order_mark_is_no_part_of_the_header() -> None:
    assert list(table_of(b"\xef\xbb\xbfId\na\n").items) == [("a",)]


@pytest.mark.parametrize(
    ("row", "code"),
    [
        (b"a,1,2", "too_many_cells"),
        (b"a,1,", "too_many_cells"),
        (b"a", "too_few_cells"),
        (b'""', "too_few_cells"),
        (b",1", "empty_key"),
        (b'"",1', "empty_key"),
        (b"k" * 2049 + b",1", "key_too_long"),
        ("é".encode() * 1025 + b",1", "key_too_long"),
        (b"a," + b"x" * 409_600, "item_too_large"),
        (b"a,\xff", "invalid_encoding"),
        (b"a,\xed\xa0\x80", "invalid_encoding"),
    ],
)
def test_a_bad_row_is_counted_and_the_others_stay(row: bytes, code: str) -> None:
    table = table_of(b"Id,Name\nfirst,1\n" + row + b"\nlast,2\n")
    assert list(table.items) == [("first",), ("last",)]
    assert table.items["last",] == with_provenance({"Id": {"S": "last"}, "Name": {"S": "2"}}, 3)
    assert table.rejects_by_code == {code: 1}


def test_limits_are_inclusive() -> None:
    provenance = len("Filenamein/a.csvLastModified2026-11-23T10:00:00ZCreatedTime2026-11-23T10:00:00.000001Z")
    largest = b"x" * (409_600 - provenance - len("Ida") - len("Name"))
    assert table_of(b"Id,Name\n" + b"a," + largest).rows_written == 1
    assert table_of(b"Id,Name\n" + b"a," + largest + b"x").rows_rejected == 1
    assert table_of(b"Id,Name\n" + b"k" * 2048 + b",1").rows_written == 1


@pytest.mark.parametrize(
    ("cell", "stored"),
    [
        ("1", "1"),
        ("1.0", "1"),
        ("007", "7"),
        ("-0", "0"),
        ("1e2", "100"),
        ("-1.50", "-1.5"),
        ("0.00000001", "0.00000001"),
        ("9" * 38, "9" * 38),
        ("9" * 39, REJECTED),
        ("1" + "0" * 125, "1" + "0" * 125),
        ("1e126", REJECTED),
        ("1e-130", "0." + "0" * 129 + "1"),
        ("1e-131", REJECTED),
        ("1_000", REJECTED),
        ("Infinity", REJECTED),
        ("NaN", REJECTED),
        ("0x10", REJECTED),
        ("1,5", REJECTED),
        ("٣", REJECTED),
    ],
)
def test_number_keys_have_one_form(cell: str, stored: str) -> None:
    table = table_of(f'Id\n"{cell}"\n'.encode(), key_type="N")
    if stored == REJECTED:
        assert table.rejects_by_code == {"invalid_number": 1}
    else:
        assert table.items == {(stored,): with_provenance({"Id": {"N": stored}}, 1)}


@pytest.mark.parametrize(("cell", "good"), [("aGk=", True), ("aGk", False), ("a k=", False), ("é", False)])
def test_binary_keys_are_base64(cell: str, good: bool) -> None:
    table = table_of(f"Id\n{cell}\n".encode(), key_type="B")
    assert table.rows_written == int(good)
    assert table.rejects_by_code == ({} if good else {"invalid_base64": 1})


def test_one_binary_key_may_be_written_in_two_ways() -> None:
    table = table_of(b"Id\naGk=\naGl=\n", key_type="B")
    assert table.items == {("aGk=",): with_provenance({"Id": {"B": "aGk="}}, 2)}
    assert table.rows_superseded == 1
