"""Alarms on a query for the emulator's CloudFormation, which knows only those on one metric; runs in the emulator.

It evaluates neither: an alarm is there to be described and deleted.
"""

from collections.abc import Mapping
from typing import Any

from ministack.services.cloudformation import provisioners

Properties = Mapping[str, Any]


def install() -> None:
    """Let a template's alarm have `Metrics` in the place of one metric."""
    on_one_metric = provisioners._cw_metric_alarm_record

    def record(name: str, properties: Properties) -> dict[str, Any]:
        queries = properties.get("Metrics")
        if not queries:
            made: dict[str, Any] = on_one_metric(name, properties)
            return made
        stand_in = {"MetricName": "query", "Namespace": "query"}
        others = {key: value for key, value in properties.items() if key != "Metrics"}
        return {**on_one_metric(name, {**others, **stand_in}), "Metrics": queries}

    provisioners._cw_metric_alarm_record = record
