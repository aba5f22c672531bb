"""A load stays small however long its file is: a whole process, against a sink that takes what it is given."""

from __future__ import annotations

import pytest

from benchmarks.load_memory import benchmark


@pytest.mark.parametrize(
    "rows",
    [
        pytest.param(200_000, id="as much as any"),
        pytest.param(2_000_000, id="more than digests stay in memory", marks=pytest.mark.slow),
    ],
)
def test_a_load_stays_below_150_mib_and_counts_every_row(rows: int) -> None:
    assert benchmark(rows, timeout_s=300) == []
