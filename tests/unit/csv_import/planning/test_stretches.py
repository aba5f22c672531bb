import pytest

from csv_import.planning.stretches import Cutter, stretch_bytes
from csv_import.rejects import Location

MIB, GIB = 1 << 20, 1 << 30


def cut(offsets: list[int], *, part_bytes: int, stretch_bytes: int) -> Cutter:
    cutter = Cutter(part_bytes, stretch_bytes)
    for record, offset in enumerate(offsets, start=1):
        if cutter.is_due(offset):
            cutter.begin(Location(record + 1, record, offset))
    return cutter


@pytest.mark.parametrize(
    ("offsets", "starts", "parts"),
    [
        (
            list(range(7, 60, 5)),
            [7, 12, 17, 22, 27, 32, 37, 42, 47, 52, 57],
            [0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2],
        ),
        ([7, 45, 50], [7, 45, 50], [0, 1, 1]),  # a record over a whole part
        ([0, 20, 40], [0, 20, 40], [0, 1, 2]),
        ([0, 19, 20], [0, 19, 20], [0, 0, 1]),
        ([100], [100], [0]),
    ],
)
def test_parts_begin_at_the_first_record_behind_a_multiple(
    offsets: list[int], starts: list[int], parts: list[int]
) -> None:
    stretches = cut(offsets, part_bytes=20, stretch_bytes=1).stretches
    assert [stretches.start(each).offset for each in range(len(stretches))] == starts
    assert list(stretches.part_of) == parts
    assert stretches.firsts == [parts.index(part) for part in sorted(set(parts))]


def test_a_stretch_has_its_bytes_but_for_the_last_of_a_part() -> None:
    stretches = cut(list(range(0, 100, 2)), part_bytes=25, stretch_bytes=10).stretches
    starts = [stretches.start(each).offset for each in range(len(stretches))]
    assert starts == [0, 10, 20, 26, 36, 46, 50, 60, 70, 76, 86, 96]


def test_a_stretch_tells_where_it_begins() -> None:
    stretches = cut([7, 30], part_bytes=10, stretch_bytes=10).stretches
    assert stretches.start(1) == Location(3, 2, 30)


@pytest.mark.parametrize(
    ("file_bytes", "part_bytes", "expected"),
    [(GIB, 256 * MIB, MIB), (64 * GIB, 256 * MIB, 4 * MIB), (100, 7, 7), (1 << 40, 2 * MIB, 2 * MIB)],
)
def test_stretches_are_short_beside_a_part_and_not_too_many(
    file_bytes: int, part_bytes: int, expected: int
) -> None:
    assert stretch_bytes(file_bytes, part_bytes) == expected
    assert file_bytes // expected <= 1 << 19 or part_bytes < 4 * MIB
