import os
from pathlib import Path

import pytest

from cli.source_file import SourceFileError, check, object_key
from objects import ENDINGS


def test_gives_the_size_of_a_file_that_can_be_read(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_bytes(b"a\n1\n")
    assert check(tmp_path / "a.csv") == 4


@pytest.mark.parametrize(
    ("name", "problem"),
    [
        ("missing.csv", "does not exist"),
        ("folder", "is a folder"),
        ("empty.csv", "is empty"),
        ("pipe", "is no regular file"),
        ("x" * 300, "cannot be read"),
    ],
    ids=["missing", "folder", "empty", "pipe", "impossible name"],
)
def test_one_line_says_what_is_wrong(tmp_path: Path, name: str, problem: str) -> None:
    (tmp_path / "folder").mkdir()
    (tmp_path / "empty.csv").touch()
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(SourceFileError, match=problem) as caught:
        check(tmp_path / name)
    assert "\n" not in str(caught.value)


def test_a_file_without_permission_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "a.csv").write_bytes(b"a\n1\n")
    monkeypatch.setattr(os, "access", lambda *_: False)  # root may read everything
    with pytest.raises(SourceFileError, match="permission denied"):
        check(tmp_path / "a.csv")


@pytest.mark.parametrize(
    ("name", "key"),
    [
        ("sample.csv", "sample.csv"),
        ("SAMPLE.CSV", "SAMPLE.CSV"),
        ("a b+ü.txt", "a b+ü.txt"),
        ("data.dat", "data.dat.csv"),
        ("data", "data.csv"),
        ("_import.csv", "import.csv"),
        (".hidden.csv", "hidden.csv"),
        (".csv", "csv.csv"),
        ("...", "file.csv"),
        ("a\nb.csv", "a_b.csv"),
        ("a\udce4.csv", "a_.csv"),
    ],
)
def test_the_key_is_one_that_the_trigger_imports(name: str, key: str) -> None:
    assert object_key(name) == key
    assert key.lower().endswith(ENDINGS)
    assert not key.startswith(("_", "."))
