from typing import Any

import pytest

from csv_import.accounting.ledger_values import PART_START, plain, reached, rich
from csv_import.accounting.scope import Range, Scope, SharedRows, scope_of
from csv_import.rejects import Location

START = Location(12, 11, 100)
SCOPES: list[Scope] = [
    Range(START, 2_000_000_000_000, 20, 3, ("a", "b")),
    Range(START, 200, 20),
    SharedRows(("a", "b"), 7, 300),
    SharedRows((), 0, 0),
    None,
]


def item_of(scope: Scope) -> dict[str, Any]:
    if scope is None:
        return {"part": 1}
    return {"part": 1, ("range" if isinstance(scope, Range) else "shared"): scope.as_map()}


@pytest.mark.parametrize("scope", SCOPES, ids=str)
def test_a_part_reads_what_the_plan_wrote(scope: Scope) -> None:
    assert scope_of(item_of(scope)) == scope
    assert scope_of(rich(plain(item_of(scope)))) == scope


def test_a_part_begins_where_its_range_does() -> None:
    assert reached(item_of(SCOPES[0])).at == START
    assert reached({**item_of(SCOPES[0]), "part": 0}).at == PART_START, "the header is its own"
    assert reached(item_of(SCOPES[2])).at == PART_START
    checkpoint = {"segment": 3, "line": 40, "record": 39, "offset": 999, "state": "key"}
    again = reached({**item_of(SCOPES[0]), "checkpoint": checkpoint})
    assert (again.segment, again.at, again.state) == (3, Location(40, 39, 999), "key")
