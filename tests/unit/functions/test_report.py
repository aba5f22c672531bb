import json
from typing import Any

import pytest

from imports import Failure, Import, Part, PartStatus, Pinned, Spec, State
from report import build_report
from tests.unit.functions.builders import AT, IMPORT_ID, a_part, an_import, rows

TOP_LEVEL = [
    *("import_id", "run", "state", "rows_read", "rows_written", "rows_superseded", "rows_skipped"),
    *("rows_rejected", "equation_holds", "object", "table_name", "mode", "spec", "received_at", "started_at"),
    *("finished_at", "closed_at", "duration_s", "bytes", "ignored", "reading", "header", "mended", "rejects"),
    *("items", "notices", "writes", "parts", "error"),
]

FIRST = a_part(
    counters=rows(10, written=6, superseded=2, rejected=1, skipped=1)
    | {
        "bytes_read": 300,
        "bytes_records": 270,
        "bytes_ignored": 30,
        "requests": 2,
        "throttles": 1,
        "retries": 3,
    },
    ignored={"header": {"spans": 1, "bytes": 27}, "blank_line": {"spans": 3, "bytes": 3}},
    rejects_by_code={"EMPTY_KEY": 1},
    started_at="2026-11-23T10:00:01.000000Z",
    finished_at="2026-11-23T10:00:03.500000Z",
)
SECOND = a_part(
    part=1,
    counters=rows(5, written=3, rejected=2)
    | {"bytes_read": 100, "bytes_records": 99, "bytes_ignored": 1, "requests": 1},
    ignored={"blank_line": {"spans": 1, "bytes": 1}},
    rejects_by_code={"EMPTY_KEY": 1, "COLUMN_COUNT": 1},
    mended={"padded": 2},
    started_at="2026-11-23T10:00:00.250000Z",
    finished_at="2026-11-23T10:00:02.000000Z",
)
PINNED = Pinned(
    table_name="pinned-items",
    header=("ProductId", "Name"),
    columns=2,
    header_adjusted=({"column": 2, "kind": "trimmed"},),
    reading={"compression": "gzip", "mode": "lenient"},
)


def closed(**changes: Any) -> Import:
    return an_import(**({"state": State.DONE, "parts": 2, "closed_at": AT, "pinned": PINNED} | changes))


def report_of(import_: Import, parts: list[Part], **more: Any) -> dict[str, Any]:
    return build_report(import_, parts, table_name="items", **more)


def test_the_top_level_is_the_contracts() -> None:
    assert list(report_of(closed(), [FIRST, SECOND])) == TOP_LEVEL


def test_a_spec_is_named_with_its_mode_its_items_and_what_cells_lost() -> None:
    def part(number: int, cells: int) -> Part:
        return a_part(
            part=number,
            counters=rows(6, written=6) | {"items_written": 10, "items_superseded": 2, "items_skipped": 1},
            notices=[{"column": "Price", "code": "trailing_zeros_lost", "cells": cells}]
            + ([{"column": "Id", "code": "leading_zeros_lost", "cells": 1}] if number else []),
        )

    pinned = Pinned(table_name="others", header=("Id",), columns=1, mode="insert")
    spec = Spec(key="in/_import.yaml", version_id="v7")
    report = report_of(closed(pinned=pinned, spec=spec), [part(0, 3), part(1, 4)])
    assert (report["mode"], report["table_name"]) == ("insert", "others")
    assert report["spec"] == {"key": "in/_import.yaml", "version_id": "v7"}
    assert report["items"] == {"written": 20, "superseded": 4, "skipped": 2}
    assert report["notices"] == [
        {"column": "Id", "code": "leading_zeros_lost", "cells": 1},
        {"column": "Price", "code": "trailing_zeros_lost", "cells": 7},
    ]


def test_without_a_spec_there_is_none() -> None:
    report = report_of(closed(), [FIRST, SECOND])
    assert (report["spec"], report["mode"], report["notices"]) == (None, "put", [])
    assert report_of(closed(pinned=None), [])["mode"] is None


def test_parts_are_added_up() -> None:
    report = report_of(closed(), [FIRST, SECOND])
    assert [report[name] for name in TOP_LEVEL[3:9]] == [15, 9, 2, 1, 3, True]
    assert report["bytes"] == {"read": 400, "records": 369, "ignored": 31}
    assert report["writes"] == {"requests": 3, "throttles": 1, "retries": 3}
    assert report["ignored"] == {"blank_line": {"bytes": 4, "spans": 4}, "header": {"bytes": 27, "spans": 1}}
    assert report["mended"] == {"padded": 2}
    assert report["rejects"]["count"] == 3
    assert report["rejects"]["by_code"] == {"COLUMN_COUNT": 1, "EMPTY_KEY": 2}
    assert report["parts"] == 2


def test_the_duration_is_from_first_start_to_last_end() -> None:
    report = report_of(closed(), [FIRST, SECOND])
    assert (report["started_at"], report["finished_at"]) == (SECOND.started_at, FIRST.finished_at)
    assert report["duration_s"] == 3.25


@pytest.mark.parametrize("parts", [[], [a_part(PartStatus.RUNNING)], [FIRST, a_part(started_at=AT)]])
def test_a_load_without_an_end_has_no_duration(parts: list[Part]) -> None:
    report = report_of(closed(), parts)
    assert (report["finished_at"], report["duration_s"]) == (None, None)


def test_what_was_pinned_is_told() -> None:
    report = report_of(closed(), [FIRST])
    assert report["table_name"] == "pinned-items"
    assert report["header"] == {
        "columns": 2,
        "names": ["ProductId", "Name"],
        "adjusted": [{"column": 2, "kind": "trimmed"}],
    }
    assert report["reading"] == {"compression": "gzip", "mode": "lenient"}


def test_an_import_that_no_job_claimed_has_a_report() -> None:
    failure = Failure("job_never_started", "no such image")
    report = report_of(closed(state=State.FAILED, pinned=None, failure=failure), [])
    assert report["table_name"] == "items"
    assert report["header"] == {"columns": 0, "names": [], "adjusted": []}
    assert report["reading"] == {}
    assert report["rows_read"] == 0
    assert report["equation_holds"] is True
    assert report["error"] == {"code": "job_never_started", "message": "no such image"}
    assert report["started_at"] is None


def test_a_failed_import_tells_what_is_acknowledged() -> None:
    part = a_part(PartStatus.FAILED, counters=rows(10, written=7))
    report = report_of(closed(state=State.FAILED, parts=1), [part])
    assert (report["state"], report["rows_written"], report["equation_holds"]) == ("FAILED", 7, False)


def test_rejects_are_where_they_are_said_to_be() -> None:
    first = [{"line": 3, "code": "EMPTY_KEY"}]
    rejects = report_of(closed(), [FIRST], first_rejects=first, csv_key="c", jsonl_key="j")["rejects"]
    assert (rejects["first"], rejects["csv_key"], rejects["jsonl_key"]) == (first, "c", "j")


def test_the_object_and_the_times_are_told() -> None:
    report = report_of(closed(), [FIRST])
    assert report["import_id"] == IMPORT_ID
    assert report["object"] == {
        "bucket": "input",
        "key": "in/sample.csv",
        "version_id": "v1",
        "etag": "abc",
        "size": 321,
    }
    assert (report["received_at"], report["closed_at"], report["error"]) == (AT, AT, None)


def test_a_report_is_json() -> None:
    assert json.loads(json.dumps(report_of(closed(), [FIRST, SECOND])))["state"] == "DONE"
