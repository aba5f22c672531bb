import random

import pytest

from csv_import.planning.met_keys import SHORT_BYTES, MetKeys

SMALL_FILE, LARGE_FILE = 1 << 20, 16 << 30


def met(
    stretches: list[list[bytes]], part_of: list[int], *, size: int = SMALL_FILE, held: int = 1 << 20
) -> set[tuple[int, bytes]]:
    """Which short digests are shared, by stretch; none is told twice."""
    with MetKeys(size, held) as keys:
        for digests in stretches:
            keys.add(digests)
            keys.end_stretch()
        runs = list(keys.shared(part_of))
    found = [
        (stretch, run[at : at + SHORT_BYTES])
        for stretch, run in runs
        for at in range(0, len(run), SHORT_BYTES)
    ]
    assert len(set(found)) == len(found)
    return set(found)


def expected(stretches: list[list[bytes]], part_of: list[int]) -> set[tuple[int, bytes]]:
    parts: dict[bytes, set[int]] = {}
    for stretch, digests in enumerate(stretches):
        for digest in digests:
            parts.setdefault(digest[:SHORT_BYTES], set()).add(part_of[stretch])
    return {
        (stretch, digest[:SHORT_BYTES])
        for stretch, digests in enumerate(stretches)
        for digest in digests
        if digest and len(parts[digest[:SHORT_BYTES]]) > 1
    }


def drawn(seed: int, *, stretches: int = 30, keys: int = 400) -> tuple[list[list[bytes]], list[int]]:
    draw = random.Random(seed)
    some = [draw.randbytes(16) for _ in range(keys)]
    parts = sorted(draw.randrange(6) for _ in range(stretches))
    firsts = sorted(set(parts))
    return [draw.choices(some, k=20) for _ in range(stretches)], [firsts.index(part) for part in parts]


@pytest.mark.parametrize("held", [0, 100, 1000, 1 << 20], ids=lambda held: f"{held} bytes held")
@pytest.mark.parametrize("size", [SMALL_FILE, LARGE_FILE], ids=["256 partitions", "4096 partitions"])
def test_what_several_parts_have(size: int, held: int) -> None:
    """With little memory there are as many passes over a partition as it has digests, or more."""
    stretches, part_of = drawn(held + size)
    found = expected(stretches, part_of)
    assert found
    assert met(stretches, part_of, size=size, held=held) == found


@pytest.mark.parametrize("held", [20 * passes for passes in (1, 2, 3, 300)])
def test_several_passes_over_one_partition(held: int) -> None:
    draw = random.Random(held)
    some = [b"\1" + draw.randbytes(15) for _ in range(700)]
    stretches = [draw.choices(some, k=100) for _ in range(12)]
    part_of = [0, 0, 1, 1, 1, 2, 3, 3, 4, 4, 4, 5]
    assert met(stretches, part_of, held=held) == expected(stretches, part_of)


def test_a_key_of_one_part_is_not_shared_however_often_it_occurs() -> None:
    assert not met([[b"a" * 16] * 3, [b"a" * 16], [b"b" * 16]], [0, 0, 1])


def test_no_key_is_no_key() -> None:
    assert not met([[b""], [b""]], [0, 1])


def test_keys_that_look_alike_are_taken_for_one() -> None:
    assert met([[b"12345678xx"], [b"12345678yy"]], [0, 1]) == {(0, b"12345678"), (1, b"12345678")}


def test_one_part_shares_nothing() -> None:
    stretches, _ = drawn(1)
    assert not met(stretches, [0] * len(stretches))
