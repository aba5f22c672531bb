"""Both sides of the ledger write and read the attributes of docs/contracts.md: they never import each other."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import boto3
import pytest
from moto import mock_aws

import decision
import facts
import ledger
import ledger_items
from csv_import import errors as job_errors
from csv_import.accounting.counters import Counters
from csv_import.accounting.ledger import Ledger as JobLedger
from csv_import.accounting.ledger import PartKey, PlanKey, Stage
from csv_import.accounting.ledger_values import PinnedSpec
from csv_import.accounting.scope import Range, SharedRows
from csv_import.accounting.segments import Checkpoint
from csv_import.rejects import Location
from csv_import.shaping.values.value import Notice
from imports import Import, PartStatus, State, received
from jobs import Job
from objects import ObjectVersion
from tests.template.stacks import ROOT_TEMPLATE, parse
from tests.unit.contracts.page import NOW, OBJECT, names_in, quoted, table


@pytest.fixture
def dynamodb(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    for name in ("AWS_PROFILE", "AWS_ENDPOINT_URL", "AWS_ENDPOINT_URL_DYNAMODB"):
        monkeypatch.delenv(name, raising=False)
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "testing")
    with mock_aws():
        client = boto3.client("dynamodb", region_name="eu-central-1")
        resource = parse(ROOT_TEMPLATE)["Resources"]["LedgerTable"]["Properties"]
        client.create_table(
            TableName="ledger",
            KeySchema=resource["KeySchema"],
            AttributeDefinitions=resource["AttributeDefinitions"],
            GlobalSecondaryIndexes=resource["GlobalSecondaryIndexes"],
            BillingMode="PAY_PER_REQUEST",
        )
        yield client


SUBMIT = decision.Submit(State.LOADING, "received")
COUNTERS = Counters(
    rows_read=10,
    rows_accepted=9,
    rows_rejected=1,
    rows_written=6,
    rows_superseded=3,
    items_accepted=9,
    items_written=6,
    items_superseded=3,
    bytes_read=100,
    bytes_records=90,
    bytes_ignored=10,
    requests=4,
    throttles=1,
    retries=2,
)
COUNTERS.ignored["header"] = (1, 10)
COUNTERS.rejects_by_code["empty_key"] = 1
COUNTERS.notices = {("A", Notice.LEADING_ZEROS_LOST): 2}


class TestLedger:
    """Both sides at work on one table."""

    @pytest.fixture(autouse=True)
    def _both_sides(self, dynamodb: Any) -> None:
        self.dynamodb = dynamodb
        self.functions = ledger.Ledger(dynamodb, "ledger")
        self.job = JobLedger(dynamodb, "ledger", lambda: NOW)
        self.import_ = received(OBJECT, at="2026-11-23T10:00:00.000000Z")
        self.part = PartKey(self.import_.import_id, 1, 0)
        self.register(self.import_)

    def register(self, import_: Import) -> None:
        queue = self.functions.queue(import_.object.bucket, import_.object.key)
        assert self.functions.register([import_], queue)

    def submit(self) -> None:
        began = self.functions.begin_submission(self.import_, SUBMIT, at=NOW)
        assert began
        assert self.functions.record_submission(began, job_id="job-1")

    def load(self) -> None:
        """What a job does, up to its last renewal."""
        assert self.job.claim(self.import_.import_id, 1, "job-1")
        assert self.job.take_part(self.part, owner="me", attempt=2, lease_s=60)
        pinned = {
            "table_name": "items",
            "etag": "abc",
            "last_modified": "2026-11-23T09:59:59Z",
            "header": ["Id", "A"],
            "columns": 2,
            "segment_records": 10_000,
            "header_adjusted": [{"column": 2, "kind": "trimmed"}],
            "reading": {"mode": "strict", "compression": None, "footer_bytes": 0},
            "mode": "insert",
            "keys": {"table": [], "indexes": []},
        }
        self.job.pin_spec(
            self.import_.import_id, 1, "job-1", PinnedSpec("in/_import.yaml", "v7", "mode: insert")
        )
        self.job.pin(self.part, "job-1", pinned)
        self.job.renew(self.part, owner="me", lease_s=60, counters=COUNTERS, checkpoint=self.checkpoint())

    def checkpoint(self) -> Checkpoint:
        return Checkpoint(1, Location(12, 11, 100), "imports/a-1/checkpoint")

    def finish(self) -> None:
        self.job.finish(self.part, owner="me", counters=COUNTERS, checkpoint=self.checkpoint())

    def read(self) -> tuple[Any, list[Any]]:
        found = self.functions.read(self.import_.import_id)
        assert found is not None
        return found

    def decide(self, jobs: dict[str, Job]) -> decision.Decision:
        import_, parts = self.read()
        now, grace = NOW, timedelta(minutes=5)
        return decision.decide(
            facts.Facts(
                import_=import_, parts=parts, jobs=jobs, now=now, grace=grace, split_threshold_bytes=1_000_000
            )
        )

    def attributes(self, sort_key: str) -> dict[str, Any]:
        key = {"pk": f"import#{self.import_.import_id}", "sk": sort_key}
        answer = self.dynamodb.get_item(TableName="ledger", Key=ledger_items.to_wire(key))
        return ledger_items.from_wire(answer["Item"])

    def test_a_job_claims_what_was_submitted_and_nothing_else(self) -> None:
        claim = self.job.claim
        assert claim(self.import_.import_id, 1, "job-1") is None, "nobody has submitted it"
        self.submit()
        claimed = claim(self.import_.import_id, 1, "job-1")
        assert claimed is not None
        assert claimed.pinned is None
        assert claimed.parts == 1
        version = claimed.version
        assert (version.bucket, version.key, version.version_id, version.etag) == (
            "input",
            OBJECT.key,
            "v1",
            "abc",
        )
        assert claim(self.import_.import_id, 1, "job-2") is None
        assert claim(self.import_.import_id, 1, "job-1") is not None
        assert self.read()[0].load_job == "job-1"

    def test_a_job_claims_for_the_latest_submission_only(self) -> None:
        self.submit()
        import_ = self.read()[0]
        assert self.functions.begin_submission(import_, SUBMIT, at=NOW)
        assert self.job.claim(import_.import_id, 1, "job-1", 1) is None, "it is of the first one"
        assert self.job.claim(import_.import_id, 1, "job-2", 2) is not None
        assert self.job.claim(import_.import_id, 1, "job-2", 2) is not None, (
            "another child, or another attempt"
        )

    def test_an_object_without_versions_has_none_on_the_other_side(self) -> None:
        thing = ObjectVersion(**{**vars(OBJECT), "version_id": None, "key": "b.csv"})
        import_ = received(thing, at="2026-11-23T10:00:00.000000Z")
        self.register(import_)
        assert self.functions.begin_submission(import_, SUBMIT, at=NOW)
        claimed = self.job.claim(import_.import_id, 1, "job-1")
        assert claimed is not None
        assert claimed.version.version_id is None

    def test_a_spec_is_pinned_once_for_a_run_and_both_sides_read_it(self) -> None:
        self.submit()
        self.load()
        other = PinnedSpec("_import.yaml", "v8", "mode: delete")
        pinned = self.job.pin_spec(self.import_.import_id, 1, "job-1", other)
        assert pinned == PinnedSpec("in/_import.yaml", "v7", "mode: insert")
        claimed = self.job.claim(self.import_.import_id, 1, "job-1")
        assert claimed is not None
        assert claimed.spec == pinned
        spec = self.read()[0].spec
        assert spec is not None
        assert (spec.key, spec.version_id) == ("in/_import.yaml", "v7")
        (meaning,) = (row[2] for row in table("Import**") if quoted(row[0]) == ["spec"])
        assert self.attributes("import")["spec"].keys() == set(quoted(meaning)[:4])

    def test_a_repeat_is_loaded_by_the_spec_that_it_finds(self) -> None:
        self.submit()
        self.load()
        key = {"pk": f"import#{self.import_.import_id}", "sk": "import"}
        self.dynamodb.update_item(
            TableName="ledger",
            Key=ledger_items.to_wire(key),
            UpdateExpression="SET #run = :two, load_job = :job",
            ExpressionAttributeNames={"#run": "run"},
            ExpressionAttributeValues=ledger_items.to_wire({":two": 2, ":job": "job-2"}),
        )
        claimed = self.job.claim(self.import_.import_id, 2, "job-2")
        assert claimed is not None
        assert claimed.spec is None
        assert claimed.pinned is None
        mended = PinnedSpec("in/_import.yaml", "v9", "mode: put")
        assert self.job.pin_spec(self.import_.import_id, 2, "job-2", mended) == mended
        assert self.attributes("import")["spec"]["version_id"] == "v9"
        assert "pinned" not in self.attributes("import"), "it was read by the spec of the run before"

    def test_a_job_that_is_not_the_claimant_pins_nothing(self) -> None:
        self.submit()
        self.load()
        with pytest.raises(job_errors.LeaseLost):
            self.job.pin_spec(self.import_.import_id, 1, "job-2", PinnedSpec())

    def test_no_spec_is_pinned_too(self) -> None:
        self.submit()
        assert self.job.claim(self.import_.import_id, 1, "job-1")
        assert self.job.pin_spec(self.import_.import_id, 1, "job-1", PinnedSpec()) == PinnedSpec()
        late = PinnedSpec("_import.yaml", "v8", "mode: delete")
        assert self.job.pin_spec(self.import_.import_id, 1, "job-1", late) == PinnedSpec()
        assert self.read()[0].spec is None

    def test_the_functions_read_the_part_that_the_job_wrote(self) -> None:
        self.submit()
        self.load()
        (part,) = self.read()[1]
        assert (part.part, part.run, part.status) == (0, 1, PartStatus.RUNNING)
        self.finish()
        (part,) = self.functions.parts(self.read()[0])
        assert part.status is PartStatus.DONE
        assert part.counters == {name: getattr(COUNTERS, name) for name in part.counters}
        assert part.ignored == {"header": {"spans": 1, "bytes": 10}}
        assert part.rejects_by_code == {"empty_key": 1}
        assert part.notices == [{"column": "A", "code": "leading_zeros_lost", "cells": 2}]
        assert part.started_at == part.finished_at == "2026-11-23T10:00:00.000000Z"
        assert set(facts.ROW_COUNTERS) <= part.counters.keys()
        assert facts.equation_holds(part.counters)

    def test_the_functions_close_what_the_job_finished(self) -> None:
        self.submit()
        self.load()
        self.finish()
        decided = self.decide({})
        assert isinstance(decided, decision.Close)
        assert decided.state is State.DONE

    def test_the_functions_close_what_the_job_failed_for_the_jobs_own_reason(self) -> None:
        self.submit()
        self.load()
        error = {"code": "not_text", "message": "line 1: no text", "exit_code": 65}
        self.job.give_up(
            self.part,
            owner="me",
            status="FAILED",
            error=error,
            counters=COUNTERS,
            checkpoint=self.checkpoint(),
        )
        ended = {"job-1": Job(job_id="job-1", status="FAILED", exit_code=65)}
        decided = self.decide(ended)
        assert isinstance(decided, decision.Close)
        assert decided.failure is not None
        assert (decided.failure.code, decided.failure.message) == ("not_text", "line 1: no text")

    def test_a_closed_import_is_claimed_by_nobody(self) -> None:
        self.submit()
        self.load()
        self.finish()
        import_, parts = self.read()
        closed = type(import_)(
            **{**vars(import_), "state": State.DONE, "closed_at": "2026-11-23T10:00:01.000000Z"}
        )
        assert self.functions.close(closed, parts, report_key="k", was=import_)
        assert self.job.claim(self.import_.import_id, 1, "job-1") is None

    def test_the_functions_read_what_the_job_pinned(self) -> None:
        self.submit()
        self.load()
        pinned = self.read()[0].pinned
        assert (pinned.table_name, pinned.header, pinned.columns) == ("items", ("Id", "A"), 2)
        assert pinned.header_adjusted == ({"column": 2, "kind": "trimmed"},)
        assert pinned.reading == {"mode": "strict", "compression": None, "footer_bytes": 0}
        assert pinned.mode == "insert"
        (meaning,) = (row[2] for row in table("Import**") if quoted(row[0]) == ["pinned"])
        assert self.attributes("import")["pinned"].keys() == set(quoted(meaning))

    def test_every_attribute_is_one_of_the_contract(self) -> None:
        self.submit()
        self.load()
        part = self.attributes("run#0001#part#00000")
        self.finish()
        part |= self.attributes("run#0001#part#00000")
        assert part.keys() - {"pk", "sk"} == names_in("Part**") - {"error", "range", "shared"}
        assert self.attributes("import").keys() - {"pk", "sk"} <= names_in("Import**")
        meanings = {name: row[1] for row in table("Part**") for name in quoted(row[0])}
        assert part["counters"].keys() == set(quoted(meanings["counters"]))
        assert part["checkpoint"].keys() == set(quoted(meanings["checkpoint"]))

    def test_the_functions_go_on_from_the_plan_that_the_job_wrote(self) -> None:
        import_id = self.import_.import_id
        began = self.functions.begin_submission(
            self.import_, decision.Submit(State.PLANNING, "it is large"), at=NOW
        )
        assert began
        assert self.job.claim(import_id, 1, "job-1") is None, "it is not to be loaded yet"
        planner = JobLedger(self.dynamodb, "ledger", lambda: NOW, Stage.PLAN)
        assert planner.claim(import_id, 1, "job-1") is not None
        assert planner.claim(import_id, 1, "job-2") is None
        plan = PlanKey(import_id, 1)
        assert planner.take_part(plan, owner="me", attempt=1, lease_s=60)
        range_ = Range(Location(2, 1, 9), 100, 10, 3, ("left-out",))
        shared = SharedRows(("rows",), 6, 200)
        planner.plan_part(self.part, range_)
        planner.plan_part(PartKey(import_id, 1, 1), shared)
        planner.finish(plan, owner="me", counters=COUNTERS, checkpoint=self.checkpoint())
        planner.keep_plan(import_id, 1, "job-1", {"run": 1, "parts": 2})

        import_, parts = self.read()
        assert import_.plan_job == "job-1"
        assert [part.status for part in parts] == [PartStatus.DONE], "the plan's own item"
        decided = self.decide({})
        assert decided == decision.Submit(State.LOADING, "the plan is there", parts=2)
        assert self.functions.begin_submission(import_, decided, at=NOW)
        assert [(part.part, part.status) for part in self.read()[1]] == [
            (0, PartStatus.PLANNED),
            (1, PartStatus.PLANNED),
        ]
        claimed = self.job.claim(import_id, 1, "job-2")
        assert claimed is not None
        assert (claimed.parts, [claimed.part_at(index) for index in (0, 1)]) == (2, [0, 1])
        for number, scope in enumerate((range_, shared)):
            taken = self.job.take_part(PartKey(import_id, 1, number), owner="me", attempt=1, lease_s=60)
            assert taken is not None
            assert taken.scope == scope
        with pytest.raises(job_errors.LeaseLost):
            planner.plan_part(self.part, range_)

    def test_a_planned_part_is_of_the_contract(self) -> None:
        scopes: list[Range | SharedRows] = [Range(Location(2, 1, 9), 100, 10), SharedRows((), 6, 200)]
        meanings = {name: row[1] for row in table("Part**") for name in quoted(row[0])}
        for number, scope in enumerate(scopes):
            self.job.plan_part(PartKey(self.import_.import_id, 1, number), scope)
            part = self.attributes(f"run#0001#part#{number:05d}")
            assert part.keys() - {"pk", "sk"} <= names_in("Part**")
            assert part["status"] == "PLANNED"
            (name,) = part.keys() & {"range", "shared"}
            assert part[name].keys() == set(quoted(meanings[name]))

    def test_times_are_written_alike(self) -> None:
        self.submit()
        before = self.attributes("import")["updated_at"]
        self.load()
        assert len(self.attributes("import")["updated_at"]) == len(before)
        assert self.attributes("run#0001#part#00000")["updated_at"] == self.attributes("import")["updated_at"]
