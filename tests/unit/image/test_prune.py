"""Which of botocore's models stay in the image."""

import ast
import re
import subprocess
import sys
from pathlib import Path

import pytest

from image_build import prune

PROJECT = Path(__file__).parents[3]


@pytest.fixture
def site_packages(tmp_path: Path) -> Path:
    models = tmp_path / "botocore" / "data"
    for service in (*prune.SERVICES, "ec2", "zocalo"):
        (models / service).mkdir(parents=True)
    (models / "endpoints.json").write_text("{}")
    return tmp_path


def run(site_packages: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, prune.__file__, site_packages], capture_output=True, text=True, check=False
    )


def test_models_of_other_services_go_and_what_all_need_stays(site_packages: Path) -> None:
    assert run(site_packages).returncode == 0
    left = {path.name for path in (site_packages / "botocore" / "data").iterdir()}
    assert left == {*prune.SERVICES, "endpoints.json"}


def test_a_model_that_is_needed_and_missing_ends_the_build(site_packages: Path) -> None:
    (site_packages / "botocore" / "data" / "s3").rmdir()
    done = run(site_packages)
    assert done.returncode != 0
    assert "has no model of s3" in done.stderr
    assert (site_packages / "botocore" / "data" / "ec2").exists(), "nothing was removed"


def test_every_service_that_the_job_calls_stays() -> None:
    called = set()
    for module in (PROJECT / "batch_job" / "csv_import").rglob("*.py"):
        for node in ast.walk(ast.parse(module.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and re.search(
                r"\.(client|resource|create_client)$", ast.unparse(node.func)
            ):
                called |= {arg.value for arg in node.args[:1] if isinstance(arg, ast.Constant)}
    assert {"s3", "dynamodb"} <= called <= prune.SERVICES
