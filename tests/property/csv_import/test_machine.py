"""Whatever the text and the dialect, the machine reads what one character at a time reads."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st

from csv_import.reading.dialect import Dialect, Escape
from csv_import.reading.machine import Read, read_text
from tests.property.csv_import.dialects import dialects, texts
from tests.property.csv_import.reference_reader import Found, Reference

AMPLE = 1 << 20

dialects_and_texts = dialects.flatmap(lambda dialect: st.tuples(st.just(dialect), texts(dialect)))
_DAMAGED = st.sampled_from(['"', '""', '"""', '",', ',"', "a,", "\n", '"\n', 'b\n"', "a", " ", "\\"])
damaged_texts = st.tuples(
    st.builds(
        Dialect,
        columns=st.sampled_from([None, 2, 3, 4]),
        escape=st.sampled_from([Escape.DOUBLED, Escape.DOUBLED, Escape.BACKSLASH]),
        padded_quotes=st.booleans(),
    ),
    st.lists(_DAMAGED, max_size=24).map("".join),
)


def as_found(read: Read, line: int) -> Found:
    """Without the cells of a damaged record: others may be as good."""
    damage = read.damage
    return Found(
        read.start,
        read.end,
        line,
        read.lines,
        () if damage else tuple(read.cells),
        read.ignored or "",
        damage.code if damage else "",
        damage.cost if damage else 0,
    )


@given(dialects_and_texts | damaged_texts, st.sampled_from([5, 12, 30, AMPLE, AMPLE]))
@settings(max_examples=1500, deadline=None)
def test_any_text_is_read_as_one_character_at_a_time_reads_it(
    case: tuple[Dialect, str], max_record: int
) -> None:
    dialect, text = case
    line = 1
    judged = Reference(text, dialect, max_record).read()
    for read, found in zip(read_text(text, dialect, max_record_chars=max_record), judged, strict=True):
        assert as_found(read, line) == replace(found, width=0)
        assert found.width in (0, len(read.cells))
        line += read.lines


@given(dialects_and_texts | damaged_texts, st.data(), st.sampled_from([8, 20, AMPLE]))
@settings(max_examples=300, deadline=None)
def test_what_is_read_of_a_part_is_read_of_the_whole(
    case: tuple[Dialect, str], data: st.DataObject, max_record: int
) -> None:
    dialect, text = case
    part = text[: data.draw(st.integers(0, len(text)))]
    whole = list(read_text(text, dialect, max_record_chars=max_record))
    seen = list(read_text(part, dialect, final=False, max_record_chars=max_record))
    assert seen == whole[: len(seen)]


@given(dialects_and_texts | damaged_texts, st.sampled_from([8, 20, AMPLE]))
@settings(max_examples=300, deadline=None)
def test_reading_may_begin_at_any_record(case: tuple[Dialect, str], max_record: int) -> None:
    dialect, text = case
    whole = list(read_text(text, dialect, max_record_chars=max_record))
    for index, read in enumerate(whole):
        rest = read_text(text[read.start :], dialect, max_record_chars=max_record)
        moved = [replace(each, start=each.start + read.start, end=each.end + read.start) for each in rest]
        assert moved == whole[index:]
