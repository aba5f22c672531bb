from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from cli import app
from cli.results import Results
from cli.run import Finished, RunError

REPORT = """{"state": "%s", "rows_read": 1, "rows_written": 1, "rows_superseded": 0, "rows_skipped": 0,
"rows_rejected": 0, "duration_s": 1.0, "rejects": {"count": 0, "first": []}, "items": {"written": 0},
"notices": [], "error": null}"""


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "a.csv"
    path.write_text("ProductId\n1\n")
    return path


def ends_with(state: str, folder: Path) -> Any:
    def run(*_: object, **__: object) -> Finished:
        (folder / "report.json").write_text(REPORT % state)
        return Finished(results=Results(folder), took_s=1.0)

    return run


@pytest.mark.parametrize(("state", "code"), [("DONE", 0), ("FAILED", 1), ("CANCELLED", 1)])
def test_exit_code_says_how_the_import_closed(
    file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, state: str, code: int
) -> None:
    monkeypatch.setattr("cli.run.run", ends_with(state, tmp_path))
    result = CliRunner().invoke(app.app, ["run", str(file)])
    assert result.exit_code == code
    assert f"a.csv → {state}" in result.stdout


def test_json_is_the_report_and_nothing_else(
    file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("cli.run.run", ends_with("DONE", tmp_path))
    assert CliRunner().invoke(app.app, ["run", str(file), "--json"]).stdout == REPORT % "DONE"


def test_options_become_template_parameters(
    file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    given: dict[str, Any] = {}

    def run(*arguments: object, **options: Any) -> Finished:
        given.update(options)
        finished: Finished = ends_with("DONE", tmp_path)()
        return finished

    monkeypatch.setattr("cli.run.run", run)
    cut = ["--split-threshold", "1M", "--part-bytes", "256K", "--max-parts", "8"]
    CliRunner().invoke(app.app, ["run", "--partition-key", "Id:N", "--sort-key", "At", *cut, str(file)])
    assert given["parameters"] == {
        "PartitionKeyName": "Id",
        "PartitionKeyType": "N",
        "SortKeyName": "At",
        "SortKeyType": "S",
        "SplitThresholdBytes": "1048576",
        "PartBytes": "262144",
        "MaxParts": "8",
    }


def test_a_size_that_is_none_is_one_line_and_code_2(file: Path) -> None:
    result = CliRunner().invoke(app.app, ["run", "--part-bytes", "much", str(file)])
    assert (result.exit_code, result.stdout) == (2, "")
    assert "'much' is no size" in result.stderr


@pytest.mark.parametrize("name", ["missing.csv", "."])
def test_a_file_that_cannot_be_used_is_one_line_and_code_2(tmp_path: Path, name: str) -> None:
    result = CliRunner().invoke(app.app, ["run", str(tmp_path / name)])
    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr.count("\n") == 1


@pytest.mark.parametrize(
    ("error", "code", "words"),
    [
        (
            RunError("import a: nothing has changed", logs=Path("/logs")),
            1,
            "nothing has changed; logs: /logs",
        ),
        (KeyboardInterrupt(), 130, "nothing is left running"),
    ],
    ids=["stalled", "Ctrl-C"],
)
def test_whatever_prevents_an_end_is_a_line(
    file: Path, monkeypatch: pytest.MonkeyPatch, error: BaseException, code: int, words: str
) -> None:
    def run(*_: object, **__: object) -> Finished:
        raise error

    monkeypatch.setattr("cli.run.run", run)
    result = CliRunner().invoke(app.app, ["run", str(file)])
    assert result.exit_code == code
    assert words in result.stderr
    assert "Traceback" not in result.stderr
