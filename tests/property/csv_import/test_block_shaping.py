"""Many rows at once come to what each comes to by itself: items, rejects, notices and keys, whatever the spec says."""

from __future__ import annotations

import json

from hypothesis import given, settings
from hypothesis import strategies as st

from csv_import.errors import JobStop
from csv_import.rejects import Reason
from csv_import.shaping.block_keys import BlockKeys
from csv_import.shaping.block_plan import BlockPlan
from csv_import.shaping.item import Items, digest_of
from csv_import.shaping.key_schema import KeySchema
from tests.property.csv_import.spec_cases import SCHEMAS, cases, plan


def same(spec: str, schema: KeySchema, rows: list[list[str]], first: int) -> list[list[str]]:
    """Hold many rows at once against each by itself; gives the rows that are accepted."""
    one_by_one, at_once = plan(spec, schema), plan(spec, schema)
    expected = [one_by_one.shape(row, record) for record, row in enumerate(rows, first)]
    accepted = [
        (record, each.items if isinstance(each, Items) else (each,))
        for record, each in enumerate(expected, first)
        if not isinstance(each, Reason)
    ]

    shaped = BlockPlan(at_once).shape(rows, range(first, first + len(rows)))

    assert shaped.rejects == [(at, each) for at, each in enumerate(expected) if isinstance(each, Reason)]
    assert list(shaped.rows) == [items[0].key for _, items in accepted]
    assert shaped.keys == [item.key for _, items in accepted for item in items]
    assert shaped.records == [record for record, items in accepted for _ in items]
    assert [json.loads(body) for body in shaped.bodies] == [
        json.loads(item.body) for _, items in accepted for item in items
    ]
    assert at_once.notices.counts == one_by_one.notices.counts
    assert all(b"\n" not in body for body in shaped.bodies)

    assert [at_once.key_of(json.loads(body)) for body in shaped.bodies] == shaped.keys
    keys = BlockKeys(plan(spec, schema)).by_row(rows, range(first, first + len(rows)))
    assert [keys[record - first] for record, _ in accepted] == [
        tuple(digest_of(item.key) for item in items) for _, items in accepted
    ]
    return [rows[record - first] for record, _ in accepted]


@given(cases(), st.sampled_from(SCHEMAS), st.integers(1, 10**7))
@settings(max_examples=600, deadline=None)
def test_by_a_spec(case: tuple[str, list[list[str]]], schema: KeySchema, first: int) -> None:
    spec, rows = case
    try:
        plan(spec, schema)
    except JobStop:
        return
    good = same(spec, schema, rows, first)
    same(spec, schema, good, first)
