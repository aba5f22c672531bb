"""Every command in the documents does what it says."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest

from tests.functional.cli.conftest import Run

PROJECT = Path(__file__).parents[3]
_COMMAND = re.compile(r"^\$ (?:csvimport|\.venv/bin/python -m cli) ((?:preview|check) .*)$", re.MULTILINE)
_DOCUMENTS = ("README.md", "docs/reading.md")
COMMANDS = [
    (name, command) for name in _DOCUMENTS for command in _COMMAND.findall((PROJECT / name).read_text())
]


def test_both_documents_have_some() -> None:
    assert {name for name, _ in COMMANDS} == set(_DOCUMENTS)


@pytest.mark.parametrize("command", [command for _, command in COMMANDS])
def test_a_command_of_the_documents(run: Run, monkeypatch: pytest.MonkeyPatch, command: str) -> None:
    monkeypatch.chdir(PROJECT)
    result = run(*shlex.split(command))
    rejects = command.startswith("check samples/catalogue.csv")  # that file is made to have some
    assert result.exit_code == int(rejects), result.stderr
    assert result.stdout_bytes


@pytest.mark.parametrize("command", ["preview", "check"])
def test_every_option_stands_in_the_document(run: Run, command: str) -> None:
    text = (PROJECT / "docs" / "reading.md").read_text()
    options = set(re.findall(r"│ (--[a-z-]+)", run(command, "--help").stdout)) - {"--help"}
    assert "--delimiter" in options
    for option in options:
        assert option in text, option
