"""IAM's policy documents as the tests read them: what a statement allows, by action, resource and condition.

docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html; only the operators that ours use.
"""

import json
import re
from collections.abc import Callable, Mapping
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

Statement = Mapping[str, Any]
_NEGATED = "StringNotEquals"
"""Met where the key is missing too."""
_OPERATORS: Mapping[str, Callable[[str, str], bool]] = {
    "StringEquals": lambda actual, wanted: actual == wanted,
    "ArnLike": fnmatchcase,
}


def listed(value: Any) -> list[Any]:
    """Give a list of what may stand alone."""
    return value if isinstance(value, list) else [value]


def allowed(
    statements: list[Statement],
    action: str,
    resource: str = "*",
    *,
    principal: str | None = None,
    context: Mapping[str, str] | None = None,
) -> bool:
    """Tell whether some statement allows a request and none denies it; a policy of a role has no `principal`."""
    effects = {
        statement["Effect"]
        for statement in statements
        if any(fnmatchcase(action.lower(), one.lower()) for one in listed(statement["Action"]))
        and any(fnmatchcase(resource, one) for one in listed(statement["Resource"]))
        and (principal is None or _names(statement["Principal"], principal))
        and _met(statement.get("Condition", {}), context or {})
    }
    return effects == {"Allow"}


def _names(principals: Mapping[str, Any], principal: str) -> bool:
    return any(principal in listed(some) for some in principals.values())


def _met(conditions: Mapping[str, Mapping[str, Any]], context: Mapping[str, str]) -> bool:
    return all(
        _holds(operator, context.get(name), listed(wanted))
        for operator, values in conditions.items()
        for name, wanted in values.items()
    )


def _holds(operator: str, actual: str | None, wanted: list[str]) -> bool:
    if operator == _NEGATED:
        return actual not in wanted
    return actual is not None and any(_OPERATORS[operator](actual, one) for one in wanted)


def documented(page: Path, heading: str, **names: str) -> list[Statement]:
    """Read the statements of the JSON under a heading of a page; `names` stand for its words in capitals."""
    text = page.read_text(encoding="utf-8")
    section = re.search(rf"^(#+) {re.escape(heading)}$(.*?)(?=^#+ |\Z)", text, re.M | re.S)
    assert section, heading
    found: list[Statement] = []
    for block in re.findall(r"^```json$(.*?)^```$", section[2], re.M | re.S):
        document = json.loads(re.sub("[A-Z]{3,}", lambda word: names.get(word[0], word[0]), block))
        found += document["Statement"] if isinstance(document, dict) else document
    assert found, heading
    return found
