"""A load stays small however long its file is: a whole process, against a sink that takes what it is given."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

PROJECT = Path(__file__).parents[3]
PATHS = (str(PROJECT), str(PROJECT / "batch_job"))


@pytest.mark.parametrize(
    "rows",
    [
        pytest.param(200_000, id="as much as any"),
        pytest.param(2_000_000, id="more than digests stay in memory", marks=pytest.mark.slow),
    ],
)
def test_a_load_stays_below_150_mib_and_counts_every_row(rows: int) -> None:
    """In a process of its own, for what a process had at its most counts for those that it starts."""
    command = [sys.executable, "-m", "benchmarks.load_memory", "--rows", str(rows), "--timeout", "300"]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(PATHS)}
    told = subprocess.run(command, cwd=PROJECT, env=environment, capture_output=True, text=True, check=False)
    assert (told.returncode, told.stderr) == (0, "")
