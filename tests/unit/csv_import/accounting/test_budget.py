from contextlib import suppress
from datetime import UTC, datetime, timedelta
from math import ceil
from typing import Any
from unittest.mock import patch

import pytest
from botocore.exceptions import ClientError, EndpointConnectionError
from hypothesis import given, settings
from hypothesis import strategies as st

from csv_import.accounting.budget import FORGET_AFTER_S, MAX_FORGOTTEN, WRITER_BYTES, BudgetShare, beat_s_of
from csv_import.errors import ServiceAway
from csv_import.writing.bucket import Bucket
from tests.unit.csv_import.writing.fakes import Clock

NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
LEASE_S, BEAT_S, NOTICE_S = 60.0, 2.0, 4.0
MAX_EXPRESSION_BYTES = 4096


class LedgerTable:
    """As much of DynamoDB as the list of writers needs; tests/unit/contracts has the real expressions."""

    def __init__(self) -> None:
        self.writers: dict[str, float] | None = None
        self.failure: Exception | None = None
        self.key: Any = None

    def update_item(self, **request: Any) -> dict[str, Any]:
        if self.failure is not None:
            raise self.failure
        self.key = request["Key"]
        expression, names = request["UpdateExpression"], request.get("ExpressionAttributeNames", {})
        assert len(expression) <= MAX_EXPRESSION_BYTES
        if "if_not_exists" in expression:
            self.writers = self.writers or {}
            return {}
        assert self.writers is not None, "the map is there before anything is put into it"
        _, _, removed = expression.partition("REMOVE ")
        for path in removed.split(", ") if removed else ():
            self.writers.pop(names[path.removeprefix("writers.")], None)
        if "SET" in expression:
            self.writers[names["#me"]] = float(request["ExpressionAttributeValues"][":until"]["N"])
        return {"Attributes": {"writers": {"M": {name: {"N": str(at)} for name, at in self.writers.items()}}}}


class Writer:
    """An attempt with a budget of 900 units a second."""

    def __init__(self, table: LedgerTable, clock: Clock, owner: str) -> None:
        self.bucket = Bucket(0.0, clock())
        self.share = BudgetShare(
            table,
            "ledger",
            "items",
            owner=owner,
            units_per_s=900.0,
            lease_s=LEASE_S,
            beat_s=BEAT_S,
            bucket=self.bucket,
            now=lambda: NOW + timedelta(seconds=clock()),
            clock=clock,
        )

    @property
    def rate(self) -> float:
        """What it may write in a second by now."""
        return (self.bucket.units_per_s or 0.0) if self.share._clock() < self.bucket.until else 0.0

    def renewed(self) -> float | None:
        self.share.renew()
        return self.bucket.units_per_s


def test_who_is_alone_has_it_all_at_once() -> None:
    table = LedgerTable()
    assert Writer(table, Clock(), "a").renewed() == 900
    assert table.key == {"pk": {"S": "table#items"}, "sk": {"S": "budget"}}


def test_a_newcomer_waits_until_the_others_have_seen_it() -> None:
    table, clock = LedgerTable(), Clock()
    one, two = Writer(table, clock, "a"), Writer(table, clock, "b")
    assert one.renewed() == 900
    assert two.renewed() == 0
    clock.seconds += NOTICE_S / 2
    assert one.renewed() == 450
    assert two.renewed() == 0
    clock.seconds += NOTICE_S / 2
    assert two.renewed() == 450


def test_who_leaves_gives_its_share_back() -> None:
    table, clock = LedgerTable(), Clock()
    one, two = Writer(table, clock, "a"), Writer(table, clock, "b")
    one.renewed()
    two.renewed()
    assert one.renewed() == 450
    two.share.leave()
    assert one.renewed() == 900


def test_who_dies_lets_its_share_lie_until_its_time_has_run_out() -> None:
    table, clock = LedgerTable(), Clock()
    one, two = Writer(table, clock, "a"), Writer(table, clock, "b")
    one.renewed()
    two.renewed()
    for pause_s in (LEASE_S / 2, LEASE_S / 2 - 1):
        clock.seconds += pause_s
        assert one.renewed() == 450
    clock.seconds += 2
    assert one.renewed() == 900


def test_the_long_gone_are_taken_off_the_list() -> None:
    table, clock = LedgerTable(), Clock()
    one, two = Writer(table, clock, "a"), Writer(table, clock, "b")
    two.renewed()
    clock.seconds += FORGET_AFTER_S + LEASE_S + 1
    for _ in range(2):
        assert one.renewed() == 900
    assert table.writers is not None
    assert table.writers.keys() == {"a"}


@pytest.mark.parametrize("woken_at_s", [0.1, 0.99, 1.0, 1.5, 1.99])
def test_a_beat_that_was_woken_early_puts_no_renewal_off_beyond_the_notice(woken_at_s: float) -> None:
    clock = Clock()
    one = Writer(LedgerTable(), clock, "a")
    one.share.renew_if_due(BEAT_S)
    assert one.rate == 900, "the first is due at once"
    for pause_s in (woken_at_s, BEAT_S, woken_at_s, BEAT_S):
        clock.seconds += pause_s
        assert clock() < one.bucket.until - 0.9, "there is time enough to be answered"
        one.share.renew_if_due(BEAT_S)


def test_a_newcomer_takes_its_share_as_soon_as_it_may() -> None:
    table, clock = LedgerTable(), Clock()
    one, two = Writer(table, clock, "a"), Writer(table, clock, "b")
    one.renewed()
    two.renewed()
    for pause_s in (3.5, 0.4):
        clock.seconds += pause_s
        two.share.renew_if_due(BEAT_S)
        assert two.rate == 0
    clock.seconds += 0.1
    two.share.renew_if_due(BEAT_S)
    assert two.rate == 450


def test_a_ledger_that_does_not_answer_is_not_asked_at_every_beat_that_is_woken() -> None:
    table, clock = LedgerTable(), Clock()
    one = Writer(table, clock, "a")
    one.renewed()
    table.failure = EndpointConnectionError(endpoint_url="x")
    asked = 0
    clock.seconds += BEAT_S
    for _ in range(8):  # in two seconds
        try:
            one.share.renew_if_due(BEAT_S)
        except ServiceAway:
            asked += 1
        clock.seconds += 0.25
    assert asked == 4


def test_who_comes_back_after_the_others_gave_it_up_is_a_newcomer() -> None:
    table, clock = LedgerTable(), Clock()
    one, two = Writer(table, clock, "a"), Writer(table, clock, "b")
    one.renewed()
    clock.seconds += LEASE_S + 1
    assert two.renewed() == 900, "the first is dead, as far as it can tell"
    assert one.renewed() == 0
    clock.seconds += NOTICE_S
    assert one.renewed() == 450


@pytest.mark.parametrize(
    ("writers", "beat_s"), [(1, 2), (100, 2), (119, 2), (150, 3), (300, 11.4), (430, 23.22), (1000, 24)]
)
def test_the_more_writers_the_less_often_each_renews(writers: int, beat_s: float) -> None:
    assert beat_s_of(writers, BEAT_S, 24.0) == pytest.approx(beat_s)


def test_a_newcomer_among_many_waits_for_as_long_as_they_may_not_have_seen_it() -> None:
    clock, table = Clock(), LedgerTable()
    table.writers = dict.fromkeys(map(str, range(298)), NOW.timestamp() * 2)
    one, two = Writer(table, clock, "a"), Writer(table, clock, "b")
    one.renewed()
    clock.seconds += 22.8
    one.renewed()
    two.renewed()
    clock.seconds += 22.7
    assert (one.rate, two.renewed()) == (900 / 299, 0)
    clock.seconds += 0.1
    two.share.renew_if_due(BEAT_S)
    assert (one.rate, two.rate) == (0, 3)


def test_hundreds_of_writers_take_at_most_what_one_partition_gives() -> None:
    """Each of them at the pace of its own beats, which meet the due time or the one before it."""
    clock = Clock()
    table = LedgerTable()
    table.writers = {f"{number:036}:{number}#1": NOW.timestamp() * 2 for number in range(299)}
    one = Writer(table, clock, f"{299:036}:299#1")
    one.share.renew()
    beats = 0
    for _ in range(300):  # ten minutes
        clock.seconds += BEAT_S
        told = one.bucket.until
        one.share.renew_if_due(BEAT_S)
        beats += one.bucket.until != told
        assert clock() < one.bucket.until
    size = sum(len(name) + 8 + 2 for name in table.writers)
    assert size <= 300 * WRITER_BYTES
    assert 300 * (beats / 600) * ceil(size / 1024) <= 1000 / 2


steps = st.lists(
    st.tuples(
        st.integers(0, 5),
        st.sampled_from(["beat", "beat", "woken", "ledger away", "leaves"]),
        st.sampled_from([0.0, 0.3, 1.0, 1.9, 4.0, 15.0, 50.0, 70.0]),
    ),
    max_size=60,
)


@given(steps)
@settings(deadline=None)
def test_the_shares_never_add_up_to_more_than_the_budget(steps: list[tuple[int, str, float]]) -> None:
    """Whoever comes, leaves, falls silent or beats late, in whatever order, and though beats go by the writers."""
    with patch("csv_import.accounting.budget.LIST_UNITS_PER_S", 0.5):
        add_up(steps)


def add_up(steps: list[tuple[int, str, float]]) -> None:
    table, clock = LedgerTable(), Clock()
    writers: dict[int, Writer] = {}
    for number, what, pause_s in steps:
        writer = writers.setdefault(number, Writer(table, clock, str(number)))
        table.failure = EndpointConnectionError(endpoint_url="x") if what == "ledger away" else None
        with suppress(ServiceAway):
            if what == "leaves":
                del writers[number]
                if table.writers is not None:
                    writer.share.leave()
            elif what == "woken":
                writer.share.renew_if_due(BEAT_S)
            else:
                writer.share.renew()
        clock.seconds += pause_s
        assert sum(each.rate for each in writers.values()) <= 900 * (1 + 1e-9)


def test_hundreds_of_the_long_gone_are_taken_off_a_few_with_each_renewal() -> None:
    table, clock = LedgerTable(), Clock()
    gone = NOW.timestamp() - FORGET_AFTER_S
    table.writers = {f"{number:036}:{number}#1": gone for number in range(400)}
    one = Writer(table, clock, "a")
    left = []
    for _ in range(400 // MAX_FORGOTTEN + 1):
        assert one.renewed() == 900
        left.append(len(table.writers) - 1)
    assert left == list(range(400, -1, -MAX_FORGOTTEN))


@pytest.mark.parametrize(
    "failure",
    [
        ClientError({"Error": {"Code": "InternalServerError", "Message": ""}}, "UpdateItem"),
        EndpointConnectionError(endpoint_url="x"),
    ],
)
def test_a_ledger_that_is_away_leaves_the_share_as_it_was_until_a_newcomer_may_begin(
    failure: Exception,
) -> None:
    table, clock = LedgerTable(), Clock()
    one = Writer(table, clock, "a")
    one.renewed()
    table.failure = failure
    with pytest.raises(ServiceAway):
        one.renewed()
    clock.seconds += NOTICE_S - 0.1
    assert one.bucket.wait_s(clock()) == 0
    clock.seconds += 0.1
    assert one.bucket.wait_s(clock()) == float("inf")
    one.share.leave()


@pytest.mark.parametrize("answers_first", [False, True])
def test_a_ledger_that_never_tells_a_share_is_out_of_reach_after_a_lease(answers_first: bool) -> None:
    """Whether it never answered, or fell silent while a newcomer waited for its share."""
    table, clock = LedgerTable(), Clock()
    one, two = Writer(table, clock, "a"), Writer(table, clock, "b")
    one.renewed()
    if answers_first:
        assert two.renewed() == 0
    table.failure = EndpointConnectionError(endpoint_url="x")
    clock.seconds += LEASE_S - 1
    with pytest.raises(ServiceAway):
        two.renewed()
    assert not two.share.is_out_of_reach()
    clock.seconds += 1
    assert two.share.is_out_of_reach()
    assert one.share.is_out_of_reach(), "so is one that had a share: it came to nothing long before"
    table.failure = None
    two.renewed()
    assert not two.share.is_out_of_reach()
