import io
import sys

import pytest
import typer
from rich.console import Console

from cli.ending import plain_endings
from csv_import.errors import BadConfiguration, BadData


@pytest.fixture(autouse=True)
def stdout(monkeypatch: pytest.MonkeyPatch) -> None:
    """One that may be let go of."""
    monkeypatch.setattr(sys, "stdout", io.StringIO())


def ended(error: BaseException) -> tuple[int, str]:
    text = io.StringIO()
    with pytest.raises(typer.Exit) as caught, plain_endings(Console(file=text, width=40)):
        raise error
    return caught.value.exit_code, text.getvalue()


@pytest.mark.parametrize(
    ("error", "code", "line"),
    [
        (
            BadData("not_text", "no text: save it", ": \x1b[1m'x'"),
            1,
            "csvimport: not_text: no text: save it: \\x1b[1m'x'\n",
        ),
        (BadConfiguration("invalid_dialect", "no"), 2, "csvimport: invalid_dialect: no\n"),
        (OSError(5, "Input/output error", "a.csv"), 1, "csvimport: a.csv: Input/output error\n"),
        (OSError(28, "No space left on device"), 1, "csvimport: No space left on device\n"),
        (KeyboardInterrupt(), 130, ""),
        (BrokenPipeError(32, "Broken pipe"), 141, ""),
    ],
    ids=["bad data", "bad option", "file", "disk", "Ctrl-C", "nobody listens"],
)
def test_each_ending_has_its_code_and_at_most_one_line(error: BaseException, code: int, line: str) -> None:
    assert ended(error) == (code, line)


def test_an_exit_of_the_command_itself_stays() -> None:
    assert ended(typer.Exit(7)) == (7, "")


def test_a_bug_is_not_hidden() -> None:
    with pytest.raises(ZeroDivisionError), plain_endings(Console(file=io.StringIO())):
        raise ZeroDivisionError
