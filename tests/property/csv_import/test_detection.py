"""Whatever table is written in a dialect that the file gives evidence of, it is found out and read back equal."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st

from csv_import.errors import BadData
from csv_import.reading.detection import detect
from csv_import.reading.dialect import Dialect, Escape, Given
from csv_import.reading.header import open_table

_CELLS = {
    "number": st.integers(0, 99999).map(str),
    "decimal": st.decimals(0, 999, places=2).map(str),
    "date": st.dates().filter(lambda day: day.year > 1900 and day.year < 2100).map(str),
    "time": st.times().map(lambda time: f"{time:%H:%M:%S}"),
    "word": st.sampled_from(["bench", "torch", "lamp", "fan", "Köln", "Oslo", "rope", "kettle", "rug"]),
    "prose": st.sampled_from(
        ["warm and dry", "it's light", "so, and; no", 'a "deluxe" one', "first\nsecond", "3 for 2", "a|b"]
    ),
}
_DIALECTS = st.sampled_from(
    [
        *(Dialect(delimiter=delimiter) for delimiter in (",", ";", "\t", "|", ", ", "||", "\x01", "^", "~")),
        Dialect(delimiter=";", escape=Escape.BACKSLASH),
        Dialect(escape=Escape.BACKSLASH),
        Dialect(quote="'"),
        Dialect(encoding="cp1252", delimiter=";"),
        Dialect(encoding="utf-16-le", delimiter="\t"),
        Dialect(encoding="utf-16-be"),
    ]
)


@st.composite
def tables(draw: st.DrawFn) -> list[list[str]]:
    """A header and eight records or more; two columns of numbers, dates or times among at least three."""
    typed = draw(st.lists(st.sampled_from(["number", "decimal", "date", "time"]), min_size=2, max_size=4))
    kinds = [*typed, *draw(st.lists(st.sampled_from(["word", "prose"]), min_size=1, max_size=3))]
    kinds = draw(st.permutations(kinds))
    rows = draw(st.lists(st.tuples(*(_CELLS[kind] for kind in kinds)), min_size=8, max_size=30))
    return [[f"{kind}{number}" for number, kind in enumerate(kinds)], *map(list, rows)]


def written(table: list[list[str]], dialect: Dialect, line_end: str) -> str:
    quote = dialect.quote or ""
    escape = quote if dialect.escape is Escape.DOUBLED else "\\"

    def cell(text: str) -> str:
        return quote + text.replace(quote, escape + quote) + quote

    # Numbers stay bare, every other cell is quoted: so the file shows its quote and, where it matters, its escape.
    return "".join(
        dialect.delimiter.join(text if text.replace(".", "").isdecimal() else cell(text) for text in row)
        + line_end
        for row in table
    )


def read_back(data: bytes) -> list[list[str]]:
    detection = detect(data[:262144], complete=len(data) <= 262144, tail=None, given=Given())
    header, blocks = open_table([data], detection, max_record_bytes=1 << 20)
    records = [list(row) for block in blocks for row in block.rows]
    return [header.as_read, *records] if header.as_read else records


@given(tables(), _DIALECTS, st.sampled_from(["\n", "\r\n", "\r"]), st.booleans())
@settings(max_examples=300, deadline=None)
def test_a_table_is_found_out_and_read_back_equal(
    table: list[list[str]], dialect: Dialect, line_end: str, headed: bool
) -> None:
    if not headed:
        table = table[1:]
    text = written(table, dialect, line_end)
    assert read_back(text.encode(dialect.encoding)) == table


def test_cells_of_several_lines_at_both_ends_hide_no_delimiter() -> None:
    plain, one, both = (
        [first, "00:00:00", "0", "bench", last]
        for first, last in (("dry", "dry"), ("dry\nwet", "dry"), ("dry\nwet", "dry\nwet"))
    )
    table = [*[plain] * 7, one, both, both]
    text = written(table, Dialect(delimiter="\x01", quote='"'), "\n")
    assert read_back(text.encode()) == table


@given(tables(), _DIALECTS)
@settings(max_examples=100, deadline=None)
def test_what_is_told_is_never_changed(table: list[list[str]], dialect: Dialect) -> None:
    data = written(table, dialect, "\n").encode(dialect.encoding)
    given_ = Given(dialect.encoding, dialect.delimiter, dialect.quote or "", dialect.escape, header_records=1)
    found = detect(data, complete=True, tail=None, given=given_).dialect
    told = replace(dialect, header_records=1)
    assert replace(found, columns=None, comment=None, skipped_lines=0, padded_quotes=False) == told


@given(
    st.lists(
        st.sampled_from(
            [b'"', b"'", b",", b";", b"\t", b" ", b"\n", b"\r", b"\\", b"a", b"1", b"#", b"\xff", b"\0"]
        )
        | st.binary(max_size=3),
        max_size=60,
    ).map(b"".join),
    st.booleans(),
)
@settings(max_examples=500, deadline=None)
def test_any_bytes_have_a_dialect_or_are_bad_data(data: bytes, complete: bool) -> None:
    try:
        detection = detect(data, complete=complete, tail=None if complete else data, given=Given())
        header, blocks = open_table([data], detection, max_record_bytes=1 << 16)
        size = header.start + sum(block.size for block in blocks)
    except BadData as error:
        assert error.code in {"not_text", "no_header", "line_too_long"}
    else:
        assert size == len(data)
        assert len(set(header.names)) == len(header.names)
