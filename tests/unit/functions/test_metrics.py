import json
from datetime import timedelta

import pytest

import metrics
from imports import PartStatus, State
from metrics import Metric
from tests.template.stacks import PROJECT
from tests.unit.functions.builders import NOW, a_part, an_import, rows

LOADED = a_part(
    PartStatus.DONE,
    counters=rows(7, written=3, superseded=1, rejected=2, skipped=1) | {"throttles": 4},
    started_at="2026-11-23T10:00:00.000000Z",
    finished_at="2026-11-23T10:00:01.500000Z",
)


def test_a_closed_import_is_counted_with_its_rows() -> None:
    assert metrics.of_closed(an_import(state=State.DONE), [LOADED, LOADED]) == {
        Metric.IMPORTS_DONE: 1,
        Metric.IMPORTS_FAILED: 0,
        Metric.ROWS_READ: 14,
        Metric.ROWS_WRITTEN: 6,
        Metric.ROWS_SUPERSEDED: 2,
        Metric.ROWS_SKIPPED: 2,
        Metric.ROWS_REJECTED: 4,
        Metric.THROTTLES: 8,
        Metric.LOAD_SECONDS: 1.5,
    }


@pytest.mark.parametrize(
    ("state", "done", "failed"), [(State.DONE, 1, 0), (State.FAILED, 0, 1), (State.CANCELLED, 0, 0)]
)
def test_states_are_told_apart(state: State, done: int, failed: int) -> None:
    values = metrics.of_closed(an_import(state=state), [])
    assert (values[Metric.IMPORTS_DONE], values[Metric.IMPORTS_FAILED]) == (done, failed)


def test_an_import_that_never_ran_has_no_duration() -> None:
    assert Metric.LOAD_SECONDS not in metrics.of_closed(an_import(state=State.FAILED), [])


def test_a_line_is_what_cloudwatch_reads() -> None:
    # docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html
    line = metrics.line(metrics.of_sweep(3, timedelta(minutes=2)), deployment="mine", at=NOW)
    assert "\n" not in line
    document = json.loads(line)
    assert document == {
        "_aws": {
            "Timestamp": int(NOW.timestamp() * 1000),
            "CloudWatchMetrics": [
                {
                    "Namespace": "CsvToDynamoDB",
                    "Dimensions": [["Deployment"]],
                    "Metrics": [
                        {"Name": "OpenImports", "Unit": "Count"},
                        {"Name": "OldestWaitSeconds", "Unit": "Seconds"},
                    ],
                }
            ],
        },
        "Deployment": "mine",
        "OpenImports": 3,
        "OldestWaitSeconds": 120.0,
    }


def test_every_metric_is_put_out_by_something() -> None:
    emitted = {*metrics.of_closed(an_import(), [LOADED]), *metrics.of_sweep(0, timedelta())}
    assert emitted == set(Metric)


def test_the_contract_lists_every_metric_with_its_unit() -> None:
    contracts = (PROJECT / "docs" / "contracts.md").read_text(encoding="utf-8")
    table = contracts.partition("## Metrics")[2].partition("\n## ")[0]
    rows_ = [[cell.strip() for cell in row.strip("|").split("|")] for row in table.splitlines() if "|" in row]
    stated = {name.strip(" `"): row[1] for row in rows_[2:] for name in row[0].split(",")}
    assert stated == {metric.value: metric.unit for metric in Metric}
    assert f"`{metrics.NAMESPACE}`" in table
    assert f"`{metrics.DIMENSION}`" in table
