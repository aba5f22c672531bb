"""What becomes of rows by a spec: names, paths, empty cells, templates, several items, provenance, modes."""

from __future__ import annotations

import pytest

from csv_import.rejects import RejectCode
from csv_import.shaping.item import Item, Items
from csv_import.shaping.key_schema import KeyAttribute, KeySchema
from csv_import.shaping.row_plan import RowPlan
from csv_import.shaping.sizes import MAX_ITEM_BYTES
from csv_import.shaping.spec_plan import SpecPlan
from csv_import.shaping.values.value import Notice
from tests.unit.csv_import.shaping.specs import ID, TWO_KEYS, compiled, item, items, rejected

OFF = "provenance: off\n"
OWN = {
    "Filename": {"S": "in/a.csv"},
    "LastModified": {"S": "2026-11-23T10:00:00Z"},
    "CreatedTime": {"S": "2026-11-23T10:00:00.000001Z"},
}


class TestFastPath:
    @pytest.mark.parametrize(
        "spec", ["", "mode: insert\n", "max_rejects: 3\ntable: t\ndialect: {delimiter: ';'}\n"]
    )
    def test_a_spec_that_says_nothing_of_items(self, spec: str) -> None:
        assert isinstance(compiled(spec, ["Id"]), RowPlan)

    @pytest.mark.parametrize("spec", ["mode: delete\n", "mode: update\n", "other_columns: drop\n", OFF])
    def test_any_other(self, spec: str) -> None:
        assert isinstance(compiled(spec, ["Id"]), SpecPlan)

    def test_what_says_nothing_in_effect_shapes_the_same(self) -> None:
        names = ["Id", "A", "Filename"]
        slow = compiled("columns: {A: S}\n", names)
        fast = compiled("", names)
        for row in (
            ["1", "x", "f"],
            ["1", "", ""],
            ["", "x", ""],
            ["1"],
            ["1", "2", "3", "4"],
            ["1" * 2049, "", ""],
        ):
            assert slow.shape(row, 7) == fast.shape(row, 7) or items(slow, *row) == items(fast, *row)


class TestColumns:
    def test_names_and_paths(self) -> None:
        spec = (
            OFF
            + "columns: {Name: {to: title}, City: {to: address.city}, Zip: {to: address.zip.code}, Dot: {to: 'a\\.b'}}"
        )
        plan = compiled(spec, ["Id", "Name", "City", "Zip", "Dot", "c.d"])
        assert item(plan, "1", "n", "c", "z", "x", "y") == {
            "Id": {"S": "1"},
            "title": {"S": "n"},
            "address": {"M": {"city": {"S": "c"}, "zip": {"M": {"code": {"S": "z"}}}}},
            "a.b": {"S": "x"},
            "c.d": {"S": "y"},
        }

    def test_a_map_is_only_there_where_something_is_in_it(self) -> None:
        plan = compiled(OFF + "columns: {City: {to: address.city}}", ["Id", "City"])
        assert item(plan, "1", "") == {"Id": {"S": "1"}}

    def test_what_is_dropped(self) -> None:
        plan = compiled(OFF + "columns: {A: drop, B: {drop: true}}", ["Id", "A", "B", "C"])
        assert item(plan, "1", "a", "b", "c") == {"Id": {"S": "1"}, "C": {"S": "c"}}

    def test_other_columns_are_dropped_but_never_the_key(self) -> None:
        plan = compiled(OFF + "other_columns: drop\ncolumns: {A: N}", ["Id", "A", "B"])
        assert item(plan, "1", "2", "b") == {"Id": {"S": "1"}, "A": {"N": "2"}}

    def test_a_column_that_is_dropped_is_not_converted(self) -> None:
        plan = compiled(OFF + "columns: {A: {type: N, drop: true}}", ["Id", "A"])
        assert item(plan, "1", "x") == {"Id": {"S": "1"}}

    def test_a_key_takes_the_tables_type(self) -> None:
        schema = KeySchema((KeyAttribute("Id", "N", 2048),), (KeyAttribute("Rank", "N", 2048),))
        plan = compiled(OFF + "columns: {Place: {to: Rank}}", ["Id", "Place"], schema)
        assert item(plan, "007", "1.0") == {"Id": {"N": "7"}, "Rank": {"N": "1"}}
        assert rejected(plan, "x", "1").code is RejectCode.INVALID_NUMBER
        assert plan.notices.counts == {
            ("Id", Notice.LEADING_ZEROS_LOST): 1,
            ("Place", Notice.TRAILING_ZEROS_LOST): 1,
        }

    def test_a_reject_names_the_column_of_the_file(self) -> None:
        plan = compiled("columns: {A: {type: N, to: b.c}}", ["Id", "A"])
        assert rejected(plan, "1", "x").column == "A"


class TestEmptyCells:
    @pytest.mark.parametrize(
        ("said", "cell", "value"),
        [
            ("S", "", None),
            ("{empty: omit}", "", None),
            ("{empty: null}", "", {"NULL": True}),
            ("{empty: string}", "", {"S": ""}),
            ("{type: N, empty: null}", "", {"NULL": True}),
            ("{default: x}", "", {"S": "x"}),
            ("{type: N, default: 007}", "", {"N": "7"}),
            ("{type: SS, separator: '|', default: 'a|b'}", "", {"SS": ["a", "b"]}),
            ("{trim: true}", "  ", None),
            ("{trim: true}", " x ", {"S": "x"}),
            ("{trim: true, default: d}", "  ", {"S": "d"}),
            ("S", "  ", {"S": "  "}),
            ("{nulls: [NULL, '\\N']}", "NULL", {"NULL": True}),
            ("{nulls: [NULL, '\\N']}", "\\N", {"NULL": True}),
            ("{nulls: NULL}", "null", {"S": "null"}),
            ("{type: N, nulls: n/a, nulls_as: omit}", "n/a", None),
            ("{nulls: NULL, empty: string}", "", {"S": ""}),
            ("{nulls: NULL, default: d}", "NULL", {"NULL": True}),
            ("{trim: true, nulls: NULL}", " NULL ", {"NULL": True}),
        ],
    )
    def test_an_empty_cell_becomes(self, said: str, cell: str, value: object) -> None:
        found = item(compiled(OFF + f"columns: {{A: {said}}}", ["Id", "A"]), "1", cell)
        assert found.get("A") == value

    @pytest.mark.parametrize(
        ("said", "cell", "what"),
        [
            ("{required: true}", "", "is empty"),
            ("{required: true, trim: true}", " ", "is empty"),
            ("{required: true, nulls: x}", "x", "is a null word"),
        ],
    )
    def test_a_required_column(self, said: str, cell: str, what: str) -> None:
        reason = rejected(compiled(f"columns: {{A: {said}}}", ["Id", "A"]), "1", cell)
        assert (reason.code, reason.column) == (RejectCode.REQUIRED_CELL_EMPTY, "A")
        assert reason.message == f"the cell {what}, and the spec requires the column"

    def test_an_empty_key(self) -> None:
        plan = compiled("columns: {Code: {to: Id, trim: true, nulls: '-', nulls_as: omit}}", ["Code"])
        for cell in ("", " ", "-"):
            reason = rejected(plan, cell)
            assert (reason.code, reason.column) == (RejectCode.EMPTY_KEY, "Code")

    def test_an_empty_index_key_is_left_out(self) -> None:
        schema = KeySchema((ID,), (KeyAttribute("Rank", "N", 2048),))
        assert item(compiled(OFF + "columns: {A: S}", ["Id", "A", "Rank"], schema), "1", "a", "") == {
            "Id": {"S": "1"},
            "A": {"S": "a"},
        }


class TestTemplates:
    def test_keys_and_constants(self) -> None:
        spec = (
            OFF
            + "attributes: {PK: 'PRODUCT#{Id}', SK: META, version: {value: '2', type: N}, 'a.b': '{{{Id}}} 100%'}"
        )
        assert item(compiled(spec, ["Id"], TWO_KEYS), "7") == {
            "Id": {"S": "7"},
            "PK": {"S": "PRODUCT#7"},
            "SK": {"S": "META"},
            "version": {"N": "2"},
            "a": {"M": {"b": {"S": "{7} 100%"}}},
        }

    def test_equal_values_compose_equal_texts(self) -> None:
        spec = (
            OFF + "columns: {N: N, D: {type: DATE, formats: '%d.%m.%Y'}, F: {type: BOOL, true: j, false: n},"
            " T: {trim: true}}\nattributes: {Id: '{N}#{D}#{F}#{T}'}\nother_columns: drop"
        )
        plan = compiled(spec, ["N", "D", "F", "T"])
        assert item(plan, "007.0", "1.2.2026", "J", " x ")["Id"] == {"S": "7#2026-02-01#true#x"}

    def test_a_template_may_use_what_is_dropped(self) -> None:
        spec = OFF + "columns: {A: {drop: true, type: N}}\nattributes: {Id: '{A}'}"
        assert item(compiled(spec, ["A"]), "1.0") == {"Id": {"S": "1"}}

    def test_a_key_that_lacks_a_column(self) -> None:
        plan = compiled("attributes: {PK: 'P#{A}', SK: '{B}#{C}'}", ["A", "B", "C"], TWO_KEYS)
        reason = rejected(plan, "1", "2", "")
        assert (reason.code, reason.column) == (RejectCode.EMPTY_KEY, "C")
        assert reason.message == "the key 'SK' lacks the column 'C', which is empty"

    def test_another_attribute_that_lacks_a_column_is_left_out_or_required(self) -> None:
        for said, expected in (("'{A}-{B}'", None), ("{value: '{A}-{B}', required: true}", "B")):
            plan = compiled(OFF + f"attributes: {{X: {said}}}", ["Id", "A", "B"])
            if expected is None:
                assert "X" not in item(plan, "1", "a", "")
                assert item(plan, "1", "a", "b")["X"] == {"S": "a-b"}
            else:
                reason = rejected(plan, "1", "a", "")
                assert (reason.code, reason.column) == (RejectCode.REQUIRED_CELL_EMPTY, "B")

    def test_a_composed_number(self) -> None:
        plan = compiled(OFF + "attributes: {X: {value: '{A}.{B}', type: N}}", ["Id", "A", "B"])
        assert item(plan, "1", "2", "50")["X"] == {"N": "2.5"}
        reason = rejected(plan, "1", "x", "1")
        assert (reason.code, reason.column) == (RejectCode.INVALID_NUMBER, "A")
        assert reason.message.startswith("what 'X' is made of is no number")

    @pytest.mark.parametrize("size", [1022, 1023, 1024, 1025])
    def test_a_binary_key_is_measured_in_bytes(self, size: int) -> None:
        schema = KeySchema((KeyAttribute("Id", "B", 1024),))
        plan = compiled("columns: {A: {to: Id, encoding: hex, type: B}}", ["A"], schema)
        if size <= 1024:
            assert item(plan, "41" * size)
        else:
            reason = rejected(plan, "41" * size)
            assert reason.message == "the key 'Id' has 1025 bytes; DynamoDB takes at most 1024"

    def test_a_composed_key_is_measured(self) -> None:
        plan = compiled("attributes: {PK: 'P#{A}', SK: x}", ["A"], TWO_KEYS)
        assert item(plan, "é" * 1023)
        reason = rejected(plan, "é" * 1023 + "x")
        assert (reason.code, reason.message) == (
            RejectCode.KEY_TOO_LONG,
            "the key 'PK' has 2049 bytes; DynamoDB takes at most 2048",
        )

    def test_null_is_no_text(self) -> None:
        plan = compiled(OFF + "columns: {A: {nulls: '-'}}\nattributes: {X: '{A}'}", ["Id", "A"])
        assert item(plan, "1", "-") == {"Id": {"S": "1"}, "A": {"NULL": True}}


class TestSeveralItems:
    SPEC = OFF + (
        "attributes: {source: file}\n"
        "items:\n"
        "  - attributes: {PK: 'P#{Id}', SK: META}\n"
        "  - attributes: {PK: 'C#{Cat}', SK: 'P#{Id}', source: index}\n"
        "    columns: [Name]\n"
        "    optional: true\n"
    )

    def test_a_row_becomes_an_entity_and_its_index_entry(self) -> None:
        plan = compiled(self.SPEC, ["Id", "Name", "Cat"], TWO_KEYS)
        assert plan.items_per_row == 2
        assert items(plan, "1", "n", "c") == [
            {
                "PK": {"S": "P#1"},
                "SK": {"S": "META"},
                "Id": {"S": "1"},
                "Name": {"S": "n"},
                "Cat": {"S": "c"},
                "source": {"S": "file"},
            },
            {"PK": {"S": "C#c"}, "SK": {"S": "P#1"}, "Name": {"S": "n"}, "source": {"S": "index"}},
        ]

    def test_an_optional_item_is_left_out_where_its_key_lacks_a_column(self) -> None:
        plan = compiled(self.SPEC, ["Id", "Name", "Cat"], TWO_KEYS)
        shaped = plan.shape(["1", "n", ""], 1)
        assert isinstance(shaped, Items)
        assert len(shaped.items) == 1

    def test_a_row_whose_second_item_is_bad_is_rejected_whole(self) -> None:
        plan = compiled(self.SPEC.replace("    optional: true\n", ""), ["Id", "Name", "Cat"], TWO_KEYS)
        assert rejected(plan, "1", "n", "").code is RejectCode.EMPTY_KEY
        assert rejected(plan, "1", "n", "c" * 2047).code is RejectCode.KEY_TOO_LONG

    def test_an_optional_item_with_a_bad_key_is_no_missing_one(self) -> None:
        plan = compiled(self.SPEC, ["Id", "Name", "Cat"], TWO_KEYS)
        assert rejected(plan, "1", "n", "c" * 2047).code is RejectCode.KEY_TOO_LONG


class TestProvenance:
    def test_it_is_kept_under_new_names_or_not_at_all(self) -> None:
        spec = "provenance: {Filename: source, LastModified: off}"
        assert item(compiled(spec, ["Id"]), "1") == {
            "Id": {"S": "1"},
            "source": OWN["Filename"],
            "CreatedTime": OWN["CreatedTime"],
        }
        assert item(compiled("provenance: off", ["Id"]), "1") == {"Id": {"S": "1"}}

    def test_a_column_of_that_name_wins_unless_it_is_dropped(self) -> None:
        assert item(compiled("columns: {Id: S}", ["Id", "Filename"]), "1", "mine") == {
            **OWN,
            "Id": {"S": "1"},
            "Filename": {"S": "mine"},
        }
        assert item(compiled("columns: {Filename: drop}", ["Id", "Filename"]), "1", "x") == {
            **OWN,
            "Id": {"S": "1"},
        }

    def test_every_row_has_its_own_time(self) -> None:
        plan = compiled("columns: {Id: S}", ["Id"])
        (found,) = items(plan, "1", record=1_000_000)
        assert found["CreatedTime"] == {"S": "2026-11-23T10:00:01.000000Z"}

    def test_a_row_is_deleted_by_it_where_it_is_a_key(self) -> None:
        schema = KeySchema((ID, KeyAttribute("CreatedTime", "S", 1024)))
        assert item(compiled("mode: delete", ["Id", "A"], schema), "1", "a") == {
            "Id": {"S": "1"},
            "CreatedTime": OWN["CreatedTime"],
        }
        other = KeySchema((ID, KeyAttribute("Filename", "S", 1024)))
        assert item(compiled("mode: delete", ["Id"], other), "1") == {
            "Id": {"S": "1"},
            "Filename": OWN["Filename"],
        }

    def test_one_may_take_the_name_of_another_that_is_off(self) -> None:
        spec = "provenance: {Filename: LastModified, LastModified: off, CreatedTime: off}"
        assert item(compiled(spec, ["Id"]), "1") == {"Id": {"S": "1"}, "LastModified": OWN["Filename"]}

    def test_it_may_be_a_key(self) -> None:
        schema = KeySchema((ID, KeyAttribute("at", "S", 1024)))
        assert (
            item(compiled("provenance: {CreatedTime: at}", ["Id"], schema), "1")["at"] == OWN["CreatedTime"]
        )


class TestModes:
    def test_delete_looks_at_the_key_only(self) -> None:
        plan = compiled("mode: delete\ncolumns: {A: {type: N, required: true}}", ["Id", "A"])
        assert item(plan, "1", "x") == {"Id": {"S": "1"}}

    def test_delete_composes_keys(self) -> None:
        plan = compiled(
            "mode: delete\nattributes: {PK: 'P#{A}', SK: META, kind: '{B}'}", ["A", "B"], TWO_KEYS
        )
        assert item(plan, "1", "") == {"PK": {"S": "P#1"}, "SK": {"S": "META"}}

    def test_update_removes_what_the_spec_says(self) -> None:
        spec = (
            OFF + "mode: update\ncolumns: {A: {type: N, empty: remove}, B: {nulls: '-', nulls_as: remove}}\n"
        )
        plan = compiled(spec + "attributes: {T: 'x{A}'}", ["Id", "A", "B"])
        gone = {"REMOVE": True}
        assert item(plan, "1", "", "-") == {"Id": {"S": "1"}, "A": gone, "B": gone}
        assert item(plan, "1", "2", "") == {"Id": {"S": "1"}, "A": {"N": "2"}, "T": {"S": "x2"}}

    def test_update_removes_an_index_key(self) -> None:
        schema = KeySchema((ID,), (KeyAttribute("A", "N", 1024),))
        plan = compiled(OFF + "mode: update\ncolumns: {A: {type: N, empty: remove}}", ["Id", "A"], schema)
        assert item(plan, "1", "") == {"Id": {"S": "1"}, "A": {"REMOVE": True}}

    def test_update_gives_what_the_row_gives(self) -> None:
        plan = compiled("mode: update\n" + OFF + "columns: {A: N, B: {empty: null}}", ["Id", "A", "B"])
        assert item(plan, "1", "", "") == {"Id": {"S": "1"}, "B": {"NULL": True}}


def test_an_item_is_measured_with_its_types() -> None:
    plan = compiled(OFF + "columns: {D: JSON}", ["Id", "D"])
    fits = "x" * (MAX_ITEM_BYTES - len("Id1D"))
    assert item(plan, "1", f'"{fits}"')
    assert rejected(plan, "1", f'"{fits}x"').code is RejectCode.ITEM_TOO_LARGE
    many = ",".join(["true"] * 100_000)  # 1.3 MB of JSON, and 200 KB as DynamoDB counts
    assert item(plan, "1", f"[{many}]")


def test_an_item_that_comes_back_is_known_by_its_key() -> None:
    plan = compiled("attributes: {PK: 'P#{A}', SK: x}", ["A"], TWO_KEYS)
    shaped = plan.shape(["1"], 1)
    assert isinstance(shaped, Item)
    assert plan.key_of({"PK": {"S": "P#1"}, "SK": {"S": "x"}, "A": {"S": "other"}}) == shaped.key


def test_rows_of_another_width() -> None:
    plan = compiled("columns: {A: S}", ["Id", "A"])
    assert rejected(plan, "1").code is RejectCode.TOO_FEW_CELLS
    assert rejected(plan, "1", "2", "3").code is RejectCode.TOO_MANY_CELLS
