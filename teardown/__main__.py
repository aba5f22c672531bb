"""`python -m teardown STACK`: shows what goes and what stays, asks, and removes it."""

import os
from typing import Annotated, Any

import boto3
import typer
from botocore.exceptions import BotoCoreError, ClientError

from teardown.errors import RemovalPreventedError
from teardown.inventory import take_inventory
from teardown.plan import plan_removal
from teardown.removal import remove


def main(
    stack: Annotated[str, typer.Argument(help="Name of the stack.")],
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    rows: Annotated[bool, typer.Option("--rows", help="Delete the table of rows too.")] = False,
    poll: Annotated[float, typer.Option(help="Seconds between looks at the stack.", hidden=True)] = 10.0,
) -> None:
    """Remove a deployment for good: stack, buckets, tables, job definitions and images."""
    # The AWS command line knows this variable too, boto3 only the other one.
    session = boto3.session.Session(region_name=os.environ.get("AWS_REGION"))
    client: Any = session.client
    try:
        plan = plan_removal(take_inventory(client, stack), rows_too=rows)
        typer.echo("\n".join(plan.lines()))
        if not yes and typer.prompt(f"Type {plan.stack} to remove it", default="") != plan.stack:
            typer.echo("Nothing was changed.")
            raise typer.Exit(1)
        remove(plan, client, typer.echo, poll_s=poll)
    except (RemovalPreventedError, BotoCoreError, ClientError) as error:
        typer.echo(f"teardown: {error}", err=True)
        raise typer.Exit(1) from error
    typer.echo("It is gone.")


if __name__ == "__main__":
    typer.run(main)
