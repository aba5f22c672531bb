"""The commands as processes: quick to start, quiet when they are stopped."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
from pathlib import Path

import pytest

PROJECT = Path(__file__).parents[3]
TIMEOUT_S = 60


def process(*arguments: str | Path) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [sys.executable, *map(str, arguments)], cwd=PROJECT, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )


@pytest.fixture
def large(tmp_path: Path) -> Path:
    """More than any pipe holds."""
    path = tmp_path / "large.csv"
    path.write_text("ProductId,Text\n" + "".join(f"{n},{'x' * 90}\n" for n in range(50_000)))
    return path


@pytest.mark.parametrize("command", ["preview", "check"])
def test_no_library_of_aws_or_of_specs_is_loaded_to_look_at_a_file(command: str) -> None:
    looking = process("-X", "importtime", "-m", "cli", command, "samples/sample.csv")
    out, told = looking.communicate(timeout=TIMEOUT_S)
    assert looking.returncode == 0
    assert b"ProductId" in out
    loaded = set(re.findall(r"\| +(\w+)", told.decode()))
    assert {"csv_import", "typer"} <= loaded
    assert not loaded & {"boto3", "botocore", "local_aws", "aws_lambda_powertools", "s3transfer", "yaml"}


@pytest.mark.parametrize("format_", ["csv", "jsonl"])
def test_a_reader_that_has_seen_enough_ends_it_quietly(large: Path, format_: str) -> None:
    writing = process("-m", "cli", "preview", "--all", "--format", format_, large)
    assert writing.stdout
    assert writing.stderr
    assert writing.stdout.readline()
    writing.stdout.close()
    assert writing.stderr.read() == b""
    assert writing.wait(TIMEOUT_S) == 141
    writing.stderr.close()


def test_ctrl_c_ends_it_quietly(large: Path) -> None:
    writing = process("-m", "cli", "preview", "--all", "--format", "csv", large)
    assert writing.stdout
    assert os.read(writing.stdout.fileno(), 1)  # it writes; and, as nobody reads on, is not done
    writing.send_signal(signal.SIGINT)
    _, told = writing.communicate(timeout=TIMEOUT_S)
    assert (writing.returncode, told) == (130, b"")
