"""Holds functions/ and the job to docs/contracts.md: they never import each other, and must agree all the same."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import boto3
import pytest
from moto import mock_aws

import closing
import csv_import.__main__ as job
import decision
import ledger
import ledger_items
import submission
from artifacts import root
from csv_import import errors as job_errors
from csv_import.accounting.artifacts import Artifacts
from csv_import.accounting.books import Books, Keys
from csv_import.accounting.counters import Counters
from csv_import.accounting.ledger import Ledger as JobLedger
from csv_import.accounting.ledger import PartKey
from csv_import.accounting.ledger_values import PinnedSpec
from csv_import.accounting.saved_books import SavedBooks
from csv_import.accounting.segments import Checkpoint
from csv_import.rejects import Location, Reason, Reject, RejectCode
from csv_import.settings import settings_from
from csv_import.shaping.values.value import Notice
from imports import PartStatus, State, import_id, received
from objects import ObjectVersion
from settings import Settings
from tests.template.stacks import BATCH_TEMPLATE, PROJECT, ROOT_TEMPLATE, of_type, parse

CONTRACTS = (PROJECT / "docs" / "contracts.md").read_text(encoding="utf-8")
NOW = datetime(2026, 11, 23, 10, 0, tzinfo=UTC)
OBJECT = ObjectVersion(
    bucket="input",
    key="in/Übersicht 1.csv",
    version_id="v1",
    sequencer="0055",
    etag="abc",
    size=321,
    event_time="2026-11-23T09:59:59.000000Z",
)
FUNCTIONS_ENVIRONMENT = {
    "DEPLOYMENT": "test",
    "LEDGER_TABLE": "ledger",
    "ARTIFACTS_BUCKET": "artifacts",
    "TABLE_NAME": "items",
    "IDEMPOTENCY_TABLE": "idempotency",
    "JOB_QUEUE": "arn:queue",
    "LOAD_JOB_DEFINITION": "arn:definition",
    "SUBMIT_GRACE_SECONDS": "300",
    "LEDGER_RETENTION_DAYS": "365",
}


def section(title: str) -> str:
    """The part of the contracts under a heading, or under a bold word that starts a line."""
    match = re.search(rf"^(?:## |\*\*){re.escape(title)}.*?$(.*?)(?=^## |^\*\*|\Z)", CONTRACTS, re.M | re.S)
    assert match, title
    return match[1]


def table(title: str) -> list[list[str]]:
    """The cells of the first table of a section, without its head."""
    lines = [line for line in section(title).splitlines() if line.startswith("|")]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines[2:]]


def quoted(text: str) -> list[str]:
    return re.findall(r"`([^`]+)`", text)


def names_in(title: str) -> set[str]:
    """What the first column names."""
    return {name for row in table(title) for name in quoted(row[0])}


class Spy(Mapping[str, str]):
    """An environment that knows what it was asked for."""

    def __init__(self, values: Mapping[str, str]) -> None:
        self.values_ = values
        self.asked: set[str] = set()

    def __getitem__(self, name: str) -> str:
        self.asked.add(name)
        return self.values_[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self.values_)

    def __len__(self) -> int:
        return len(self.values_)


def job_definition() -> dict[str, Any]:
    (definition,) = of_type(parse(BATCH_TEMPLATE), "AWS::Batch::JobDefinition").values()
    properties: dict[str, Any] = definition["Properties"]
    return properties


def job_container() -> dict[str, Any]:
    ((container,),) = (task["Containers"] for task in job_definition()["EcsProperties"]["TaskProperties"])
    assert isinstance(container, dict)
    return container


def submitted() -> dict[str, Any]:
    settings = Settings.from_environment(FUNCTIONS_ENVIRONMENT)
    request: Any = submission.load_job(received(OBJECT, at="2026-11-23T10:00:00.000000Z"), settings)
    return dict(request)


class TestSubmission:
    def test_what_is_submitted_is_what_the_contract_says(self) -> None:
        fields = {quoted(row[0])[0] for row in table("SubmitJob")} | {"jobDefinition"}
        assert submitted().keys() == fields
        (parameters,) = (quoted(row[1])[0] for row in table("SubmitJob") if "parameters" in row[0])
        assert set(re.findall(r'"(\w+)":', parameters)) == submitted()["parameters"].keys()
        assert all(isinstance(value, str) for value in submitted()["parameters"].values())

    def test_the_command_is_the_contracts(self) -> None:
        (command,) = (text for text in quoted(section("SubmitJob")) if text.startswith('["load"'))
        assert job_container()["Command"] == json.loads(command)

    def test_the_image_starts_the_package(self) -> None:
        (entrypoint,) = (text for text in quoted(section("SubmitJob")) if text.startswith('["python"'))
        dockerfile = (PROJECT / "batch_job" / "Dockerfile").read_text(encoding="utf-8")
        (started,) = re.findall(r"^ENTRYPOINT (.*)$", dockerfile, re.M)
        assert json.loads(started) == json.loads(entrypoint)

    def test_the_job_parses_what_the_functions_submit(self, monkeypatch: pytest.MonkeyPatch) -> None:
        parameters = {**job_definition()["Parameters"], **submitted()["parameters"]}
        command = [
            parameters[word.removeprefix("Ref::")] if word.startswith("Ref::") else word
            for word in job_container()["Command"]
        ]
        seen = []
        monkeypatch.setattr(job, "connect", lambda *_: None)
        monkeypatch.setattr(job, "load", lambda settings, _: seen.append(settings))
        monkeypatch.setattr("signal.signal", lambda *_: None)
        environment = dict.fromkeys(job_environment(), "x") | {
            "LOG_LEVEL": "CRITICAL",
            "READING_MODE": "lenient",
            "ALLOWED_MODES": "put",
            "WRITE_BUDGET": "0",
        }
        assert job.main(command, {**environment, "AWS_BATCH_JOB_ID": "j"}) == 0
        assert (seen[0].import_id, seen[0].run) == (submitted()["parameters"]["import_id"], 1)
        assert command[0] == submitted()["parameters"]["stage"]

    def test_the_functions_find_the_import_of_a_job_in_what_they_submitted(self) -> None:
        request = submitted()
        assert submission.import_of_job(request) == request["parameters"]["import_id"]
        assert submission.import_of_job({"jobName": request["jobName"]}) == request["parameters"]["import_id"]


def job_environment() -> set[str]:
    return {each["Name"] for each in job_container()["Environment"]}


class TestEnvironment:
    def of(self, column: int) -> set[str]:
        return {name for row in table("Environment") if row[column] == "✓" for name in quoted(row[0])}

    def test_of_the_functions(self) -> None:
        spy = Spy(FUNCTIONS_ENVIRONMENT)
        Settings.from_environment(spy)
        assert spy.asked == self.of(1)

    def test_of_the_functions_in_the_template(self) -> None:
        template = parse(ROOT_TEMPLATE)
        shared = template["Globals"]["Function"]["Environment"]["Variables"]
        functions = of_type(template, "AWS::Serverless::Function")
        assert functions
        for name, function in functions.items():
            own = function["Properties"].get("Environment", {}).get("Variables", {})
            assert self.of(1) <= {*shared, *own}, name

    def test_of_the_job(self) -> None:
        by_batch = {name for name in names_in("Environment") if name.startswith("AWS_BATCH")}
        values = dict.fromkeys((self.of(2) | by_batch) - {"LOG_LEVEL", "READING_MODE"}, "1")
        spy = Spy(values | {"ALLOWED_MODES": "put"})
        settings_from(spy, import_id="a-1", run="1")
        assert spy.asked == self.of(2) | by_batch

    def test_of_the_job_in_the_template(self) -> None:
        assert job_environment() == self.of(2)


class TestExitCodes:
    def test_the_jobs_stops_end_with_a_code_of_the_contract(self) -> None:
        codes = {int(row[0]) for row in table("Exit codes")}
        stops = [
            each
            for each in vars(job_errors).values()
            if isinstance(each, type) and issubclass(each, job_errors.JobStop)
        ]
        assert {each.exit_code for each in stops} | {0, job.BUG} == codes

    def test_batch_ends_on_the_codes_that_are_not_retried(self) -> None:
        final = {row[0] for row in table("Exit codes") if row[2] == "no"}
        exits = job_definition()["RetryStrategy"]["EvaluateOnExit"]
        assert {each["OnExitCode"] for each in exits if each["Action"] == "EXIT"} == final
        assert all(each["Action"] == "EXIT" for each in exits), "no match means retry"


class FakeS3:
    def __init__(self) -> None:
        self.objects: dict[str, bytes] = {}

    def put_object(self, **request: Any) -> None:
        body = request["Body"]
        self.objects[request["Key"]] = body if isinstance(body, bytes) else body.read()


def written_artifacts() -> dict[str, bytes]:
    s3 = FakeS3()
    artifacts = Artifacts(s3, "artifacts", PartKey("a-1", 3, 0), line_ends=[b"\n"])
    artifacts.keep_header(b"Id,A\n")
    for segment in (12, 100):
        rejects = artifacts.segment_rejects(segment)
        rejects.add(
            Reject(Location(2, 1, 5), Reason(RejectCode.EMPTY_KEY, "empty", "Id"), b",%d\n" % segment, 3)
        )
        rejects.keep()
        refused = artifacts.refused_rows(segment)
        refused.add(
            Reject(Location(2, 1, 5), Reason(RejectCode.REFUSED_BY_DYNAMODB, "no"), b"r%d\n" % segment, 4)
        )
        refused.keep()
        end = Location(2, 1, 5)
        SavedBooks(s3, "artifacts", PartKey("a-1", 3, 0), "job:0#1").keep(
            [Books(segment, end, Counters(), Keys())], None
        )
    return s3.objects


class FunctionsArtifacts:
    """Lists and joins, as functions/artifacts.py does, what the job wrote."""

    def __init__(self, objects: dict[str, bytes]) -> None:
        self.objects = objects
        self.json: dict[str, Any] = {}

    def keys(self, prefix: str) -> list[str]:
        return sorted(key for key in self.objects if key.startswith(prefix))

    def join(self, sources: list[str], target: str, *, content_type: str) -> None:
        self.objects[target] = b"".join(self.objects[key] for key in sources)

    def first_json_lines(self, sources: list[str], count: int) -> list[dict[str, Any]]:
        return [json.loads(line) for key in sources for line in self.objects[key].splitlines()][:count]

    def put_json(self, key: str, value: object) -> None:
        self.json[key] = value


class TestArtifacts:
    def test_the_job_writes_under_the_keys_of_the_contract(self) -> None:
        patterns = [name for row in table("Artifacts bucket") if row[1] == "job" for name in quoted(row[0])]
        templates = [re.sub(r"<(\w+):(0\dd)>", r"{\1:\2}", pattern) for pattern in patterns]
        expected = {
            "imports/a-1/run-0003/" + template.format(part=0, segment=segment).replace("<attempt>", "job-0-1")
            for template in templates
            for segment in (12, 100)
        }
        assert written_artifacts().keys() == expected

    def test_a_reject_has_the_fields_of_the_contract(self) -> None:
        (what,) = (
            row[2]
            for row in table("Artifacts bucket")
            if row[0].endswith(".jsonl`") and row[1] == "job" and "refused" not in row[0]
        )
        for key, content in written_artifacts().items():
            if key.endswith(".jsonl"):
                assert list(json.loads(content)) == quoted(what)

    def test_the_functions_find_what_the_job_wrote(self) -> None:
        found = FunctionsArtifacts(written_artifacts())
        app: Any = SimpleNamespace(artifacts=found, settings=SimpleNamespace(table_name="items"))
        closed = received(OBJECT, at="2026-11-23T10:00:00.000000Z")
        closed = type(closed)(**{**vars(closed), "import_id": "a-1", "run": 3, "state": State.DONE})

        report_key = closing.publish(closed, [], app)

        prefix = root("a-1", 3)
        written = {quoted(row[0])[0] for row in table("Artifacts bucket") if row[1] == "functions"}
        assert {
            name for name in found.objects if "/" not in name.removeprefix(prefix)
        } | found.json.keys() == {prefix + name for name in written | {"header.csv"}}
        assert found.objects[f"{prefix}rejects.csv"] == b"Id,A\n,12\nr12\n,100\nr100\n"
        assert found.json[report_key]["rejects"]["csv_key"] == f"{prefix}rejects.csv"
        assert found.json[report_key]["rejects"]["first"][0]["code"] == "empty_key"


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
        assert self.functions.register(self.import_)

    def submit(self) -> None:
        submitted_at = self.functions.begin_submission(self.import_, at=NOW)
        assert submitted_at
        assert self.functions.record_submission(
            self.import_.import_id, submitted_at=submitted_at, job_id="job-1"
        )

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

    def test_an_object_without_versions_has_none_on_the_other_side(self) -> None:
        thing = ObjectVersion(**{**vars(OBJECT), "version_id": None, "key": "b.csv"})
        import_ = received(thing, at="2026-11-23T10:00:00.000000Z")
        assert self.functions.register(import_)
        assert self.functions.begin_submission(import_, at=NOW)
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
        (part,) = self.read()[1]
        assert part.status is PartStatus.DONE
        assert part.counters == {name: getattr(COUNTERS, name) for name in part.counters}
        assert part.ignored == {"header": {"spans": 1, "bytes": 10}}
        assert part.rejects_by_code == {"empty_key": 1}
        assert part.notices == [{"column": "A", "code": "leading_zeros_lost", "cells": 2}]
        assert part.started_at == part.finished_at == "2026-11-23T10:00:00.000000Z"
        assert set(decision.ROW_COUNTERS) <= part.counters.keys()
        assert decision.equation_holds(part.counters)

    def test_the_functions_close_what_the_job_finished(self) -> None:
        self.submit()
        self.load()
        self.finish()
        decided = decision.decide(*self.read(), {}, now=NOW, grace=timedelta(minutes=5))
        assert isinstance(decided, decision.Close)
        assert decided.state is State.DONE

    def test_the_functions_close_what_the_job_failed_for_the_jobs_own_reason(self) -> None:
        from jobs import Job

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
        decided = decision.decide(*self.read(), ended, now=NOW, grace=timedelta(minutes=5))
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
        assert self.functions.close(closed, parts, report_key="k", was=import_.state)
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
        assert part.keys() - {"pk", "sk"} == names_in("Part**") - {"error"}
        assert self.attributes("import").keys() - {"pk", "sk"} <= names_in("Import**")
        meanings = {name: row[1] for row in table("Part**") for name in quoted(row[0])}
        assert part["counters"].keys() == set(quoted(meanings["counters"]))
        assert part["checkpoint"].keys() == set(quoted(meanings["checkpoint"]))

    def test_times_are_written_alike(self) -> None:
        self.submit()
        before = self.attributes("import")["updated_at"]
        self.load()
        assert len(self.attributes("import")["updated_at"]) == len(before)
        assert self.attributes("run#0001#part#00000")["updated_at"] == self.attributes("import")["updated_at"]


def test_an_import_id_is_what_the_contract_says() -> None:
    import hashlib

    found = import_id(bucket="b", key="x/Über  Größe!.CSV", version_id="null", sequencer="55")
    digest = hashlib.sha256("b\0x/Über  Größe!.CSV\0sequencer:55".encode()).hexdigest()[:20]
    assert found == f"ber-gr-e-csv-{digest}"


def test_every_reject_code_is_explained_to_operators() -> None:
    operations = (PROJECT / "docs" / "operations.md").read_text(encoding="utf-8")
    explained = set(quoted(operations))
    assert {str(code) for code in RejectCode} <= explained


def test_every_code_that_the_job_stops_with_is_explained_to_operators() -> None:
    operations = (PROJECT / "docs" / "operations.md").read_text(encoding="utf-8")
    explained = set(quoted(operations))
    raised: set[str] = set()
    stops = "JobStop|BadData|BadConfiguration|TryAgain|ServiceAway|LeaseLost"
    for path in sorted(Path(PROJECT, "batch_job", "csv_import").rglob("*.py")):
        raised |= set(
            re.findall(rf'(?:{stops}|super\(\).__init__)\(\s*"(\w+)"', path.read_text(encoding="utf-8"))
        )
    assert len(raised) > 20
    assert raised <= explained, raised - explained
