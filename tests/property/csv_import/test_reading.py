"""Whatever the bytes, and wherever a connection cuts them, the same records are read at the same places."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st

from csv_import.errors import BadData
from csv_import.reading.blocks import Place, RecordBlock
from csv_import.reading.damage import damage_of
from csv_import.reading.dialect import Detection, Dialect
from csv_import.reading.header import open_table
from tests.property.csv_import.dialects import dialects, texts
from tests.property.csv_import.reference_reader import Reference
from tests.property.csv_import.seen import AMPLE, Seen, blocks_of, cut, cut_sizes, seen, seen_in

ENCODINGS = ["utf-8", "utf-8", "cp1252", "iso8859-1", "utf-16-le", "utf-16-be"]

limits = st.sampled_from([7, 20, 40, AMPLE, AMPLE])


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


@given(dialects_and_bytes(), cut_sizes, limits)
@settings(max_examples=400, deadline=None)
def test_what_stands_before_a_record_and_what_is_read_from_it_on_are_the_whole(
    case: tuple[Dialect, bytes], sizes: list[int], limit: int
) -> None:
    dialect, data = case
    blocks = blocks_of(data, dialect, sizes=sizes, limit=limit)
    whole = account(blocks)
    for number, block in enumerate(blocks):
        for index in range(len(block.rows)):
            at = block.location(index)
            front, rest = (
                account(blocks[:number]),
                account(
                    blocks_of(
                        data[at.offset :], dialect, limit=limit, start=Place(at.line, at.record, at.offset)
                    )
                ),
            )
            stretch = block.before(index)
            front["bytes"] += stretch.size
            front["records"] += stretch.bytes_records
            for reason, lines in stretch.ignored.items():
                front[f"{reason} lines"] += lines.lines
                front[reason] += lines.size
            assert front["bytes"] == at.offset
            assert front + rest == whole


def account(blocks: list[RecordBlock]) -> Counter[str]:
    """Bytes of blocks and of records, and what is ignored."""
    sums: Counter[str] = Counter()
    for block in blocks:
        sums["bytes"] += block.size
        sums["records"] += block.bytes_records
        for reason, lines in block.ignored.items():
            sums[f"{reason} lines"] += lines.lines
            sums[reason] += lines.size
    return sums


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
