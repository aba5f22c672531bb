import base64
import json
from datetime import UTC, datetime
from typing import Any

import pytest

from csv_import.errors import BadConfiguration, BadData
from csv_import.rejects import Reason, RejectCode
from csv_import.shaping.item import Item, key_text
from csv_import.shaping.key_schema import KeyAttribute, KeySchema, KeyType
from csv_import.shaping.provenance import Provenance
from csv_import.shaping.row_plan import RowPlan
from csv_import.shaping.sizes import MAX_ITEM_BYTES, MAX_NAME_BYTES

AT = datetime(2026, 11, 23, 10, 0, tzinfo=UTC)
ID = KeyAttribute("Id", "S", 2048)
OWN = {
    "Filename": {"S": "a.csv"},
    "LastModified": {"S": "2026-11-23T10:00:00Z"},
    "CreatedTime": {"S": "2026-11-23T10:00:00.000001Z"},
}


def plan_for(
    *names: str, key: tuple[KeyAttribute, ...] = (ID,), indexes: tuple[KeyAttribute, ...] = ()
) -> RowPlan:
    return RowPlan(names, KeySchema(key, indexes), Provenance("a.csv", AT))


def typed(kind: KeyType, name: str = "Id", max_bytes: int = 2048) -> tuple[KeyAttribute, ...]:
    return (KeyAttribute(name, kind, max_bytes),)


def shaped(plan: RowPlan, *row: str) -> dict[str, Any]:
    item = plan.shape(list(row), 1)
    assert isinstance(item, Item), item
    body: dict[str, Any] = json.loads(item.body)
    return body


def refused(plan: RowPlan, *row: str) -> Reason:
    reason = plan.shape(list(row), 1)
    assert isinstance(reason, Reason), reason
    return reason


def text(plan: RowPlan, *row: str) -> bytes:
    item = plan.shape(list(row), 1)
    assert isinstance(item, Item), item
    return item.key


class TestCells:
    def test_columns_become_strings_and_provenance_is_added(self) -> None:
        assert shaped(plan_for("Id", "Price"), "1", "7") == {"Id": {"S": "1"}, "Price": {"S": "7"}, **OWN}

    def test_an_empty_cell_is_left_out(self) -> None:
        assert shaped(plan_for("Id", "A", "B"), "1", "", "x") == {"Id": {"S": "1"}, "B": {"S": "x"}, **OWN}

    def test_a_cell_of_blanks_is_not_empty(self) -> None:
        assert shaped(plan_for("Id", "A"), " ", "  ")["A"] == {"S": "  "}

    def test_cells_arrive_as_they_are(self) -> None:
        cell = 'é😀\0\x1f"\\\r\n\u2028</script>'
        assert shaped(plan_for("Id", cell), cell, cell)[cell] == {"S": cell}

    def test_the_body_is_utf8_json_that_dynamodb_reads(self) -> None:
        item = plan_for("Id").shape(["ü"], 1)
        assert isinstance(item, Item)
        assert item.body.startswith('{"Id":{"S":"ü"}'.encode())

    @pytest.mark.parametrize(
        ("row", "code", "column"),
        [
            (["1"], RejectCode.TOO_FEW_CELLS, "A"),
            (["1", "2"], RejectCode.TOO_FEW_CELLS, "B"),
            (["1", "2", "3", "4"], RejectCode.TOO_MANY_CELLS, None),
            (["", "", "", ""], RejectCode.TOO_MANY_CELLS, None),
        ],
    )
    def test_rows_that_do_not_fit_the_header(
        self, row: list[str], code: RejectCode, column: str | None
    ) -> None:
        reason = refused(plan_for("Id", "A", "B"), *row)
        assert (reason.code, reason.column) == (code, column)
        assert reason.message == f"{len(row)} cells, but the header has 3 columns"


class TestProvenance:
    @pytest.mark.parametrize("name", ["Filename", "LastModified", "CreatedTime"])
    def test_a_column_of_that_name_wins(self, name: str) -> None:
        assert shaped(plan_for("Id", name), "1", "mine") == {**OWN, "Id": {"S": "1"}, name: {"S": "mine"}}

    @pytest.mark.parametrize("name", ["Filename", "LastModified", "CreatedTime"])
    def test_an_empty_cell_in_such_a_column_is_left_out_like_any_other(self, name: str) -> None:
        expected = {"Id": {"S": "1"}, **{each: value for each, value in OWN.items() if each != name}}
        assert shaped(plan_for("Id", name), "1", "") == expected

    def test_each_record_has_its_own_time(self) -> None:
        plan = plan_for("Id")
        times = []
        for record in (1, 2, 3_000_000):
            item = plan.shape(["1"], record)
            assert isinstance(item, Item)
            times.append(json.loads(item.body)["CreatedTime"]["S"])
        assert times == sorted(set(times))

    def test_one_row_does_not_leak_into_the_next(self) -> None:
        plan = plan_for("Id", "A")
        shaped(plan, "1", "x")
        assert "A" not in shaped(plan, "2", "")

    @pytest.mark.parametrize("name", ["Filename", "CreatedTime"])
    def test_it_can_be_the_tables_key(self, name: str) -> None:
        key = (KeyAttribute(name, "S", 2048), KeyAttribute("Id", "S", 1024))
        plan = plan_for("Id", key=key)
        assert shaped(plan, "1") == {"Id": {"S": "1"}, **OWN}
        assert text(plan, "1") == key_text([OWN[name]["S"], "1"])

    @pytest.mark.parametrize("where", ["table", "index"])
    def test_a_table_that_wants_it_as_a_number_does_not_fit(self, where: str) -> None:
        created = KeyAttribute("CreatedTime", "N", 1024)
        with pytest.raises(BadConfiguration) as caught:
            if where == "table":
                plan_for("Id", key=(ID, created))
            else:
                plan_for("Id", indexes=(created,))
        assert caught.value.code == "unsupported_key_type"

    def test_unless_the_file_has_a_column_of_that_name(self) -> None:
        plan = plan_for("Id", "CreatedTime", key=(ID, KeyAttribute("CreatedTime", "N", 1024)))
        assert shaped(plan, "1", "007")["CreatedTime"] == {"N": "7"}


class TestHeader:
    def test_a_missing_key_column(self) -> None:
        with pytest.raises(BadData) as caught:
            plan_for("A", "B")
        assert caught.value.code == "missing_key_column"
        assert caught.value.message.startswith("line 1: the header has no column 'Id'")
        assert caught.value.detail == ": it has 'A', 'B'"

    def test_what_stands_in_the_header_is_not_logged(self) -> None:
        with pytest.raises(BadData) as caught:
            plan_for("jane@example.org", "4111 1111")
        assert "jane" not in caught.value.message
        assert "jane" not in str(caught.value)
        assert "'jane@example.org', '4111 1111'" in caught.value.detail

    @pytest.mark.parametrize("near", ["id", "ID", " Id", "Id ", "\tiD"])
    def test_a_column_that_was_meant_is_hinted_at(self, near: str) -> None:
        with pytest.raises(BadData) as caught:
            plan_for("A", near)
        assert caught.value.detail.endswith(f"; did you mean 'Id' where it says {near!r}?")

    def test_a_missing_sort_key(self) -> None:
        with pytest.raises(BadData, match="no column 'Sort'"):
            plan_for("Id", key=(ID, KeyAttribute("Sort", "S", 1024)))

    def test_a_wide_header_is_not_told_in_full(self) -> None:
        with pytest.raises(BadData) as caught:
            plan_for(*(f"c{number}" for number in range(100)))
        assert caught.value.detail.endswith("'c9' and 90 more")

    def test_a_missing_index_key_is_no_fault(self) -> None:
        assert shaped(plan_for("Id", indexes=typed("N", "Rank")), "1") == {"Id": {"S": "1"}, **OWN}

    def test_the_longest_name(self) -> None:
        longest = "é" * (MAX_NAME_BYTES // 2) + "x"
        assert longest in shaped(plan_for("Id", longest), "1", "y")
        with pytest.raises(BadData) as caught:
            plan_for("Id", longest + "x")
        assert caught.value.code == "column_name_too_long"


class TestKeys:
    @pytest.mark.parametrize("kind", ["S", "N", "B"])
    def test_an_empty_key(self, kind: KeyType) -> None:
        reason = refused(plan_for("A", "Id", key=typed(kind)), "x", "")
        assert (reason.code, reason.column) == (RejectCode.EMPTY_KEY, "Id")

    def test_an_empty_sort_key(self) -> None:
        reason = refused(plan_for("Id", "Sort", key=(ID, KeyAttribute("Sort", "S", 1024))), "1", "")
        assert (reason.code, reason.column) == (RejectCode.EMPTY_KEY, "Sort")

    def test_an_empty_index_key_is_left_out(self) -> None:
        assert "Rank" not in shaped(plan_for("Id", "Rank", indexes=typed("N", "Rank")), "1", "")

    @pytest.mark.parametrize("character", ["x", "é", "語", "😀"])
    @pytest.mark.parametrize("where", ["partition", "sort", "index"])
    def test_a_string_key_is_measured_in_utf8(self, where: str, character: str) -> None:
        limit = 2048 if where == "partition" else 1024
        width = len(character.encode())
        fits = character * (limit // width) + "x" * (limit % width)
        if where == "partition":
            plan = plan_for("K", "Id", key=typed("S", "K", limit))
        elif where == "sort":
            plan = plan_for("K", "Id", key=(ID, KeyAttribute("K", "S", limit)))
        else:
            plan = plan_for("K", "Id", indexes=typed("S", "K", limit))
        assert shaped(plan, fits, "1")["K"] == {"S": fits}
        reason = refused(plan, fits + "x", "1")
        assert (reason.code, reason.column) == (RejectCode.KEY_TOO_LONG, "K")
        assert f"has {limit + 1} bytes; DynamoDB takes at most {limit}" in reason.message

    def test_a_number_key_takes_its_one_form(self) -> None:
        plan = plan_for("Id", key=typed("N"))
        assert shaped(plan, "007.50")["Id"] == {"N": "7.5"}
        assert text(plan, "007.50") == text(plan, "75e-1") != text(plan, "7.6")

    def test_a_bad_number_key(self) -> None:
        reason = refused(plan_for("Id", key=typed("N")), "secret-7")
        assert (reason.code, reason.column) == (RejectCode.INVALID_NUMBER, "Id")
        assert "secret" not in reason.message

    def test_a_bad_number_in_an_index_key(self) -> None:
        reason = refused(plan_for("Id", "Rank", indexes=typed("N", "Rank")), "1", "x")
        assert (reason.code, reason.column) == (RejectCode.INVALID_NUMBER, "Rank")

    def test_a_binary_key_is_base64(self) -> None:
        assert shaped(plan_for("Id", key=typed("B")), "QQ==")["Id"] == {"B": "QQ=="}

    @pytest.mark.parametrize(
        "cell",
        [
            "Q",
            "QQ",
            "QQ=",
            "QQ===",
            "Q Q=",
            "QQ==\n",
            "Q_-=",
            "====",
            "=",
            "é===",
            "QQ==QQ==",
            "QR==",
            "QUJ=",
        ],
    )
    def test_what_is_no_base64(self, cell: str) -> None:
        reason = refused(plan_for("Id", key=typed("B")), cell)
        assert (reason.code, reason.column) == (RejectCode.INVALID_BASE64, "Id")

    def test_a_binary_key_is_measured_in_bytes(self) -> None:
        plan = plan_for("Id", key=typed("B", max_bytes=1024))
        assert shaped(plan, base64.b64encode(b"x" * 1024).decode())
        assert refused(plan, base64.b64encode(b"x" * 1025).decode()).code is RejectCode.KEY_TOO_LONG

    def test_two_cells_of_a_composite_key_do_not_run_together(self) -> None:
        plan = plan_for("Id", "Sort", key=(ID, KeyAttribute("Sort", "S", 1024)))
        assert text(plan, "a", "bc") != text(plan, "ab", "c")
        assert text(plan, "a", "b") != text(plan, "b", "a")

    def test_the_order_of_the_columns_makes_no_difference_to_the_key(self) -> None:
        key = (ID, KeyAttribute("Sort", "N", 1024))
        assert text(plan_for("Id", "Sort", key=key), "a", "1.0") == text(
            plan_for("Sort", "Id", key=key), "1", "a"
        )

    @pytest.mark.parametrize(("kind", "cell"), [("S", "ü"), ("N", "1e2"), ("B", "QQ==")])
    def test_an_item_that_comes_back_is_known_by_its_key(self, kind: KeyType, cell: str) -> None:
        plan = plan_for("A", "Id", key=typed(kind))
        item = plan.shape(["x", cell], 1)
        assert isinstance(item, Item)
        assert plan.key_of(json.loads(item.body)) == item.key


class TestSize:
    def own_bytes(self) -> int:
        return sum(len(name) + len(value["S"]) for name, value in OWN.items())

    @pytest.mark.parametrize(
        "character", ["x", "é", '"', "\x01"], ids=["ascii", "two bytes", "quote", "control"]
    )
    def test_an_item_of_exactly_400_kb_and_one_more_byte(self, character: str) -> None:
        plan = plan_for("Id", "A")
        room = MAX_ITEM_BYTES - self.own_bytes() - len("Id") - len("A") - len("1")
        width = len(character.encode())
        cell = character * (room // width) + "x" * (room % width)
        assert shaped(plan, "1", cell)["A"] == {"S": cell}
        reason = refused(plan, "1", cell + "x")
        assert (reason.code, reason.column) == (RejectCode.ITEM_TOO_LARGE, None)
        assert f"{MAX_ITEM_BYTES + 1} bytes" in reason.message

    def test_names_count(self) -> None:
        names = [f"{'n' * 60_000}{number}" for number in range(7)]
        assert refused(plan_for("Id", *names), "1", *["x"] * 7).code is RejectCode.ITEM_TOO_LARGE
        assert shaped(plan_for("Id", *names), "1", *["x"] * 6, "")

    def test_a_binary_key_counts_as_bytes_and_not_as_base64(self) -> None:
        plan = plan_for("Id", "A", key=typed("B"))
        room = MAX_ITEM_BYTES - self.own_bytes() - len("Id") - len("A") - 2001
        key = base64.b64encode(b"k" * 2001).decode()
        assert shaped(plan, key, "x" * room)
        assert refused(plan, key, "x" * (room + 1)).code is RejectCode.ITEM_TOO_LARGE
