"""`spec`: drafts an `_import.yaml` from a whole file, or prints the JSON Schema of all of them."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from cli.ending import USAGE, plain_endings, stop
from cli.source_file import SourceFileError, check


def spec_command(
    file: Annotated[Path | None, typer.Argument(help="The CSV file, compressed or not.")] = None,
    *,
    key: Annotated[
        list[str] | None,
        typer.Option(help="A column that is the table's key; may be said twice.", metavar="NAME"),
    ] = None,
    schema: Annotated[
        bool, typer.Option("--schema", help="Print the JSON Schema of _import.yaml instead.")
    ] = False,
) -> None:
    """Draft an _import.yaml for FILE: the types seen over the whole file, with the evidence as comments.

    Exits 0, 1 if FILE can't be read as a table, and 2 if it can't be opened or is empty.
    """
    errors = Console(stderr=True)
    with plain_endings(errors):
        if schema:
            sys.stdout.write(schema_text())
        elif file is None:
            raise stop(errors, "name a CSV file, or say --schema", USAGE)
        else:
            try:
                check(file)
            except SourceFileError as error:
                raise stop(errors, str(error), USAGE) from error
            sys.stdout.write(_drafted(file, key or []))


def schema_text() -> str:
    """The JSON Schema as docs/import-spec.schema.json has it."""
    from csv_import.shaping.spec_reader import json_schema  # noqa: PLC0415 - only what is used is loaded

    return json.dumps(json_schema(), indent=2, ensure_ascii=False) + "\n"


def _drafted(file: Path, keys: list[str]) -> str:
    from cli.spec_draft import draft  # noqa: PLC0415
    from csv_import.reading.damage import damage_of  # noqa: PLC0415
    from csv_import.reading.dialect import Given  # noqa: PLC0415
    from csv_import.reading.local_file import LocalFile  # noqa: PLC0415
    from csv_import.reading.opening import open_file  # noqa: PLC0415
    from csv_import.settings import ReadLimits  # noqa: PLC0415

    opened = open_file(LocalFile(file), given=Given(), limits=ReadLimits(), key_names=keys)
    rows: Iterator[list[str]] = (
        row for block in opened.blocks for row in block.rows if damage_of(row) is None
    )
    return draft(file.name, opened.header.names, rows, keys=keys or ["ProductId"])
