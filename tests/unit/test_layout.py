"""Data walks one way: reading → shaping → writing → accounting → planning; the two sides never import each other."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

PROJECT = Path(__file__).parents[2]
PACKAGE = PROJECT / "batch_job" / "csv_import"
FUNCTIONS = PROJECT / "functions"

ROOMS = ("reading", "shaping", "writing", "accounting", "planning", "stages")
VOCABULARY = {"errors", "rejects", "settings", "waiting", "services"}
"""Top-level modules that every room may use; they use each other and no room."""

ENTRANCE = {"__init__", "__main__", "logs"}
PURE = {"shaping"}
"""Rooms without boto3, clock or environment."""

WORLD = {
    "boto3",
    "botocore",
    "os",
    "time",
    "socket",
    "random",
    "threading",
    "tempfile",
    "subprocess",
    "pathlib",
}


def modules(folder: Path) -> list[Path]:
    found = sorted(folder.rglob("*.py"))
    assert found, folder
    return found


def imports(path: Path) -> Iterator[str]:
    """Every module that a file imports, wherever in it the import stands."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (name.name for name in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path} imports relatively"
            assert node.module
            yield node.module
            yield from (f"{node.module}.{name.name}" for name in node.names)


def own(path: Path) -> Iterator[str]:
    """The first name behind `csv_import.` of each import."""
    for name in imports(path):
        package, _, rest = name.partition(".")
        if package == "csv_import" and rest:
            yield rest.partition(".")[0]


def test_every_module_of_the_package_has_its_room() -> None:
    rooms = {path.relative_to(PACKAGE).parts[0] for path in modules(PACKAGE) if path.parent != PACKAGE}
    assert rooms == set(ROOMS)
    assert {path.stem for path in PACKAGE.glob("*.py")} == VOCABULARY | ENTRANCE


@pytest.mark.parametrize("room", ROOMS)
def test_no_room_imports_a_later_one(room: str) -> None:
    allowed = {*ROOMS[: ROOMS.index(room) + 1], *VOCABULARY}
    for path in modules(PACKAGE / room):
        assert set(own(path)) <= allowed, path


def test_the_shared_vocabulary_knows_no_room() -> None:
    for name in VOCABULARY:
        assert set(own(PACKAGE / f"{name}.py")) <= VOCABULARY, name


@pytest.mark.parametrize("room", sorted(PURE))
def test_a_pure_room_touches_nothing_outside(room: str) -> None:
    for path in modules(PACKAGE / room):
        assert not {name.partition(".")[0] for name in imports(path)} & WORLD, path
        assert "services" not in set(own(path)), path


def test_the_job_does_not_import_the_functions() -> None:
    theirs = {path.stem for path in FUNCTIONS.glob("*.py")} | {"functions", "cli", "local_aws", "tests"}
    for path in modules(PACKAGE):
        assert not {name.partition(".")[0] for name in imports(path)} & theirs, path


def test_the_functions_do_not_import_the_job() -> None:
    for path in modules(FUNCTIONS):
        names = {name.partition(".")[0] for name in imports(path)}
        assert not names & {"csv_import", "batch_job", "cli", "local_aws", "tests"}, path


def test_nothing_reads_the_environment_but_the_entrance() -> None:
    for path in modules(PACKAGE):
        if path.stem != "__main__":
            assert "os" not in set(imports(path)), path
            assert "os.environ" not in path.read_text(encoding="utf-8"), path


def test_modules_stay_small_and_say_what_they_are_for() -> None:
    for path in modules(PACKAGE):
        text = path.read_text(encoding="utf-8")
        assert ast.get_docstring(ast.parse(text)), path
        assert len(text.splitlines()) <= 300, path
