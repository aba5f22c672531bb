"""How sending ends: what is under way is waited for, and no failure hides an answer."""

import pytest

from csv_import.errors import Interrupted, LeaseLost, ServiceAway
from csv_import.writing.sending import MAX_WAIT_S
from tests.unit.csv_import.writing.fakes import (
    Clock,
    Log,
    Table,
    Wire,
    batch,
    finish,
    said,
    sending_to,
)

AWAY = said("InternalServerError", 500)


def test_closing_accounts_for_what_is_under_way_and_sends_nothing_more() -> None:
    log, table = Log(), Table()
    wire = Wire(table, Clock())
    sending = sending_to(wire, log=log)
    sending.take(0, batch("a"))
    sending.take(0, batch("b"))
    sending.move(0.0)
    sending.close()
    assert (table.sent, log.written(), sending.effort.in_flight) == ([["a"]], 1, 0)


@pytest.mark.parametrize(("takes_s", "written", "waited_s"), [(59.0, 1, 59), (61.0, 0, 60), (1e9, 0, 60)])
def test_closing_waits_for_answers_until_its_deadline(takes_s: float, written: int, waited_s: float) -> None:
    """What is not answered then is unknown, and so neither settled nor counted."""
    log, clock = Log(), Clock()
    sending = sending_to(Wire(Table(), clock, takes_s=takes_s), log=log)
    sending.take(0, batch("a"))
    sending.move(0.0)
    began = clock()
    sending.close()
    assert log.written() == written
    assert sending.unsettled == 1 - written
    assert clock() - began == pytest.approx(waited_s, abs=MAX_WAIT_S)


def test_a_failure_among_several_answers_loses_none_of_the_others() -> None:
    table, log = Table(), Log()
    wire = Wire(lambda puts: AWAY if puts[0]["Id"]["S"] == "bad" else table(puts), Clock())
    sending = sending_to(wire, log=log, budget_s=0.0)
    for lane, key in enumerate(("bad", "good", "fine")):
        sending.take(lane, batch(key))
    with pytest.raises(ServiceAway):
        finish(sending)
    assert log.written() == 2


@pytest.mark.parametrize(("why", "written"), [(Interrupted(), 1), (LeaseLost("lease_expired", ""), 0)])
def test_what_was_begun_is_finished_after_sigterm_but_not_without_the_lease(
    why: Exception, written: int
) -> None:
    """A request that was begun may wait for its connection still: then it would be sent after the lease ran out."""
    rights: list[Exception] = []

    def check() -> None:
        if rights:
            raise rights[0]

    log = Log()
    sending = sending_to(Wire(Table(), Clock()), log=log, before_send=check)
    sending.take(0, batch("a"))
    sending.move(0.0)
    rights.append(why)
    with pytest.raises(type(why)):
        sending.move(0.0)
    sending.close()
    assert log.written() == written


def test_a_bug_while_an_answer_is_read_ends_it_all_and_hangs_nothing() -> None:
    class Broken(Log):
        def acknowledged(self, segment: int, items: int) -> None:
            raise RuntimeError("a bug")

    sending = sending_to(Wire(Table(), Clock()), log=Broken())
    for lane, key in enumerate(("a", "b", "c")):
        sending.take(lane, batch(key))
    with pytest.raises(RuntimeError, match="a bug"):
        finish(sending)
    sending.close()
    assert sending.effort.in_flight == 0
