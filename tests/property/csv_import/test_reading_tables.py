"""A table that somebody wrote is read back as it was, whatever the writer's habits and whatever damage one row has."""

from __future__ import annotations

import csv
import io
import re
from codecs import BOM_UTF8
from dataclasses import replace

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from csv_import.reading.dialect import STANDARD, Detection, Dialect, Escape, LineEnd
from csv_import.reading.header import open_table
from tests.property.csv_import.dialects import ENDS
from tests.property.csv_import.reference_reader import Reference
from tests.property.csv_import.seen import AMPLE, cut, cut_sizes, seen, seen_in

_PIECES = st.sampled_from(
    [
        '"',
        '""',
        ",",
        ";",
        "|",
        "\r",
        "\n",
        "\r\n",
        "\0",
        "\\",
        "\\N",
        "\u2028",
        "\x1c",
        "é",
        "😀",
        "\ufeff",
        " ",
        "#",
        "'",
    ]
)
cells = st.lists(_PIECES | st.text(st.characters(codec="utf-8"), max_size=3), max_size=5).map("".join)
tables = st.integers(1, 4).flatmap(
    lambda width: st.lists(st.lists(cells, min_size=width, max_size=width), min_size=1, max_size=8)
)
written_dialects = st.builds(
    Dialect,
    encoding=st.sampled_from(["utf-8", "utf-16-le", "utf-16-be"]),
    delimiter=st.sampled_from([",", ";", "\t", "||", "§", "->"]),
    quote=st.sampled_from(['"', '"', "'", "¦"]),
    escape=st.sampled_from(list(Escape)),
    padded_quotes=st.booleans(),
    line_end=st.sampled_from(list(LineEnd)),
    comment=st.sampled_from([None, "#"]),
)


def written(row: list[str], dialect: Dialect, line_end: str, quote_all: bool, padding: str) -> str:
    """A row as a careful writer of the dialect writes it."""
    assert dialect.quote
    out = []
    for number, cell in enumerate(row):
        special = (dialect.quote, dialect.delimiter[0], dialect.delimiter[-1], "\r", "\n", "\\", " ", "\t")
        plain = not any(each in cell for each in special) and not (
            number == 0 and (not cell or (dialect.comment and cell.startswith(dialect.comment)))
        )
        if plain and not quote_all:
            out.append(cell)
            continue
        if dialect.escape is Escape.BACKSLASH:
            inside = cell.replace("\\", "\\\\").replace(dialect.quote, "\\" + dialect.quote)
        else:
            inside = cell.replace(dialect.quote, dialect.quote * 2)
        out.append(f"{padding}{dialect.quote}{inside}{dialect.quote}{padding}")
    return dialect.delimiter.join(out) + line_end


@given(tables, written_dialects, cut_sizes, st.data())
@settings(max_examples=400, deadline=None)
def test_a_table_is_read_back_as_it_was_written(
    table: list[list[str]],
    dialect: Dialect,
    sizes: list[int],
    data: st.DataObject,
) -> None:
    told, quote_all, ended = (data.draw(st.booleans()) for _ in range(3))
    dialect = replace(dialect, columns=len(table[0]) if told else None)
    line_ends = data.draw(
        st.lists(st.sampled_from(ENDS[dialect.line_end]), min_size=len(table), max_size=len(table))
    )
    padding = " " if dialect.padded_quotes and data.draw(st.booleans()) else ""
    lines = [
        written(row, dialect, end, quote_all, padding) for row, end in zip(table, line_ends, strict=True)
    ]
    text = "".join(lines) if ended else "".join(lines).removesuffix(line_ends[-1])

    found = seen(text.encode(dialect.encoding), dialect, sizes=sizes)

    assert [each.cells for each in found] == [tuple(row) for row in table]
    assert [each.record for each in found] == list(range(1, len(table) + 1))
    assert not any(each.damage for each in found)


@given(tables, st.sampled_from(["\n", "\r\n", "\r"]), st.booleans(), cut_sizes)
@settings(max_examples=300, deadline=None)
def test_what_csv_writes_is_read_as_csv_reads_it(
    table: list[list[str]], line_end: str, told: bool, sizes: list[int]
) -> None:
    out = io.StringIO()
    csv.writer(out, lineterminator=line_end, quoting=csv.QUOTE_ALL).writerows(table)
    dialect = Dialect(columns=len(table[0]) if told else None)
    found = seen(out.getvalue().encode(), dialect, sizes=sizes)
    assert [list(each.cells) for each in found] == list(csv.reader(io.StringIO(out.getvalue(), newline="")))


@given(tables, st.data(), cut_sizes)
@settings(max_examples=400, deadline=None)
def test_a_damaged_quote_costs_its_row_and_no_more(
    table: list[list[str]], data: st.DataObject, sizes: list[int]
) -> None:
    """A quote too many in a row of one line, all cells quoted: rows before and behind are read as if nothing was."""
    width = len(table[0])
    assume(width > 1)
    dialect = Dialect(columns=width)
    lines = [written(row, dialect, "\n", True, "") for row in table]
    hurt = data.draw(st.integers(0, len(table) - 1))
    bare = [re.sub('[\r\n,"]', "", cell) + "x" for cell in table[hurt]]
    line = written(bare, dialect, "\n", True, "")
    inside = data.draw(st.sampled_from([at for at, each in enumerate(line) if each == "x"]))
    lines[hurt] = line[:inside] + '"' + line[inside:]

    found = seen("".join(lines).encode(), dialect, sizes=sizes)

    assert [list(each.cells) for each in (*found[:hurt], *found[hurt + 1 :])] == [
        row for number, row in enumerate(table) if number != hurt
    ]
    assert "".join(found[hurt].cells).replace('"', "") == "".join(bare)
    assert len(found[hurt].cells) == width
    assert found[hurt].damage == "stray_quote"


# The header.


@given(tables, st.booleans(), st.integers(0, 3), st.sampled_from(["\n", "\r\n", "\r"]), cut_sizes)
@settings(max_examples=300, deadline=None)
def test_header_and_records_share_the_file_without_a_gap(
    table: list[list[str]], marked: bool, blank: int, line_end: str, sizes: list[int]
) -> None:
    names = [f"n{column}" for column in range(len(table[0]))]
    out = io.StringIO()
    csv.writer(out, lineterminator=line_end, quoting=csv.QUOTE_ALL).writerows([names, *table])
    data = BOM_UTF8 * marked + (line_end * blank + out.getvalue()).encode()

    header, blocks = open_table(cut(data, sizes), Detection(STANDARD), max_record_bytes=AMPLE)
    kept = list(blocks)
    size = header.ignored["header"].size

    assert header.names == names
    assert header.start == 3 * marked
    assert data[header.start + blank * len(line_end) :].startswith(header.raw[:size])
    assert header.start + sum(block.size for block in kept) == len(data)
    assert sum(block.bytes_header for block in kept) == size
    records = list(seen_in(kept))
    assert [each.cells for each in records] == [tuple(row) for row in table]
    lines = Reference(data[header.start :].decode("latin-1"), STANDARD, AMPLE)
    for number, each in enumerate(records, start=1):
        assert each.record == number
        assert data[each.offset : each.offset + len(each.raw)] == each.raw
        assert each.line == lines.lines_between(0, each.offset - header.start) + 1


@pytest.mark.parametrize("size", [1, 2, 3, 7, 1000])
def test_a_long_quoted_cell_is_read_whole_wherever_it_is_cut(size: int) -> None:
    cell = "\r\n".join(f'line {number}, ""quoted""' for number in range(50))
    data = f'a,"{cell}"\r\nb,c\r\n'.encode()

    records = seen(data, STANDARD, sizes=[size], limit=len(data))

    assert [each.line for each in records] == [1, 51]
    assert records[0].cells == ("a", cell.replace('""', '"'))
    assert records[1].raw == b"b,c\r\n"
