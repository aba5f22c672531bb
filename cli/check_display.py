"""What `check` found, as a person likes to read it."""

from __future__ import annotations

from rich.console import Console
from rich.table import Table
from rich.text import Text

from cli.checking import Checked
from cli.preview_display import dialect_table, ignored_table, line, lost, rejects_table, section
from cli.visible import byte_count, duration, visible
from cli.write_estimate import PRICE_AS_OF, PRICE_REGION


def show_check(console: Console, checked: Checked) -> None:
    """Print counts, rejects with their first places, item sizes, what writing takes, ignored spans."""
    file = checked.file
    compression = f"{file.opened.compression}, " if file.opened.compression else ""
    line(
        console,
        Text.assemble((visible(file.name), "bold"), f"  {compression}{byte_count(file.source.size)}"),
    )
    section(console, "How it is read", dialect_table(file.opened.detection))
    section(console, "Rows", _rows(checked))
    for text in lost(checked.file.plan.notices.counts):
        line(console, Text(text, "yellow"))
    if checked.rejects:
        first = [reject for rejects in checked.rejects.values() for reject in rejects.first]
        section(console, "Rejects by code", _counts(checked))
        section(console, "The first of each code", rejects_table(first))
    if checked.rows_accepted:
        section(console, "Item sizes in bytes", _sizes(checked))
        section(console, "What writing them takes", _writes(checked))
    if checked.ignored:
        section(console, "Ignored", ignored_table(checked.ignored))
    line(console)
    if checked.stop:
        line(console, Text(f"Too many rejects: {checked.stop}.", "bold red"))
    line(console, _balance(checked))


def _rows(checked: Checked) -> Table:
    key = ", ".join(f"{visible(key.name)} ({key.type})" for key in checked.file.keys)
    rows = [
        ("read", checked.rows_read, ""),
        ("accepted", checked.rows_accepted, ""),
        ("rejected", checked.rows_rejected, ""),
        *([("items", checked.items_accepted, "")] if checked.items_accepted != checked.rows_accepted else []),
        ("distinct keys", checked.distinct_keys, f"key: {key}"),
        ("superseded", checked.rows_superseded, "a later row has their key"),
        *(
            (f"  {kind}", count, "to fit, in lenient mode")
            for kind, count in checked.file.fitting.mendings.items()
        ),
    ]
    return _figures([(label, f"{count:,}", note) for label, count, note in rows])


def _counts(checked: Checked) -> Table:
    return _figures([(code, f"{rejects.count:,}", "") for code, rejects in checked.rejects.items()])


def _sizes(checked: Checked) -> Table:
    summary = checked.sizes.summary()
    return _figures([(name, f"{size:,.0f}", "") for name, size in summary.items()])


def _writes(checked: Checked) -> Table:
    rates, units = checked.rates, checked.sizes.write_units
    price = f"US$ {rates.price_usd} a million write units on demand"
    if rates.price_is_default:
        price += f" ({PRICE_REGION}, since {PRICE_AS_OF}; --price for another)"
    return _figures(
        [
            (
                "write units",
                f"{units:,}",
                "every row written by itself, no index; --help says what changes that",
            ),
            ("cost", _dollars(rates.cost_usd(units)), price),
            (
                "time, at least",
                duration(rates.seconds(units)),
                f"at {rates.capacity:,.0f} write units a second (--capacity)",
            ),
        ]
    )


def _dollars(amount: float) -> str:
    return "under US$ 0.01" if 0 < amount < 0.01 else f"US$ {amount:,.2f}"


def _balance(checked: Checked) -> Text:
    total = f"{checked.bytes_read:,} bytes"
    if checked.equation_holds:
        return Text(f"Every row and each of the {total} is accounted for.")
    return Text(f"The books do not balance over {total}: this is a bug, please report it.", "bold red")


def _figures(rows: list[tuple[str, str, str]]) -> Table:
    table = Table(box=None, show_header=False, pad_edge=False, padding=(0, 2, 0, 0))
    table.add_column(min_width=16)
    table.add_column(justify="right", min_width=8)
    table.add_column(overflow="fold", style="dim")
    for label, figure, note in rows:
        table.add_row(f"  {label}", figure, Text(note))
    return table
