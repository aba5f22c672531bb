"""Items that DynamoDB refuses as they are: each is found out, and costs no other."""

from typing import Any

import pytest

from csv_import.errors import BadConfiguration
from csv_import.writing.connections import Response
from csv_import.writing.sending import MAX_REFUSED
from tests.unit.csv_import.writing.fakes import (
    Clock,
    Log,
    Table,
    Wire,
    batch,
    finish,
    said,
    sending_to,
    text,
)

Puts = list[dict[str, Any]]
AWAY = said("InternalServerError", 500)


class Refuses:
    """Refuses every request that holds one of these keys."""

    def __init__(self, *keys: str) -> None:
        self.keys = set(keys)
        self.table = Table()

    def __call__(self, puts: Puts) -> Response:
        if self.keys & {put["Id"]["S"] for put in puts}:
            return said("ValidationException", message="not like this")
        return self.table(puts)


@pytest.mark.parametrize("bad", [["7"], ["0", "24"], ["3", "4", "5"], []])
def test_a_row_that_dynamodb_refuses_never_costs_the_others(bad: list[str]) -> None:
    keys = [str(number) for number in range(25)]
    refuses, log = Refuses(*bad), Log()
    wire = Wire(refuses, Clock())
    sending = sending_to(wire, log=log)
    sending.take(0, batch(*keys, segment=6))
    sending.take(0, batch("after", segment=7))
    finish(sending)
    assert refuses.table.items.keys() == {*keys, "after"} - set(bad)
    assert [(segment, record, key) for segment, record, key, _ in log.refusals] == [
        (6, int(key) + 1, text(key)) for key in bad
    ]
    assert {message for *_, message in log.refusals} <= {"not like this"}
    assert log.acknowledgements == [(6, 25 - len(bad)), (7, 1)]
    assert wire.requests <= 2 + len(bad) * 2 * 5


def test_each_half_of_a_batch_that_is_refused_has_all_the_time_there_is() -> None:
    """The refusal comes when most of the batch's own time is over."""
    clock, table = Clock(), Table()
    began = clock()

    def answer(puts: list[dict[str, Any]]) -> Response:
        since = clock() - began
        if since < 50:
            return AWAY
        if len(puts) > 1:
            return said("ValidationException")
        return AWAY if since < 95 else table(puts)

    sending = sending_to(Wire(answer, clock), budget_s=60.0)
    sending.take(0, batch("a", "b"))
    finish(sending)
    assert table.items.keys() == {"a", "b"}


def test_a_table_that_refuses_every_row_does_not_fit() -> None:
    sending = sending_to(Wire(lambda _: said("ValidationException", message="no"), Clock()))
    with pytest.raises(BadConfiguration, match=f"more than {MAX_REFUSED} items of one part$") as caught:
        for number in range(MAX_REFUSED // 25 + 1):
            sending.take(number % 4, batch(*[f"{number}-{each}" for each in range(25)]))
        finish(sending)
    assert (caught.value.code, caught.value.exit_code) == ("request_refused", 78)
    assert caught.value.detail == ": no", "it may hold what stands in the file, and is not logged"
