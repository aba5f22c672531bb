"""Plans an import and loads all its parts, as AWS Batch would; and what the parts came to together."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from boto3.dynamodb.types import TypeDeserializer

from csv_import.errors import JobStop
from csv_import.settings import AccountingLimits, PlanLimits, ReadLimits
from csv_import.stages.plan import plan
from tests.functional.csv_import.conftest import Clock, Pauses, World


def state(world: World, import_id: str, state: str, parts: int = 1) -> None:
    """What functions/ do between the stages."""
    world.dynamodb.update_item(
        TableName="ledger",
        Key={"pk": {"S": f"import#{import_id}"}, "sk": {"S": "import"}},
        UpdateExpression="SET #state = :state, parts = :parts",
        ExpressionAttributeNames={"#state": "state"},
        ExpressionAttributeValues={":state": {"S": state}, ":parts": {"N": str(parts)}},
    )


def plan_it(
    world: World,
    import_id: str,
    *,
    attempt: int = 1,
    clock: Clock | None = None,
    limits: PlanLimits | None = None,
    read: ReadLimits | None = None,
    segment_records: int = 20,
    **environment: str,
) -> JobStop | None:
    """Run the stage; returns why it stopped, if it did."""
    clock = clock or Clock()
    settings = replace(
        world.settings(import_id, AWS_BATCH_JOB_ATTEMPT=str(attempt), **environment),
        plan=limits or PlanLimits(),
        read=read or ReadLimits(),
        accounting=AccountingLimits(heartbeat_s=3600, segment_records=segment_records),
    )
    services = replace(world.services(Pauses(clock)), now=clock.now, clock=clock.seconds)
    try:
        plan(settings, services)
    except JobStop as stop:
        return stop
    return None


def plan_and_load(world: World, import_id: str, limits: PlanLimits, **arguments: Any) -> int:
    """The whole import, part by part in another order than they are numbered; gives how many parts there were."""
    environment = {name: value for name, value in arguments.items() if name.isupper()}
    state(world, import_id, "PLANNING")
    assert plan_it(world, import_id, limits=limits, read=arguments.get("read"), **environment) is None
    parts = int(world.record(import_id)["plan"]["parts"])
    state(world, import_id, "LOADING", parts)
    for part in reversed(range(parts)):
        assert world.attempt(import_id, AWS_BATCH_JOB_ARRAY_INDEX=str(part), **arguments) is None
    return parts


def part_items(world: World, import_id: str) -> list[dict[str, Any]]:
    """The part items of the import."""
    found = world.dynamodb.query(
        TableName="ledger",
        KeyConditionExpression="pk = :pk AND begins_with(sk, :part)",
        ExpressionAttributeValues={":pk": {"S": f"import#{import_id}"}, ":part": {"S": "run#0001#part#"}},
    )["Items"]
    deserialize = TypeDeserializer().deserialize
    return [{name: deserialize(value) for name, value in item.items()} for item in found]


def together(world: World, import_id: str) -> dict[str, Any]:
    """What must not depend on how a file was cut."""
    parts = part_items(world, import_id)
    assert all(part["status"] == "DONE" for part in parts)
    return {
        "items": world.items(),
        "counters": _summed(part["counters"] for part in parts),
        "ignored": _ignored(parts),
        "rejects_by_code": _summed(part["rejects_by_code"] for part in parts),
        "mended": _summed(part["mended"] for part in parts),
        "notices": _notices(parts),
        "rejects": sorted(world.rejects(import_id, "jsonl").splitlines()),
        "rejected": sorted(world.rejects(import_id).splitlines()),
    }


def _summed(maps: Iterable[dict[str, Any]]) -> dict[str, int]:
    total: Counter[str] = Counter()
    for each in maps:
        total.update({name: int(value) for name, value in each.items()})
    effort = {"requests", "throttles", "retries"}
    return {name: value for name, value in total.items() if value and name not in effort}


def _ignored(parts: list[dict[str, Any]]) -> dict[str, tuple[int, int]]:
    spans: Counter[str] = Counter()
    sizes: Counter[str] = Counter()
    for part in parts:
        for reason, told in part["ignored"].items():
            spans[reason] += int(told["spans"])
            sizes[reason] += int(told["bytes"])
    return {reason: (spans[reason], sizes[reason]) for reason in spans}


def _notices(parts: list[dict[str, Any]]) -> dict[tuple[str, str], int]:
    total: Counter[tuple[str, str]] = Counter()
    for part in parts:
        for each in part["notices"]:
            total[each["column"], each["code"]] += int(each["cells"])
    return dict(total)
