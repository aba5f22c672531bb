"""The options that say how a file is read, the same for every command that reads one."""

import functools
import inspect
from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated, Any

import typer

from cli.dialect_parts import given
from cli.key_schema import KeyColumn
from csv_import.reading.dialect import Escape, Given, LineEnd
from csv_import.settings import Mode

_READING, _TABLE = "How the file is read (what is not given is found out)", "What it is read for"


@dataclass(frozen=True, kw_only=True)
class ReadingOptions:
    """How a file is read, and for which table.

    Attributes:
        partition_key: None where the caller names none.
    """

    given: Given
    mode: Mode
    partition_key: KeyColumn | None
    sort_key: KeyColumn | None


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
        Mode,
        typer.Option(
            help="Refuse rows that do not fit, or make them fit: pad short ones, join surplus cells to the last.",
            rich_help_panel=_READING,
        ),
    ] = Mode.STRICT,
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
) -> ReadingOptions:
    return ReadingOptions(
        given=given(
            delimiter=delimiter,
            quote=quote,
            escape=escape,
            encoding=encoding,
            line_end=line_end,
            comment=comment,
            skip_lines=skip_lines,
            header_records=header_records,
        ),
        mode=mode,
        partition_key=KeyColumn.parse(partition_key) if partition_key else None,
        sort_key=KeyColumn.parse(sort_key) if sort_key else None,
    )


def with_reading_options(command: Callable[..., None]) -> Callable[..., None]:
    """Give a command the options of this module; it gets them as one argument, `options`.

    Typer knows a command by its signature, so the options are put into it, in the place of `options`.
    What they cannot mean is a usage error.
    """
    theirs = inspect.signature(_declared).parameters
    own = dict(inspect.signature(command, eval_str=True).parameters)
    del own["options"]

    @functools.wraps(command)
    def run(**arguments: Any) -> None:
        said = {name: arguments.pop(name) for name in theirs}
        try:
            options = _declared(**said)
        except ValueError as error:
            raise typer.BadParameter(str(error)) from error
        command(**arguments, options=options)

    signature = inspect.Signature([*own.values(), *theirs.values()])
    run.__signature__ = signature  # type: ignore[attr-defined]
    run.__annotations__ = {each.name: each.annotation for each in signature.parameters.values()}
    return run
