"""`python -m cli run`, as a person starts it and as it may end."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import pytest

from local_aws.emulator import PROJECT
from samples.generate_catalogue import catalogue
from tests.documents import blocks
from tests.end_to_end.application import PATIENCE_S, POLL_S
from tests.oracle import naive_table

SAMPLES = PROJECT / "samples"


def command(*arguments: str | Path, out: Path) -> list[str]:
    return [sys.executable, "-m", "cli", "run", "--out", str(out), *map(str, arguments)]


def run(*arguments: str | Path, out: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        command(*arguments, out=out),
        cwd=PROJECT,
        capture_output=True,
        text=True,
        timeout=PATIENCE_S,
        check=False,
    )


def only_folder(out: Path) -> Path:
    (folder,) = out.iterdir()
    return folder


def test_the_sample_without_any_argument(tmp_path: Path) -> None:
    ended = run(out=tmp_path)
    assert ended.returncode == 0, ended.stderr
    assert "sample.csv → DONE" in ended.stdout
    folder = only_folder(tmp_path)
    report = json.loads((folder / "report.json").read_text())
    assert [report[f"rows_{name}"] for name in ("read", "written", "superseded", "skipped", "rejected")] == [
        *(6, 6, 0, 0, 0)
    ]
    items = [json.loads(line) for line in (folder / "items.jsonl").read_text().splitlines()]
    assert {item["ProductId"]["S"] for item in items} == {f"P0000{number}" for number in range(1, 7)}
    assert (folder / "rejects.csv").read_text() == "ProductId,ProductName,ProductDescription\n"
    assert {path.name for path in folder.iterdir()} == {
        *("report.json", "rejects.csv", "rejects.jsonl", "items.jsonl", "logs")
    }


def test_a_file_that_is_cut_into_parts(tmp_path: Path) -> None:
    cut = ("--split-threshold", "8K", "--part-bytes", "4K", "--max-parts", "3")
    (tmp_path / "cut.csv").write_bytes(
        b"ProductId,Name\n" + b"".join(b"k%d,row %d\n" % (n % 700, n) for n in range(1000))
    )
    ended = run(tmp_path / "cut.csv", *cut, out=tmp_path / "out")
    assert ended.returncode == 0, ended.stderr
    report = json.loads((only_folder(tmp_path / "out") / "report.json").read_text())
    assert 2 <= report["parts"] <= 3
    assert (report["rows_read"], report["rows_written"], report["rows_superseded"]) == (1000, 700, 300)


def test_the_last_step_of_the_tutorial(tmp_path: Path) -> None:
    steps = blocks("tutorial-single-table.md")
    (file,) = (block.text for block in steps if block.language == "csv")
    (tmp_path / "products.csv").write_text(file, encoding="utf-8")
    (tmp_path / "_import.yaml").write_text([b.text for b in steps if b.word == "spec"][-1], encoding="utf-8")
    shown = [json.loads(line) for line in steps[-2].text.splitlines()]
    keys = ("--partition-key", "PK", "--sort-key", "SK")

    ended = run(tmp_path / "products.csv", *keys, "--spec", tmp_path / "_import.yaml", out=tmp_path / "out")

    assert ended.returncode == 0, ended.stderr
    assert "  items written    6\n  Price: 2 cells with trailing_zeros_lost\n" in ended.stdout
    lines = (only_folder(tmp_path / "out") / "items.jsonl").read_text().splitlines()
    found = sorted((json.loads(line) for line in lines), key=lambda item: (item["PK"]["S"], item["SK"]["S"]))
    for item in found:
        if "Tags" in item:
            item["Tags"]["SS"].sort()
    assert found == shown


def test_a_spec_that_cannot_work_is_refused_before_anything_is_started(tmp_path: Path) -> None:
    (tmp_path / "spec.yaml").write_text("mode: put\ncolumns: {A: NUM}\n", encoding="utf-8")
    ended = run("--spec", tmp_path / "spec.yaml", out=tmp_path / "out")
    assert ended.returncode == 2
    assert ended.stderr.startswith("csvimport: spec.yaml: line 2, columns.A: there is no 'NUM'")
    assert not (tmp_path / "out").exists()


def test_the_catalogue_is_what_a_patient_loop_leaves(tmp_path: Path) -> None:
    content, promise = catalogue()
    assert (SAMPLES / "catalogue.csv").read_bytes() == content
    ended = run(SAMPLES / "catalogue.csv", "--json", out=tmp_path)
    assert ended.returncode == 0, ended.stderr
    report = json.loads(ended.stdout)
    assert report == json.loads((only_folder(tmp_path) / "report.json").read_text())
    for name in ("rows_read", "rows_written", "rows_superseded", "rows_rejected"):
        assert report[name] == getattr(promise, name), name
    assert report["rejects"]["by_code"] == promise.rejects_by_code
    items: dict[tuple[str, ...], dict[str, dict[str, str]]] = {}
    for line in (only_folder(tmp_path) / "items.jsonl").read_text().splitlines():
        item = json.loads(line)
        items[(item["ProductId"]["S"],)] = item
    modified = time_of(items)
    assert items == naive_table(content, bucket_key="catalogue.csv", last_modified=modified).items


def time_of(items: dict[tuple[str, ...], dict[str, dict[str, str]]]) -> datetime:
    (text,) = {item["LastModified"]["S"] for item in items.values()}
    return datetime.fromisoformat(text)


def test_keys_of_ones_own(tmp_path: Path) -> None:
    file = tmp_path / "orders.dat"
    file.write_text("Order,At,Note\n007,b,x\n7.0,b,y\n7,c,z\nabc,d,not a number\n")
    ended = run(file, "--partition-key", "Order:N", "--sort-key", "At", out=tmp_path / "out")
    assert ended.returncode == 0, ended.stderr
    assert "uploading it as orders.dat.csv" in ended.stderr
    assert "invalid_number" in ended.stdout
    lines = (only_folder(tmp_path / "out") / "items.jsonl").read_text().splitlines()
    items = {(item["Order"]["N"], item["At"]["S"]): item["Note"]["S"] for item in map(json.loads, lines)}
    assert items == {("7", "b"): "y", ("7", "c"): "z"}


def test_a_failed_import_is_code_1_with_error_hint_and_log(tmp_path: Path) -> None:
    file = tmp_path / "a.csv"
    file.write_text("Sku,Name\n1,a\n")
    ended = run(file, out=tmp_path / "out")
    assert ended.returncode == 1
    assert "a.csv → FAILED" in ended.stdout
    assert "missing_key_column" in ended.stdout
    assert "--partition-key" in ended.stdout
    log = next(line.split()[-1] for line in ended.stdout.splitlines() if "job log" in line)
    assert "missing_key_column" in Path(log).read_text()
    assert (only_folder(tmp_path / "out") / "items.jsonl").read_bytes() == b""


@pytest.fixture
def started(tmp_path: Path) -> Iterator[subprocess.Popen[str]]:
    """A run that is under way, with its emulator up."""
    with subprocess.Popen(
        command(out=tmp_path), cwd=PROJECT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        yield process
        process.kill()


def emulator_of(process: subprocess.Popen[str]) -> int:
    """Wait for the emulator of a run; gives its process group."""
    deadline = time.monotonic() + PATIENCE_S
    while time.monotonic() < deadline and process.poll() is None:
        for pid, parent, command_line in processes("pid", "ppid", "args"):
            if parent == str(process.pid) and "local_aws.emulator_process" in command_line:
                return int(pid)
        time.sleep(POLL_S)
    raise AssertionError("the run started no emulator")


def processes(*columns: str) -> list[list[str]]:
    listed = subprocess.run(
        ["ps", "-ww", "-eo", ",".join(columns)], capture_output=True, text=True, check=True
    ).stdout.splitlines()[1:]
    return [line.split(maxsplit=len(columns) - 1) for line in listed]


def check_nothing_is_left(group: int) -> None:
    deadline = time.monotonic() + PATIENCE_S
    while time.monotonic() < deadline:
        left = [line for line in processes("pgid", "stat", "args") if line[0] == str(group)]
        if all(line[1].startswith("Z") for line in left):
            return
        time.sleep(POLL_S)
    raise AssertionError(f"still running: {left}")


@pytest.mark.parametrize(
    ("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143), (signal.SIGKILL, -9)]
)
def test_however_a_run_ends_nothing_is_left(started: subprocess.Popen[str], number: int, code: int) -> None:
    group = emulator_of(started)
    os.kill(started.pid, number)
    assert started.wait(PATIENCE_S) == code
    check_nothing_is_left(group)


def test_when_the_emulator_dies_a_run_says_so(started: subprocess.Popen[str]) -> None:
    group = emulator_of(started)
    os.kill(group, signal.SIGKILL)
    _, errors = started.communicate(timeout=PATIENCE_S)
    assert started.returncode == 1
    assert "emulator" in errors
    assert "Traceback" not in errors
    check_nothing_is_left(group)
