import gzip
import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from cli.app import app
from cli.spec_file import given_by, read_spec_file
from csv_import.errors import BadConfiguration
from csv_import.reading.dialect import Given
from csv_import.shaping.spec_reader import read_spec


def test_a_file_is_drafted(tmp_path: Path) -> None:
    file = tmp_path / "a.csv"
    file.write_bytes(b"Id,Price\nx,1\ny,2\n")
    result = CliRunner().invoke(app, ["spec", str(file), "--partition-key", "Id"])
    assert result.exit_code == 0
    assert "from 2 records" in result.stdout
    assert result.stdout.endswith("  Price: N\n")


def test_a_file_in_any_dialect_is_drafted(tmp_path: Path) -> None:
    file = tmp_path / "a.csv.gz"
    rows = "".join(f"{number};{number},5;Wörter\n" for number in range(9))
    file.write_bytes(gzip.compress(f"Preisliste\n\nId; Preis ;Wörter\n{rows}".encode("cp1252")))
    result = CliRunner().invoke(app, ["spec", str(file), "--partition-key", "Id"])
    assert result.exit_code == 0, result.stderr
    assert "from 9 records" in result.stdout
    assert '  Preis: {type: N, decimal: ","}\n' in result.stdout
    assert '"Wörter": S\n' in result.stdout
    draft = tmp_path / "_import.yaml"
    draft.write_text(result.stdout, encoding="utf-8")
    checked = CliRunner().invoke(app, ["check", str(file), "--spec", str(draft), "--partition-key", "Id"])
    assert checked.exit_code == 0, checked.output


@pytest.mark.parametrize(
    ("content", "code", "message"),
    [
        (None, 2, "does not exist"),
        (b"", 2, "is empty"),
        (b"\n\n", 1, "csvimport: no_header: "),
        (b"PK\x03\x04\x00\x00", 1, "csvimport: not_text: "),
    ],
)
def test_a_file_that_cannot_be_read(tmp_path: Path, content: bytes | None, code: int, message: str) -> None:
    file = tmp_path / "a.csv"
    if content is not None:
        file.write_bytes(content)
    result = CliRunner().invoke(app, ["spec", str(file)])
    assert result.exit_code == code
    assert message in result.stderr
    assert result.stdout == ""


def test_a_folder(tmp_path: Path) -> None:
    result = CliRunner().invoke(app, ["spec", str(tmp_path)])
    assert (result.exit_code, result.stdout) == (2, "")


def test_no_file() -> None:
    result = CliRunner().invoke(app, ["spec"])
    assert result.exit_code == 2
    assert "name a CSV file, or say --schema" in result.stderr


def test_a_spec_file_is_read_and_checked(tmp_path: Path) -> None:
    file = tmp_path / "my.yaml"
    file.write_text("mode: insert\n", encoding="utf-8")
    assert read_spec_file(file).spec.mode == "insert"
    file.write_text("columns: {A: SS}\n", encoding="utf-8")
    with pytest.raises(BadConfiguration, match=r"^my\.yaml: line 1, columns\.A\.type: SS needs a separator"):
        read_spec_file(file)
    assert read_spec_file(None).spec.mode == "put"


def test_the_options_win_over_the_spec() -> None:
    read = read_spec("dialect: {delimiter: tab, quote: '', skipped_lines: 2}")
    assert given_by(Given(delimiter=";", skipped_lines=0), read) == Given(
        delimiter=";", quote="", skipped_lines=0
    )


def test_both_keys_are_left_to_the_table(tmp_path: Path) -> None:
    file = tmp_path / "a.csv"
    file.write_bytes(b"Id,At,A\nx,1,1\ny,2,2\n")
    said = CliRunner().invoke(app, ["spec", str(file), "--partition-key", "Id", "--sort-key", "At:N"]).stdout
    assert [line for line in said.splitlines() if line.endswith(": {}")] == ["  Id: {}", "  At: {}"]
    only_sort = CliRunner().invoke(app, ["spec", str(file), "--sort-key", "At:N"]).stdout
    assert [line for line in only_sort.splitlines() if line.endswith(": {}")] == ["  At: {}"]


DIALECTS = [
    (b"Id,Name\nx,'a\n", ("--quote", "none"), 'quote: ""'),
    (b"Id\tName\nx\ta,b\n", ("--delimiter", "tab"), "delimiter: tab"),
    (b"Id,Name\nx;y,a;b\n", ("--delimiter", ";"), 'delimiter: ";"'),
    ("Id,Näme\nx,ä\n".encode("cp1252"), ("--encoding", "iso-8859-1"), 'encoding: "iso-8859-1"'),
    (b"x,1\ny,2\n", ("--header-records", "0"), "header_records: 0"),
    (b"Prices of May\nId,Name\nx,1\n", ("--skip-lines", "1"), "skipped_lines: 1"),
    (b"Id,Name\n-- x,1\ny,2\n", ("--comment", "--"), 'comment: "--"'),
    (b'Id,Name\nx,"a\\"b"\n', ("--escape", "backslash"), "escape: backslash"),
]


@pytest.mark.parametrize(("content", "options", "said"), DIALECTS, ids=[said for _, _, said in DIALECTS])
def test_a_dialect_that_is_given_is_in_the_draft(
    tmp_path: Path, content: bytes, options: tuple[str, str], said: str
) -> None:
    """So that the import, which knows the spec and not the options, reads the file alike."""
    file, draft = tmp_path / "a.csv", tmp_path / "_import.yaml"
    file.write_bytes(content)
    drafted = CliRunner().invoke(app, ["spec", str(file), *options])
    assert drafted.exit_code == 0, drafted.stderr
    assert f"dialect:\n  {said}\n" in drafted.stdout
    draft.write_text(drafted.stdout, encoding="utf-8")

    def read(*more: str) -> object:
        shown = json.loads(CliRunner().invoke(app, ["preview", str(file), "--json", *more]).stdout)
        return shown["dialect"], shown["header"]["names"], shown["records"]

    assert read("--spec", str(draft)) == read(*options)


def test_what_is_found_out_by_itself_is_not_said(tmp_path: Path) -> None:
    file = tmp_path / "a.csv"
    file.write_bytes("Id;Näme\nx;ä\ny;ö\n".encode("cp1252"))
    assert "dialect:" not in CliRunner().invoke(app, ["spec", str(file)]).stdout
