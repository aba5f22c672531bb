"""Each part of a dialect is found where there is evidence, and nothing is where there is none."""

from __future__ import annotations

from typing import Any

import pytest

from csv_import.errors import BadConfiguration
from csv_import.reading.detection import detect
from csv_import.reading.dialect import Detection, Dialect, Escape, Given, LineEnd


def detected(data: bytes | str, given: Given | None = None) -> Detection:
    raw = data.encode() if isinstance(data, str) else data
    return detect(raw, complete=True, tail=None, given=given or Given())


def dialect_of(data: bytes | str, given: Given | None = None) -> Dialect:
    return detected(data, given).dialect


def lines(*rows: str, end: str = "\n") -> str:
    return "".join(row + end for row in rows)


@pytest.mark.parametrize(
    ("data", "delimiter"),
    [
        pytest.param("a,b\n1,2\n3,4\n", ",", id="comma"),
        pytest.param("a;b\n1;2\n", ";", id="semicolon, one row"),
        pytest.param("id;name;price\n", ";", id="semicolon, a header alone"),
        pytest.param("a\tb\n1\t2\n", "\t", id="tab"),
        pytest.param("a|b\n1|2\n", "|", id="bar"),
        pytest.param("a^b^c\n1^2^3\n4^5^6\n", "^", id="caret"),
        pytest.param("a~b~c\n1~2~3\n4~5~6\n", "~", id="tilde"),
        pytest.param("a\x01b\n1\x012\n", "\x01", id="control character"),
        pytest.param("a\x1fb\n1\x1f2\n", "\x1f", id="unit separator"),
        pytest.param("a\u00a6b\u00a6c\n1\u00a62\u00a63\n4\u00a65\u00a66\n", "\u00a6", id="broken bar"),
        pytest.param("date, price, name\n" + "2020-01-02, 3.5, x y\n" * 4, ", ", id="comma and blank"),
        pytest.param("date; price\n" + "2020-01-02; 3.5\n" * 4, "; ", id="semicolon and blank"),
        pytest.param("a||b||c\n" + "1||2||\n" * 4, "||", id="two bars"),
        pytest.param("a::b::c\n" + "1::x::10:30\n" * 4, "::", id="two colons"),
        pytest.param("a|~b|~c\n" + "1|~x|~2020-01-01\n" * 4, "|~", id="bar and tilde"),
        pytest.param("day time n v\n" + "2020-01-02 10:00 7 1.5\n" * 4, " ", id="blank"),
        pytest.param("1,5;2,25;x\n3,75;4,5;y\n" * 3, ";", id="decimal commas"),
        pytest.param("a;b\n1,5;2,5\n", ";", id="decimal commas, one row"),
        pytest.param("time;n\n" + "10:15;1\n11:20;2\n" * 4, ";", id="times with colons"),
        pytest.param("time,n\n" + "10:15:00,1\n11:20:00,100\n" * 4, ",", id="a number behind a time is no fraction"),
        pytest.param("when,v\n" + "2020-01-02 10:15,1\n" * 4, ",", id="blanks in moments"),
        pytest.param("day\n" + "2020-01-02\n2020-02-03\n" * 4, ",", id="hyphens in one column of dates"),
        pytest.param("id;note\n" + "1;warm, dry, light\n2;red, blue\n" * 4, ";", id="commas in prose"),
        pytest.param("id,note\n" + "1,warm and dry\n2,it's light\n" * 4, ",", id="blanks and apostrophes in prose"),
        pytest.param("url,n\n" + "https://example.com/a?b=1&c=2,7\n" * 4, ",", id="marks in addresses"),
        pytest.param("name\nAnna Berg\nJohn Smith\nKim Lee\n", ",", id="one column of two words"),
        pytest.param("a,b\n,\n,\n1,\n", ",", id="empty cells everywhere"),
        pytest.param("", ",", id="nothing"),
        pytest.param("word\n", ",", id="one word"),
        pytest.param("Hello there.\nThis, we think, is prose.\nIs it?\n", ",", id="prose"),
    ],
)  # fmt: skip
def test_delimiters(data: str, delimiter: str) -> None:
    assert dialect_of(data).delimiter == delimiter


@pytest.mark.parametrize(
    ("data", "quote", "escape"),
    [
        pytest.param("a,b\n1,2\n", '"', Escape.DOUBLED, id="no quote at all"),
        pytest.param('a,b\n1,"x, y"\n2,"z ""w"""\n', '"', Escape.DOUBLED, id="doubled"),
        pytest.param('a,b\n1,"x \\"y\\" z"\n2,"w \\"v\\", u"\n', '"', Escape.BACKSLASH, id="backslash"),
        pytest.param('a,b\n1,"C:\\dir\\"\n2,"D:\\"\n', '"', Escape.DOUBLED, id="a backslash before the closing quote"),
        pytest.param("a,b\n1,'x, y'\n2,'z'\n3,'w, v'\n", "'", Escape.DOUBLED, id="apostrophes around cells"),
        pytest.param("a,b\n1,it's\n2,'tis so\n3,o'clock\n", '"', Escape.DOUBLED, id="apostrophes in prose"),
        pytest.param('size,n\n' + '10",1\n12" wide,2\n' * 3, '"', Escape.DOUBLED, id="inches"),
        pytest.param('a,b\n' + '"rough,1\n"smooth,2\n"x,3\n' * 3, None, Escape.DOUBLED, id="quotes never closed"),
        pytest.param("a\tb\n" + "x\\\ty\tz\n" * 4, '"', Escape.BACKSLASH, id="an escaped delimiter"),
        pytest.param('a,b\n1,"x y"z"\n2,"v"\n3,"w"\n', '"', Escape.DOUBLED, id="a damaged quote"),
    ],
)  # fmt: skip
def test_quotes_and_escapes(data: str, quote: str | None, escape: Escape) -> None:
    found = dialect_of(data)
    assert (found.quote, found.escape) == (quote, escape)


def test_blanks_around_quotes() -> None:
    assert dialect_of('a,b,c\n1, "x, y" ,3\n2, "z, w" ,4\n').padded_quotes
    assert not dialect_of('a,b,c\n1,"x, y",3\n2,"z, w",4\n').padded_quotes


def test_a_quote_far_from_the_start_is_seen() -> None:
    front = "id,note\n" + "".join(f"{row},nothing to say\n" for row in range(2000))
    assert dialect_of(front + "1,'x, y'\n2,'z'\n3,'w, u'\n").quote == "'"
    assert dialect_of(front + '1,"x \\"y\\", z"\n2,"\\"w\\", z"\n').escape is Escape.BACKSLASH


@pytest.mark.parametrize(
    ("data", "header"),
    [
        pytest.param("a,b\n1,2\n3,4\n", 1, id="words above numbers"),
        pytest.param("1,2\n3,4\n5,6\n", 0, id="numbers alone"),
        pytest.param("2020-01-02,x\n2020-01-03,y\n", 0, id="dates from the first record on"),
        pytest.param("name,city\nAnna,Berlin\nKim,Oslo\n", 1, id="words alone"),
        pytest.param("a,b\n", 1, id="one record of words"),
        pytest.param("1,2\n", 0, id="one record of numbers"),
        pytest.param("Country,2001,2002,2003\nA,1.5,2.5,3\nB,4,5.5,6\n", 1, id="years as names"),
        pytest.param("Price,Weight\nUSD,kg\n1.5,2\n3.5,4\n", 2, id="a record of units"),
        pytest.param("a,b\na,b\n1,2\n3,4\n", 2, id="a header twice"),
        pytest.param("d,Travel,,Total\n,Air,Rail,\n1,2,3,5\n2,2,2,4\n", 2, id="names of groups"),
        pytest.param("n,v\nA,\nB,2\nC,3\n", 1, id="a first row with an empty cell"),
        pytest.param("n,v,w\nA,n/a,n/a\nB,2,3\nC,3,4\n", 1, id="a first row with missing values"),
        pytest.param("", 1, id="nothing"),
    ],
)
def test_headers(data: str, header: int) -> None:
    assert dialect_of(data).header_records == header


TABLE = "id,name,day\n" + "".join(f"{row},thing,2020-01-{row:02}\n" for row in range(1, 9))


@pytest.mark.parametrize(
    ("front", "skipped"),
    [
        pytest.param("", 0, id="none"),
        pytest.param("\n\n", 0, id="blank lines"),
        pytest.param("Report\n", 1, id="a title"),
        pytest.param("Report,,\n,,\n", 2, id="a padded title and an empty record"),
        pytest.param("Report\nof all\n\n", 3, id="two lines and a blank one"),
        pytest.param("# a: 1\n# b: 2\n", 2, id="notes"),
        pytest.param("made by: x, on 2 May, again, and so on\n", 1, id="a line with more commas"),
        pytest.param("sep=,\n", 1, id="a line that names the delimiter"),
        pytest.param("sep=,\nReport\n\n", 3, id="that, and a title"),
        pytest.param(",,\n,,\n", 2, id="empty records"),
    ],
)
def test_preambles(front: str, skipped: int) -> None:
    found = dialect_of(front + TABLE)
    assert (found.skipped_lines, found.header_records, found.columns) == (skipped, 1, 3)


def test_a_line_that_names_the_delimiter_wins_over_the_count() -> None:
    assert dialect_of("sep=;\na,b;c\n").delimiter == ";"


def test_a_short_first_record_without_a_header_behind_it_is_no_preamble() -> None:
    assert dialect_of("1\n" + "1,2,3\n" * 5).skipped_lines == 0


@pytest.mark.parametrize(
    ("end", "size"),
    [
        pytest.param("", 0, id="none"),
        pytest.param("\n\n", 0, id="blank lines"),
        pytest.param("\nSource: a shop\n", 15, id="a note behind a blank line"),
        pytest.param(",,\nSource: ä,,\n", 16, id="a padded note behind an empty record"),
        pytest.param("8 rows\n", 7, id="a count"),
        pytest.param("(8 rows)\n\n", 10, id="a count and a blank line"),
        pytest.param(",,\n,,\n,,\n", 9, id="records that a spreadsheet left"),
        pytest.param(",,\n", 0, id="one empty record"),
        pytest.param("9,thi", 0, id="a record that was cut short"),
        pytest.param("9", 0, id="a record of one cell"),
        pytest.param("\n9\n", 0, id="a cell of its column's type behind a blank line"),
        pytest.param("9,,\n", 0, id="a sparse record"),
    ],
)
def test_footers(end: str, size: int) -> None:
    assert detected(TABLE + end).footer_bytes == size


def test_a_footer_is_found_in_the_tail() -> None:
    rows = "".join(f"{row},thing,2020-01-02\n" for row in range(9000))
    data = ("id,name,day\n" + rows + "\nSource: a shop\n").encode("utf-16-le")
    found = detect(data[:65536], complete=False, tail=data[-65536:], given=Given())
    assert found.footer_bytes == 30
    assert detect(data[:65536], complete=False, tail=None, given=Given()).footer_bytes == 0


def test_comments_among_the_records() -> None:
    rows = TABLE.splitlines(keepends=True)
    data = "".join([*rows[:3], "# we stop here, for a while\n", *rows[3:6], "# go on\n", *rows[6:]])
    found = dialect_of(data)
    assert (found.comment, found.columns) == ("#", 3)


@pytest.mark.parametrize(
    "data",
    [
        pytest.param("#id,name\n1,a\n2,b\n", id="a header that begins with a mark"),
        pytest.param("tag,n\n#one,1\nx,2\n#two,3\ny,4\nz,5\n", id="cells that begin with a mark"),
        pytest.param("v,w\n1,2\n--,3\n4,5\n", id="hyphens for nothing"),
    ],
)
def test_what_is_no_comment(data: str) -> None:
    assert dialect_of(data).comment is None


@pytest.mark.parametrize(
    ("data", "name"),
    [("a\nb\n", "lf"), ("a\r\nb\r\n", "crlf"), ("a\rb\r", "cr"), ("a\r\nb\n", "mixed"), ("a", "lf")],
)
def test_record_ends(data: str, name: str) -> None:
    found = detected(data)
    assert found.findings["record_end"].value == name
    assert found.dialect.line_end is LineEnd.ANY


@pytest.mark.parametrize(
    ("data", "columns"),
    [
        pytest.param("a,b,c\n1,2,3\n", 3, id="the header's"),
        pytest.param("1,2\n3,4\n5\n", 2, id="the most frequent, without a header"),
        pytest.param("a,b\n1,2,3\n4,5,6\n7,8,9\n", 3, id="the records', where all agree against the header"),
        pytest.param("a,b\n1,2,3\n4,5\n6,7\n", 2, id="the header's, where records differ"),
        pytest.param("", None, id="unknown"),
    ],
)
def test_columns(data: str, columns: int | None) -> None:
    assert dialect_of(data).columns == columns


@pytest.mark.parametrize(
    "given",
    [
        {"delimiter": ","},
        {"quote": ""},
        {"quote": "'"},
        {"escape": Escape.BACKSLASH},
        {"comment": "#"},
        {"comment": ""},
        {"skipped_lines": 2},
        {"header_records": 0},
        {"encoding": "cp1252"},
        {"line_end": LineEnd.CRLF},
    ],
    ids=str,
)
def test_what_is_given_wins(given: dict[str, Any]) -> None:
    found = detected('a;b\n1;"x"\n2;"y"\n3;z\n', Given(**given))
    ((name, value),) = given.items()
    assert getattr(found.dialect, name) == (value if value != "" else None)
    assert found.findings[name].confidence == 1.0
    assert found.findings[name].evidence == "given"


def test_what_is_given_helps_to_find_the_rest() -> None:
    data = "a-b\n1-x\n2-y\n"
    assert dialect_of(data, Given(delimiter="-")).columns == 2
    assert dialect_of("x\n1,2\n3,4\n", Given(skipped_lines=1)).header_records == 0


@pytest.mark.parametrize(
    "given",
    [{"delimiter": ""}, {"delimiter": "\n"}, {"quote": "ab"}, {"delimiter": '"', "quote": '"'}, {"skipped_lines": -1}],
    ids=str,
)  # fmt: skip
def test_what_no_file_can_be_read_with(given: dict[str, Any]) -> None:
    with pytest.raises(BadConfiguration) as caught:
        detected("a,b\n", Given(**given))
    assert caught.value.code == "invalid_dialect"


def test_one_is_less_sure_of_little_than_of_much() -> None:
    little = detected("a;b\n").findings["delimiter"].confidence
    much = detected("a;b\n" + "1;2\n3;4\n" * 50).findings["delimiter"].confidence
    assert 0 < little < 0.6
    assert much > 0.99


def test_no_evidence_is_the_standard_reading_with_low_confidence() -> None:
    found = detected("word\n")
    assert (found.dialect.delimiter, found.dialect.quote) == (",", '"')
    assert found.findings["delimiter"].confidence <= 0.5


def test_every_part_is_told_without_what_stands_in_the_file() -> None:
    found = detected("Geheim,b\nSecret,2\nPrivat,3\n")
    names = set(Dialect.__slots__) - {"spares_records"} | {"record_end", "footer"}
    assert set(found.findings) == names
    for finding in found.findings.values():
        assert 0 <= finding.confidence <= 1
        assert not any(word in finding.evidence for word in ("Geheim", "Secret", "Privat"))


def test_the_sample_may_end_anywhere() -> None:
    data = ("a;b;c\n" + '1;"x\ny; z";2\n' * 100).encode()
    for end in range(60, 110):
        found = detect(data[:end], complete=False, tail=None, given=Given()).dialect
        assert (found.delimiter, found.quote, found.columns) == (";", '"', 3)
