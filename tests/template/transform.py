"""What the SAM transform makes of template.yaml, by aws-sam-translator in the emulator's environment."""

import json
import os
import subprocess
from functools import cache

import pytest

from tests.template.stacks import PROJECT, ROOT_TEMPLATE, Template

EMULATOR_PYTHON = PROJECT / ".venv-emulator" / "bin" / "python"
CODE_BUCKET, CODE_KEY = "bucket", "functions.zip"

_TRANSFORM = """
import json, sys
from samtranslator.translator.transform import transform
from samtranslator.yaml_helper import yaml_parse

class NoManagedPolicies:
    def load(self):
        return {}

template = yaml_parse(open(sys.argv[1], encoding="utf-8").read())
for resource in template["Resources"].values():
    if resource["Type"] == "AWS::Serverless::Function":
        resource["Properties"]["CodeUri"] = sys.argv[2]
print(json.dumps(transform(template, {}, NoManagedPolicies())))
"""


def transformed() -> Template:
    """Give template.yaml as the transform expands it; skips the test where the transform is not installed."""
    if not EMULATOR_PYTHON.exists():
        pytest.skip("no SAM transform in .venv-emulator")
    found: Template = json.loads(_transformed())
    return found


@cache
def _transformed() -> str:
    return subprocess.run(
        [EMULATOR_PYTHON, "-c", _TRANSFORM, ROOT_TEMPLATE, f"s3://{CODE_BUCKET}/{CODE_KEY}"],
        env=os.environ | {"AWS_DEFAULT_REGION": "eu-central-1"},
        capture_output=True,
        text=True,
        check=True,
    ).stdout
