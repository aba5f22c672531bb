"""The job writes and the functions join artifacts under the keys of docs/contracts.md."""

from __future__ import annotations

import json
import re
from types import SimpleNamespace
from typing import Any

import closing
from artifacts import root
from csv_import.accounting.artifacts import Artifacts
from csv_import.accounting.books import Books, Keys
from csv_import.accounting.counters import Counters
from csv_import.accounting.ledger import PartKey
from csv_import.accounting.saved_books import SavedBooks
from csv_import.rejects import Location, Reason, Reject, RejectCode
from imports import State, received
from tests.unit.contracts.page import OBJECT, quoted, table


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

    def test_the_plan_writes_under_the_keys_of_the_contract(self) -> None:
        s3 = FakeS3()
        artifacts = Artifacts(s3, "artifacts", PartKey("a-1", 3, 0), line_ends=[b"\n"])
        kept = {artifacts.keep_piece(kind, 12, 7, b"x") for kind in ("left-out", "shared")}
        patterns = [
            name for row in table("Artifacts bucket") if row[1] == "plan job" for name in quoted(row[0])
        ]
        templates = [re.sub(r"<(\w+):(0\dd)>", r"{\1:\2}", pattern) for pattern in patterns]
        assert kept == {"imports/a-1/run-0003/" + each.format(part=12, piece=7) for each in templates}
        assert kept == s3.objects.keys()

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
