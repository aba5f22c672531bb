"""Mistakes that show when a spec is held against itself: each gets a message that names line, field and remedy."""

from __future__ import annotations

import pytest

from tests.unit.csv_import.shaping.mistakes import message_of

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
    "an encoding that is no text": (
        "dialect:\n  encoding: base64\n",
        "line 2, dialect.encoding: files in 'base64' cannot be read: give utf-8, utf-16-le, utf-16-be or an enc",
    ),
    "an encoding of several bytes": (
        "mode: put\ndialect:\n  delimiter: ','\n  encoding: shift_jis\n",
        "line 4, dialect.encoding: files in 'shift_jis' cannot be read: give utf-8, utf-16-le, utf-16-be or an enc",
    ),
    "a delimiter that the encoding lacks": (
        "dialect:\n  encoding: latin-1\n  delimiter: €\n",
        "line 3, dialect.delimiter: the encoding latin-1 has no '€'; take another",
    ),
    "one character for delimiter and escape": (
        "dialect: {escape: backslash, delimiter: '\\'}\n",
        "line 1, dialect: the given dialect cannot be used: delimiter and escape are the same character",
    ),
    "a null word that trim takes apart": (
        "columns:\n  Name: {trim: true, nulls: [' n/a', none]}\n",
        "line 2, columns.Name.nulls: no cell is ' n/a', for trim takes blanks around cells away; write it without them",
    ),
    "a null word of blanks": (
        "columns:\n  Name: {trim: true, nulls: ' '}\n",
        "line 2, columns.Name.nulls: no cell is ' ', for trim takes blanks around cells away; write it without them",
    ),
    "a truth word that trim takes apart": (
        "columns:\n  Flag:\n    type: BOOL\n    trim: true\n    true: ['y ']\n    false: [n]\n",
        "line 5, columns.Flag.true: no cell is 'y ', for trim takes blanks around cells away; write it without them",
    ),
    "a truth word that is a null word": (
        "columns:\n  Flag: {type: BOOL, true: [y], false: [n, '-'], nulls: ['-']}\n",
        "line 2, columns.Flag.false: '-' can't mean false, for it is one of the null words; take it out of one",
    ),
    "a default with blanks that trim takes away": (
        "columns:\n  Name: {trim: true, default: ' x'}\n",
        "line 2, columns.Name.default: trim takes blanks around cells away, so the default has none either; write it",
    ),
    "trim for a template": (
        "attributes:\n  Kind:\n    value: 'x{Id}'\n    trim: true\n",
        "line 4, attributes.Kind.trim: trim is for columns, and for the elements of SS, NS, BS, L; take it away",
    ),
    "null words as what, without any": (
        "columns:\n  Name: {nulls_as: omit}\n",
        "line 2, columns.Name.nulls_as: there are no null words; say which, such as nulls: [NULL, n/a]",
    ),
    "null words of a column that is required": (
        "columns:\n  Name: {nulls: NULL, nulls_as: omit, required: true}\n",
        "line 2, columns.Name.nulls_as: it can't be reached, for 'required' rejects a row with a null word as one with",
    ),
    "something to remove under put": (
        "columns:\n  Name: {empty: remove}\n",
        "line 2, columns.Name.empty: mode put has nothing to remove an attribute from; say omit, or use mode update",
    ),
    "something to remove under insert": (
        "mode: insert\ncolumns:\n  Name: {nulls: NULL, nulls_as: remove}\n",
        "line 3, columns.Name.nulls_as: mode insert has nothing to remove an attribute from; say omit, or use mode up",
    ),
    "a name that is too long": (
        'columns:\n  Name: {to: "' + r"\L" * 22_000 + '"}\n',
        "line 2, columns.Name.to: DynamoDB takes names of at most 65535 bytes; take a shorter one",
    ),
    "an attribute whose name is too long": (
        'attributes:\n  ? "' + r"\L" * 22_000 + '"\n  : x\n',
        "line 2, attributes.\u2028",
    ),
    "a name of provenance that is too long": (
        'provenance: {Filename: "' + r"\L" * 22_000 + '"}\n',
        "line 1, provenance: DynamoDB takes names of at most 65535 bytes; take a shorter one",
    ),
    "more items than are held together": (
        "items:\n" + "  - {}\n" * 101,
        "line 1, items: a row becomes at most 100 items, for they are held together",
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


@pytest.mark.parametrize("name", ITSELF)
def test_in_itself(name: str) -> None:
    spec, message = ITSELF[name]
    assert message_of(spec).startswith(message)
