import json
import re

import pytest

from announcement import DETAIL_TYPE, SOURCE, closed_event
from imports import Failure, PartStatus, Pinned, State
from tests.template.stacks import PROJECT
from tests.unit.functions.builders import AT, IMPORT_ID, a_part, an_import, rows

WHERE = {"deployment": "mine", "artifacts_bucket": "artifacts", "table_name": "items"}
DONE = an_import(state=State.DONE, closed_at=AT)


def test_it_tells_of_the_import_its_rows_and_its_report() -> None:
    part = a_part(
        PartStatus.DONE,
        counters=rows(6, written=4, rejected=2),
        started_at="2026-11-23T10:00:00.000000Z",
        finished_at="2026-11-23T10:00:02.000000Z",
    )
    assert closed_event(DONE, [part], **WHERE) == {
        "deployment": "mine",
        "import_id": IMPORT_ID,
        "run": 1,
        "state": "DONE",
        "error": None,
        "object": {
            "bucket": "input",
            "key": "in/sample.csv",
            "version_id": "v1",
            "etag": "abc",
            "size": 321,
        },
        "table_name": "items",
        "rows_read": 6,
        "rows_written": 4,
        "rows_superseded": 0,
        "rows_rejected": 2,
        "rows_skipped": 0,
        "equation_holds": True,
        "report": {"bucket": "artifacts", "key": f"imports/{IMPORT_ID}/run-0001/report.json"},
        "rejects_key": f"imports/{IMPORT_ID}/run-0001/rejects.csv",
        "received_at": AT,
        "closed_at": AT,
        "duration_s": 2.0,
    }


def test_where_nothing_was_rejected_there_is_no_file_of_rejects() -> None:
    assert closed_event(DONE, [a_part()], **WHERE)["rejects_key"] is None


def test_a_failure_has_its_code_and_not_its_message() -> None:
    failed = an_import(state=State.FAILED, failure=Failure("not_text", "line 1: secret cell"), closed_at=AT)
    event = closed_event(failed, [], **WHERE)
    assert event["error"] == {"code": "not_text"}
    assert "secret" not in json.dumps(event)


def test_the_table_is_the_one_that_the_claim_pinned() -> None:
    pinned = an_import(state=State.DONE, pinned=Pinned(table_name="other", header=(), columns=0))
    assert closed_event(pinned, [], **WHERE)["table_name"] == "other"


@pytest.mark.parametrize("word", [SOURCE, DETAIL_TYPE])
def test_the_contract_names_source_and_type(word: str) -> None:
    assert f"`{word}`" in _section()


def test_the_contract_lists_every_field() -> None:
    stated = {
        name for row in re.findall(r"^\| (`.*?) \|", _section(), re.M) for name in re.findall(r"`(\w+)`", row)
    }
    assert stated == closed_event(DONE, [], **WHERE).keys()


def _section() -> str:
    contracts = (PROJECT / "docs" / "contracts.md").read_text(encoding="utf-8")
    return contracts.partition("## Closed imports")[2].partition("\n## ")[0]
