"""`spec`: drafts an `_import.yaml` from a whole file, or prints the JSON Schema of all of them."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from cli.ending import USAGE, plain_endings, stop
from cli.reading_options import ReadingOptions, with_reading_options
from cli.source_file import SourceFileError, check


@partial(with_reading_options, without=("mode", "spec"))
def spec_command(
    *,
    file: Annotated[Path | None, typer.Argument(help="The CSV file, compressed or not.")] = None,
    options: ReadingOptions,
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
            sys.stdout.write(_drafted(file, options))


def schema_text() -> str:
    """The JSON Schema as docs/import-spec.schema.json has it."""
    from csv_import.shaping.spec_reader import json_schema  # noqa: PLC0415 - only what is used is loaded

    return json.dumps(json_schema(), indent=2, ensure_ascii=False) + "\n"


def _drafted(file: Path, options: ReadingOptions) -> str:
    from cli.csv_file import DEFAULT_KEY  # noqa: PLC0415
    from cli.spec_dialect import needed_dialect  # noqa: PLC0415
    from cli.spec_draft import draft  # noqa: PLC0415
    from csv_import.reading.damage import damage_of  # noqa: PLC0415
    from csv_import.reading.local_file import LocalFile  # noqa: PLC0415
    from csv_import.reading.opening import open_file  # noqa: PLC0415
    from csv_import.settings import ReadLimits  # noqa: PLC0415

    named = [key.name for key in (options.partition_key, options.sort_key) if key is not None]
    opened = open_file(LocalFile(file), given=options.given, limits=ReadLimits(), key_names=named)
    rows: Iterator[list[str]] = (
        row for block in opened.blocks for row in block.rows if damage_of(row) is None
    )
    keys = [key.name for key in (options.partition_key or DEFAULT_KEY, options.sort_key) if key is not None]
    dialect = needed_dialect(file, opened.detection.dialect, options.given, keys)
    return draft(file.name, opened.header.names, rows, keys=keys, dialect=dialect)
