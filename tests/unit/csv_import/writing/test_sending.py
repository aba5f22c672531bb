import re
from contextlib import suppress
from typing import Any

import pytest
from botocore.exceptions import CredentialRetrievalError

from csv_import.errors import Interrupted, LeaseLost, ServiceAway
from csv_import.writing.batch import Batch, sealed
from csv_import.writing.bucket import Bucket
from csv_import.writing.connections import Response
from csv_import.writing.single_write import SingleWrite
from csv_import.writing.units import WriteCost
from csv_import.writing.window import Window
from tests.unit.csv_import.writing.fakes import (
    TAKEN,
    Clock,
    Log,
    Table,
    Wire,
    batch,
    body,
    finish,
    said,
    sending_to,
    text,
    unprocessed,
)

Puts = list[dict[str, Any]]
THROTTLED = said("ProvisionedThroughputExceededException")
AWAY = said("InternalServerError", 500)


class Script:
    """Answers in turn: a response, or how many of the items come back unprocessed; then all is taken."""

    def __init__(self, *steps: Response | int) -> None:
        self.steps = list(steps)
        self.table = Table()

    def __call__(self, puts: Puts) -> Response:
        step = self.steps.pop(0) if self.steps else 0
        if isinstance(step, Response):
            self.table.sent.append([put["Id"]["S"] for put in puts])
            return step
        self.table(puts)
        return unprocessed(puts[len(puts) - step :] if step else [])


def test_what_is_taken_at_once_takes_one_request() -> None:
    script, log = Script(), Log()
    sending = sending_to(Wire(script, Clock()), log=log)
    sending.take(0, batch("a", "b", segment=3))
    finish(sending)
    assert (sending.effort.requests, sending.effort.retries, sending.effort.throttles) == (1, 0, 0)
    assert log.acknowledgements == [(3, 2)]
    assert (sending.unsettled, sending.unsettled_bytes, sending.effort.in_flight) == (0, 0, 0)


def test_only_what_was_left_is_sent_again_and_before_the_lanes_next() -> None:
    script, log = Script(2, AWAY, 1), Log()
    sending = sending_to(Wire(script, Clock()), log=log)
    sending.take(0, batch("a", "b", "c"))
    sending.take(0, batch("d"))
    finish(sending)
    assert script.table.sent == [["a", "b", "c"], ["b", "c"], ["b", "c"], ["c"], ["d"]]
    assert (sending.effort.requests, sending.effort.retries, sending.effort.throttles) == (5, 3, 2)
    assert log.acknowledgements == [(0, 3), (0, 1)]


def test_one_slow_lane_does_not_hold_up_the_others() -> None:
    order: list[str] = []

    def answers(puts: Puts) -> Response:
        key = puts[0]["Id"]["S"]
        order.append(key)
        return THROTTLED if key == "slow" and order.count("slow") < 5 else TAKEN

    sending = sending_to(Wire(answers, Clock()), lanes=2, window=Window(2, first=2, draw=lambda *_: 0.0))
    sending.take(0, batch("slow"))
    for _ in range(3):
        sending.take(1, batch("quick"))
    finish(sending)
    assert order[-1] == "slow"


@pytest.mark.parametrize(
    ("answer", "code"),
    [
        (THROTTLED, "table_throttled"),
        (AWAY, "table_unavailable"),
        (Response(0, failure="x"), "table_unavailable"),
    ],
)
def test_when_nothing_gets_through_for_too_long_the_service_is_away(answer: Response, code: str) -> None:
    clock = Clock()
    sending = sending_to(Wire(lambda _: answer, clock), budget_s=60)
    sending.take(0, batch("a", "b"))
    began = clock()
    with pytest.raises(ServiceAway, match="took nothing of any batch for ") as caught:
        finish(sending)
    assert (caught.value.code, caught.value.exit_code) == (code, 75)
    assert 60 <= clock() - began < 85
    assert f" for {clock() - began:.0f} s: " in caught.value.message


def test_a_batch_that_starves_while_others_get_through_ends_nothing_and_then_it_is_told_for_how_long() -> (
    None
):
    clock, table, taken_at = Clock(), Table(), [0.0]

    def answers(puts: list[dict[str, Any]]) -> Response:
        if puts[0]["Id"]["S"] == "bad":
            return THROTTLED
        taken_at[0] = clock()
        return table(puts)

    sending = sending_to(Wire(answers, clock), budget_s=60)
    sending.take(0, batch("bad"))
    began = clock()
    while clock() - began < 150:
        sending.take(1, batch("good"))
        clock.pause(1.0)
        sending.advance()
    with pytest.raises(ServiceAway) as caught:
        finish(sending)
    assert clock() - taken_at[0] > 60
    found = re.search(r"took nothing of any batch for (\d+) s", caught.value.message)
    assert found is not None
    assert int(found[1]) == pytest.approx(clock() - taken_at[0], abs=1)


def test_an_item_that_gets_through_starts_the_budget_anew() -> None:
    clock = Clock()
    steps: list[Response | int] = []
    for left in range(9, 0, -1):
        steps += [left, *[THROTTLED] * 6]
    sending = sending_to(Wire(Script(*steps), clock), budget_s=8)
    sending.take(0, batch(*map(str, range(10))))
    finish(sending)


def test_the_right_to_write_is_looked_at_before_every_request() -> None:
    rights = iter([None] * 4 + [LeaseLost("lease_expired", "")] * 9)

    def check() -> None:
        if (lost := next(rights)) is not None:
            raise lost

    wire = Wire(lambda _: THROTTLED, Clock())
    sending = sending_to(wire, before_send=check)
    sending.take(0, batch("a"))
    with pytest.raises(LeaseLost):
        finish(sending)
    assert wire.requests <= 4


def test_nothing_is_sent_without_the_right_to_write() -> None:
    def check() -> None:
        raise Interrupted

    wire = Wire(Table(), Clock())
    sending = sending_to(wire, before_send=check)
    sending.take(0, batch("a"))
    with pytest.raises(Interrupted):
        finish(sending)
    assert wire.requests == 0


def test_credentials_that_cannot_be_refreshed_just_now_are_waited_for() -> None:
    fresh = iter([CredentialRetrievalError(provider="container-role", error_msg="timed out")] * 3)

    def sign(_: bytes) -> list[str]:
        if (error := next(fresh, None)) is not None:
            raise error
        return []

    wire = Wire(Table(), Clock())
    sending = sending_to(wire, sign=sign)
    sending.take(0, batch("a"))
    finish(sending)
    assert (wire.requests, sending.effort.requests, sending.effort.retries) == (1, 1, 3)


def test_the_window_goes_by_shares_of_the_batch_that_was_sent() -> None:
    table, window = Table(), Window(32, first=8)
    window.answered(0.0, 0.0, 0.0, 0.01)  # it is not opening any more
    before = window.size
    wire = Wire(table, Clock())
    sending = sending_to(wire, window=window)
    sending.take(0, batch("a", "b"))
    finish(sending)
    assert window.size == pytest.approx(before + 1 / before), "two of two are all"


def test_what_became_of_each_item_with_a_condition_is_told() -> None:
    kind = SingleWrite(
        "PutItem",
        lambda item: b'{"RequestItems":{"t":[{"PutRequest":{"Item":' + item + b"}}]}}",
        lambda _, found: False,
    )
    there = Response(
        400,
        b'{"__type":"x#ConditionalCheckFailedException","Item":{"Id":{"S":"a"}}}',
    )
    log = Log()
    sending = sending_to(
        Wire(lambda puts: there if puts[0]["Id"]["S"] == "a" else TAKEN, Clock()), kind=kind, log=log
    )
    sending.take(0, batch("a", "b", "c"))
    sending.take(0, batch("a"))
    finish(sending)
    assert log.told == [(text(key), key == "a") for key in "abca"]
    assert log.acknowledgements == [(0, 3), (0, 1)], "a batch is settled with its last item"


def test_items_that_go_by_themselves_go_one_after_the_other_in_their_lane() -> None:
    kind = SingleWrite(
        "UpdateItem", lambda item: b'{"RequestItems":{"t":[{"PutRequest":{"Item":' + item + b"}}]}}"
    )
    table, log = Table(), Log()
    script: list[Response] = [THROTTLED, AWAY]
    wire = Wire(lambda puts: script.pop(0) if script else table(puts), Clock())
    sending = sending_to(wire, kind=kind, log=log)
    sending.take(0, batch("a", "b", "c"))
    finish(sending)
    assert (table.sent, log.told, log.acknowledgements) == ([["a"], ["b"], ["c"]], [], [(0, 3)])


def test_the_budget_is_taken_before_and_set_right_after() -> None:
    clock = Clock()
    bucket = Bucket(100.0, clock())
    told = Response(200, b'{"ConsumedCapacity":[{"CapacityUnits":50.0}]}')
    sending = sending_to(Wire(lambda _: told, clock), bucket=bucket, cost=WriteCost())
    began = clock()
    for _ in range(10):
        sending.take(0, batch("a", "b"))
    finish(sending)
    assert sending.effort.units == 500
    assert 4.4 <= clock() - began <= 5.1, "ten requests of 50 units, at 100 a second, the last one overdrawn"


def test_what_came_back_unprocessed_does_not_count_against_the_budget() -> None:
    clock = Clock()
    sending = sending_to(Wire(Script(2, 1), clock), bucket=Bucket(1000.0, clock()))
    sending.take(0, batch("a", "b", "c"))
    finish(sending)
    assert sending.effort.units == pytest.approx(3)


@pytest.mark.parametrize(
    ("answer", "takes"),
    [
        (TAKEN, 2.0),
        (Response(0, failure="Connection reset by peer"), 2.0),
        (said("InternalServerError", 500), 2.0),
        (THROTTLED, 0.0),
        (Response(503, b"<html>"), 0.0),
    ],
)
def test_units_of_a_lost_answer_count_as_consumed_for_nobody_knows(answer: Response, takes: float) -> None:
    clock = Clock()
    bucket = Bucket(1000.0, clock())
    sending = sending_to(Wire(lambda _: answer, clock), bucket=bucket, budget_s=0.0)
    sending.take(0, batch("a", "b"))
    with suppress(ServiceAway):
        finish(sending)
    assert sending.effort.units == takes


@pytest.mark.parametrize(
    ("code", "names"),
    [
        ("ItemCollectionSizeLimitExceededException", "10 GB"),
        ("RequestTimeTooSkewed", "host's clock"),
        ("InvalidSignatureException", "host's clock"),
    ],
)
def test_trouble_that_lasts_ends_the_attempt_with_its_remedy(code: str, names: str) -> None:
    clock = Clock()
    wire = Wire(lambda _: said(code), clock)
    sending = sending_to(wire, budget_s=60.0)
    began = clock()
    sending.take(0, batch("a"))
    with pytest.raises(ServiceAway, match=names) as caught:
        finish(sending)
    assert (caught.value.code, caught.value.exit_code) == ("table_unavailable", 75)
    assert (clock() - began >= 60, wire.requests > 3) == (True, True)


def large(key: str, size: int) -> Batch:
    return sealed(0, {text(key): (body(key, "x" * size), 1)})


def test_bytes_are_unsettled_until_the_last_piece_is() -> None:
    script = Script(THROTTLED)
    sending = sending_to(Wire(script, Clock()))
    sending.take(0, large("a", 500))
    size = sending.unsettled_bytes
    assert size > 500
    sending.advance()
    sending.advance()
    assert sending.unsettled_bytes == size
    finish(sending)
    assert sending.unsettled_bytes == 0
