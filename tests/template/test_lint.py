"""The linters that AWS's own tools use find nothing."""

import os
import subprocess
from pathlib import Path

import pytest
from cfnlint.api import lint_file

from tests.template.stacks import BATCH_TEMPLATE, PIPELINE_TEMPLATE, PROJECT, ROOT_TEMPLATE

SAM = PROJECT / ".venv-sam" / "bin" / "sam"


@pytest.mark.parametrize(
    "path", [ROOT_TEMPLATE, BATCH_TEMPLATE, PIPELINE_TEMPLATE], ids=lambda path: path.name
)
def test_cfn_lint_finds_nothing(path: Path) -> None:
    assert [str(finding) for finding in lint_file(path)] == []


def test_sam_validate_lint_finds_nothing() -> None:
    if not SAM.exists():
        pytest.skip("no SAM command line in .venv-sam")
    environment = os.environ | {"SAM_CLI_TELEMETRY": "0", "AWS_DEFAULT_REGION": "eu-central-1"}
    done = subprocess.run(
        [SAM, "validate", "--lint", "--template-file", ROOT_TEMPLATE],
        cwd=PROJECT,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "is a valid SAM Template" in done.stdout + done.stderr
