"""How a command ends: with an exit code, one line where something is wrong, and quietly where nobody listens."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager

import typer
from rich.console import Console

from cli.visible import visible
from csv_import.errors import BadConfiguration, BadData

FAILED, USAGE, INTERRUPTED, NOBODY_LISTENS, TERMINATED = 1, 2, 130, 141, 143


def stop(console: Console, message: str, code: int) -> typer.Exit:
    """Print one line, and give the exit to raise."""
    console.print(f"csvimport: {visible(message)}", markup=False, highlight=False, soft_wrap=True)
    return typer.Exit(code)


@contextmanager
def plain_endings(console: Console) -> Iterator[None]:
    """Turn what keeps a file from being read, Ctrl-C and a closed pipe into exit codes."""
    try:
        yield
        sys.stdout.flush()
    except BadData as error:
        raise stop(console, f"{error.code}: {error.message}{error.detail}", FAILED) from error
    except BadConfiguration as error:
        raise stop(console, f"{error.code}: {error.message}{error.detail}", USAGE) from error
    except KeyboardInterrupt:
        raise typer.Exit(INTERRUPTED) from None
    except BrokenPipeError:
        _let_go_of_stdout()
        raise typer.Exit(NOBODY_LISTENS) from None
    except OSError as error:
        where = f"{error.filename}: " if error.filename else ""
        raise stop(console, f"{where}{error.strerror}", FAILED) from error


def _let_go_of_stdout() -> None:
    """What is still buffered goes nowhere, or Python would complain when it exits.

    https://docs.python.org/3/library/signal.html#note-on-sigpipe
    """
    try:
        descriptor = sys.stdout.fileno()
    except (AttributeError, OSError, ValueError):
        return
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, descriptor)
    os.close(nowhere)
