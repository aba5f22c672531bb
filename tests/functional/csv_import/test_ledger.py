"""The job's conditional writes, against a table: who may write, and what is written."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from csv_import.accounting.counters import Counters
from csv_import.accounting.ledger import LeaseHeld, Ledger, PartKey
from csv_import.accounting.segments import Checkpoint
from csv_import.errors import JobStop, LeaseLost
from csv_import.rejects import Location
from tests.functional.csv_import.conftest import Clock, World

CHECKPOINT = Checkpoint(segment=2, at=Location(line=30, record=21, offset=900))


class Rig:
    """A part of an import, and a ledger whose clock the test moves."""

    def __init__(self, world: World) -> None:
        self.clock = Clock()
        self.ledger = Ledger(world.dynamodb, "ledger", self.clock.now)
        self.world = world
        self.import_id = world.drop(b"ProductId\n1\n")
        self.part = PartKey(self.import_id, 1, 0)

    def take(self, owner: str, attempt: int = 1) -> bool:
        return self.ledger.take_part(self.part, owner=owner, attempt=attempt, lease_s=60) is not None

    def renew(self, owner: str, rows_read: int = 5) -> None:
        counters = Counters(rows_read=rows_read)
        self.ledger.renew(self.part, owner=owner, lease_s=60, counters=counters, checkpoint=CHECKPOINT)

    def finish(self, owner: str) -> None:
        self.ledger.finish(self.part, owner=owner, counters=Counters(rows_read=7), checkpoint=CHECKPOINT)

    def give_up(self, owner: str, status: str) -> None:
        self.ledger.give_up(
            self.part,
            owner=owner,
            status=status,
            error={"code": "why", "message": "because", "exit_code": 75},
            counters=Counters(rows_read=3),
            checkpoint=CHECKPOINT,
        )

    def claim(self, job: str, run: int = 1) -> bool:
        return self.ledger.claim(self.import_id, run, job) is not None

    def stored(self) -> dict[str, Any]:
        return self.world.part(self.import_id)


@pytest.fixture
def rig(world: World) -> Rig:
    return Rig(world)


class TestClaim:
    def test_the_first_job_wins_and_keeps_winning(self, rig: Rig) -> None:
        assert rig.claim("job-1")
        assert not rig.claim("job-2")
        assert rig.claim("job-1")
        assert rig.world.record(rig.import_id)["load_job"] == "job-1"

    def test_a_job_of_another_run_loses(self, rig: Rig) -> None:
        assert not rig.claim("job-1", run=2)
        assert "load_job" not in rig.world.record(rig.import_id)

    def test_nothing_comes_of_an_import_that_nobody_registered(self, rig: Rig) -> None:
        assert rig.ledger.claim("unknown", 1, "job-1") is None
        assert rig.world.record("unknown") == {}

    def test_pinned_once_stays_pinned(self, rig: Rig) -> None:
        assert rig.claim("job-1")
        rig.ledger.pin(rig.part, "job-1", {"columns": 1})
        rig.ledger.pin(rig.part, "job-1", {"columns": 2})
        assert rig.world.record(rig.import_id)["pinned"] == {"columns": 1}

    def test_who_lost_the_claim_pins_nothing(self, rig: Rig) -> None:
        assert rig.claim("job-1")
        with pytest.raises(LeaseLost) as caught:
            rig.ledger.pin(rig.part, "job-2", {"columns": 1})
        assert caught.value.code == "claim_lost"
        assert "pinned" not in rig.world.record(rig.import_id)


class TestLease:
    def test_a_part_is_taken_and_made_by_its_first_attempt(self, rig: Rig) -> None:
        assert rig.take("a")
        stored = rig.stored()
        assert (stored["status"], stored["lease_owner"], stored["attempt"]) == ("RUNNING", "a", 1)
        assert stored["lease_until_epoch_s"] == Decimal(str(rig.clock.now().timestamp() + 60))

    def test_held_by_another_it_says_until_when(self, rig: Rig) -> None:
        rig.take("a")
        rig.clock.passed_s = 60
        with pytest.raises(LeaseHeld) as caught:
            rig.take("b", attempt=2)
        assert caught.value.until_epoch_s == rig.clock.now().timestamp()
        assert rig.stored()["lease_owner"] == "a"

    def test_run_out_it_is_taken_over(self, rig: Rig) -> None:
        rig.take("a")
        started = rig.stored()["started_at"]
        rig.clock.passed_s = 60.001
        assert rig.take("b", attempt=2)
        assert (rig.stored()["lease_owner"], rig.stored()["attempt"]) == ("b", 2)
        assert rig.stored()["started_at"] == started

    def test_renewed_it_holds_longer(self, rig: Rig) -> None:
        rig.take("a")
        rig.clock.passed_s = 59
        rig.renew("a")
        rig.clock.passed_s = 118
        with pytest.raises(LeaseHeld):
            rig.take("b")
        assert rig.stored()["counters"]["rows_read"] == 5
        assert rig.stored()["checkpoint"] == {"segment": 2, "record": 21, "line": 30, "offset": 900}

    def test_its_own_holder_takes_it_again(self, rig: Rig) -> None:
        assert rig.take("a")
        assert rig.take("a")

    @pytest.mark.parametrize("act", ["renew", "finish", "give_up"])
    def test_who_was_overtaken_writes_nothing(self, rig: Rig, act: str) -> None:
        rig.take("a")
        rig.clock.passed_s = 61
        rig.take("b", attempt=2)
        before = rig.stored()
        with pytest.raises(LeaseLost):
            if act == "give_up":
                rig.give_up("a", "FAILED")
            else:
                getattr(rig, act)("a")
        assert rig.stored() == before

    def test_parts_do_not_share_a_lease(self, rig: Rig) -> None:
        rig.take("a")
        other = PartKey(rig.import_id, 1, 1)
        assert rig.ledger.take_part(other, owner="b", attempt=1, lease_s=60)
        assert rig.stored()["lease_owner"] == "a"


class TestOutcome:
    def test_a_finished_part_is_done_and_free(self, rig: Rig) -> None:
        rig.take("a")
        rig.finish("a")
        stored = rig.stored()
        assert (stored["status"], stored["counters"]["rows_read"]) == ("DONE", 7)
        assert {"lease_owner", "lease_until_epoch_s"}.isdisjoint(stored)
        assert "finished_at" in stored

    def test_a_done_part_is_taken_by_nobody(self, rig: Rig) -> None:
        rig.take("a")
        rig.finish("a")
        assert not rig.take("b", attempt=2)
        assert not rig.take("a")
        assert rig.stored()["status"] == "DONE"

    @pytest.mark.parametrize(("status", "ended"), [("RUNNING", False), ("FAILED", True)])
    def test_given_up_it_is_free_and_says_why(self, rig: Rig, status: str, ended: bool) -> None:
        rig.take("a")
        rig.give_up("a", status)
        stored = rig.stored()
        assert (stored["status"], stored["error"]["code"]) == (status, "why")
        assert "lease_owner" not in stored
        assert ("finished_at" in stored) is ended

    @pytest.mark.parametrize("status", ["RUNNING", "FAILED"])
    def test_given_up_it_can_be_taken_at_once_and_the_error_is_gone(self, rig: Rig, status: str) -> None:
        rig.take("a")
        rig.give_up("a", status)
        assert rig.take("b", attempt=2)
        assert rig.stored()["status"] == "RUNNING"
        assert {"error", "finished_at"}.isdisjoint(rig.stored())


@pytest.mark.parametrize(("table", "exit_code"), [("nowhere", 78), ("ledger", None)])
def test_a_ledger_that_is_not_there_is_a_configuration(rig: Rig, table: str, exit_code: int | None) -> None:
    ledger = Ledger(rig.world.dynamodb, table, rig.clock.now)
    if exit_code is None:
        assert ledger.claim(rig.import_id, 1, "job-1") is not None
        return
    with pytest.raises(JobStop) as caught:
        ledger.claim(rig.import_id, 1, "job-1")
    assert (caught.value.code, caught.value.exit_code) == ("ledger_refused", exit_code)
