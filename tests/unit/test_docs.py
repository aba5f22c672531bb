"""The documents say what the code does: codes, commands, links."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

from csv_import.rejects import RejectCode
from tests.policies import documented as documented_policy
from tests.policies import listed
from tests.template.stacks import BATCH_TEMPLATE, PIPELINE_TEMPLATE, ROOT_TEMPLATE, of_type, parse

PROJECT = Path(__file__).parents[2]
OPERATIONS = (PROJECT / "docs" / "operations.md").read_text()
DOCUMENTS = sorted([*PROJECT.glob("*.md"), *(PROJECT / "docs").rglob("*.md")])
STOPS = {"BadData", "BadConfiguration", "TryAgain", "Interrupted", "ServiceAway", "LeaseLost", "JobStop"}


def codes_of_the_job() -> set[str]:
    """The first argument of every stop that the job raises."""
    codes = {"interrupted"}
    for module in (PROJECT / "batch_job" / "csv_import").rglob("*.py"):
        for node in ast.walk(ast.parse(module.read_text())):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in STOPS:
                if node.args and isinstance(node.args[0], ast.Constant):
                    codes.add(str(node.args[0].value))
                elif node.args and isinstance(
                    node.args[0], ast.JoinedStr
                ):  # table_throttled, table_unavailable
                    codes |= {"table_throttled", "table_unavailable"}
    return codes


def codes_of_the_functions() -> set[str]:
    """The first argument of every failure that the state machine decides."""
    tree = ast.parse((PROJECT / "functions" / "decision.py").read_text())
    return {
        str(node.args[0].value)
        for node in ast.walk(tree)
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Name)
        and node.func.id == "_failed"
        and isinstance(node.args[0], ast.Constant)
    }


def documented(section: str) -> set[str]:
    """The codes in the first column of a section's table."""
    _, _, rest = OPERATIONS.partition(f"## {section}")
    rows = re.findall(r"^\| (`.*?) \|", rest.partition("\n## ")[0], re.MULTILINE)
    return {code for row in rows for code in re.findall(r"`([a-z0-9_]+)`", row)}


def test_every_reason_to_reject_a_row_is_documented() -> None:
    assert documented("Why a row was rejected") == {str(code) for code in RejectCode}


def test_every_reason_for_an_import_to_fail_is_documented() -> None:
    known = codes_of_the_job() | codes_of_the_functions()
    assert {"missing_key_column", "table_throttled", "job_lost"} <= known
    assert documented("Why a file was refused, or an import failed") == known


def test_documents_name_make_targets_that_exist() -> None:
    targets = set(re.findall(r"^([a-z-]+):", (PROJECT / "Makefile").read_text(), re.MULTILINE))
    named = {
        target
        for document in DOCUMENTS
        for target in re.findall(r"(?:^\$ |`)make ([a-z-]+)", document.read_text(), re.M)
    }
    assert {"run", "test", "destroy"} <= named <= targets


def test_every_parameter_is_explained_to_who_deploys() -> None:
    deploy = (PROJECT / "docs" / "deploy.md").read_text()
    table = deploy.partition("## Parameters")[2].partition("\n### ")[0]
    rows = [[cell.strip() for cell in row.strip("|").split("|")] for row in table.splitlines() if "|" in row][
        2:
    ]
    explained: dict[str, str] = {}
    for names, defaults, _ in rows:
        found = re.findall(r"`(\w+)`", names)
        explained |= dict(zip(found, [text.strip(" `") for text in defaults.split(", ")], strict=True))
    parameters = parse(ROOT_TEMPLATE)["Parameters"]
    assert explained == {
        name: str(one.get("Default", "")) or "\N{EN DASH}" for name, one in parameters.items()
    }


def test_every_alarm_is_explained_to_who_is_paged() -> None:
    table = OPERATIONS.partition("## Which alarm means what")[2].partition("\n## ")[0]
    alarms = of_type(parse(ROOT_TEMPLATE), "AWS::CloudWatch::Alarm")
    assert re.findall(r"^\| `(\w+)` \|", table, re.M) == list(alarms)


def test_people_are_allowed_no_more_than_to_look_at_what_has_no_name() -> None:
    people = (
        "An operator",
        "An operator of an existing table, or with your own key",
        "Who removes a deployment",
    )
    for heading in people:
        for statement in documented_policy(PROJECT / "docs" / "deploy.md", heading):
            assert not [action for action in listed(statement["Action"]) if "*" in action]
            looks = all(re.search(r":(Describe|Get|List)", action) for action in listed(statement["Action"]))
            assert statement["Resource"] != "*" or looks, statement["Sid"]


def test_who_deploys_is_told_of_every_service() -> None:
    text = (PROJECT / "docs" / "deploy.md").read_text().partition("### Who deploys")[2]
    spoken = {"Serverless": "Lambda", "Logs": "its logs", "Events": "EventBridge"}
    types = {
        resource["Type"].split("::")[1]
        for template in (ROOT_TEMPLATE, BATCH_TEMPLATE)
        for resource in parse(template)["Resources"].values()
    }
    assert not [service for service in types if spoken.get(service, service) not in text]


def test_outputs_that_documents_name_exist() -> None:
    outputs = parse(ROOT_TEMPLATE)["Outputs"].keys() | parse(PIPELINE_TEMPLATE)["Outputs"].keys()
    for document in DOCUMENTS:
        assert set(re.findall(r"outputs? `(\w+)`", document.read_text())) <= outputs, document


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: str(path.relative_to(PROJECT)))
def test_links_lead_somewhere(document: Path) -> None:
    for target in re.findall(r"\]\((?!https?:|#)([^)#]+)", document.read_text()):
        assert (document.parent / target).exists(), target
