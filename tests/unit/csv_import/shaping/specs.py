"""Plans from the text of a spec, for the tests."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from csv_import.rejects import Reason
from csv_import.shaping.item import Item, Items
from csv_import.shaping.key_schema import KeyAttribute, KeySchema
from csv_import.shaping.plan import Plan, plan_for
from csv_import.shaping.provenance import Provenance
from csv_import.shaping.spec_reader import read_spec

AT = datetime(2026, 11, 23, 10, 0, tzinfo=UTC)
ID = KeyAttribute("Id", "S", 2048)
ONE_KEY = KeySchema((ID,))
TWO_KEYS = KeySchema((KeyAttribute("PK", "S", 2048), KeyAttribute("SK", "S", 1024)))


def compiled(spec: str, names: Sequence[str], schema: KeySchema = ONE_KEY) -> Plan:
    return plan_for(read_spec(spec), list(names), schema, Provenance("in/a.csv", AT), line=1)


def items(plan: Plan, *cells: str, record: int = 1) -> list[dict[str, Any]]:
    """The items of a row, as DynamoDB's JSON."""
    shaped = plan.shape(list(cells), record)
    assert not isinstance(shaped, Reason), shaped
    found = shaped.items if isinstance(shaped, Items) else (shaped,)
    assert all(isinstance(each, Item) for each in found)
    return [json.loads(each.body) for each in found]


def item(plan: Plan, *cells: str) -> dict[str, Any]:
    (only,) = items(plan, *cells)
    return only


def rejected(plan: Plan, *cells: str) -> Reason:
    shaped = plan.shape(list(cells), 1)
    assert isinstance(shaped, Reason), shaped
    return shaped
