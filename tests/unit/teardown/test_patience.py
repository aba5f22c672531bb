from itertools import count

import pytest

from teardown.patience import Patience


@pytest.mark.parametrize(
    ("so_at", "found", "pauses"),
    [(1, True, 0), (3, True, 2), (4, True, 3), (5, False, 3)],
    ids=["at once", "later", "at the last look", "too late"],
)
def test_it_looks_for_so_long(so_at: int, found: bool, pauses: int) -> None:
    looks, slept = count(1), list[float]()
    patience = Patience(poll_s=5, limit_s=20, sleep=slept.append)
    assert patience.until(lambda: next(looks) == so_at) is found
    assert slept == [5.0] * pauses


def test_it_looks_once_whatever_the_limit_is() -> None:
    assert Patience(poll_s=5, limit_s=1, sleep=lambda _: None).until(lambda: True)
