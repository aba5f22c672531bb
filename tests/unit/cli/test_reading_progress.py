import io
from types import SimpleNamespace
from typing import Any, cast

import pytest
from rich.console import Console

from cli.csv_file import CsvFile
from cli.reading_progress import LARGE_BYTES, reading_progress


def progress_of(*, size: int, terminal: bool, wanted: bool = True) -> str:
    text = io.StringIO()
    file: Any = SimpleNamespace(source=SimpleNamespace(size=size, bytes_read=0))
    console = Console(file=text, width=120, force_terminal=terminal, color_system=None)
    with reading_progress(console, cast(CsvFile, file), wanted=wanted) as follow:
        file.source.bytes_read = size // 2
        block: Any = SimpleNamespace(end=lambda: SimpleNamespace(record=1235))
        follow(block)
    return text.getvalue()


def test_a_large_file_shows_how_far_it_is() -> None:
    shown = progress_of(size=LARGE_BYTES, terminal=True)
    assert "50 %" in shown
    assert "1,234 rows" in shown


@pytest.mark.parametrize(
    "case",
    [
        {"size": LARGE_BYTES - 1, "terminal": True},
        {"size": LARGE_BYTES, "terminal": False},
        {"size": LARGE_BYTES, "terminal": True, "wanted": False},
    ],
    ids=["small", "no terminal", "not wanted"],
)
def test_otherwise_nothing_is_shown(case: dict[str, Any]) -> None:
    assert progress_of(**case) == ""
