"""SIGTERM that comes while the job still imports its libraries."""

import os
import signal
import subprocess
import sys
from pathlib import Path

PACKAGE = Path(__file__).parents[3] / "batch_job"


def test_a_stop_before_the_job_has_begun_is_a_stop_and_is_tried_again(tmp_path: Path) -> None:
    """A library that takes its time stands for all of them."""
    slow = tmp_path / "aws_lambda_powertools.py"
    slow.write_text("import signal\nprint('importing', flush=True)\nsignal.pause()\n")
    process = subprocess.Popen(
        [sys.executable, "-m", "csv_import", "load"],
        env={"PATH": os.environ["PATH"], "PYTHONPATH": f"{tmp_path}:{PACKAGE}"},
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout
    with process.stdout:
        assert process.stdout.readline() == "importing\n"
        process.send_signal(signal.SIGTERM)
        assert process.wait(timeout=30) == 75
