from typing import Any

import pytest
from botocore.exceptions import ClientError

from errors import ImportsFailedError, UnexpectedEventError
from tests.functional.functions.fakes import Killed
from tests.functional.functions.world import World, id_of


def test_two_records_are_two_imports(world: World) -> None:
    event = world.event("a.csv", "b.csv")
    answer = world.trigger(event)
    ids = [id_of(record) for record in event["Records"]]
    assert [found["import_id"] for found in answer["imports"]] == ids
    assert [request["parameters"]["import_id"] for request in world.batch.requests] == ids
    assert [world.item(import_id)["state"] for import_id in ids] == ["LOADING", "LOADING"]


def test_a_new_import_is_whole_in_the_ledger(world: World) -> None:
    event = world.event("in/a.csv")
    world.trigger(event)
    thing = event["Records"][0]["s3"]["object"]
    import_id = id_of(event["Records"][0])
    at = "2026-11-23T10:00:00.000000Z"
    assert world.item(import_id) == {
        "pk": f"import#{import_id}",
        "sk": "import",
        "import_id": import_id,
        "bucket": "input",
        "key": "in/a.csv",
        "version_id": thing["versionId"],
        "sequencer": "0000000000000001",
        "etag": thing["eTag"],
        "size": 321,
        "event_time": "2026-11-23T09:59:59.000000Z",
        "state": "LOADING",
        "open": "yes",
        "run": 1,
        "parts": 1,
        "submissions": 1,
        "progress_mark": 0,
        "received_at": at,
        "updated_at": at,
        "submitted_at": at,
        "submitted_job": "job-1",
    }


def test_the_same_event_twice_is_one_submission(world: World) -> None:
    event = world.event("a.csv", "b.csv")
    assert world.trigger(event) == world.trigger(event)
    assert len(world.batch.requests) == 2


def test_the_ledger_guards_where_the_idempotency_table_has_forgotten(world: World) -> None:
    event = world.event("a.csv")
    world.trigger(event)
    world.forget_events()
    assert world.trigger(event)["imports"][0]["decision"] == "Wait"
    assert len(world.batch.requests) == 1


def test_an_event_of_a_closed_import_changes_nothing(world: World) -> None:
    event = world.event("a.csv")
    world.trigger(event)
    import_id = id_of(event["Records"][0])
    world.claim(import_id, "job-1")
    world.write_part(import_id)
    world.end("job-1", "SUCCEEDED")
    world.track("job-1")
    before = world.item(import_id)
    world.forget_events()
    assert world.trigger(event)["imports"][0]["decision"] == "Nothing"
    assert world.item(import_id) == before
    assert len(world.batch.requests) == 1


def test_the_same_record_twice_in_one_event_is_one_import(world: World) -> None:
    record = world.record("a.csv")
    world.trigger({"Records": [record, record]})
    assert len(world.batch.requests) == 1


def test_a_new_upload_of_a_key_is_a_new_import(world: World) -> None:
    assert world.start("a.csv") != world.start("a.csv")
    assert len(world.imports()) == 2


def test_the_import_id_is_the_idempotency_key(world: World) -> None:
    import_id = world.start("a.csv")
    again = world.record("a.csv")
    again["s3"]["object"]["versionId"] = world.item(import_id)["version_id"]
    again["eventTime"] = "2026-11-23T11:00:00.000Z"
    world.trigger({"Records": [again]})
    assert len(world.imports()) == 1
    assert world.dynamodb.scan(TableName="idempotency")["Count"] == 1


def test_a_failing_record_does_not_stop_the_others(world: World) -> None:
    event = world.event("a.csv", "b.csv", "c.csv")
    ids = [id_of(record) for record in event["Records"]]

    def refuse_the_first(request: dict[str, Any]) -> None:
        if request["parameters"]["import_id"] == ids[0]:
            raise ClientError({"Error": {"Code": "ServerException", "Message": "gone"}}, "SubmitJob")

    world.batch.before_submit = refuse_the_first
    with pytest.raises(ImportsFailedError) as caught:
        world.trigger(event)
    assert caught.value.names == (ids[0],)
    assert [request["parameters"]["import_id"] for request in world.batch.requests] == ids[1:]


def test_a_record_that_cannot_be_read_does_not_stop_the_others(world: World) -> None:
    event = world.event("a.csv", "b.csv")
    del event["Records"][0]["s3"]["object"]["size"]
    event["Records"].insert(0, {"s3": None})
    with pytest.raises(ImportsFailedError) as caught:
        world.trigger(event)
    assert caught.value.names == ("(a record without a key)", "a.csv")
    assert len(world.batch.requests) == 1


def test_the_retry_of_an_event_takes_up_what_failed(world: World) -> None:
    event = world.event("a.csv", "b.csv")
    world.batch.refuse("ServerException")
    with pytest.raises(ImportsFailedError):
        world.trigger(event)
    world.batch.recover()
    world.pass_grace()
    answer = world.trigger(event)
    assert [found["decision"] for found in answer["imports"]] == ["Submit", "Submit"]
    assert len(world.batch.requests) == 2


@pytest.mark.parametrize("code", ["ClientException", "AccessDeniedException"])
def test_a_refused_submission_says_what_to_mend(world: World, code: str) -> None:
    world.batch.refuse(code)
    with pytest.raises(ImportsFailedError):
        world.start()
    line = next(line for line in world.log_lines() if line["level"] == "ERROR")
    assert line["exception_name"] == "SubmissionRefusedError"
    assert "queue arn:queue, definition arn:definition" in line["exception"]
    assert "not today" in line["exception"]


@pytest.mark.parametrize("code", ["ClientException", "ServerException", "TooManyRequestsException"])
def test_after_any_error_of_batch_the_sweep_repairs(world: World, code: str) -> None:
    world.batch.refuse(code)
    with pytest.raises(ImportsFailedError):
        world.start()
    world.batch.recover()
    assert world.sweep()["imports"] == [], "within the grace the submission may yet be answered"
    world.pass_grace()
    assert world.sweep()["imports"][0]["decision"] == "Submit"
    assert len(world.batch.requests) == 1


def test_killed_before_submitting_the_sweep_submits(world: World) -> None:
    world.batch.kill("before")
    with pytest.raises(Killed):
        world.start()
    [import_] = world.imports()
    assert (import_["state"], "submitted_job" in import_) == ("LOADING", False)
    world.pass_grace()
    world.sweep()
    assert len(world.batch.requests) == 1
    assert world.imports()[0]["submitted_job"] == "job-1"


def test_killed_before_recording_the_sweep_submits_again_and_one_job_wins(world: World) -> None:
    world.batch.kill("after")
    with pytest.raises(Killed):
        world.start()
    world.pass_grace()
    world.sweep()
    [import_] = world.imports()
    assert (len(world.batch.requests), import_["submitted_job"]) == (2, "job-2")
    assert not world.claim(import_["import_id"], "job-1")
    assert world.claim(import_["import_id"], "job-2")
    world.end("job-1", "SUCCEEDED")
    assert world.track("job-1")["imports"][0]["decision"] == "Wait"
    world.write_part(import_["import_id"])
    world.end("job-2", "SUCCEEDED")
    assert world.track("job-2")["imports"][0]["state"] == "DONE"


def test_killed_before_recording_and_claimed_meanwhile_nothing_is_submitted_again(world: World) -> None:
    world.batch.kill("after")
    with pytest.raises(Killed):
        world.start()
    [import_] = world.imports()
    world.claim(import_["import_id"], "job-1")
    world.pass_grace()
    assert world.sweep()["imports"][0]["decision"] == "Wait"
    assert len(world.batch.requests) == 1


def test_killed_after_registering_the_sweep_submits(world: World) -> None:
    event = world.event("a.csv")

    def die(*_: object, **__: object) -> None:
        raise Killed

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("advance.decide", die)
        with pytest.raises(Killed):
            world.trigger(event)
    assert world.imports()[0]["state"] == "RECEIVED"
    world.pass_grace()
    world.sweep()
    assert world.imports()[0]["submitted_job"] == "job-1"


def test_an_ignored_record_leaves_no_trace_but_its_reason(world: World) -> None:
    event = world.event("in/", "chart.png", "in/_import.yaml", "a.csv")
    answer = world.trigger(event)
    assert [ignored["key"] for ignored in answer["ignored"]] == ["in/", "chart.png", "in/_import.yaml"]
    assert all(ignored["reason"] for ignored in answer["ignored"])
    assert len(world.imports()) == len(answer["imports"]) == 1
    logged = [line for line in world.log_lines() if line["message"] == "ignored"]
    assert [(line["key"], line["reason"]) for line in logged] == [
        (ignored["key"], ignored["reason"]) for ignored in answer["ignored"]
    ]


def test_every_line_about_an_import_names_it(world: World) -> None:
    event = world.event("a.csv", "b.csv")
    world.trigger(event)
    lines = world.log_lines()
    assert {line.get("import_id") for line in lines} == {id_of(record) for record in event["Records"]}
    assert {line["function_request_id"] for line in lines} == {"request"}


def test_a_key_never_breaks_a_log_line(world: World) -> None:
    world.trigger(world.event("a%0A%22b%22%7B.csv", "%0Anot"))
    assert any(line.get("key") == 'a\n"b"{.csv' for line in world.log_lines())


def test_a_foreign_event_fails_at_once(world: World) -> None:
    with pytest.raises(UnexpectedEventError):
        world.trigger({"detail-type": "something else"})
