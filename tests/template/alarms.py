"""What CloudWatch makes of an alarm in a template and of points in time: when it would go off.

Simpler than CloudWatch: a period counts once it is over, and a missing point is what TreatMissingData says.
docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarm-evaluation.html
"""

import json
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from tests.template.stacks import Template, decide, defaults, of_type

STACK = "test"
_STATISTICS: Mapping[str, Callable[[Sequence[float]], float]] = {"Sum": sum, "Maximum": max}
_OPERATORS: Mapping[str, Callable[[float, float], bool]] = {
    "GreaterThanOrEqualToThreshold": lambda value, threshold: value >= threshold,
}
_QUERY = re.compile(
    r"""SELECT SUM\((?P<name>\w+)\) FROM "(?P<space>[\w/]+)" WHERE (?P<key>\w+) = '(?P<value>[\w.-]+)'"""
)


@dataclass(frozen=True, kw_only=True)
class Point:
    """A measurement as CloudWatch has it."""

    namespace: str
    name: str
    dimensions: Mapping[str, str]
    value: float
    at_s: float


@dataclass(frozen=True, kw_only=True)
class Alarm:
    """An alarm of a deployment; `exactly` tells whether other dimensions than its own make another metric."""

    namespace: str
    name: str
    dimensions: Mapping[str, str]
    exactly: bool
    statistic: str
    period_s: int
    periods: int
    threshold: float
    operator: str
    missing: str

    def watches(self, point: Point) -> bool:
        """Tell whether a point counts."""
        dimensions = (
            point.dimensions if self.exactly else {k: point.dimensions.get(k) for k in self.dimensions}
        )
        return (point.namespace, point.name, dimensions) == (self.namespace, self.name, self.dimensions)

    def goes_off_at(self, points: Iterable[Point]) -> float | None:
        """Give the end of the first period after which it is in ALARM, None if it never is."""
        by_period: dict[int, list[float]] = {}
        for point in filter(self.watches, points):
            by_period.setdefault(int(point.at_s // self.period_s), []).append(point.value)
        for period in sorted(by_period):
            if all(self._breaches(by_period.get(period - back)) for back in range(self.periods)):
                return float((period + 1) * self.period_s)
        return None

    def _breaches(self, values: Sequence[float] | None) -> bool:
        if not values:
            return self.missing == "breaching"
        return _OPERATORS[self.operator](_STATISTICS[self.statistic](values), self.threshold)


def alarms_of(root: Template, **parameters: str) -> dict[str, Alarm]:
    """Read the alarms of a deployment of the stack `test`; what another resource makes is named after it."""
    values = defaults(root, **{"AWS::StackName": STACK, **parameters})
    return {
        name: _read(_plain(decide(alarm["Properties"], root, values)))
        for name, alarm in of_type(root, "AWS::CloudWatch::Alarm").items()
    }


def points_of(line: str) -> list[Point]:
    """Read the points that a line of the embedded metric format becomes."""
    document = json.loads(line)
    return [
        Point(
            namespace=directive["Namespace"],
            name=metric["Name"],
            dimensions={name: document[name] for name in names},
            value=document[metric["Name"]],
            at_s=document["_aws"]["Timestamp"] / 1000,
        )
        for directive in document["_aws"]["CloudWatchMetrics"]
        for names in directive["Dimensions"]
        for metric in directive["Metrics"]
    ]


def _read(alarm: Template) -> Alarm:
    shared: dict[str, Any] = {
        "periods": alarm["EvaluationPeriods"],
        "threshold": float(alarm["Threshold"]),
        "operator": alarm["ComparisonOperator"],
        "missing": alarm["TreatMissingData"],
    }
    assert alarm.get("DatapointsToAlarm", shared["periods"]) == shared["periods"]
    if "Metrics" not in alarm:
        return Alarm(
            **shared,
            namespace=alarm["Namespace"],
            name=alarm["MetricName"],
            dimensions={one["Name"]: one["Value"] for one in alarm["Dimensions"]},
            exactly=True,
            statistic=alarm["Statistic"],
            period_s=alarm["Period"],
        )
    [query] = alarm["Metrics"]
    read = _QUERY.fullmatch(query["Expression"])
    assert read and query["ReturnData"], query
    return Alarm(
        **shared,
        namespace=read["space"],
        name=read["name"],
        dimensions={read["key"]: read["value"]},
        exactly=False,
        statistic="Sum",
        period_s=query["Period"],
    )


def _plain(node: Any) -> Any:
    """Put names in the place of what refers to resources, and into texts."""
    if isinstance(node, list):
        return [_plain(one) for one in node]
    if not isinstance(node, Mapping):
        return node
    match node:
        case {"Ref": str(name)}:
            return name
        case {"Fn::GetAtt": [str(name), *_]}:
            return name
        case {"Fn::Sub": [str(text), {**names}]}:
            return re.sub(r"\$\{(\w+)\}", lambda found: str(_plain(names[found[1]])), text)
    return {key: _plain(value) for key, value in node.items()}
