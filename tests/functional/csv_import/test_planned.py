"""A file that is cut into parts ends as one that is not: items, counters, rejects; wherever it is cut."""

from __future__ import annotations

from typing import Any

import pytest

from csv_import.settings import PlanLimits, ReadLimits, WriteLimits
from tests.functional.csv_import.conftest import World
from tests.functional.csv_import.planned import part_items, plan_and_load, together
from tests.functional.csv_import.test_resuming import MODES, prepare, rows

SMALL: dict[str, Any] = {
    "read": ReadLimits(chunk_bytes=300),
    "write": WriteLimits(lanes=3, max_batch_items=4, max_unacknowledged_bytes=600),
    "segment_records": 7,
    "ALLOWED_MODES": ",".join(MODES),
}
FILE = rows(150)


def limits(part_bytes: int, **more: int) -> PlanLimits:
    return PlanLimits(
        part_bytes=part_bytes, piece_bytes=64, request_bytes=200, requests=2, max_held_bytes=300, **more
    )


def whole(world: World, import_id: str) -> dict[str, Any]:
    assert world.attempt(import_id, **SMALL) is None
    return together(world, import_id)


@pytest.mark.parametrize("mode", MODES)
def test_rows_with_many_keys_in_common(world: World, mode: str) -> None:
    world.table()
    expected = whole(world, prepare(world, mode, FILE))
    assert expected["counters"]["rows_superseded"] > 50
    import_id = prepare(world, mode, FILE)
    parts = plan_and_load(world, import_id, limits(1300), **SMALL)
    assert parts > 5
    assert together(world, import_id) == expected


def test_keys_that_occur_once_need_no_shared_part(world: World) -> None:
    world.table()
    content = b"ProductId,A\n" + b"".join(b"%d,%d\n" % (row, row) for row in range(300))
    import_id = world.drop(content)
    expected = whole(world, import_id)
    import_id = world.drop(content)
    parts = plan_and_load(world, import_id, limits(600), **SMALL)
    assert [set(part) & {"range", "shared"} for part in part_items(world, import_id)] == [{"range"}] * parts
    found = together(world, import_id)
    for each in (expected, found):
        del each["items"]
    assert found == expected


SEVERAL = (
    "mode: {mode}\nprovenance: off\ncolumns: {{A: drop, ProductId: drop, N: {{type: N}}}}\n"
    "items: [{{attributes: {{ProductId: 'row#{{ProductId}}'}}}},"
    " {{attributes: {{ProductId: 'n#{{A}}'}}, optional: true}}]\n"
)


@pytest.mark.parametrize("mode", ["put", "insert", "update"])
def test_rows_of_several_items(world: World, mode: str) -> None:
    """Each item is written by the part that owns its key; each row is counted once."""
    world.table()
    lines = [b"ProductId,A,N\n"]
    for row in range(120):
        cells = (row % 50 if row % 3 else row + 1000, row % 7, b"x" if row % 19 == 0 else b"%d.0" % row)
        lines.append(b"%d,%d,%b\n" % cells)
    content = b"".join(lines)
    spec = SEVERAL.format(mode=mode).encode()

    def drop() -> str:
        for item in world.scan():
            world.dynamodb.delete_item(TableName="items", Key={"ProductId": item["ProductId"]})
        world.s3.put_object(Bucket="input", Key="_import.yaml", Body=spec)
        return world.drop(content)

    expected = whole(world, drop())
    assert expected["counters"]["items_written"] > expected["counters"]["rows_written"]
    import_id = drop()
    parts = plan_and_load(world, import_id, limits(650), **SMALL)
    assert parts > 3
    assert together(world, import_id) == expected
