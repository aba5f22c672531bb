from collections.abc import Sequence

import pytest

from cli.watching import Progress, StalledError, watch
from imports import PLAN_PART, Import, Part, PartStatus, State
from tests.unit.functions.builders import a_part, an_import, rows

Found = tuple[Import, list[Part]] | None

RECEIVED: Found = (an_import(state=State.RECEIVED), [])
SUBMITTED: Found = (an_import(state=State.LOADING, submitted_at="2026-11-23T10:00:00.000000Z"), [])
CLAIMED = an_import(state=State.LOADING, submitted_at="2026-11-23T10:00:00.000000Z", load_job="j")
PLANNING: Found = (
    an_import(state=State.PLANNING, submitted_at="2026-11-23T10:00:00.000000Z", plan_job="j"),
    [a_part(PartStatus.RUNNING, part=PLAN_PART, counters={"rows_read": 5})],
)
HALF: Found = (CLAIMED, [a_part(PartStatus.RUNNING, counters=rows(3, written=2, rejected=1))])
ALL: Found = (CLAIMED, [a_part(PartStatus.DONE, counters=rows(6, written=5, rejected=1))])
DONE: Found = (
    an_import(state=State.DONE),
    [a_part(PartStatus.DONE, counters=rows(6, written=5, rejected=1))],
)


class Time:
    def __init__(self) -> None:
        self.now = 0.0

    def clock(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.now += seconds


def watched(states: Sequence[Found], time: Time | None = None) -> list[Progress]:
    """Watch a ledger that says these things one after the other, and then the last one forever."""
    time = time or Time()
    said = iter(states)
    last: Found = None

    def read() -> Found:
        nonlocal last
        last = next(said, last)
        return last

    return list(watch(read, give_up_after_s=10, poll_s=1, clock=time.clock, sleep=time.sleep))


def test_ends_with_the_import() -> None:
    seen = watched([None, RECEIVED, SUBMITTED, HALF, ALL, DONE])
    assert [progress.state for progress in seen] == [
        "UPLOADED",
        "RECEIVED",
        "LOADING",
        "LOADING",
        "LOADING",
        "DONE",
    ]
    assert [progress.rows_read for progress in seen] == [0, 0, 0, 3, 6, 6]
    assert seen[3].rows_rejected == 1


def test_tells_how_many_parts_are_done() -> None:
    parts = [a_part(PartStatus.DONE), a_part(PartStatus.RUNNING, part=1), a_part(PartStatus.DONE, part=2)]
    (progress, *_) = watched([(an_import(state=State.LOADING, parts=4), parts), DONE])
    assert (progress.parts, progress.parts_done) == (4, 2)


@pytest.mark.parametrize(
    ("states", "whereabouts"),
    [
        ([None], "the trigger has not registered the import"),
        ([None, RECEIVED], "no job was submitted"),
        ([RECEIVED, SUBMITTED], "no job has claimed it"),
        ([SUBMITTED, HALF], "its job has read 3 rows"),
        ([PLANNING], "the import is PLANNING, its job has read 5 rows"),
    ],
    ids=["no event", "no submission", "no claim", "no progress", "no progress of the plan"],
)
def test_gives_up_and_says_where_it_stands(states: Sequence[Found], whereabouts: str) -> None:
    with pytest.raises(StalledError, match=whereabouts):
        watched(states)


def test_every_change_is_a_reason_to_go_on() -> None:
    time = Time()
    slowly = [state for state in (None, RECEIVED, SUBMITTED, HALF, ALL, DONE) for _ in range(9)]
    assert watched(slowly, time)[-1].closed
    assert time.now > 10
