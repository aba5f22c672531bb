"""What stands within cells must not be taken for a delimiter, nor a row for something else than a row."""

import pytest

from csv_import.errors import BadConfiguration
from csv_import.reading.detection import detect
from csv_import.reading.dialect import Detection, Escape, Given

ROWS = range(60)


def found(text: str) -> Detection:
    data = text.encode()
    complete = len(data) <= 262_144
    return detect(data[:262_144], complete=complete, tail=None if complete else data[-65_536:], given=Given())


@pytest.mark.parametrize(
    ("header", "row"),
    [
        pytest.param("id,qty", "{0},{1}", id="two columns of whole numbers"),
        pytest.param("a,b,c", "{0}01,{0}02,{0}03", id="three of three digits"),
        pytest.param('"id","qty"', "{0},{1}", id="a quoted header above whole numbers"),
        pytest.param("method,status", "GET,20{1}", id="words before numbers"),
        pytest.param("phone,n", "555-41{0:02},{0}", id="hyphens"),
        pytest.param("isbn,n", "978-3-16-{0:06}-0,{0}", id="many hyphens"),
        pytest.param("version,n", "1.{0}.0,{0}", id="dots"),
        pytest.param("share,n", "3/{0},{0}", id="slashes"),
        pytest.param("id,tags", "{0},red|blue|green", id="bars"),
        pytest.param("id,attributes", "{0},a={0};b=0;c=0", id="semicolons"),
        pytest.param("path,n", "C:\\x{0}\\,{0}", id="backslashes"),
        pytest.param("name,n", "it's {0},{1}", id="apostrophes"),
    ],
)
def test_a_delimiter_that_cuts_header_and_rows_alike_is_believed(header: str, row: str) -> None:
    rows = "".join(row.format(number, number % 7) + "\n" for number in ROWS)
    dialect = found(f"{header}\n{rows}").dialect
    columns = header.count(",") + 1
    assert (dialect.delimiter, dialect.header_records, dialect.columns) == (",", 1, columns)


def test_json_in_a_file_with_tabs_keeps_its_braces() -> None:
    rows = "".join(f'{number}\t{{"a": {number}, "b": [1, 2]}}\n' for number in ROWS)
    assert found(f"id\tt\n{rows}").dialect.delimiter == "\t"


@pytest.mark.parametrize("kibibytes", [8, 40, 100, 400])
def test_a_long_cell_of_many_lines_is_one_cell(kibibytes: int) -> None:
    prose = "Some words, and more.\n" * (kibibytes * 47)
    dialect = found("id,text\n" + "0,x\n" * 20 + f'1,"{prose}"\n' + "2,foo\n" * 200).dialect
    assert (dialect.delimiter, dialect.quote, dialect.skipped_lines, dialect.columns) == (",", '"', 0, 2)


def test_ten_thousand_columns() -> None:
    header = ",".join(f"column_{number}" for number in range(10_000))
    row = ",".join(map(str, range(10_000)))
    dialect = found(f"{header}\n{row}\n{row}\n").dialect
    assert (dialect.delimiter, dialect.header_records, dialect.columns) == (",", 1, 10_000)


def test_the_habit_of_the_first_rows_is_kept() -> None:
    rows = "".join(f'{n},"Smith"\n' for n in range(900)) + "".join(f"{n},'p'\n" for n in range(20))
    assert found(f"id,name\n{rows}").dialect.quote == '"'


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("key,value\na,1\nb,2\n\nc,\n", id="a sparse row behind a blank line"),
        pytest.param("id,note\nalice,tea\nbob,coffee\n\ncarol,\ndave,\n", id="two sparse rows"),
        pytest.param("name,comment\npens,blue\ninks,red\n12 lines paper,\n", id="a cell that counts lines"),
        pytest.param(
            'id,body,n\n1,x,1\n2,x,2\n3,"' + "word " * 100 + "\n\nSource: a\n" * 3 + '",9\n',
            id="within a cell",
        ),
        pytest.param("id,n,city\na,1,Rome\n--,2,Bonn\nb,3,Kyiv\nc,4,Lyon\n", id="a key of two hyphens"),
        pytest.param("rating,title,n\n***,Foo,1\n*,Bar,2\n**,Baz,3\n****,Q,4\n", id="stars"),
        pytest.param("name,price,qty\nWidget,tbd,tbd\nFoo,1,2\nBar,2,3\nBaz,3,4\n", id="words above numbers"),
        pytest.param("name,,qty\nfoo,x,\nbar,y,2\nbaz,z,3\n", id="a column without a name"),
        pytest.param("fruit,color\napple,red\napple,red\npear,green\n", id="equal rows"),
        pytest.param("a,b,c\n1,2,3,\n4,5,6,\n7,8,9,\n", id="a delimiter at the end of each row"),
        pytest.param("id,name\n1,a\n2,b\n\ncode,qty,price\nx,1,2\ny,2,3\n", id="a second table"),
        pytest.param("title,\n1000 records,\nAbbey road,\nfoo,bar\nred,x\nRows: 3,\n", id="titles of films"),
    ],
)
def test_a_row_is_no_footer_comment_header_or_preamble(text: str) -> None:
    detection = found(text)
    dialect = detection.dialect
    assert (dialect.skipped_lines, dialect.header_records, dialect.comment) == (0, 1, None)
    assert detection.footer_bytes == 0


@pytest.mark.parametrize("text", ["'a' " * 200_000, ",;\t|:" * 200_000])
def test_a_line_without_end_is_looked_at_as_far_as_the_window_goes(text: str) -> None:
    assert found(text).dialect.columns


@pytest.mark.parametrize("encoding", ["unicode_escape", "raw_unicode_escape", "iso2022_jp", "utf-7", "hz"])
def test_an_encoding_that_is_not_one_byte_a_character_is_refused(encoding: str) -> None:
    with pytest.raises(BadConfiguration, match="cannot be read"):
        detect(b"a,b\n", complete=True, tail=None, given=Given(encoding=encoding))


@pytest.mark.parametrize(
    "given",
    [
        Given(delimiter='"'),
        Given(delimiter="\\", escape=Escape.BACKSLASH),
        Given(delimiter="→", encoding="cp1252"),
    ],
)
def test_a_delimiter_that_cannot_be_one_is_refused(given: Given) -> None:
    with pytest.raises(BadConfiguration) as caught:
        detect(b"a,b\n", complete=True, tail=None, given=given)
    assert caught.value.code == "invalid_dialect"
