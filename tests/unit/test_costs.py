"""What docs/deploy.md says that a deployment costs follows from the prices that stand beside it."""

import re
from pathlib import Path

import pytest

TEXT = (
    (Path(__file__).parents[2] / "docs" / "deploy.md")
    .read_text(encoding="utf-8")
    .partition("## What it costs")[2]
)


def prices(page: str) -> list[float]:
    """The prices beside a page."""
    [row] = [line for line in TEXT.splitlines() if line.startswith("|") and f"[{page}](https://aws." in line]
    return [float(number) for number in re.findall(r"\d+\.\d+", row.split("|")[2])]


def cost(what: str) -> list[float]:
    """What stands in the last column of a row."""
    [row] = [line for line in TEXT.splitlines() if line.startswith(f"| {what} |")]
    return [float(number) for number in re.findall(r"\d+\.\d+", row.split("|")[3])]


ALARM, DASHBOARD, METRIC, LOG_GB = prices("CloudWatch")
CALLS, GB_SECOND = prices("Lambda")
VCPU_HOUR, GB_HOUR = prices("Fargate")[:2]
[ENDPOINT_HOUR] = prices("PrivateLink")
SWEEPS, HOURS = 12 * 24 * 30, 730
JOB_S = 1_000_000 / 4_000


@pytest.mark.parametrize(
    ("what", "said"),
    [
        ("alarms", [3 * ALARM]),
        ("dashboard", [DASHBOARD]),
        ("the sweep", [SWEEPS * 0.5 * GB_SECOND + SWEEPS / 1e6 * CALLS]),
        ("`Network` PRIVATE", [3 * 2 * HOURS * ENDPOINT_HOUR, 6 * 2 * HOURS * ENDPOINT_HOUR]),
        ("`KmsKeyArn`", prices("KMS")),
        ("writes", prices("DynamoDB")[:1]),
        ("the job", [JOB_S / 3600 * (VCPU_HOUR + 2 * GB_HOUR)]),
        ("metrics", [21 * METRIC / HOURS]),
    ],
)
def test_a_cost_follows_from_the_prices(what: str, said: list[float]) -> None:
    stated = cost(what)
    assert len(stated) == len(said)
    for here, there in zip(stated, said, strict=True):
        decimals = len(str(here).partition(".")[2])
        assert round(there, max(decimals, 2)) == here, (what, there)
