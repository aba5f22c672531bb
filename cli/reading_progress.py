"""Shows how far a large file is read, on a terminal."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console

from cli.csv_file import CsvFile
from csv_import.reading.blocks import RecordBlock

LARGE_BYTES = 16 << 20


@contextmanager
def reading_progress(
    console: Console, file: CsvFile, *, wanted: bool = True
) -> Iterator[Callable[[RecordBlock], None]]:
    """Give what is to be called with each block that was read; a bar follows it where the file is large."""
    if not (wanted and console.is_terminal and file.source.size >= LARGE_BYTES):
        yield lambda _block: None
        return
    from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn  # noqa: PLC0415 - takes time

    columns = (
        TextColumn("reading"),
        BarColumn(bar_width=24),
        TextColumn("{task.percentage:>3.0f} %"),
        TextColumn("{task.fields[rows]:,} rows"),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=console, transient=True) as bar:
        task = bar.add_task("", total=file.source.size, rows=0)

        def follow(block: RecordBlock) -> None:
            bar.update(task, completed=file.source.bytes_read, rows=block.end().record - 1)

        yield follow
