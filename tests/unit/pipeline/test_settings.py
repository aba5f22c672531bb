"""pipeline/settings.py: what a section of samconfig.toml says, in every form that SAM reads."""

import importlib.util
import json
import subprocess
from pathlib import Path

import pytest

from tests.unit.pipeline.checkout import PROJECT

_SPEC = importlib.util.spec_from_file_location("pipeline_settings", PROJECT / "pipeline" / "settings.py")
assert _SPEC is not None
assert _SPEC.loader is not None
settings = importlib.util.module_from_spec(_SPEC)
_SPEC.loader.exec_module(settings)

READ_BY_SAM = """
import json, sys
from samcli.cli.types import CfnParameterOverridesType
print(json.dumps(CfnParameterOverridesType().convert(tuple(sys.argv[1:]), None, None)))
"""
FORMS = {
    "a string": 'parameter_overrides = "MaxVCpus=4 Note=\\"a b\\" Tables=a,b"',
    "a string on lines": 'parameter_overrides = """MaxVCpus=4\n  Note=\\"a b\\"\nTables=a,b"""',
    "a list": """parameter_overrides = ["MaxVCpus=4", "Note='a b'", "Tables=a,b"]""",
    "a table": 'parameter_overrides = {MaxVCpus = 4, Note = "a b", Tables = ["a", "b"]}',
    "pairs": 'parameter_overrides = "ParameterKey=MaxVCpus,ParameterValue=4 '
    'ParameterKey=Note,ParameterValue=\\"a b\\" ParameterKey=Tables,ParameterValue=\\"a,b\\""',
}


@pytest.mark.parametrize("form", FORMS.values(), ids=FORMS.keys())
def test_sam_reads_from_the_words_what_the_section_says_and_the_last_wins(tmp_path: Path, form: str) -> None:
    config = tmp_path / "samconfig.toml"
    config.write_text(f"[prod.deploy.parameters]\n{form}\n")
    given = {"CONFIG_ENV": "prod", "PARAMETERS": "MaxVCpus=8"}
    words = [
        *settings.main("overrides", given, config).splitlines(),
        *settings.main("parameters", given, config).splitlines(),
    ]
    read = subprocess.run(
        [PROJECT / ".venv-sam" / "bin" / "python", "-c", READ_BY_SAM, *words],
        capture_output=True,
        text=True,
        check=True,
    )
    assert json.loads(read.stdout) == {"MaxVCpus": "8", "Note": "a b", "Tables": "a,b"}


@pytest.mark.parametrize(
    ("stated", "given", "architecture"),
    [
        ("", "", ""),
        ("Architecture=arm64", "", "arm64"),
        ("Architecture=arm64", "Architecture=x86_64", "x86_64"),
        ("ParameterKey=Architecture,ParameterValue=arm64", "", "arm64"),
        ("OtherArchitecture=arm64", "", ""),
    ],
)
def test_the_architecture_is_the_last_that_is_named(
    tmp_path: Path, stated: str, given: str, architecture: str
) -> None:
    config = tmp_path / "samconfig.toml"
    config.write_text(f'[default.deploy.parameters]\nparameter_overrides = "{stated}"\n')
    assert settings.main("architecture", {"PARAMETERS": given}, config) == architecture


def test_the_section_of_deploy_comes_before_that_of_all_commands(tmp_path: Path) -> None:
    config = tmp_path / "samconfig.toml"
    config.write_text(
        '[default.global.parameters]\nstack_name = "a"\n[default.deploy.parameters]\nstack_name = "b"\n'
    )
    assert settings.main("stack", {}, config) == "b"


def test_without_a_file_there_is_the_default(tmp_path: Path) -> None:
    assert settings.main("stack", {}, tmp_path / "samconfig.toml") == "csv-to-dynamodb"


def test_a_file_that_is_no_toml_is_named(tmp_path: Path) -> None:
    config = tmp_path / "samconfig.toml"
    config.write_text("[default\n")
    with pytest.raises(settings.Unclear, match=r"samconfig\.toml is no TOML"):
        settings.main("stack", {}, config)
