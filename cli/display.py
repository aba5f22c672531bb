"""Shows how far a run is: a live line on a terminal, quiet plain lines elsewhere."""

from collections.abc import Callable
from types import TracebackType
from typing import Protocol

from rich.console import Console
from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from cli.watching import Progress as ImportProgress

_QUIET_S = 5.0
"""How long plain lines stay apart while rows are loaded."""


class Display(Protocol):
    """What a run tells of itself."""

    def __enter__(self) -> "Display":
        """Begin to show."""
        ...

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        """Leave the terminal tidy."""
        ...

    def phase(self, text: str) -> None:
        """Tell what happens now."""
        ...

    def loading(self, progress: ImportProgress) -> None:
        """Tell how many rows went through."""
        ...


class LiveDisplay:
    """One line that changes in place."""

    def __init__(self, console: Console, *, size: int) -> None:
        self._bar = Progress(
            SpinnerColumn(),
            TextColumn("{task.description}"),
            BarColumn(bar_width=24),
            TextColumn("{task.fields[rows]}"),
            TimeElapsedColumn(),
            console=console,
            transient=True,
        )
        self._task = self._bar.add_task("", total=size, rows="")

    def __enter__(self) -> "LiveDisplay":
        """Begin to show."""
        self._bar.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        """Take the line away."""
        self._bar.stop()

    def phase(self, text: str) -> None:
        """Tell what happens now."""
        self._bar.update(self._task, description=text)

    def loading(self, progress: ImportProgress) -> None:
        """Tell how many rows went through."""
        self._bar.update(self._task, completed=progress.bytes_read, rows=rows(progress))


class PlainDisplay:
    """A line for each phase, and one every few seconds while rows are loaded."""

    def __init__(self, console: Console, *, clock: Callable[[], float]) -> None:
        self._console = console
        self._clock = clock
        self._shown_at = clock()

    def __enter__(self) -> "PlainDisplay":
        """Begin to show."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        """There is nothing to tidy."""

    def phase(self, text: str) -> None:
        """Tell what happens now."""
        self._line(text)

    def loading(self, progress: ImportProgress) -> None:
        """Tell how many rows went through, if it is time again."""
        if progress.rows_read and self._clock() - self._shown_at >= _QUIET_S:
            self._line(rows(progress))

    def _line(self, text: str) -> None:
        self._shown_at = self._clock()
        self._console.print(text, markup=False, highlight=False, soft_wrap=True)


def rows(progress: ImportProgress) -> str:
    """Say how many rows went through so far, and of an import in parts how many of these are done."""
    if not progress.rows_read:
        return ""
    if progress.is_planned:
        return f"{progress.rows_read:,} rows looked at, to cut the file into parts"
    text = f"{progress.rows_read:,} rows read, {progress.rows_written:,} written"
    if progress.rows_rejected:
        text += f", {progress.rows_rejected:,} rejected"
    if progress.parts > 1:
        text += f"; {progress.parts_done:,} of {progress.parts:,} parts done"
    return text
