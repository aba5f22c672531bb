"""Numbers → a line of CloudWatch's embedded metric format, pure.

The log is what carries them: a line of this form in a function's log becomes metrics, and no call is made
(docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html).
Powertools' Metrics adds the function's name to every metric; these belong to the deployment, whichever
function it was.
"""

import json
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from enum import StrEnum

from imports import Import, Part, State, total
from report import load_seconds

NAMESPACE = "CsvToDynamoDB"
DIMENSION = "Deployment"

Values = Mapping["Metric", float]


class Metric(StrEnum):
    """All metrics that the functions put out; docs/operations.md says what each is for."""

    IMPORTS_DONE = "ImportsDone"
    IMPORTS_FAILED = "ImportsFailed"
    ROWS_READ = "RowsRead"
    ROWS_WRITTEN = "RowsWritten"
    ROWS_SUPERSEDED = "RowsSuperseded"
    ROWS_SKIPPED = "RowsSkipped"
    ROWS_REJECTED = "RowsRejected"
    THROTTLES = "Throttles"
    LOAD_SECONDS = "LoadSeconds"
    OPEN_IMPORTS = "OpenImports"
    OLDEST_WAIT_SECONDS = "OldestWaitSeconds"

    @property
    def unit(self) -> str:
        """Give CloudWatch's name of the unit."""
        return "Seconds" if self.value.endswith("Seconds") else "Count"


_COUNTERS = {
    Metric.ROWS_READ: "rows_read",
    Metric.ROWS_WRITTEN: "rows_written",
    Metric.ROWS_SUPERSEDED: "rows_superseded",
    Metric.ROWS_SKIPPED: "rows_skipped",
    Metric.ROWS_REJECTED: "rows_rejected",
    Metric.THROTTLES: "throttles",
}


def of_closed(closed: Import, parts: Sequence[Part]) -> Values:
    """Give the metrics of an import that was just closed."""
    counters = total(parts)
    values: dict[Metric, float] = {
        Metric.IMPORTS_DONE: int(closed.state is State.DONE),
        Metric.IMPORTS_FAILED: int(closed.state is State.FAILED),
        **{metric: counters.get(name, 0) for metric, name in _COUNTERS.items()},
    }
    if (seconds := load_seconds(parts)) is not None:
        values[Metric.LOAD_SECONDS] = seconds
    return values


def of_sweep(open_imports: int, oldest_wait: timedelta) -> Values:
    """Give the metrics of a sweep that found open imports; `oldest_wait` is 0 where none waits for a job."""
    return {Metric.OPEN_IMPORTS: open_imports, Metric.OLDEST_WAIT_SECONDS: oldest_wait.total_seconds()}


def line(values: Values, *, deployment: str, at: datetime) -> str:
    """Write the metrics of one moment, which must be of the last two weeks for CloudWatch to take them."""
    directive = {
        "Namespace": NAMESPACE,
        "Dimensions": [[DIMENSION]],
        "Metrics": [{"Name": metric.value, "Unit": metric.unit} for metric in values],
    }
    document = {
        "_aws": {"Timestamp": int(at.timestamp() * 1000), "CloudWatchMetrics": [directive]},
        DIMENSION: deployment,
        **{metric.value: value for metric, value in values.items()},
    }
    return json.dumps(document, separators=(",", ":"))
