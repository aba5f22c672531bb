"""Each mistake that one can make in a spec gets a message that names line, field and remedy."""

from __future__ import annotations

import pytest

from csv_import.errors import BadConfiguration, BadData, JobStop
from csv_import.reading.spec_object import MAX_SPEC_BYTES
from csv_import.shaping.key_schema import KeyAttribute, KeySchema
from csv_import.shaping.spec_reader import read_spec
from tests.unit.csv_import.shaping.specs import ID, ONE_KEY, TWO_KEYS, compiled

NAMES = ("Id", "Name", "Price", "Tags", "When", "Flag", "Doc")


def message_of(spec: str, names: tuple[str, ...] = NAMES, schema: KeySchema = ONE_KEY) -> str:
    with pytest.raises(JobStop) as stopped:
        compiled(spec, names, schema)
    assert isinstance(stopped.value, BadConfiguration)
    assert stopped.value.code == "invalid_spec"
    return stopped.value.message.removeprefix("_import.yaml: ")


# Mistakes that show in the text alone.
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

# Mistakes that show when the spec is held against itself.
ITSELF = {
    "marks for a text": (
        "columns:\n  Name: {type: S, decimal: ','}\n",
        "line 2, columns.Name.decimal: decimal belongs to the types N, NS, L, not to S",
    ),
    "marks without a type": (
        "columns:\n  Price: {decimal: ','}\n",
        "line 2, columns.Price.decimal: decimal belongs to the types N, NS, L, and the column has none: say it",
    ),
    "words for a number": (
        "columns:\n  Price: {type: N, true: [j], false: [n]}\n",
        "line 2, columns.Price.false: false belongs to the types BOOL, L, not to N; line 2, columns.Price.true: true"
        " belongs to the types BOOL, L, not to N",
    ),
    "a time zone for a date": (
        "columns:\n  When: {type: DATE, time_zone: UTC}\n",
        "line 2, columns.When.time_zone: time_zone belongs to the types TIMESTAMP, TTL, not to DATE",
    ),
    "a set without a separator": (
        "columns:\n  Tags: SS\n",
        "line 2, columns.Tags.type: SS needs a separator: what stands between two elements, such as separator: '|'",
    ),
    "a mark of two characters": (
        "columns:\n  Price: {type: N, decimal: ',.'}\n",
        "line 2, columns.Price.decimal: a mark is one character that is no digit, letter or sign, not ',.'",
    ),
    "one mark for both": (
        "columns:\n  Price: {type: N, thousands: '.'}\n",
        "line 2, columns.Price.thousands: '.' can't be the decimal mark too: say both, such as decimal: ','",
    ),
    "words for true only": (
        "columns:\n  Flag: {type: BOOL, true: [yes]}\n",
        "line 2, columns.Flag.true: the words for true are said, so say those for false too",
    ),
    "a word for both": (
        "columns:\n  Flag: {type: BOOL, true: [y, J], false: [n, j]}\n",
        "line 2, columns.Flag.false: 'j' can't mean both true and false",
    ),
    "an empty cell as a word": (
        "columns:\n  Flag: {type: BOOL, true: [y], false: ['']}\n",
        "line 2, columns.Flag.false: an empty cell is no word: say default: for what it counts as",
    ),
    "an unknown directive": (
        "columns:\n  When: {type: TIMESTAMP, formats: '%d.%m.%Y %h:%M'}\n",
        "line 2, columns.When.formats: the format '%d.%m.%Y %h:%M' can't be meant: there is no %h; there are %Y %y %m",
    ),
    "a format without a year": (
        "columns:\n  When: {type: DATE, formats: ['%d.%m.']}\n",
        "line 2, columns.When.formats: the format '%d.%m.' can't be meant: it must name a year once: %Y or %y",
    ),
    "a time in a date": (
        "columns:\n  When: {type: DATE, formats: '%d.%m.%Y %H:%M'}\n",
        "line 2, columns.When.formats: the format '%d.%m.%Y %H:%M' can't be meant: %H is a time, not a date; give the"
        " column the type TIMESTAMP",
    ),
    "seconds since 1970 as a date": (
        "columns:\n  When: {type: DATE, formats: epoch_s}\n",
        "line 2, columns.When.formats: the format 'epoch_s' can't be meant: epoch_s is a time, not a date; give the"
        " column the type TIMESTAMP",
    ),
    "a clock of twelve hours without its half": (
        "columns:\n  When: {type: TIMESTAMP, formats: '%d.%m.%Y %I:%M'}\n",
        "line 2, columns.When.formats: the format '%d.%m.%Y %I:%M' can't be meant: hours are %H, or %I with %p",
    ),
    "a directive twice": (
        "columns:\n  When: {type: DATE, formats: '%d.%d.%Y'}\n",
        "line 2, columns.When.formats: the format '%d.%d.%Y' can't be meant: %d stands in it twice",
    ),
    "seconds without minutes": (
        "columns:\n  When: {type: TIMESTAMP, formats: '%Y%m%d%H%S'}\n",
        "line 2, columns.When.formats: the format '%Y%m%d%H%S' can't be meant: minutes need hours, seconds nee",
    ),
    "an unknown time zone": (
        "columns:\n  When: {type: TIMESTAMP, time_zone: Berlin}\n",
        "line 2, columns.When.time_zone: there is no time zone 'Berlin'; it is a name such as Europe/Berlin or UTC",
    ),
    "a new name for what is dropped": (
        "columns:\n  Name: {drop: true, to: n}\n",
        "line 2, columns.Name.drop: a column that is dropped has no attribute: take either 'drop' or 'to' away",
    ),
    "empty cells of what is dropped": (
        "columns:\n  Name: {drop: true, empty: null}\n",
        "line 2, columns.Name.empty: a column that is dropped has no attribute for its empty cells: take 'empty' away",
    ),
    "an empty number": (
        "columns:\n  Price: {type: N, empty: string}\n",
        "line 2, columns.Price.empty: an empty string is of type S, not N; say omit or null",
    ),
    "a default for what is required": (
        "columns:\n  Name: {required: true, default: x}\n",
        "line 2, columns.Name.required: it can't be reached, for 'default' says already what an empty cell means",
    ),
    "a default beside empty": (
        "columns:\n  Name: {empty: null, default: x}\n",
        "line 2, columns.Name.empty: it can't be reached, for 'default' says already what an empty cell means",
    ),
    "an empty null word": (
        "columns:\n  Name: {nulls: ['']}\n",
        "line 2, columns.Name.nulls: an empty cell is no word: say empty: null",
    ),
    "a path with a hole": (
        "columns:\n  Name: {to: a..b}\n",
        "line 2, columns.Name.to: 'a..b' is no path: names with dots between, such as address.city",
    ),
    "a path that is too deep": (
        "columns:\n  Name: {to: " + ".".join("a" * 33) + "}\n",
        "line 2, columns.Name.to: DynamoDB nests at most 32 levels deep",
    ),
    "a path under update": (
        "mode: update\ncolumns:\n  Name: {to: a.b}\n",
        "line 3, columns.Name.to: mode update can't set a part of a map, for DynamoDB refuses that where the map is"
        " missing; name an attribute without dots, or use mode put",
    ),
    "a template that is not closed": (
        "attributes:\n  Kind: 'x{Id'\n",
        "line 2, attributes.Kind.value: a '{' stands alone; write it twice where the brace itself is meant",
    ),
    "a template without a name": (
        "attributes:\n  Kind: 'x{}'\n",
        "line 2, attributes.Kind.value: {} names no column; write the column's name between the braces",
    ),
    "an attribute of nothing": (
        "attributes:\n  Kind: ''\n",
        "line 2, attributes.Kind.value: an attribute needs a value: a text, or a template such as 'PRODUCT#{Id}'",
    ),
    "a constant that is required": (
        "attributes:\n  Kind: {value: x, required: true}\n",
        "line 2, attributes.Kind.required: a constant is never missing: take 'required' away",
    ),
    "a first item that is optional": (
        "items:\n  - optional: true\n",
        "line 2, items.1.optional: the first item stands for its row in the counts, so it can't be optional",
    ),
    "one name twice in the provenance": (
        "provenance: {Filename: x, LastModified: x}\n",
        "line 1, provenance: two of the attributes have one name; give each its own",
    ),
    "an unknown encoding": (
        "dialect: {encoding: utf8000}\n",
        "line 1, dialect.encoding: there is no encoding 'utf8000'; utf-8 and cp1252 are common ones",
    ),
    "a long quote": (
        "dialect: {quote: '<<'}\n",
        "line 1, dialect.quote: a quote is one character, not '<<'; '' where there is none",
    ),
    "a quote as delimiter": (
        "dialect: {quote: '|', delimiter: '|'}\n",
        "line 1, dialect.delimiter: a delimiter holds no line end and no quote",
    ),
}

# Mistakes that show with the file's header and the table's keys.
NUMBER_KEY = KeySchema((KeyAttribute("Id", "N", 2048),))
INDEXED = KeySchema((ID,), (KeyAttribute("Price", "N", 2048),))
WITH_FILE = {
    "a column and an attribute of one name": (
        "attributes:\n  Name: x\n",
        ONE_KEY,
        "line 2, attributes.Name: the column 'Name' gives 'Name' already; drop or rename one of the two",
    ),
    "two columns of one name": (
        "columns:\n  Price: {to: Name}\n",
        ONE_KEY,
        "line 2, columns.Price: the column 'Name' gives 'Name' already; drop or rename one of the two",
    ),
    "a map where a text is": (
        "columns:\n  Price: {to: Name.price}\n",
        ONE_KEY,
        "line 2, columns.Price: the column 'Name' gives 'Name' already; drop or rename one of the two",
    ),
    "a template over a document": (
        "columns:\n  Doc: JSON\nattributes:\n  Kind: 'x{Doc}'\n",
        ONE_KEY,
        "line 4, attributes.Kind.value: the column 'Doc' is of type JSON; a template takes S, N, BOOL, DATE, T",
    ),
    "a key of another type": (
        "columns:\n  Id: S\n",
        NUMBER_KEY,
        "line 2, columns.Id.type: 'Id' is a key of the table or of an index, of type N, but the spec says S",
    ),
    "a key that is stored as another type": (
        "columns:\n  Id: TTL\n",
        ONE_KEY,
        "line 2, columns.Id.type: 'Id' is a key of the table or of an index, of type S, but TTL is stored as N",
    ),
    "a document as key": (
        "columns:\n  Id: JSON\n",
        ONE_KEY,
        "line 2, columns.Id.type: 'Id' is a key of the table or of an index, of type S, but the spec says JSON",
    ),
    "a key that is NULL": (
        "columns:\n  Id: {empty: null}\n",
        ONE_KEY,
        "line 2, columns.Id.empty: 'Id' is a key of the table or of an index, so it can't be null; leave it ou",
    ),
    "a null word as key": (
        "columns:\n  Id: {nulls: n/a}\n",
        ONE_KEY,
        "line 2, columns.Id.nulls: 'Id' is a key of the table or of an index, so it can't be NULL; say nulls_as: omit",
    ),
    "an index key that is a text": (
        "columns:\n  Price: S\n",
        INDEXED,
        "line 2, columns.Price.type: 'Price' is a key of the table or of an index, of type N, but the spec says S",
    ),
    "an index key that is empty": (
        "columns:\n  Name: {to: Price2}\n  Price: {type: N, empty: null}\n",
        INDEXED,
        "line 3, columns.Price.empty: 'Price' is a key of the table or of an index, so it can't be null; leave it out,",
    ),
    "a key that is a map": (
        "columns:\n  Name: {to: Id.name}\n",
        ONE_KEY,
        "line 2, columns.Name: 'Id' is a key of the table or of an index, so it is no map; take another path t",
    ),
    "a key that is dropped": (
        "columns:\n  Id: drop\nattributes:\n  Kind: x\n",
        ONE_KEY,
        "line 3, attributes: nothing gives the table's key 'Id' here; compose it, such as Id: 'PRODUCT#{Id}', ",
    ),
    "a key that no item gives": (
        "attributes:\n  PK: 'A#{Id}'\n",
        TWO_KEYS,
        "line 1, attributes: nothing gives the table's key 'SK' here; compose it, such as SK: 'PRODUCT#{Id}', ",
    ),
    "a key that the second item lacks": (
        "attributes:\n  PK: 'A#{Id}'\nitems:\n  - attributes: {SK: META}\n  - columns: []\n",
        TWO_KEYS,
        "line 5, items.2: nothing gives the table's key 'SK' here; compose it, such as SK: 'PRODUCT#{Id}', or rename",
    ),
    "a constant that is no number": (
        "attributes:\n  Version: {value: one, type: N}\n",
        ONE_KEY,
        "line 2, attributes.Version.value: the value is no number that DynamoDB keeps: up to 38 digits",
    ),
    "a default that is no number": (
        "columns:\n  Price: {type: N, default: none}\n",
        ONE_KEY,
        "line 2, columns.Price.default: the default is no number that DynamoDB keeps: up to 38 digits",
    ),
    "a default that is no word": (
        "columns:\n  Flag: {type: BOOL, default: no}\n",
        ONE_KEY,
        "line 2, columns.Flag.default: the default is none of the words for true and false: true, false",
    ),
    "a name of provenance that is taken": (
        "provenance: {Filename: Name}\n",
        ONE_KEY,
        "line 1, provenance.Filename: 'Name' is another attribute's name already; take a free one, or off",
    ),
    "a name of provenance that is a number": (
        "provenance: {CreatedTime: Rank}\n",
        KeySchema((ID,), (KeyAttribute("Rank", "N", 2048),)),
        "line 1, provenance.CreatedTime: 'Rank' is a key of type N, but this attribute is a string; rename it,",
    ),
}


@pytest.mark.parametrize("name", TEXT)
def test_in_the_text(name: str) -> None:
    spec, message = TEXT[name]
    assert message_of(spec).startswith(message)


@pytest.mark.parametrize("name", ITSELF)
def test_in_itself(name: str) -> None:
    spec, message = ITSELF[name]
    assert message_of(spec).startswith(message)


@pytest.mark.parametrize("name", WITH_FILE)
def test_with_a_file_and_a_table(name: str) -> None:
    spec, schema, message = WITH_FILE[name]
    assert message_of(spec, schema=schema).startswith(message)


@pytest.mark.parametrize(
    ("spec", "where"),
    [
        ("columns:\n  Nam: N\n", "line 2, columns.Nam"),
        ("attributes:\n  Kind: 'x{Nam}'\n", "line 2, attributes.Kind"),
        ("items:\n  - columns: [Id, Nam]\n", "line 2, items.1.columns"),
        ("items:\n  - attributes:\n      Kind: '{Nam}'\n", "line 3, items.1.attributes.Kind"),
    ],
)
def test_a_column_that_the_file_lacks_is_the_files_fault(spec: str, where: str) -> None:
    with pytest.raises(BadData) as stopped:
        compiled(spec, NAMES)
    assert stopped.value.code == "missing_column"
    assert stopped.value.message == (
        f"line 1: the header has no column 'Nam', which _import.yaml names in {where}"
    )
    assert "did you mean 'Name'" in stopped.value.detail


def test_an_update_of_too_many_attributes() -> None:
    names = ("Id", *(f"c{number}" for number in range(400)))
    assert message_of("mode: update\n", names).startswith(
        "line 1, mode: mode update sets at most 400 attributes at once; drop some, or use put"
    )


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
