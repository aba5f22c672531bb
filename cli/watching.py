"""Waits for an import to be closed, by what the ledger says, and gives up where nothing moves any more."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from imports import Import, Part, PartStatus, State, total

Read = Callable[[], tuple[Import, list[Part]] | None]


class StalledError(Exception):
    """The import made no progress for too long."""


@dataclass(frozen=True, kw_only=True)
class Progress:
    """How far an import is; counters are of all its parts, or of its plan while that is made."""

    state: str
    run: int = 1
    parts: int = 1
    parts_done: int = 0
    rows_read: int = 0
    rows_written: int = 0
    rows_rejected: int = 0
    bytes_read: int = 0

    @property
    def is_planned(self) -> bool:
        """Tell whether the import is being planned: nothing is written yet."""
        return self.state == State.PLANNING

    @property
    def closed(self) -> bool:
        """Tell whether the import is over."""
        return self.state in State.__members__ and State(self.state).closed


def watch(
    read: Read,
    *,
    give_up_after_s: float,
    poll_s: float,
    clock: Callable[[], float],
    sleep: Callable[[float], None],
) -> Iterator[Progress]:
    """Give the progress each time it is looked at, the last time once the import is closed.

    Raises `StalledError` when nothing in the ledger changed for `give_up_after_s` seconds.
    """
    seen: object = ()
    since = clock()
    while True:
        found = read()
        progress = _progress(found)
        yield progress
        if progress.closed:
            return
        if found != seen:
            seen, since = found, clock()
        elif clock() - since > give_up_after_s:
            raise StalledError(
                f"nothing has changed for {give_up_after_s:.0f} seconds; {_whereabouts(found)}"
            )
        sleep(poll_s)


def _progress(found: tuple[Import, list[Part]] | None) -> Progress:
    if found is None:
        return Progress(state="UPLOADED")
    import_, parts = found
    counters = total(parts)
    return Progress(
        state=import_.state.value,
        run=import_.run,
        parts=import_.parts,
        parts_done=sum(part.status is PartStatus.DONE for part in parts),
        **{
            name: counters.get(name, 0)
            for name in ("rows_read", "rows_written", "rows_rejected", "bytes_read")
        },
    )


def _whereabouts(found: tuple[Import, list[Part]] | None) -> str:
    if found is None:
        return "the trigger has not registered the import"
    import_, parts = found
    if not import_.submitted_at:
        return f"the import is {import_.state} and no job was submitted"
    if not import_.claimant:
        return f"the import is {import_.state} and no job has claimed it"
    rows = total(parts).get("rows_read", 0)
    return f"the import is {import_.state}, its job has read {rows:,} rows"
