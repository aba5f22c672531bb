"""A preview as a person likes to read it."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from rich.console import Console
from rich.table import Table
from rich.text import Text

from cli.csv_file import missing_key
from cli.documents import Ignored, parts
from cli.key_schema import KeyColumn
from cli.preview import Preview
from cli.visible import byte_count, shortened, visible
from csv_import.reading.dialect import Detection
from csv_import.reading.header import Header
from csv_import.rejects import Reject

if TYPE_CHECKING:
    from csv_import.shaping.values.value import Notice

_MAX_COLUMNS, _MAX_CELL = 50, 80
_ROLES = ("partition key", "sort key")


def show_preview(console: Console, preview: Preview) -> None:
    """Print how a file is read, its columns, first items or records, first rejects."""
    compression = f"{preview.compression}, " if preview.compression else ""
    line(
        console, Text.assemble((visible(preview.name), "bold"), f"  {compression}{byte_count(preview.size)}")
    )
    section(console, "How it is read", dialect_table(preview.detection))
    section(console, *_columns(preview.header, preview.keys))
    if preview.ignored:
        section(console, "Ignored", ignored_table(preview.ignored))
    line(console)
    line(console, Text(_counted(preview)))
    _rows(console, preview)
    for text in lost(preview.notices):
        line(console, Text(text, "yellow"))
    if preview.rejects:
        title = f"Rejects, the first {len(preview.rejects)}"
        section(console, title, rejects_table(preview.rejects))


def section(console: Console, title: str, table: Table) -> None:
    """Print a table under its title."""
    line(console)
    line(console, Text(title, "bold"))
    console.print(table)


def line(console: Console, text: Text | None = None) -> None:
    """Print a line as long as it is, so that it can be copied."""
    console.print(text or Text(), soft_wrap=True)


def dialect_table(detection: Detection) -> Table:
    """Each part of the dialect with its value, how sure that is, and why."""
    table = _grid()
    table.add_column()
    table.add_column(overflow="fold")
    table.add_column()
    table.add_column(overflow="fold", style="dim")
    for name, value, confidence, evidence in parts(detection):
        if evidence or value not in (None, False, 0):
            table.add_row(
                f"  {name.replace('_', ' ')}", Text(shown(value)), _sure(confidence), Text(visible(evidence))
            )
    return table


def ignored_table(ignored: Ignored) -> Table:
    """What is no record, by reason."""
    table = _grid()
    table.add_column()
    table.add_column(justify="right")
    table.add_column(justify="right")
    for reason, each in ignored.items():
        lines = f"{each.lines:,} line{'s' * (each.lines != 1)}"
        table.add_row(f"  {reason.replace('_', ' ')}", lines, f"{each.size:,} byte{'s' * (each.size != 1)}")
    return table


def rejects_table(rejects: Sequence[Reject]) -> Table:
    """Rejects with place, code and reason."""
    table = _grid()
    for heading in ("  line", "offset"):
        table.add_column(heading, justify="right")
    for heading in ("column", "code"):
        table.add_column(heading)
    table.add_column("reason", overflow="fold")
    table.show_header = True
    for reject in rejects:
        place, reason = reject.location, reject.reason
        column = Text(visible(reason.column or ""))
        code = Text(reason.code.value)
        table.add_row(f"{place.line:,}", f"{place.offset:,}", column, code, Text(visible(reason.message)))
    return table


def lost(notices: Mapping[tuple[str, Notice], int]) -> Iterator[str]:
    """A line for each thing that cells lost that were taken all the same."""
    for (column, code), cells in sorted(notices.items()):
        yield f"{visible(column)}: {cells:,} cell{'s' * (cells != 1)} with {code}"


def shown(value: Any) -> str:
    """A part of a dialect as a person would write it."""
    if value is None:
        return "none"
    if isinstance(value, bool):
        return "yes" if value else "no"
    return repr(value) if _is_mark(value) else visible(str(value))


def _is_mark(value: Any) -> bool:
    """Tell whether a text is what stands in a file, not the name of something."""
    return isinstance(value, str) and not value.replace("-", "").replace("_", "").isalnum()


def _sure(confidence: float | None) -> Text:
    if confidence is None:
        return Text("")
    if confidence >= 0.995:
        return Text("certain", "green")
    return Text(f"{confidence:.0%}", "" if confidence >= 0.5 else "yellow")


def _columns(header: Header, keys: Sequence[KeyColumn]) -> tuple[str, Table]:
    adjusted = {each.column: each.kind for each in header.adjusted}
    roles = {key.name: f"{role} ({key.type})" for key, role in zip(keys, _ROLES, strict=False)}
    table = _grid()
    table.add_column(justify="right")
    table.add_column(overflow="fold")
    table.add_column()
    for number, name in enumerate(header.names[:_MAX_COLUMNS], start=1):
        notes = [roles.get(name, ""), adjusted.get(number, "")]
        table.add_row(f"  {number}", Text(visible(name)), Text(", ".join(filter(None, notes)), "cyan"))
    more = len(header.names) - _MAX_COLUMNS
    if more > 0:
        table.add_row("", f"and {more:,} more", "")
    return f"Columns, {len(header.names):,}", table


def _counted(preview: Preview) -> str:
    read, rejected = preview.records_read, preview.records_rejected
    where = "in the whole file" if preview.whole else "in the part that was looked at"
    mended = "".join(f", {count:,} {kind}" for kind, count in preview.mendings.items())
    counted = f"{read:,} record{'s' * (read != 1)} {where}, {rejected:,} rejected{mended}"
    made = preview.items_made
    return counted if made in (0, read - rejected) else f"{counted}; {made:,} item{'s' * (made != 1)}"


def _rows(console: Console, preview: Preview) -> None:
    if preview.items:
        line(console)
        line(console, Text(f"Items, the first {len(preview.items)}", "bold"))
        for item in preview.items:
            line(console, Text(visible(json.dumps(item, ensure_ascii=False))))
    if not preview.keys:
        line(console)
        line(console, Text(f"No items: {missing_key().message}", "yellow"))
        if preview.records:
            line(console)
            line(console, Text(f"Records, the first {len(preview.records)}", "bold"))
        for record in preview.records:
            cells = [shortened(cell, _MAX_CELL) for cell in record]
            line(console, Text(visible(json.dumps(cells, ensure_ascii=False))))


def _grid() -> Table:
    return Table(box=None, show_header=False, pad_edge=False, padding=(0, 2, 0, 0))
