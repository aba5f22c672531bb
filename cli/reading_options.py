"""The options that say how a file is read, the same for every command that reads one."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable, Collection
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import Console

from cli.dialect_parts import given
from cli.ending import USAGE, stop
from cli.key_schema import KeyColumn
from csv_import.errors import BadConfiguration
from csv_import.reading.dialect import Escape, Given, LineEnd
from csv_import.settings import Mode

if TYPE_CHECKING:
    from csv_import.shaping.spec_reader import ReadSpec

_READING, _TABLE = "How the file is read (what is not given is found out)", "What it is read for"


@dataclass(frozen=True, kw_only=True)
class ReadingOptions:
    """How a file is read, and for which table; what the options say wins over what the spec says.

    Attributes:
        partition_key: None where the caller names none.
        spec: None where the caller names none.
    """

    given: Given
    mode: Mode
    partition_key: KeyColumn | None
    sort_key: KeyColumn | None
    spec: ReadSpec | None = None


def _declared(
    *,
    delimiter: Annotated[
        str | None,
        typer.Option(
            help=r"What stands between cells: one or more characters; tab, \t or \x01 for those hard to type.",
            metavar="TEXT",
            rich_help_panel=_READING,
        ),
    ] = None,
    quote: Annotated[
        str | None,
        typer.Option(
            help="What stands around a cell: a character, or double, single or none.",
            metavar="CHAR",
            rich_help_panel=_READING,
        ),
    ] = None,
    escape: Annotated[
        Escape | None, typer.Option(help="How a quote is written in a cell.", rich_help_panel=_READING)
    ] = None,
    encoding: Annotated[
        str | None,
        typer.Option(
            help="utf-8, utf-16-le, utf-16-be, or a one-byte encoding such as cp1252.",
            metavar="NAME",
            rich_help_panel=_READING,
        ),
    ] = None,
    line_end: Annotated[
        LineEnd | None, typer.Option(help="What ends a line.", rich_help_panel=_READING)
    ] = None,
    comment: Annotated[
        str | None,
        typer.Option(
            help="What a comment line begins with, or none.", metavar="TEXT", rich_help_panel=_READING
        ),
    ] = None,
    skip_lines: Annotated[
        int | None, typer.Option(help="Lines before the header.", min=0, rich_help_panel=_READING)
    ] = None,
    header_records: Annotated[
        int | None,
        typer.Option(
            help="Records that name the columns together; 0 for none.", min=0, rich_help_panel=_READING
        ),
    ] = None,
    mode: Annotated[
        Mode | None,
        typer.Option(
            help="Refuse rows that do not fit, or make them fit: pad short ones, join surplus cells to the last.",
            rich_help_panel=_READING,
            show_default="strict, or what the spec says",
        ),
    ] = None,
    partition_key: Annotated[
        str | None,
        typer.Option(
            help="The table's partition key as NAME[:S|N|B]; ProductId if not given.",
            metavar="KEY",
            rich_help_panel=_TABLE,
        ),
    ] = None,
    sort_key: Annotated[
        str | None,
        typer.Option(
            help="The table's sort key as NAME[:S|N|B]; none if not given.",
            metavar="KEY",
            rich_help_panel=_TABLE,
        ),
    ] = None,
    spec: Annotated[
        Path | None,
        typer.Option(
            help="The _import.yaml that says how rows become items; options win over what it says.",
            metavar="FILE",
            rich_help_panel=_TABLE,
        ),
    ] = None,
) -> ReadingOptions:
    said = given(
        delimiter=delimiter,
        quote=quote,
        escape=escape,
        encoding=encoding,
        line_end=line_end,
        comment=comment,
        skip_lines=skip_lines,
        header_records=header_records,
    )
    options = ReadingOptions(
        given=said,
        mode=mode or Mode.STRICT,
        partition_key=KeyColumn.parse(partition_key) if partition_key else None,
        sort_key=KeyColumn.parse(sort_key) if sort_key else None,
    )
    return options if spec is None else _with_spec(options, spec, mode)


def _with_spec(options: ReadingOptions, path: Path, mode: Mode | None) -> ReadingOptions:
    from cli.spec_file import given_by, read_spec_file  # noqa: PLC0415 - only what is used is loaded

    read = read_spec_file(path)
    return replace(
        options,
        given=given_by(options.given, read),
        mode=mode or read.spec.rows or Mode.STRICT,
        spec=read,
    )


def with_reading_options(
    command: Callable[..., None], *, without: Collection[str] = ()
) -> Callable[..., None]:
    """Give a command the options of this module; it gets them as one argument, `options`.

    Typer knows a command by its signature, so the options are put into it, in the place of `options`.
    What they cannot mean is a usage error.

    Args:
        without: names of options that mean nothing to the command.
    """
    declared = inspect.signature(_declared, eval_str=True).parameters
    theirs = {name: parameter for name, parameter in declared.items() if name not in without}
    own = dict(inspect.signature(command, eval_str=True).parameters)
    del own["options"]

    @functools.wraps(command)
    def run(**arguments: Any) -> None:
        said = {name: arguments.pop(name) for name in theirs}
        try:
            options = _declared(**said)
        except ValueError as error:
            raise typer.BadParameter(str(error)) from error
        except OSError as error:
            raise stop(Console(stderr=True), f"{error.filename}: {error.strerror}", USAGE) from error
        except BadConfiguration as error:
            message = f"{error.code}: {error.message}{error.detail}"
            raise stop(Console(stderr=True), message, USAGE) from error
        command(**arguments, options=options)

    signature = inspect.Signature([*own.values(), *theirs.values()])
    run.__signature__ = signature  # type: ignore[attr-defined]
    run.__annotations__ = {each.name: each.annotation for each in signature.parameters.values()}
    return run
