"""pipeline/contents.py: which changes of batch_job and base make another image."""

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.unit.pipeline.checkout import contents


def write(name: str, text: str) -> Callable[[Path], None]:
    def change(context: Path) -> None:
        (context / name).parent.mkdir(exist_ok=True)
        (context / name).write_text(text)

    return change


def rename(context: Path) -> None:
    (context / "csv_import" / "rows.py").rename(context / "csv_import" / "lines.py")


@pytest.mark.parametrize(
    "change",
    [
        write("csv_import/rows.py", "first = 2\n"),
        write("csv_import/new.py", ""),
        rename,
        write("Dockerfile", "FROM scratch\n"),
        write("requirements.txt", "\n"),
        write("image_build/prune.py", ""),
    ],
    ids=["a line", "a new file", "a new name", "the Dockerfile", "the lock", "a step of the build"],
)
def test_what_the_image_is_made_of_counts(folder: Path, change: Callable[[Path], None]) -> None:
    before = contents(folder)
    change(folder / "batch_job")
    assert contents(folder) != before


@pytest.mark.parametrize(
    "change",
    [
        write("csv_import/__pycache__/rows.pyc", "x"),
        write("requirements.in", "x"),
        write(".DS_Store", "x"),
        write("csv_import/rows.py", "first = 1\n"),
    ],
    ids=["bytecode", "what .dockerignore leaves out", "what no one lets through", "the same again"],
)
def test_what_the_build_does_not_see_does_not_count(folder: Path, change: Callable[[Path], None]) -> None:
    before = contents(folder)
    change(folder / "batch_job")
    assert contents(folder) == before


def test_another_base_counts(folder: Path) -> None:
    assert len({contents(folder), contents(folder, "a"), contents(folder, "b")}) == 3
