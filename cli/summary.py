"""A report as a person likes to read it."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table
from rich.text import Text

from cli.results import Results

_COUNTS = (
    ("rows read", "rows_read"),
    ("written", "rows_written"),
    ("superseded", "rows_superseded"),
    ("skipped", "rows_skipped"),
    ("rejected", "rows_rejected"),
)
_HINTS = {
    "missing_key_column": "Name the file's key column with --partition-key NAME or NAME:N (make run: KEY=NAME).",
}


def show(console: Console, report: Mapping[str, Any], results: Results, *, name: str, took_s: float) -> None:
    """Print a report; `took_s` is how long it all took, from upload to close."""
    _line(console, _headline(report, name, took_s))
    console.print(_counts(report))
    for remark in _remarks(report):
        _line(console, Text(f"  {remark}"))
    if error := report["error"]:
        _line(console)
        _line(console, Text.assemble((error["code"], "bold red"), ": ", error["message"]))
        if hint := _HINTS.get(error["code"]):
            _line(console, Text(hint))
    if report["rejects"]["first"]:
        _line(console)
        console.print(_rejects(report["rejects"]))
    _line(console)
    for label, path in _places(results, failed=bool(error)):
        _line(console, Text(f"  {label:<10}  {shown_path(path)}"))


def _remarks(report: Mapping[str, Any]) -> Iterator[str]:
    """Say what a spec adds: items that are not rows, and cells that lost something."""
    items = report["items"]["written"]
    if items != report["rows_written"]:
        yield f"items written    {items:,}"
    for notice in report["notices"]:
        yield f"{notice['column']}: {notice['cells']:,} cells with {notice['code']}"


def rate(rows: int, seconds: float | None) -> str:
    """Say how many rows went through in a second; nothing where there is nothing to measure."""
    return f"{rows / seconds:,.0f} rows/s" if seconds and rows else ""


def _headline(report: Mapping[str, Any], name: str, took_s: float) -> Text:
    state = report["state"]
    words = Text.assemble((name, "bold"), " → ", (state, "bold green" if state == "DONE" else "bold red"))
    words.append(f" in {took_s:.1f} s")
    if speed := rate(report["rows_read"], report["duration_s"]):
        words.append(f" (loading: {report['duration_s']:.1f} s, {speed})", "dim")
    return words


def _counts(report: Mapping[str, Any]) -> Table:
    table = Table.grid(padding=(0, 2))
    table.add_column(min_width=12)
    table.add_column(justify="right", min_width=6)
    for label, name in _COUNTS:
        count = report[name]
        style = "bold red" if name == "rows_rejected" and count else ""
        table.add_row(f"  {label}", Text(f"{count:,}", style))
    return table


def _rejects(rejects: Mapping[str, Any]) -> Table:
    first: Sequence[Mapping[str, Any]] = rejects["first"]
    shown = (
        f"the first {len(first)} of {rejects['count']:,} rejects"
        if rejects["count"] > len(first)
        else "rejects"
    )
    table = Table(
        title=shown, title_justify="left", title_style="", box=None, pad_edge=False, padding=(0, 2, 0, 0)
    )
    table.add_column("line", justify="right")
    table.add_column("column")
    table.add_column("code")
    table.add_column("reason", overflow="fold")
    for reject in first:
        table.add_row(
            str(reject["line"]), Text(reject["column"] or ""), Text(reject["code"]), Text(reject["message"])
        )
    return table


def _places(results: Results, *, failed: bool) -> Iterator[tuple[str, Path]]:
    """Say where things are; where an import failed, the log of its last job, too."""
    yield "report", results.report
    yield "rejects", results.rejects
    yield "items", results.items
    if failed:
        logs = job_logs(results.logs)
        yield ("job log", logs[-1]) if logs else ("logs", results.logs)


def _line(console: Console, text: Text | None = None) -> None:
    """Print a line as long as it is, so that paths can be copied."""
    console.print(text or Text(), soft_wrap=True)


def job_logs(folder: Path) -> list[Path]:
    """Give the logs of job attempts, the oldest first."""
    logs = [path for path in folder.glob("*-attempt-*.log") if path.is_file()]
    return sorted(logs, key=lambda path: path.stat().st_mtime_ns)


def shown_path(path: Path) -> str:
    """Give a path as short as it can be said from here."""
    try:
        return str(path.relative_to(Path.cwd()))
    except ValueError:
        return str(path)
