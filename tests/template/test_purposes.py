"""Who reads the templates alone can say what each resource is for: a line above it does."""

import re
from pathlib import Path

import pytest

from tests.template.stacks import BATCH_TEMPLATE, PIPELINE_TEMPLATE, ROOT_TEMPLATE, parse


def purposes(template: Path) -> dict[str, str]:
    """The comment right above each resource, by its logical id."""
    resources = (
        template.read_text(encoding="utf-8").partition("\nResources:\n")[2].partition("\nOutputs:\n")[0]
    )
    found = re.findall(r"((?:^  # .*\n)*)^  (\w+):$", resources, re.M)
    return {name: " ".join(re.findall(r"^  # (.*)$", comment, re.M)) for comment, name in found}


@pytest.mark.parametrize(
    "template", [ROOT_TEMPLATE, BATCH_TEMPLATE, PIPELINE_TEMPLATE], ids=lambda path: path.name
)
def test_each_resource_has_its_purpose_and_no_other_has_the_same(template: Path) -> None:
    said = purposes(template)
    assert said.keys() == parse(template)["Resources"].keys()
    assert not [name for name, purpose in said.items() if len(purpose) < 20]
    assert len(set(said.values())) == len(said), "each is there for something of its own"


@pytest.mark.parametrize(
    "template", [ROOT_TEMPLATE, BATCH_TEMPLATE, PIPELINE_TEMPLATE], ids=lambda path: path.name
)
def test_each_output_is_described(template: Path) -> None:
    assert all(len(output["Description"]) > 15 for output in parse(template)["Outputs"].values())
