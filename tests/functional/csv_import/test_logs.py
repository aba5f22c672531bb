"""The process as AWS Batch starts it: exit code, and what it prints."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.functional.csv_import.conftest import World
from tests.unit.csv_import.log import lines_of

PACKAGE = Path(__file__).parents[3] / "batch_job"
MARKER = "confidential"
KEY = 'in/a "quoted" name\twith {"level": "ERROR"}\\ .csv'


def run(world: World, import_id: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-W", "error", "-m", "csv_import", "load", "--import-id", import_id, "--run", "1"],
        env={
            **os.environ,
            **world.environment,
            "PYTHONPATH": str(PACKAGE),
            "LOG_LEVEL": "INFO",
            **environment,
        },
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


GOOD = b"ProductId,A\n1,confidential\nconfidential,x\n"
BAD_ROWS = b'3,confidential,confidential\nconfidential\n,confidential\n4,confidential\xff\n5,"confidential\n'


@pytest.mark.parametrize(
    ("content", "key_type", "exit_code"),
    [
        pytest.param(GOOD + BAD_ROWS, "S", 0, id="accepted and rejected rows"),
        pytest.param(b"ProductId,A\nconfidential,x\n7,confidential\n", "N", 0, id="numbers that are none"),
        pytest.param(b"ProductId,A\nconfidential?,x\n", "B", 0, id="Base64 that is none"),
        pytest.param(b"ProductId,A\n%b,x\n" % (b"confidential" * 200), "S", 0, id="a key that is too long"),
        pytest.param(b"Other,A\nconfidential,x\n", "S", 65, id="no key column"),
        pytest.param(b'ProductId,"A\nconfidential,x\n', "S", 0, id="a header whose quote is never closed"),
    ],
)
def test_no_cell_is_ever_logged_and_a_key_never_breaks_a_line(
    world: World, content: bytes, key_type: str, exit_code: int
) -> None:
    world.table(key={"ProductId": key_type})
    import_id = world.drop(content, key=KEY)

    process = run(world, import_id)

    assert process.returncode == exit_code, process.stderr
    lines = lines_of(process.stdout)
    assert lines
    assert all(line["import_id"] == import_id and line["attempt"] == 1 for line in lines)
    assert MARKER not in process.stdout
    assert process.stderr == ""
    assert MARKER not in str(world.part(import_id))
    if exit_code == 0:
        (loading,) = (line for line in lines if line["message"] == "loading")
        assert KEY in loading["object"]


def test_a_setting_that_is_missing_is_one_line(world: World) -> None:
    process = run(world, "a-1", TABLE_NAME="")
    assert process.returncode == 78
    (line,) = lines_of(process.stdout)
    assert (line["code"], line["reason"]) == ("missing_setting", "not set in the environment: TABLE_NAME")
    assert process.stderr == ""
