"""Mistakes in the text of a spec: each gets a message that names line, field and remedy."""

from __future__ import annotations

import pytest

from csv_import.errors import BadConfiguration
from csv_import.reading.spec_object import MAX_SPEC_BYTES
from csv_import.shaping.spec_reader import read_spec
from tests.unit.csv_import.shaping.mistakes import message_of

TEXT = {
    "no YAML": (
        "columns: [a",
        "line 1: this is no YAML: expected ',' or ']', but got '<stream end>'; a text with special characters goes in"
        " quotes",
    ),
    "a tab for indentation": (
        "columns:\n\tId: S\n",
        "line 2: this is no YAML: found character '\\t' that cannot start any token; a text with special characters"
        " goes in quotes",
    ),
    "an unquoted template": (
        "attributes:\n  PK: {Id}#x\n",
        "line 2, attributes.PK: a text that begins with '{' goes in quotes, such as '{Column}'",
    ),
    "a list at the top": ("- columns\n", "line 1: a group of fields (table, mode, dialect, rows, columns, "),
    "an unknown field": (
        "mode: put\ncolums: {}\n",
        "line 2, colums: there is no field 'colums' (did you mean 'columns'?); the fields are table, mode, ",
    ),
    "an unknown mode": (
        "mode: upsert\n",
        "line 1, mode: there is no 'upsert'; it is one of put, insert, update, delete",
    ),
    "rows of an unknown kind": (
        "rows: loose\n",
        "line 1, rows: there is no 'loose'; it is one of strict, lenient",
    ),
    "a mode that is mistyped": (
        "mode: updat\n",
        "line 1, mode: there is no 'updat' (did you mean 'update'?); it is one of put, insert, update, delete",
    ),
    "an unknown type": (
        "columns:\n  Price: NUMBER\n",
        "line 2, columns.Price: there is no 'NUMBER'; it is one of S, N, BOOL, B, SS, NS, BS, L, JSON, DATE, ",
    ),
    "a type in lower case": (
        "columns:\n  Price: {type: bool}\n",
        "line 2, columns.Price.type: there is no 'bool' (did you mean 'BOOL'?); it is one of S, N, BOOL, ",
    ),
    "an unknown field of a column": (
        "columns:\n  Price:\n    typ: N\n",
        "line 3, columns.Price.typ: there is no field 'typ' (did you mean 'type'?); the fields are type, trim, ",
    ),
    "a column said twice": (
        "columns:\n  Price: N\n  Price: S\n",
        "line 3, columns.Price: it is said twice; keep one of the two",
    ),
    "a list for a column": (
        "columns:\n  Price: [N]\n",
        "line 2, columns.Price: a group of fields (type, trim, ",
    ),
    "a group for a word": (
        "columns:\n  Price: {type: {a: b}}\n",
        "line 2, columns.Price.type: one of S, N, BOOL, B, SS, NS, BS, L, JSON, DATE, TIMESTAMP, TTL is wanted here,"
        " not a list or a group of fields",
    ),
    "columns as a list": (
        "columns:\n  - Price\n",
        "line 2, columns: names of columns, each with what holds for it, is wanted here",
    ),
    "no truth value": (
        "columns:\n  Name: {trim: yes}\n",
        "line 2, columns.Name.trim: true or false is wanted here, not 'yes'",
    ),
    "no whole number": (
        "max_rejects: 1.5\n",
        "line 1, max_rejects: a whole number from 0 on is wanted here, not '1.5'",
    ),
    "a budget of nothing": (
        "write_budget: 0\n",
        "line 1, write_budget: a whole number from 1 on is wanted here, not '0'",
    ),
    "a share in percent": (
        "max_reject_ratio: 5\n",
        "line 1, max_reject_ratio: a number from 0 to 1 is wanted here, such as 0.01, not '5'",
    ),
    "a share in words": (
        "max_reject_ratio: 5%\n",
        "line 1, max_reject_ratio: a number from 0 to 1 is wanted here, such as 0.01, not '5%'",
    ),
    "a share that is no number": (
        "max_reject_ratio: NaN\n",
        "line 1, max_reject_ratio: a number from 0 to 1 is wanted here, such as 0.01, not 'NaN'",
    ),
    "a control character": (
        "mode: \x07put\n",
        "line 1: this is no text in UTF-8 without control characters; save it as UTF-8",
    ),
    "two documents": (
        "mode: put\n---\nmode: put\n",
        "line 2: this is no YAML: but found another document; a text with special characters goes in quotes",
    ),
    "a group that holds itself": (
        "columns: &a\n  A: *a\n",
        "line 2, columns.A.A: there is no field 'A'; the fields are type, ",
    ),
    "nothing for the table": ("table:\n", "line 1, table: nothing is said; a text is wanted here"),
    "nothing for a column": (
        "columns:\n  Price:\n  Name: S\n",
        "line 2, columns.Price: nothing is said; a type, drop, or a group of fields is wanted here",
    ),
    "an attribute without a value": (
        "attributes:\n  Kind: {type: S}\n",
        "line 2, attributes.Kind: the field 'value' is missing",
    ),
    "items as a group": (
        "items:\n  a: b\n",
        "line 2, items: a list is wanted here: begin each entry with '- '",
    ),
    "provenance on": (
        "provenance: on\n",
        "line 1, provenance: off, or new names for Filename, LastModified, CreatedTime are wanted here, not 'on'",
    ),
    "an unknown attribute of provenance": (
        "provenance: {FileName: x}\n",
        "line 1, provenance.FileName: there is no field 'FileName' (did you mean 'Filename'?); the fields are Filename,"
        " LastModified, CreatedTime",
    ),
    "an unknown escape": (
        "dialect: {escape: double}\n",
        "line 1, dialect.escape: there is no 'double' (did you mean 'doubled'?); it is one of doubled, backslash",
    ),
}


@pytest.mark.parametrize("name", TEXT)
def test_in_the_text(name: str) -> None:
    spec, message = TEXT[name]
    assert message_of(spec).startswith(message)


def test_all_mistakes_are_told_at_once_and_in_order() -> None:
    message = message_of("mode: x\ncolumns:\n  Price: {type: M}\nmax_rejects: -1\n")
    assert [part.partition(":")[0] for part in message.split("; line")] == [
        "line 1, mode",
        " 3, columns.Price.type",
        " 4, max_rejects",
    ]


def test_of_many_mistakes_ten_are_told() -> None:
    spec = "columns:\n" + "".join(f"  c{number}: X\n" for number in range(13))
    assert message_of(spec).endswith("; and 3 more")


def test_a_spec_that_is_far_too_long() -> None:
    with pytest.raises(BadConfiguration, match="more than 65536 bytes"):
        read_spec("#" * (MAX_SPEC_BYTES + 1))


def test_bytes_that_are_no_text() -> None:
    with pytest.raises(BadConfiguration, match="no text in UTF-8"):
        read_spec(b"mode: p\xfft")


def test_a_message_names_the_spec_where_it_was_found() -> None:
    with pytest.raises(BadConfiguration, match=r"^in/2026/_import\.yaml: line 1, mode: "):
        read_spec("mode: x", "in/2026/_import.yaml")


def test_an_empty_spec_says_nothing() -> None:
    for nothing in ("", "# nothing\n", "---\n"):
        assert read_spec(nothing).spec == read_spec("mode: put").spec


def test_a_byte_order_mark_is_no_mistake() -> None:
    assert read_spec(b"\xef\xbb\xbfmode: insert\n").spec.mode == "insert"


def test_what_is_meant_many_times_has_its_limit() -> None:
    many = "".join(f"      A{n}: {{value: x}}\n" for n in range(1000))
    aliases = "".join("  - attributes: *a\n" for _ in range(60))
    assert "its aliases" in message_of(f"items:\n  - attributes: &a\n{many}{aliases}")


def test_what_is_said_once_may_be_meant_twice() -> None:
    read = read_spec("columns:\n  A: &price {type: N, decimal: ','}\n  B: *price\n")
    assert read.spec.columns["A"] == read.spec.columns["B"]
