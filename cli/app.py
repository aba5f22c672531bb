"""The commands, their options and their exit codes."""

from __future__ import annotations

import signal
import sys
import time
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console

from cli import part_options, source_file
from cli.ending import FAILED, INTERRUPTED, TERMINATED, USAGE, stop
from cli.file_commands import check_command, preview_command
from cli.import_commands import repeat_command, resume_command, status_command
from cli.key_schema import KeyColumn, template_parameters
from cli.spec_command import spec_command
from csv_import.errors import BadConfiguration

if TYPE_CHECKING:
    from cli.display import Display
    from cli.run import Finished

PROJECT = Path(__file__).resolve().parent.parent

app = typer.Typer(add_completion=False, no_args_is_help=True, pretty_exceptions_enable=False)
app.command("preview")(preview_command)
app.command("check")(check_command)
app.command("spec")(spec_command)
app.command("status")(status_command)
app.command("resume")(resume_command)
app.command("repeat")(repeat_command)


@app.callback()
def csvimport() -> None:
    """CSV files into DynamoDB: tried on a machine without an AWS account, and looked after where they are deployed."""


@app.command("run")
def run_command(
    *,
    file: Annotated[Path, typer.Argument(help="The CSV file.", show_default="samples/sample.csv")] = PROJECT
    / "samples"
    / "sample.csv",
    partition_key: Annotated[
        str | None,
        typer.Option(
            help="The table's partition key as NAME[:S|N|B]; ProductId if not given.", metavar="KEY"
        ),
    ] = None,
    sort_key: Annotated[
        str | None,
        typer.Option(help="The table's sort key as NAME[:S|N|B]; none if not given.", metavar="KEY"),
    ] = None,
    spec: Annotated[
        Path | None, typer.Option(help="The _import.yaml that says how rows become items.", metavar="FILE")
    ] = None,
    split_threshold: Annotated[
        str | None,
        typer.Option(
            help="Bytes from which on a file is cut into parts, as in 64M; the template's default if not given.",
            metavar="SIZE",
        ),
    ] = None,
    part_bytes: Annotated[
        str | None,
        typer.Option(help="Bytes of a part, as in 16M; the template's default if not given.", metavar="SIZE"),
    ] = None,
    max_parts: Annotated[
        int | None,
        typer.Option(help="Most parts of a file; the template's default if not given.", min=1, max=10_000),
    ] = None,
    give_up_after: Annotated[
        float, typer.Option(help="Seconds without any progress after which to give up.", min=1)
    ] = 300.0,
    out: Annotated[
        Path, typer.Option(help="Folder that the results' folder is made in.", show_default="out")
    ] = PROJECT / "out",
    as_json: Annotated[
        bool, typer.Option("--json", help="Print the report as JSON instead of the summary.")
    ] = False,
) -> None:
    """Import FILE into a table, on AWS as it is emulated on this machine.

    Exits 0 if the import closed DONE, 1 if it did not, and 2 if FILE or an option cannot be used.
    """
    from cli.spec_file import read_spec_file  # noqa: PLC0415 - brings libraries that a preview can do without

    signal.signal(signal.SIGTERM, _terminate)
    errors = Console(stderr=True)
    try:
        size = source_file.check(file)
        parameters = template_parameters(_key(partition_key), _key(sort_key))
        parameters |= part_options.template_parameters(
            split_threshold=split_threshold, part_bytes=part_bytes, max_parts=max_parts
        )
        read_spec_file(spec)
    except (source_file.SourceFileError, BadConfiguration, ValueError, OSError) as error:
        raise stop(errors, str(error), USAGE) from error
    if spec is not None:
        parameters["AllowedModes"] = "put,insert,update,delete"
    key = source_file.object_key(file.name)
    with _display(errors, size) as display:
        if key != file.name:
            display.phase(f"The name {file.name} would be ignored; uploading it as {key}.")
        finished = _run(
            file=file,
            parameters=parameters,
            out=out,
            give_up_after_s=give_up_after,
            display=display,
            errors=errors,
            spec=spec,
        )
    from cli.summary import show  # noqa: PLC0415 - brings libraries that only `run` needs

    report = finished.results.load_report()
    if as_json:
        sys.stdout.buffer.write(finished.results.report.read_bytes())
    else:
        show(Console(highlight=False), report, finished.results, name=file.name, took_s=finished.took_s)
    raise typer.Exit(0 if report["state"] == "DONE" else FAILED)


def _run(
    *,
    file: Path,
    parameters: dict[str, str],
    out: Path,
    give_up_after_s: float,
    display: Display,
    errors: Console,
    spec: Path | None,
) -> Finished:
    """Run the import; whatever keeps it from an end becomes a line and an exit code."""
    from cli.run import RunError, run  # noqa: PLC0415 - brings the AWS libraries
    from cli.summary import shown_path  # noqa: PLC0415

    try:
        return run(
            file,
            parameters=parameters,
            out=out,
            give_up_after_s=give_up_after_s,
            display=display,
            spec=spec,
        )
    except RunError as error:
        raise stop(errors, f"{error}; logs: {shown_path(error.logs)}", FAILED) from error
    except KeyboardInterrupt as error:
        raise stop(errors, "stopped; nothing is left running", INTERRUPTED) from error


def _display(console: Console, size: int) -> Display:
    from cli.display import LiveDisplay, PlainDisplay  # noqa: PLC0415 - brings libraries that only `run` needs

    return (
        LiveDisplay(console, size=size)
        if console.is_terminal
        else PlainDisplay(console, clock=time.monotonic)
    )


def _key(text: str | None) -> KeyColumn | None:
    return KeyColumn.parse(text) if text else None


def _terminate(_signal: int, _frame: FrameType | None) -> None:
    """End as on Ctrl-C would, so that nothing is left running."""
    sys.exit(TERMINATED)
