"""Whatever the bytes, and wherever a connection cuts them, the same records are read at the same places."""

from __future__ import annotations

import csv
import io
import re
from codecs import BOM_UTF8
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from csv_import.errors import BadData
from csv_import.reading.blocks import Place, RecordBlock, read_blocks
from csv_import.reading.damage import damage_of
from csv_import.reading.dialect import STANDARD, Detection, Dialect, Escape, LineEnd
from csv_import.reading.header import open_table
from tests.property.csv_import.dialects import ENDS, dialects, texts
from tests.property.csv_import.reference_reader import Reference

AMPLE = 1 << 20
ENCODINGS = ["utf-8", "utf-8", "cp1252", "iso8859-1", "utf-16-le", "utf-16-be"]

cut_sizes = st.lists(st.integers(1, 40), min_size=1, max_size=12)
limits = st.sampled_from([7, 20, 40, AMPLE, AMPLE])


@dataclass(frozen=True)
class Seen:
    """All that a block tells about a record; of a damaged one its best reading."""

    line: int
    record: int
    offset: int
    raw: bytes
    cells: tuple[str, ...]
    damage: str


def seen_in(blocks: Iterable[RecordBlock]) -> Iterator[Seen]:
    for block in blocks:
        for index, row in enumerate(block.rows):
            at, damage = block.location(index), damage_of(row)
            code = damage.code if damage else ""
            yield Seen(at.line, at.record, at.offset, block.raw(index), tuple(row), code)


def cut(data: bytes, sizes: Iterable[int]) -> list[bytes]:
    """Cut into chunks of the given sizes; the last size goes for all that is left."""
    chunks, rest = [], data
    todo = list(sizes)
    while rest:
        size = todo.pop(0) if len(todo) > 1 else todo[0]
        chunks.append(rest[:size])
        rest = rest[size:]
    return chunks


def blocks_of(
    data: bytes,
    dialect: Dialect,
    *,
    sizes: Sequence[int] = (AMPLE,),
    limit: int = AMPLE,
    start: Place | None = None,
) -> list[RecordBlock]:
    """What is read where the file comes in chunks of `sizes`, each of them read in pieces as small as the last."""
    chunks = cut(data, sizes)
    return list(
        read_blocks(chunks, dialect=dialect, max_record_bytes=limit, start=start, piece_bytes=2 * sizes[-1])
    )


def seen(data: bytes, dialect: Dialect, *, sizes: Sequence[int] = (AMPLE,), limit: int = AMPLE) -> list[Seen]:
    return list(seen_in(blocks_of(data, dialect, sizes=sizes, limit=limit)))


# Any bytes.


@st.composite
def dialects_and_bytes(draw: st.DrawFn) -> tuple[Dialect, bytes]:
    """What a reader can stumble over, in any encoding, with bytes thrown in and lost."""
    dialect = replace(draw(dialects), encoding=draw(st.sampled_from(ENCODINGS)))
    data = draw(texts(dialect)).encode(dialect.encoding, "replace")
    for _ in range(draw(st.integers(0, 2))):
        at = draw(st.integers(0, len(data)))
        thrown_in = draw(st.sampled_from([b"", b"\xff", b"\xe2", b"\x81", b"\xd8", b"\0", b"\xc3\xa9"]))
        data = data[:at] + thrown_in + data[at + draw(st.integers(0, 1)) :]
    return dialect, data


def units_of(data: bytes, encoding: str) -> str:
    if not encoding.startswith("utf-16"):
        return data.decode("latin-1")
    order = "little" if encoding.endswith("le") else "big"
    pairs = [data[at : at + 2] for at in range(0, len(data), 2)]
    return "".join(chr(int.from_bytes(pair, order)) if len(pair) == 2 else "\ud800" for pair in pairs)  # type: ignore[arg-type]


def text_of(units: str, encoding: str) -> tuple[str, bool]:
    codec = encoding if encoding.startswith("utf-16") else "latin-1"
    data = units.encode(codec, "surrogatepass" if codec != "latin-1" else "strict")
    text = data.decode(encoding, "replace")
    return text, text.encode(encoding, "replace") == data


def judged(data: bytes, dialect: Dialect, limit: int) -> list[Seen]:
    size = 2 if dialect.encoding.startswith("utf-16") else 1
    records: list[Seen] = []
    for found in Reference(units_of(data, dialect.encoding), dialect, limit // size).read():
        if not found.ignored:
            raw = data[found.start * size : found.end * size]
            texts_of_cells = [text_of(cell, dialect.encoding) for cell in found.cells]
            damage = found.damage or ("" if all(fine for _, fine in texts_of_cells) else "invalid_encoding")
            cells = tuple(text for text, _ in texts_of_cells)
            if found.damage == "record_too_long":
                raw = b""
            records.append(Seen(found.line, len(records) + 1, found.start * size, raw, cells, damage))
    return records


@given(dialects_and_bytes(), cut_sizes, limits)
@settings(max_examples=800, deadline=None)
def test_any_bytes_are_read_as_one_character_at_a_time_reads_them(
    case: tuple[Dialect, bytes], sizes: list[int], limit: int
) -> None:
    dialect, data = case
    for ours, theirs in zip(
        seen(data, dialect, sizes=sizes, limit=limit), judged(data, dialect, limit), strict=True
    ):
        if theirs.damage in ("", "record_too_long", "invalid_encoding"):
            assert ours == theirs
        else:  # of the readings of a damaged record several may be as good
            assert ours.damage in (theirs.damage, "invalid_encoding")
            assert replace(ours, damage="", cells=()) == replace(theirs, damage="")


@given(dialects_and_bytes(), cut_sizes, cut_sizes, limits)
@settings(max_examples=400, deadline=None)
def test_where_the_chunks_are_cut_makes_no_difference(
    case: tuple[Dialect, bytes], some: list[int], others: list[int], limit: int
) -> None:
    dialect, data = case
    once = seen(data, dialect, limit=limit)
    assert seen(data, dialect, sizes=some, limit=limit) == once
    assert seen(data, dialect, sizes=others, limit=limit) == once


@given(dialects_and_bytes(), cut_sizes, limits)
@settings(max_examples=400, deadline=None)
def test_every_byte_is_in_one_block_and_in_one_account(
    case: tuple[Dialect, bytes], sizes: list[int], limit: int
) -> None:
    dialect, data = case
    place = Place(3, 5, 7)
    judge = Reference(units_of(data, dialect.encoding), dialect, AMPLE)
    for block in blocks_of(data, dialect, sizes=sizes, limit=limit, start=place):
        assert block.start == place
        content = data[place.offset - 7 : place.offset - 7 + block.size]
        too_long = [
            row for row in block.rows if (damage := damage_of(row)) and damage.code == "record_too_long"
        ]
        assert block.data == (b"" if too_long else content)
        assert len(content) == block.size > 0
        units = units_of(content, dialect.encoding)
        assert block.lines == Reference(units, dialect, AMPLE).lines_between(0, len(units))
        ignored = sum(each.size for each in block.ignored.values())
        assert all(each.lines > 0 for each in block.ignored.values())
        assert block.bytes_records + ignored == block.size
        if not too_long:
            assert block.bytes_records == sum(len(block.raw(index)) for index in range(len(block.rows)))
        place = block.end()
    assert place.offset - 7 == len(data)
    assert place.line - 3 == judge.lines_between(0, len(judge.text))


@given(dialects_and_bytes(), cut_sizes, limits)
@settings(max_examples=300, deadline=None)
def test_reading_from_any_record_on_gives_the_same_records(
    case: tuple[Dialect, bytes], sizes: list[int], limit: int
) -> None:
    dialect, data = case
    whole = seen(data, dialect, limit=limit)
    for index, each in enumerate(whole):
        start = Place(each.line, each.record, each.offset)
        rest = blocks_of(data[each.offset :], dialect, sizes=sizes, limit=limit, start=start)
        assert list(seen_in(rest)) == whole[index:]


# Tables.

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


@given(dialects_and_bytes(), cut_sizes, st.sampled_from([10, AMPLE]))
@settings(max_examples=300, deadline=None)
def test_any_bytes_are_a_table_or_bad_data(case: tuple[Dialect, bytes], sizes: list[int], limit: int) -> None:
    dialect, data = case

    def outcome(chunks: list[bytes]) -> tuple[object, ...]:
        try:
            header, blocks = open_table(chunks, Detection(dialect), max_record_bytes=limit)
        except BadData as error:
            return (error.code, error.message)
        return (header, sum(len(block.rows) for block in blocks))

    assert outcome(cut(data, sizes)) == outcome([data])


@pytest.mark.parametrize("size", [1, 2, 3, 7, 1000])
def test_a_long_quoted_cell_is_read_whole_wherever_it_is_cut(size: int) -> None:
    cell = "\r\n".join(f'line {number}, ""quoted""' for number in range(50))
    data = f'a,"{cell}"\r\nb,c\r\n'.encode()

    records = seen(data, STANDARD, sizes=[size], limit=len(data))

    assert [each.line for each in records] == [1, 51]
    assert records[0].cells == ("a", cell.replace('""', '"'))
    assert records[1].raw == b"b,c\r\n"
