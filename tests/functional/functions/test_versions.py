"""Versions of one key are loaded one after the other, in the order of S3, whatever the order of their events."""

from typing import Any

import pytest
from boto3.dynamodb.types import TypeSerializer

import versions
from errors import ImportsFailedError
from queues import MAX_WAITING, Queue, Waiting, queue_attributes
from tests.functional.functions.world import INPUT, World, id_of


def put(world: World, count: int, key: str = "a.csv") -> list[dict[str, Any]]:
    """Put so many versions of a key; gives the records of their events, oldest first."""
    return [world.record(key) for _ in range(count)]


def hear(world: World, *records: dict[str, Any]) -> dict[str, Any]:
    return world.trigger({"Records": list(records)})


def states(world: World, records: list[dict[str, Any]]) -> list[str | None]:
    return [world.item(id_of(record)).get("state") for record in records]


def load(world: World, record: dict[str, Any], status: str = "SUCCEEDED") -> None:
    """Let the job of an import come to its end, and its event arrive."""
    import_id = id_of(record)
    job_id = world.item(import_id)["submitted_job"]
    assert world.claim(import_id, job_id)
    if status == "SUCCEEDED":
        world.write_part(import_id)
    world.end(job_id, status)
    world.track(job_id)


def submitted(world: World) -> list[str]:
    return [request["parameters"]["import_id"] for request in world.batch.requests]


@pytest.mark.parametrize("order", [(0, 1, 2), (2, 1, 0), (1, 2, 0), (2, 0, 1)])
def test_versions_are_loaded_in_their_order_whatever_that_of_their_events(
    world: World, order: tuple[int, ...]
) -> None:
    records = put(world, 3)
    for number in order:
        hear(world, records[number])
        assert submitted(world) == [id_of(records[0])]
    assert states(world, records) == ["LOADING", "RECEIVED", "RECEIVED"]
    for record in records:
        load(world, record)
    assert states(world, records) == ["DONE", "DONE", "DONE"]
    assert submitted(world) == list(map(id_of, records)), "each once, as soon as the one before was over"


def test_the_newest_version_alone_being_heard_of_all_are_loaded(world: World) -> None:
    records = put(world, 3)
    hear(world, records[2])
    for record in records:
        load(world, record)
    assert states(world, records) == ["DONE", "DONE", "DONE"]


def test_events_that_come_again_and_late_change_nothing(world: World) -> None:
    records = put(world, 2)
    hear(world, *records, *records)
    for record in records:
        load(world, record)
    before = world.imports()
    world.forget_events()
    for record in (*reversed(records), *records):
        hear(world, record)
    assert world.imports() == before
    assert len(submitted(world)) == 2


def test_the_wait_says_for_whom(world: World) -> None:
    first, second = put(world, 2)
    answer = hear(world, second)
    assert answer["imports"][0]["decision"] == "Wait"
    assert f"behind {id_of(first)}" in answer["imports"][0]["reason"]


def test_a_version_that_failed_holds_up_none(world: World) -> None:
    first, second = records = put(world, 2)
    hear(world, first)
    hear(world, second)
    load(world, first, "FAILED")
    load(world, second)
    assert states(world, records) == ["FAILED", "DONE"]


def test_the_next_version_waits_until_the_event_of_the_one_before_is_out(world: World) -> None:
    first, second = records = put(world, 2)
    hear(world, *records)
    world.events.refuses = True
    with pytest.raises(Exception, match="not today"):
        load(world, first)
    world.forget_events()
    assert hear(world, second)["imports"][0]["decision"] == "Wait"
    world.events.refuses = False
    world.pass_grace()
    world.sweep()
    assert states(world, records) == ["DONE", "LOADING"]


def test_the_sweep_goes_on_with_the_next_version_where_nobody_else_did(world: World) -> None:
    first, second = records = put(world, 2)
    hear(world, *records)
    world.batch.refuse("ServerException")
    load(world, first)
    assert states(world, records) == ["DONE", "LOADING"], "submitted in vain"
    world.batch.recover()
    world.pass_grace()
    world.sweep()
    assert submitted(world) == [id_of(first), id_of(second)]


def test_other_keys_wait_for_none(world: World) -> None:
    records = [*put(world, 1, "a.csv"), *put(world, 1, "a.csv.gz"), *put(world, 1, "a.csv/b.csv")]
    hear(world, *records)
    assert states(world, records) == ["LOADING"] * 3


def test_delete_markers_are_no_versions(world: World) -> None:
    (first,) = put(world, 1)
    world.s3.delete_object(Bucket=INPUT, Key="a.csv")
    (second,) = put(world, 1)
    hear(world, second)
    load(world, first)
    load(world, second)
    assert len(world.imports()) == 2


def test_an_unheard_version_is_entered_as_its_own_event_would_have(world: World) -> None:
    first, second = put(world, 2)
    hear(world, second)
    thing, item = first["s3"]["object"], world.item(id_of(first))
    assert (item["version_id"], item["etag"], item["size"]) == (
        thing["versionId"],
        thing["eTag"],
        thing["size"],
    )
    assert "sequencer" not in item


def test_a_version_that_was_deleted_since_is_imported_and_fails_in_the_open(world: World) -> None:
    first, second = records = put(world, 2)
    world.s3.delete_object(Bucket=INPUT, Key="a.csv", VersionId=first["s3"]["object"]["versionId"])
    hear(world, second)
    hear(world, first)
    assert states(world, records) == ["RECEIVED", "LOADING"]


def test_versions_from_before_the_deployment_are_not_its_own(world: World) -> None:
    records = put(world, 3)
    world.app.ledger.__dict__["created_at"] = world.app.ledger.created_at.replace(year=2100)
    hear(world, records[1])
    assert states(world, records) == [None, "LOADING", None], "but for the one that an event named"


@pytest.mark.parametrize("newest_is_gone", [False, True])
def test_what_the_ledger_has_forgotten_is_not_loaded_again(world: World, newest_is_gone: bool) -> None:
    first, second = records = put(world, 2)
    hear(world, *records)
    for record in records:
        load(world, record)
    for record in records:
        for sk in ("import", "run#0001#part#00000"):
            world.ledger.delete_item(Key={"pk": f"import#{id_of(record)}", "sk": sk})
    if newest_is_gone:
        world.s3.delete_object(Bucket=INPUT, Key="a.csv", VersionId=second["s3"]["object"]["versionId"])
        queue = world.ledger.get_item(Key={"pk": "key#input/a.csv", "sk": "queue"})["Item"]
        world.ledger.put_item(Item=queue | {"newest_modified": "2100-01-01T00:00:00.000000Z"})
    (third,) = put(world, 1)
    world.forget_events()
    hear(world, third)
    assert states(world, [first, second, third]) == [None, None, "LOADING"]


def test_a_late_event_of_what_the_ledger_has_forgotten_is_left_alone(world: World) -> None:
    first, _ = records = put(world, 2)
    hear(world, *records)
    for record in records:
        load(world, record)
    world.ledger.delete_item(Key={"pk": f"import#{id_of(first)}", "sk": "import"})
    world.forget_events()
    assert hear(world, first)["imports"][0]["decision"] == "Nothing"
    assert states(world, records) == [None, "DONE"]


def test_an_import_that_vanished_from_the_ledger_holds_up_none(world: World) -> None:
    first, second = put(world, 2)
    hear(world, first, second)
    world.ledger.delete_item(Key={"pk": f"import#{id_of(first)}", "sk": "import"})
    world.pass_grace()
    world.sweep()
    assert submitted(world) == [id_of(first), id_of(second)]


def test_many_versions_are_registered_in_several_steps(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(versions, "_AT_ONCE", 2)
    records = put(world, 5)
    hear(world, records[4])
    assert states(world, records) == ["LOADING", "RECEIVED", "RECEIVED", "RECEIVED", "RECEIVED"]
    queue = world.app.ledger.queue(INPUT, "a.csv")
    assert [each.import_id for each in queue.waiting] == list(map(id_of, records))


def test_where_no_more_can_wait_the_event_fails_and_a_later_one_registers_what_it_could_not(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("queues.MAX_WAITING", 2)
    records = put(world, 3)
    with pytest.raises(ImportsFailedError):
        hear(world, records[2])
    world.pass_grace()
    world.sweep()
    assert states(world, records) == ["LOADING", "RECEIVED", None]
    load(world, records[0])
    hear(world, records[2])
    assert states(world, records) == ["DONE", "LOADING", "RECEIVED"]


class TestWithoutVersions:
    def record(self, world: World, sequencer: str) -> dict[str, Any]:
        record = world.record("a.csv")
        record["s3"]["object"] |= {"versionId": None, "sequencer": sequencer}
        return record

    def test_sequencers_give_the_order(self, world: World) -> None:
        records = [self.record(world, text) for text in ("0A", "0B", "0B5", "0C")]
        for number in (0, 3, 2, 1):
            hear(world, records[number])
        queue = world.app.ledger.queue(INPUT, "a.csv")
        assert [each.sequencer for each in queue.waiting] == ["0A", "0B", "0B5", "0C"]
        assert queue.newest == queue.waiting[3].import_id
        assert len(submitted(world)) == 1

    def test_what_is_under_way_stays_ahead(self, world: World) -> None:
        late, early = self.record(world, "0B"), self.record(world, "0A")
        hear(world, late)
        hear(world, early)
        queue = world.app.ledger.queue(INPUT, "a.csv")
        assert [each.sequencer for each in queue.waiting] == ["0B", "0A"]
        assert len(submitted(world)) == 1


def test_a_full_queue_fits_into_an_item(world: World) -> None:
    waiting = tuple(Waiting(import_id="x" * 61, sequencer="0" * 18) for _ in range(MAX_WAITING))
    queue = Queue(
        bucket="b" * 63, key="k" * 1024, waiting=waiting, newest="x" * 61, newest_version="v" * 1024
    )
    wire: Any = TypeSerializer().serialize(queue_attributes(queue))
    assert size(wire) < 400_000


def size(value: dict[str, Any]) -> int:
    """Bytes by the rules of docs.aws.amazon.com/amazondynamodb/latest/developerguide/CapacityUnitCalculations.html."""
    ((kind, content),) = value.items()
    if kind == "M":
        return 3 + sum(len(name) + 1 + size(each) for name, each in content.items())
    if kind == "L":
        return 3 + sum(1 + size(each) for each in content)
    return len(str(content))
