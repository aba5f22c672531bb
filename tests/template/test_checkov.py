"""checkov finds nothing in the templates, as written and as SAM expands them; each exception has its reason."""

import json
import os
import subprocess
from pathlib import Path
from typing import Any

import pytest

from tests.template.stacks import BATCH_TEMPLATE, PIPELINE_TEMPLATE, PROJECT, ROOT_TEMPLATE, Template, parse
from tests.template.transform import transformed

CHECKOV = PROJECT / ".venv-checkov" / "bin" / "checkov"


def _summary(*templates: Path) -> dict[str, Any]:
    """Run checkov; it asks nobody on the network."""
    files = [argument for path in templates for argument in ("-f", str(path))]
    options = ("--framework", "cloudformation", "--skip-download", "--compact", "-o", "json")
    done = subprocess.run(
        [CHECKOV, *options, *files],
        capture_output=True,
        text=True,
        check=False,
        env=os.environ | {"LOG_LEVEL": "ERROR"},
    )
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def _failed(report: dict[str, Any]) -> list[str]:
    return [f"{one['check_id']} {one['resource']}" for one in report["results"]["failed_checks"]]


needs_checkov = pytest.mark.skipif(not CHECKOV.exists(), reason="no checkov in .venv-checkov")


@needs_checkov
def test_it_finds_nothing_in_what_is_written() -> None:
    report = _summary(ROOT_TEMPLATE, BATCH_TEMPLATE, PIPELINE_TEMPLATE)
    assert _failed(report) == []
    assert report["summary"]["passed"] > 100
    assert report["summary"]["parsing_errors"] == 0


@needs_checkov
def test_it_finds_nothing_in_what_sam_makes_of_it(tmp_path: Path) -> None:
    expanded = tmp_path / "expanded.json"
    expanded.write_text(json.dumps(transformed()), encoding="utf-8")
    assert _failed(_summary(expanded)) == []


def test_every_exception_has_a_reason(root: Template, batch: Template) -> None:
    skips = [
        skip
        for template in (root, batch, parse(PIPELINE_TEMPLATE))
        for resource in template["Resources"].values()
        for skip in resource.get("Metadata", {}).get("checkov", {}).get("skip", [])
    ]
    assert skips
    assert all(len(skip["comment"]) > 40 for skip in skips)
