from datetime import UTC, datetime

from csv_import.accounting.counters import Counters
from csv_import.accounting.metrics import NAMESPACE, Metrics
from csv_import.writing.effort import Effort

NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)


def test_counts_are_of_the_time_since_the_line_before() -> None:
    metrics, counters, effort = Metrics("csv-stack", "items"), Counters(), Effort()
    counters.rows_read, effort.units = 100, 90.0
    first = metrics.since_last(counters, effort, NOW)
    assert (first["RowsRead"], first["WriteUnits"]) == (100, 90)
    counters.rows_read, counters.rows_rejected = 130, 2
    second = metrics.since_last(counters, effort, NOW)
    assert (second["RowsRead"], second["RowsRejected"], second["WriteUnits"]) == (30, 2, 0)


def test_latency_is_that_of_the_requests_since_then() -> None:
    metrics, effort = Metrics("csv-stack", "items"), Effort()
    for took_s in (0.010, 0.030):
        effort.sent()
        effort.answered(took_s)
    effort.sent()
    line = metrics.since_last(Counters(), effort, NOW)
    assert (line["Latency"], line["SlowestLatency"], line["InFlight"]) == (20, 30, 1)
    effort.answered(0.002)
    line = metrics.since_last(Counters(), effort, NOW)
    assert (line["Latency"], line["SlowestLatency"], line["InFlight"]) == (2, 2, 0)


def test_without_answers_there_is_no_latency() -> None:
    line = Metrics("csv-stack", "items").since_last(Counters(), Effort(), NOW)
    assert "Latency" not in line


def test_the_line_is_in_the_embedded_metric_format() -> None:
    effort = Effort()
    effort.sent()
    effort.answered(0.01)
    line = Metrics("csv-stack", "items").since_last(Counters(), effort, NOW)
    (directive,) = line["_aws"]["CloudWatchMetrics"]
    assert line["_aws"]["Timestamp"] == 1795435200000
    assert directive["Namespace"] == NAMESPACE == "CsvToDynamoDB"
    (dimensions,) = directive["Dimensions"]
    assert {name: line[name] for name in dimensions} == {"Deployment": "csv-stack", "TableName": "items"}
    names = [metric["Name"] for metric in directive["Metrics"]]
    assert all(isinstance(line[name], int | float) for name in names)
    assert {"RowsWritten", "WriteUnits", "Throttles", "InFlight", "Latency"} <= set(names)
