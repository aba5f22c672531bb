"""A closed import is opened again: resumed where it stopped, or repeated from its start."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import closing
import times
from errors import LedgerBusyError, ReopeningError, UnknownImportError
from facts import remaining_work, settled_records
from imports import Import, Part, PartStatus, State
from queues import Queue
from wiring import Application

_ROUNDS = 8
"""An import is opened in vain only while others change the queue of its key."""


Change = Callable[[Import, Sequence[Part], str], Import]


@dataclass(frozen=True, kw_only=True)
class Reopened:
    """An import that was opened again, and how many of its parts are to be loaded."""

    import_: Import
    remaining: int


def resume(import_id: str, app: Application) -> Reopened:
    """Open a failed or cancelled import again, for what is not done of its last run.

    What was loaded by then stays, and how the file is read stays as it was. Nothing is submitted: `advance` is next.
    Raises `UnknownImportError`, `ReopeningError`, `LedgerBusyError` and botocore's errors.
    """
    return _reopen(import_id, app, resumed)


def repeat(import_id: str, app: Application) -> Reopened:
    """Open a closed import again, for a new run from the start; raises what `resume` does."""
    return _reopen(import_id, app, repeated)


def resumed(closed: Import, parts: Sequence[Part], at: str) -> Import:
    """Give a closed import as its present run goes on.

    A late job of an older submission must not claim it, so the number of submissions grows here already.
    Raises `ReopeningError` where nothing is left to do.
    """
    if closed.state is State.DONE:
        raise ReopeningError(
            "import_done",
            f"{closed.import_id} is DONE, nothing is left of it. Repeat it to load it all again.",
        )
    # What a plan that was not finished wrote down of parts says nothing: it is planned again.
    loads = closed.has_plan or any(part.status is not PartStatus.PLANNED for part in parts)
    opened = replace(closed, parts=closed.plan.parts if closed.plan and closed.has_plan else closed.parts)
    work = remaining_work(opened, parts) if loads else None
    if work == ():
        raise ReopeningError(
            "nothing_left", f"All parts of {closed.import_id} are done, it failed all the same. Repeat it."
        )
    return replace(
        opened,
        state=State.LOADING if loads else State.RECEIVED,
        work=work,
        submissions=closed.submissions + 1,
        progress_mark=settled_records(parts),
        updated_at=at,
    )


def repeated(closed: Import, parts: Sequence[Part], at: str) -> Import:
    """Give a closed import as it begins its next run."""
    return replace(
        closed,
        state=State.RECEIVED,
        run=closed.run + 1,
        parts=1,
        work=None,
        submissions=0,
        progress_mark=0,
        updated_at=at,
    )


def _reopen(import_id: str, app: Application, change: Change) -> Reopened:
    for _ in range(_ROUNDS):
        closed = app.ledger.import_of(import_id)
        if closed is None:
            raise UnknownImportError(import_id)
        parts = app.ledger.parts(closed)
        queue = app.ledger.queue(closed.object.bucket, closed.object.key)
        _check(closed, queue)
        reopened = change(closed, parts, times.stamp(app.clock()))
        if closed.open:
            closing.announce(closed, parts, app)  # what was closed is told of before it is opened again
        elif _forget_nothing_and_reopen(closed, reopened, queue, app):
            return Reopened(import_=reopened, remaining=len(reopened.work_list))
    raise LedgerBusyError(f"the queue of import {import_id} changed again and again")


def _check(closed: Import, queue: Queue) -> None:
    if not closed.state.closed:
        raise ReopeningError("import_open", f"{closed.import_id} is {closed.state}: it is under way already.")
    if queue.newest not in (None, closed.import_id):
        raise ReopeningError(
            "newer_version",
            f"{closed.import_id} is not the newest version of its object: {queue.newest} is, and to load the older "
            "one now would overwrite rows of the newer one. Repeat the newer one, or drop the older file again.",
        )


def _forget_nothing_and_reopen(closed: Import, reopened: Import, queue: Queue, app: Application) -> bool:
    """What the ledger is to forget some day must be kept before the import is open, for time to live asks nobody."""
    app.ledger.expire(closed.import_id, at=None)
    if app.ledger.reopen(closed, reopened, queue):
        app.logger.info("opened again", extra={"run": reopened.run, "state": reopened.state})
        return True
    if app.ledger.import_of(closed.import_id) == closed:
        app.ledger.expire(closed.import_id, at=closing.forgotten_at(closed, app))
    return False
