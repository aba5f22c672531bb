from __future__ import annotations

from csv_import.planning.met_keys import SHORT_BYTES, MetKeys
from csv_import.planning.stretches import Cutter
from csv_import.planning.survey import Survey
from csv_import.reading.blocks import Place
from csv_import.reading.boundaries import Passed
from csv_import.rejects import Location
from tests.unit.csv_import.planning.blocks import block, reader

KEYS = {name: name.encode() * 16 for name in "abx"}
A, X = KEYS["a"][:SHORT_BYTES], KEYS["x"][:SHORT_BYTES]


def test_keys_belong_to_the_stretch_that_their_block_is_in() -> None:
    cutter = Cutter(part_bytes=8, stretch_bytes=4)
    with MetKeys(100, 100) as met:
        survey, start = Survey(cutter, met, reader(KEYS)), Place(2, 1, 8)
        for text in ("a,1\n", "b,2\n", "x,3\n", "\n\n", "a,4\n", "x,5\n"):
            survey.take(taken := block(text, start))
            start = taken.end()
        survey.finish()
        stretches = cutter.stretches
        assert [stretches.start(each) for each in range(len(stretches))] == [
            Location(2, 1, 8),
            Location(3, 2, 12),
            Location(4, 3, 16),
            Location(7, 4, 22),
            Location(8, 5, 26),
        ]
        assert list(stretches.part_of) == [0, 0, 1, 1, 2]
        assert set(met.shared(stretches.part_of)) == {(0, A), (3, A), (2, X), (4, X)}
        assert survey.records == 5
        assert survey.needs_keys


def test_records_that_were_counted_need_no_keys() -> None:
    cutter = Cutter(part_bytes=30, stretch_bytes=10)
    survey = Survey(cutter, None, reader({}))
    assert not survey.needs_keys
    survey.take(Passed(Place(2, 1, 7), 40, 4))
    survey.take(block("a,1\n", Place(6, 5, 47)))
    survey.take(Passed(Place(7, 6, 51), 10, 2))
    survey.finish()
    assert survey.records == 7
    assert list(cutter.stretches.part_of) == [0, 1]
    assert cutter.stretches.start(1) == Location(6, 5, 47)


def test_lines_that_are_no_records_begin_nothing() -> None:
    cutter = Cutter(part_bytes=1, stretch_bytes=1)
    with MetKeys(100, 100) as met:
        survey = Survey(cutter, met, reader({}))
        survey.take(block("\n\n"))
        survey.finish()
        assert (len(cutter.stretches), survey.records) == (0, 0)
        assert list(met.shared(cutter.stretches.part_of)) == []
