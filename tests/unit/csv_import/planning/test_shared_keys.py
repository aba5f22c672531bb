import pytest

from csv_import.planning.shared_keys import SharedKeys

A, B, C = (letter * 8 for letter in (b"a", b"b", b"c"))


@pytest.mark.parametrize("held", [0, 20, 1 << 20])
def test_each_stretch_has_its_keys_in_the_file_s_order(held: int) -> None:
    runs = [(70, A), (0, B + C), (33, C), (70, B), (31, A), (0, A), (32, A)]
    with SharedKeys(71, held) as keys:
        assert list(keys.add(runs)) == [(stretch, len(digests) // 8) for stretch, digests in runs]
        assert list(keys.by_stretch()) == [(0, {A, B, C}), (31, {A}), (32, {A}), (33, {C}), (70, {A, B})]


def test_nothing_is_shared() -> None:
    with SharedKeys(100, 10) as keys:
        assert list(keys.add([])) == []
        assert list(keys.by_stretch()) == []
