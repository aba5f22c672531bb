"""What a part is doing right now, as CloudWatch's embedded metric format: a log line that is a metric as well.

https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from csv_import.accounting.counters import Counters
from csv_import.writing.effort import Effort

NAMESPACE = "CsvToDynamoDB"
"""As the functions' own. Theirs are told once for an import, with the one dimension `Deployment`; these as it goes,
with the table as a second one, so that no sum mixes the two (docs/decisions/0014-metrics-come-from-the-ledger.md)."""
UNITS = {
    "RowsRead": "Count",
    "RowsWritten": "Count",
    "RowsRejected": "Count",
    "WriteUnits": "Count",
    "Requests": "Count",
    "Throttles": "Count",
    "Retries": "Count",
    "InFlight": "Count",
    "Latency": "Milliseconds",
    "SlowestLatency": "Milliseconds",
}
"""Names and units. Counts are of what happened since the line before, latencies are of the requests since then."""


class Metrics:
    """Turns counters that only grow into metrics of the time since the last call.

    Args:
        deployment, table_name: the dimensions.
    """

    def __init__(self, deployment: str, table_name: str) -> None:
        self._deployment = deployment
        self._table_name = table_name
        self._before: dict[str, float] = {}

    def since_last(self, counters: Counters, effort: Effort, now: datetime) -> dict[str, Any]:
        """The fields of one log line."""
        totals = {
            "RowsRead": counters.rows_read,
            "RowsWritten": counters.rows_written,
            "RowsRejected": counters.rows_rejected,
            "WriteUnits": effort.units,
            "Requests": effort.requests,
            "Throttles": effort.throttles,
            "Retries": effort.retries,
            "answers": effort.answers,
            "answer_s": effort.answer_s,
        }
        since = {name: total - self._before.get(name, 0) for name, total in totals.items()}
        self._before = dict(totals)
        answers, answer_s = since.pop("answers"), since.pop("answer_s")
        since["InFlight"] = effort.in_flight
        if answers:
            since["Latency"] = round(answer_s / answers * 1000, 3)
            since["SlowestLatency"] = round(effort.forget_slowest() * 1000, 3)
        return {
            "_aws": {
                "Timestamp": int(now.timestamp() * 1000),
                "CloudWatchMetrics": [
                    {
                        "Namespace": NAMESPACE,
                        "Dimensions": [["Deployment", "TableName"]],
                        "Metrics": [{"Name": name, "Unit": UNITS[name]} for name in since],
                    }
                ],
            },
            "Deployment": self._deployment,
            "TableName": self._table_name,
            **since,
        }
