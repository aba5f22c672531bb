"""What docs/operations.md says of durations and prices is what the model prints, and the model counts right."""

from dataclasses import replace
from pathlib import Path

import pytest

from benchmarks.import_model import (
    ADDRESS_HOUR_USD,
    GB_HOUR_USD,
    MILLION_UNITS_USD,
    VCPU_HOUR_USD,
    Assumed,
    _measured_us_per_row,
    many_files,
    one_file,
    table,
)
from tests.unit.test_costs import prices

OPERATIONS = (Path(__file__).parents[2] / "docs" / "operations.md").read_text(encoding="utf-8")
TEN_US = Assumed(cpu_us_per_row=10.0)


def test_the_documents_table_is_the_models() -> None:
    for line in table(Assumed(cpu_us_per_row=_measured_us_per_row())):
        assert f"| {' | '.join(line)} |" in OPERATIONS, "run make bench-model and put in what it prints"


def test_prices_are_those_of_the_deployments_document() -> None:
    assert prices("Fargate")[:2] == [VCPU_HOUR_USD, GB_HOUR_USD]
    assert prices("VPC") == [ADDRESS_HOUR_USD]
    assert prices("DynamoDB")[0] == MILLION_UNITS_USD


def test_a_small_file_is_one_job_that_its_cpu_or_the_table_bounds() -> None:
    rows = 1_000_000
    slow = one_file(rows * 100, replace(TEN_US, units_per_s=20_000))
    assert slow.duration_s == pytest.approx(60 + rows / 20_000)
    assert slow.bound == "table"
    fast = one_file(rows * 100, replace(TEN_US, units_per_s=1_000_000))
    assert fast.duration_s == pytest.approx(60 + rows / 100_000)
    assert fast.bound == "CPU"
    assert fast.writes_usd == slow.writes_usd == pytest.approx(0.625)
    assert fast.compute_usd == pytest.approx((0.04048 + 2 * 0.004445 + 0.005) / 60), "a minute at least"


def test_a_large_file_is_planned_and_loaded_by_as_many_jobs_as_may_run() -> None:
    assumed = replace(TEN_US, units_per_s=10**9, max_vcpus=4)
    size = 100 * 10**9
    found = one_file(size, assumed)
    assert found.duration_s == pytest.approx(2 * 60 + 10**9 * 4e-6 + 10**9 / 400_000)


def test_large_items_take_more_units() -> None:
    assert one_file(10**9, replace(TEN_US, row_bytes=4096)).writes_usd == pytest.approx(
        10**9 / 4096 * 4 / 1e6 * 0.625
    )


def test_many_small_files_wait_for_each_others_jobs() -> None:
    each = one_file(100_000, TEN_US)
    found = many_files(100, 100_000, replace(TEN_US, max_vcpus=5))
    assert found.duration_s == pytest.approx(20 * each.duration_s)
    assert found.writes_usd == pytest.approx(100 * each.writes_usd)
