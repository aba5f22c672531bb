import json
from typing import Any

import pytest

from errors import UnexpectedEventError
from tests.functional.functions.world import START, World, id_of

REJECTS = [
    b'{"line": 3, "code": "EMPTY_KEY"}\n',
    b'{"line": 9, "code": "EMPTY_KEY"}\n{"line": 12, "code": "COLUMN_COUNT"}\n',
]


@pytest.fixture
def import_id(world: World) -> str:
    """An import that `job-1` has claimed."""
    found = world.start("in/sample.csv")
    assert world.claim(found, "job-1")
    return found


def finish(world: World, import_id: str) -> None:
    world.write_part(import_id, finished_at="2026-11-23T10:00:12.500000Z")
    world.end("job-1", "SUCCEEDED")


def test_an_import_that_went_well_is_closed_done(world: World, import_id: str) -> None:
    finish(world, import_id)
    world.pass_grace()
    answer = world.track("job-1")
    assert answer == {
        "imports": [
            {"import_id": import_id, "state": "DONE", "decision": "Close", "reason": "all parts are done"}
        ],
        "ignored": [],
        "failed": 0,
    }
    item = world.item(import_id)
    assert item["state"] == "DONE"
    assert item["counters"]["rows_written"] == 6
    assert item["closed_at"] == item["updated_at"] == "2026-11-23T10:05:00.000000Z"
    assert item["report_key"] == f"imports/{import_id}/run-0001/report.json"
    assert "open" not in item
    assert "error" not in item


def test_the_report_agrees_with_the_ledger(world: World, import_id: str) -> None:
    finish(world, import_id)
    world.track("job-1")
    report = world.report(import_id)
    item = world.item(import_id)
    assert (report["state"], report["closed_at"]) == (item["state"], item["closed_at"])
    assert (report["rows_read"], report["rows_written"], report["equation_holds"]) == (6, 6, True)
    assert report["object"]["key"] == "in/sample.csv"
    assert report["duration_s"] == 2.5
    assert report["rejects"]["csv_key"] is None
    assert world.artifact(import_id, "rejects.csv") is None
    assert world.artifact(import_id, "rejects.jsonl") is None


def test_a_bad_file_is_closed_failed_with_the_parts_error(world: World, import_id: str) -> None:
    error = {"code": "NO_KEY_COLUMN", "message": "the header has no ProductId", "exit_code": 78}
    world.write_part(import_id, "FAILED", error=error, counters={"rows_read": 2, "rows_written": 1})
    world.end("job-1", "FAILED", container={"exitCode": 78})
    assert world.track("job-1")["imports"][0]["state"] == "FAILED"
    item = world.item(import_id)
    assert item["error"] == {"code": "NO_KEY_COLUMN", "message": "the header has no ProductId"}
    assert item["counters"] == {"rows_read": 2, "rows_written": 1}
    assert "open" not in item
    assert world.report(import_id)["error"]["code"] == "NO_KEY_COLUMN"
    assert world.report(import_id)["rows_written"] == 1


def test_a_job_that_died_is_quoted(world: World, import_id: str) -> None:
    world.write_part(import_id, "RUNNING")
    world.end("job-1", "FAILED", statusReason="Task stopped", container={"exitCode": 137, "reason": "OOM"})
    world.track("job-1")
    error = world.item(import_id)["error"]
    assert error == {"code": "job_failed", "message": "job job-1 is FAILED, exit code 137: Task stopped; OOM"}


def test_a_job_that_never_started(world: World) -> None:
    import_id = world.start()
    world.end("job-1", "FAILED", statusReason="CannotPullContainerError: no such image")
    world.track("job-1")
    assert world.item(import_id)["error"]["code"] == "job_never_started"
    assert world.report(import_id)["rows_read"] == 0


def test_rows_that_do_not_add_up_fail_the_import(world: World, import_id: str) -> None:
    world.write_part(import_id, counters={f"rows_{name}": 1 for name in ("read", "written", "rejected")})
    world.write_part(
        import_id,
        counters={
            "rows_read": 3,
            "rows_written": 1,
            "rows_rejected": 1,
            "rows_superseded": 0,
            "rows_skipped": 0,
        },
    )
    world.end("job-1", "SUCCEEDED")
    world.track("job-1")
    assert world.item(import_id)["error"]["code"] == "equation_broken"
    assert world.report(import_id)["equation_holds"] is False


def test_rejects_are_joined_in_key_order_under_the_header(world: World, import_id: str) -> None:
    world.put_artifact(import_id, "header.csv", b"ProductId,Name\r\n")
    world.put_artifact(import_id, "rejects/part-00001/segment-0000000.csv", b"late\n")
    world.put_artifact(import_id, "rejects/part-00000/segment-0000010.csv", b',"b\nb"\n')
    world.put_artifact(import_id, "rejects/part-00000/segment-0000002.csv", b",a\r\n")
    world.put_artifact(import_id, "rejects/part-00000/segment-0000002.jsonl", REJECTS[0])
    world.put_artifact(import_id, "rejects/part-00000/segment-0000010.jsonl", REJECTS[1])
    finish(world, import_id)
    world.track("job-1")
    assert world.artifact(import_id, "rejects.csv") == b'ProductId,Name\r\n,a\r\n,"b\nb"\nlate\n'
    assert world.artifact(import_id, "rejects.jsonl") == b"".join(REJECTS)
    rejects = world.report(import_id)["rejects"]
    assert rejects["csv_key"] == f"imports/{import_id}/run-0001/rejects.csv"
    assert rejects["jsonl_key"] == f"imports/{import_id}/run-0001/rejects.jsonl"
    assert [(reject["line"], reject["code"]) for reject in rejects["first"]] == [
        (3, "EMPTY_KEY"),
        (9, "EMPTY_KEY"),
        (12, "COLUMN_COUNT"),
    ]


def test_the_report_shows_ten_rejects_at_most(world: World, import_id: str) -> None:
    for segment in range(2):
        lines = b"".join(json.dumps({"line": segment * 7 + n}).encode() + b"\n" for n in range(7))
        world.put_artifact(import_id, f"rejects/part-00000/segment-{segment:07d}.jsonl", lines)
    finish(world, import_id)
    world.track("job-1")
    assert [reject["line"] for reject in world.report(import_id)["rejects"]["first"]] == list(range(10))


def test_rejects_of_many_megabytes_are_joined_whole(world: World, import_id: str) -> None:
    segments = [bytes([ord("a") + n]) * (3 * 1024 * 1024) + b"\n" for n in range(6)]
    world.put_artifact(import_id, "header.csv", b"ProductId\n")
    for number, body in enumerate(segments):
        world.put_artifact(import_id, f"rejects/part-00000/segment-{number:07d}.csv", body)
    finish(world, import_id)
    world.track("job-1")
    assert world.artifact(import_id, "rejects.csv") == b"ProductId\n" + b"".join(segments)
    listed = world.s3.list_multipart_uploads(Bucket="artifacts")
    assert listed.get("Uploads", []) == []


def test_artifacts_of_another_import_and_run_are_left_alone(world: World, import_id: str) -> None:
    other = "rejects/part-00000/segment-0000000.csv"
    world.s3.put_object(Bucket="artifacts", Key=f"imports/{import_id}/run-0002/{other}", Body=b"run 2\n")
    world.s3.put_object(Bucket="artifacts", Key=f"imports/{import_id}0/run-0001/{other}", Body=b"other\n")
    finish(world, import_id)
    world.track("job-1")
    assert world.artifact(import_id, "rejects.csv") is None


def test_a_second_event_changes_nothing(world: World, import_id: str) -> None:
    finish(world, import_id)
    world.track("job-1")
    before = (world.item(import_id), world.artifact(import_id, "report.json"))
    world.pass_grace()
    assert world.track("job-1")["imports"][0]["decision"] == "Nothing"
    assert (world.item(import_id), world.artifact(import_id, "report.json")) == before


def test_a_part_of_an_earlier_run_does_not_count(world: World, import_id: str) -> None:
    world.write_part(import_id, sk="run#0000#part#00000", run=0)
    world.end("job-1", "SUCCEEDED")
    world.track("job-1")
    assert world.item(import_id)["error"]["code"] == "job_left_work"


def test_the_event_is_believed_and_batch_not_asked(world: World, import_id: str) -> None:
    finish(world, import_id)
    world.track("job-1")
    assert world.batch.described == []


def test_the_import_is_found_by_the_jobs_name_where_parameters_are_missing(
    world: World, import_id: str
) -> None:
    finish(world, import_id)
    assert world.track("job-1", parameters={})["imports"][0]["state"] == "DONE"


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"arrayProperties": {"index": 0}}, "a child of an array job"),
        ({"status": "RUNNING"}, "RUNNING is no end"),
        ({"jobName": "nightly", "parameters": {}}, "works for no import"),
        ({"parameters": {"import_id": "gone-0123456789abcdef0123"}}, "the ledger holds no import gone-"),
    ],
)
def test_other_events_are_ignored_with_a_reason(
    world: World, import_id: str, changes: dict[str, Any], reason: str
) -> None:
    finish(world, import_id)
    before = world.item(import_id)
    answer = world.track("job-1", **changes)
    assert (answer["imports"], world.item(import_id)) == ([], before)
    assert reason in answer["ignored"][0]["reason"]
    assert any(reason in line.get("reason", "") for line in world.log_lines())


def test_an_arrays_parent_closes_the_import(world: World, import_id: str) -> None:
    finish(world, import_id)
    answer = world.track("job-1", arrayProperties={"size": 2, "statusSummary": {"SUCCEEDED": 2}})
    assert answer["imports"][0]["state"] == "DONE"


def test_a_failed_array_whose_children_still_work_is_waited_for(world: World, import_id: str) -> None:
    world.write_part(import_id, "RUNNING")
    answer = world.track(
        "job-1", status="FAILED", arrayProperties={"statusSummary": {"FAILED": 1, "RUNNING": 1}}
    )
    assert answer["imports"][0]["decision"] == "Wait"


@pytest.mark.parametrize("event", [{}, {"detail-type": "Batch Job State Change"}, {"Records": []}])
def test_a_foreign_event_fails_at_once(world: World, event: dict[str, Any]) -> None:
    with pytest.raises(UnexpectedEventError):
        world.track_event(event)


def test_a_close_that_failed_is_repeated_by_the_sweep(world: World, import_id: str) -> None:
    finish(world, import_id)
    world.s3.delete_bucket(Bucket="artifacts")
    with pytest.raises(world.s3.exceptions.NoSuchBucket):
        world.track("job-1")
    assert "open" in world.item(import_id)
    world.s3.create_bucket(
        Bucket="artifacts", CreateBucketConfiguration={"LocationConstraint": "eu-central-1"}
    )
    world.pass_grace()
    assert world.sweep()["imports"][0]["state"] == "DONE"
    assert world.report(import_id)["state"] == "DONE"


def test_a_job_that_claims_while_the_import_is_being_closed_keeps_it_open(world: World) -> None:
    event = world.event("a.csv")
    world.trigger(event)
    import_id = id_of(event["Records"][0])
    world.end("job-1", "FAILED", statusReason="gone")
    # A job of an earlier submission, never recorded, begins between the decision and the close.
    world.batch.submit_job(jobName="load", parameters={})
    put_object = world.s3.put_object

    def claim_first(**arguments: Any) -> Any:
        world.s3.put_object = put_object
        assert world.claim(import_id, "job-2")
        return put_object(**arguments)

    world.s3.put_object = claim_first
    assert world.track("job-1")["imports"][0]["decision"] == "Wait"
    assert world.item(import_id)["state"] == "LOADING"
    world.write_part(import_id)
    world.end("job-2", "SUCCEEDED")
    world.now = START
    world.pass_grace()
    world.sweep()
    assert world.item(import_id)["state"] == world.report(import_id)["state"] == "DONE"
