"""`status`, `resume` and `repeat`: a deployed stack's imports, looked at and opened again."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console

from cli.ending import FAILED, USAGE, plain_endings, stop

if TYPE_CHECKING:
    from reopening import Reopened
    from wiring import Application

Stack = Annotated[str, typer.Option(help="The stack's name.", metavar="NAME", envvar="CSVIMPORT_STACK")]
Region = Annotated[str | None, typer.Option(help="The stack's region; the SDK's default if not given.")]
Profile = Annotated[str | None, typer.Option(help="A profile of your AWS configuration.")]
ImportId = Annotated[str, typer.Argument(help="The import, as its report, its job and its event name it.")]


def status_command(
    *,
    import_id: Annotated[
        str | None, typer.Argument(help="An import; all that are open if not given.", show_default=False)
    ] = None,
    stack: Stack,
    region: Region = None,
    profile: Profile = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print a JSON document.")] = False,
) -> None:
    """Show how far an import is, or which ones are open.

    Exits 0, 1 if the ledger has no such import or cannot be read, and 2 if there is no such stack.
    """
    with _application(stack, region, profile) as app:
        from cli import import_status  # noqa: PLC0415 - brings the AWS libraries

        if import_id is None:
            found, show = import_status.of_all(app), import_status.lines_of_all
        else:
            found, show = import_status.of_one(import_id, app), import_status.lines_of_one
        text = json.dumps(found, indent=2, ensure_ascii=False) if as_json else "\n".join(show(found))
        sys.stdout.write(text + "\n")


def resume_command(
    *, import_id: ImportId, stack: Stack, region: Region = None, profile: Profile = None
) -> None:
    """Go on with an import that failed or was cancelled: with the parts that are not done, each from its checkpoint.

    Exits 0 once it is on its way, 1 if it cannot be resumed (the message has a code and says why), and 2 if there is
    no such stack.
    """
    from reopening import resume  # noqa: PLC0415 - brings the AWS libraries

    _open_again(import_id, resume, stack, region, profile)


def repeat_command(
    *, import_id: ImportId, stack: Stack, region: Region = None, profile: Profile = None
) -> None:
    """Load an import's file again from its start, as a new run with the spec that is there now.

    Exits 0 once it is on its way, 1 if it cannot be repeated (the message has a code and says why), and 2 if there is
    no such stack.
    """
    from reopening import repeat  # noqa: PLC0415 - brings the AWS libraries

    _open_again(import_id, repeat, stack, region, profile)


def _open_again(
    import_id: str,
    open_: Callable[[str, Application], Reopened],
    stack: str,
    region: str | None,
    profile: str | None,
) -> None:
    from advance import advance  # noqa: PLC0415

    with _application(stack, region, profile) as app:
        opened = open_(import_id, app)
        outcome = advance(import_id, app)
        import_ = opened.import_
        what = (
            f"{opened.remaining} of {import_.parts} parts to load" if import_.work_list else "nothing to load"
        )
        sys.stdout.write(f"{import_id}: run {import_.run}, {what}; {outcome.state}, {outcome.reason}\n")


@contextmanager
def _application(stack: str, region: str | None, profile: str | None) -> Iterator[Application]:
    """Connect to a stack, and turn what keeps its imports from being seen or moved into lines and exit codes."""
    import boto3  # noqa: PLC0415
    from botocore.exceptions import BotoCoreError, ClientError  # noqa: PLC0415

    from cli.stack import StackError, connect  # noqa: PLC0415
    from errors import ImporterError, ReopeningError  # noqa: PLC0415

    errors = Console(stderr=True)
    with plain_endings(errors):
        try:
            session = boto3.session.Session(profile_name=profile, region_name=region)
            yield connect(stack, session.client)
        except StackError as error:
            raise stop(errors, str(error), USAGE) from error
        except ReopeningError as error:
            raise stop(errors, f"{error.code}: {error}", FAILED) from error
        except (ImporterError, ClientError, BotoCoreError) as error:
            raise stop(errors, str(error), FAILED) from error
