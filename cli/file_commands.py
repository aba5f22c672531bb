"""`preview` and `check`: what can be said of a file with no AWS account."""

from __future__ import annotations

import sys
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import orjson
import typer
from rich.console import Console

from cli.ending import FAILED, USAGE, plain_endings, stop
from cli.reading_options import ReadingOptions, with_reading_options
from cli.source_file import SourceFileError, readable_size
from cli.write_estimate import DEFAULT_CAPACITY, DEFAULT_PRICE_USD, Rates
from csv_import.errors import BadConfiguration
from csv_import.settings import DEFAULT_MODES

FileArgument = Annotated[Path, typer.Argument(help="The CSV file, compressed or not.", show_default=False)]


class Format(StrEnum):
    """What `preview --all` writes."""

    CSV = "csv"
    JSONL = "jsonl"


@with_reading_options
def preview_command(
    *,
    file: FileArgument,
    options: ReadingOptions,
    rows: Annotated[int, typer.Option(help="How many rows to show the items of.", min=0)] = 5,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON document.")] = False,
    all_: Annotated[
        bool, typer.Option("--all", help="Write every record or item to standard output instead.")
    ] = False,
    format_: Annotated[
        Format | None,
        typer.Option(
            "--format",
            help="With --all. csv: every record exactly as it was read, in UTF-8 with commas, doubled quotes and"
            " CRLF. jsonl: every item as DynamoDB JSON.",
            show_default="csv",
        ),
    ] = None,
) -> None:
    """Show how FILE is read, its columns, its first items and first rejects.

    Exits 0, also where rows are rejected or FILE is empty; 1 if FILE cannot be read as a table; 2 if FILE or
    an option cannot be used.
    """
    errors = Console(stderr=True)
    if (format_ and not all_) or (all_ and as_json):
        raise stop(errors, "--format goes with --all, and --json does not", USAGE)
    if _size(file, errors) == 0:
        errors.print(f"csvimport: {file} is empty", markup=False, highlight=False, soft_wrap=True)
        return
    with plain_endings(errors):
        if all_:
            _write_all(file, options, format_ or Format.CSV, errors)
        else:
            _show_preview(file, options, rows, as_json=as_json)


@with_reading_options
def check_command(
    *,
    file: FileArgument,
    options: ReadingOptions,
    capacity: Annotated[
        float, typer.Option(help="Write units a second that the table takes.", min=1)
    ] = DEFAULT_CAPACITY,
    price: Annotated[
        float | None,
        typer.Option(
            help="US$ for a million write units on demand.",
            min=0,
            show_default=f"{DEFAULT_PRICE_USD}, in us-east-1 since November 2024",
        ),
    ] = None,
    allowed_modes: Annotated[
        str,
        typer.Option(
            help="Modes that the deployment allows a spec, with commas between: its parameter AllowedModes.",
            metavar="MODES",
        ),
    ] = ",".join(DEFAULT_MODES),
    allowed_tables: Annotated[
        str | None,
        typer.Option(
            help="Tables that a spec may name, the stack's own one included, with commas between.",
            metavar="TABLES",
            show_default="any",
        ),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON document.")] = False,
) -> None:
    """Read the whole FILE, write nothing, and say what its import would come to.

    Write units are those of an empty table without indexes to which every item is written by itself: an index adds
    its own, replacing or deleting a larger item counts the larger one, and items with one key that meet in a batch
    are written once.

    Exits 0 if no row is rejected; 1 if one is, or FILE cannot be imported; 2 if FILE or an option cannot be used.
    """
    from cli.check_display import show_check  # noqa: PLC0415 - only what is used is loaded
    from cli.checking import check  # noqa: PLC0415
    from cli.csv_file import open_csv  # noqa: PLC0415
    from cli.reading_progress import reading_progress  # noqa: PLC0415

    errors = Console(stderr=True)
    _size(file, errors)
    _hold_against_deployment(options, allowed_modes, allowed_tables, errors)
    rates = Rates(
        capacity=capacity,
        price_usd=DEFAULT_PRICE_USD if price is None else price,
        price_is_default=price is None,
    )
    with plain_endings(errors):
        opened = open_csv(file, options)
        with reading_progress(errors, opened) as follow:
            checked = check(opened, rates, follow)
        if as_json:
            _print_json(checked.as_json())
        else:
            show_check(Console(highlight=False), checked)
        if checked.rows_rejected or not checked.equation_holds:
            raise typer.Exit(FAILED)


def _hold_against_deployment(
    options: ReadingOptions, modes: str, tables: str | None, errors: Console
) -> None:
    if options.spec is None:
        return
    from csv_import.shaping.allowed import check_allowed  # noqa: PLC0415

    try:
        check_allowed(options.spec, modes=_words(modes), tables=None if tables is None else _words(tables))
    except BadConfiguration as error:
        raise stop(errors, f"{error.code}: {error.message}", USAGE) from error


def _words(text: str) -> list[str]:
    return [word for word in map(str.strip, text.split(",")) if word]


def _show_preview(file: Path, options: ReadingOptions, rows: int, *, as_json: bool) -> None:
    from cli.csv_file import open_csv  # noqa: PLC0415
    from cli.preview import preview  # noqa: PLC0415

    seen = preview(open_csv(file, options), rows)
    if as_json:
        _print_json(seen.as_json())
    else:
        from cli.preview_display import show_preview  # noqa: PLC0415

        show_preview(Console(highlight=False), seen)


def _write_all(file: Path, options: ReadingOptions, format_: Format, errors: Console) -> None:
    from cli.csv_file import open_csv  # noqa: PLC0415
    from cli.reading_progress import reading_progress  # noqa: PLC0415
    from cli.rewriting import write_csv, write_items  # noqa: PLC0415

    out, rejected = sys.stdout.buffer, 0
    opened = open_csv(file, options)
    with reading_progress(errors, opened, wanted=not sys.stdout.isatty()) as follow:
        if format_ is Format.CSV:
            write_csv(opened.opened, out, follow)
        else:
            opened.require_keys()
            rejected = write_items(opened, out, follow)
    out.flush()
    if rejected:
        rows = "row was" if rejected == 1 else "rows were"
        errors.print(f"csvimport: {rejected:,} {rows} rejected; csvimport check says why", highlight=False)


def _size(file: Path, errors: Console) -> int:
    try:
        return readable_size(file)
    except SourceFileError as error:
        raise stop(errors, str(error), USAGE) from error


def _print_json(document: object) -> None:
    sys.stdout.buffer.write(orjson.dumps(document, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE))
