"""The sample events are what S3 and EventBridge send, and belong together as docs/contracts.md says."""

import hashlib
import json
import re
from typing import Any
from urllib.parse import quote_plus, unquote_plus

import pytest

from tests.template.stacks import PROJECT, Template

EVENTS = PROJECT / "events"
KEYS = {
    "put-one": ["sample.csv"],
    "put-two-records": ["products/2026-11.csv", "products/archive.csv"],
    "put-special-key": ["Übersicht März/Preise + Mengen 2026.csv"],
    "not-a-csv": ["reports/chart.png", "reports/"],
}
JOBS = {"job-succeeded": ("put-one", 0), "job-failed": ("put-two-records", 1)}


def _event(name: str) -> dict[str, Any]:
    event: dict[str, Any] = json.loads((EVENTS / f"{name}.json").read_text(encoding="utf-8"))
    return event


def _import_id(record: dict[str, Any]) -> str:
    """The import id by the words of the contract, written down a second time on purpose."""
    key = unquote_plus(record["s3"]["object"]["key"])
    named = "\0".join((record["s3"]["bucket"]["name"], key, record["s3"]["object"]["versionId"]))
    slug = re.sub("[^a-z0-9]+", "-", key.rsplit("/", 1)[-1].lower()).strip("-")[:40]
    return f"{slug}-{hashlib.sha256(named.encode()).hexdigest()[:20]}"


def _container(detail: dict[str, Any]) -> dict[str, Any]:
    """The one container of the job's one task."""
    [task] = detail["ecsProperties"]["taskProperties"]
    [container] = task["containers"]
    assert isinstance(container, dict)
    return container


def test_every_sample_event_has_a_test() -> None:
    assert {path.stem for path in EVENTS.glob("*.json")} == {*KEYS, *JOBS, "test-event"}


@pytest.mark.parametrize(("name", "keys"), KEYS.items(), ids=KEYS)
def test_keys_are_encoded_as_s3_encodes_them(name: str, keys: list[str]) -> None:
    raw = [record["s3"]["object"]["key"] for record in _event(name)["Records"]]
    assert [unquote_plus(key) for key in raw] == keys
    assert raw == [quote_plus(key, safe="/") for key in keys]


def test_the_special_key_is_spoilt_by_decoding_it_wrongly() -> None:
    [record] = _event("put-special-key")["Records"]
    key = record["s3"]["object"]["key"]
    assert "+" in key and "%2B" in key and "%C3%9C" in key


@pytest.mark.parametrize("name", KEYS)
def test_a_notification_has_the_fields_of_version_2_1(name: str) -> None:
    # docs.aws.amazon.com/AmazonS3/latest/userguide/notification-content-structure.html
    for record in _event(name)["Records"]:
        assert record["eventVersion"] == "2.1"
        assert record["eventSource"] == "aws:s3"
        assert record["eventName"].startswith("ObjectCreated:")
        assert record.keys() >= {
            "awsRegion",
            "eventTime",
            "userIdentity",
            "requestParameters",
            "responseElements",
        }
        assert record["s3"].keys() == {"s3SchemaVersion", "configurationId", "bucket", "object"}
        assert record["s3"]["bucket"]["arn"] == f"arn:aws:s3:::{record['s3']['bucket']['name']}"
        assert record["s3"]["object"].keys() == {"key", "size", "eTag", "versionId", "sequencer"}
        assert re.fullmatch(r"[0-9a-f]{32}(-\d+)?", record["s3"]["object"]["eTag"])
        assert re.fullmatch(r"[0-9A-F]{18}", record["s3"]["object"]["sequencer"])


def test_what_s3_sends_when_a_notification_is_set_up_has_no_records() -> None:
    event = _event("test-event")
    assert event["Event"] == "s3:TestEvent"
    assert event.keys() == {"Service", "Event", "Time", "Bucket", "RequestId", "HostId"}


@pytest.mark.parametrize(("name", "origin"), JOBS.items(), ids=JOBS)
def test_a_job_event_names_the_import_of_its_notification(name: str, origin: tuple[str, int]) -> None:
    detail = _event(name)["detail"]
    notification, index = origin
    import_id = _import_id(_event(notification)["Records"][index])
    assert detail["parameters"] == {"import_id": import_id, "stage": "load", "run": "1", "submission": "1"}
    assert detail["jobName"] == f"load-{import_id}-r1"


@pytest.mark.parametrize(
    ("name", "status", "exit_codes"),
    [("job-succeeded", "SUCCEEDED", [0]), ("job-failed", "FAILED", [75, 65])],
)
def test_a_job_event_tells_how_its_attempts_ended(name: str, status: str, exit_codes: list[int]) -> None:
    event = _event(name)
    detail = event["detail"]
    assert (event["source"], event["detail-type"]) == ("aws.batch", "Batch Job State Change")
    assert event["resources"] == [detail["jobArn"]]
    assert detail["status"] == status
    ends = [attempt["taskProperties"][0]["containers"][0] for attempt in detail["attempts"]]
    assert [end["exitCode"] for end in ends] == exit_codes
    assert _container(detail)["exitCode"] == exit_codes[-1]
    assert detail["container"] == {}, "empty where the definition has EcsProperties"
    assert detail["statusReason"] == "Essential container in task exited"


@pytest.mark.parametrize("name", JOBS)
def test_a_job_event_shows_the_definition_of_the_template(name: str, batch: Template) -> None:
    detail = _event(name)["detail"]
    definition = batch["Resources"]["LoadJobDefinition"]["Properties"]
    [task] = definition["EcsProperties"]["TaskProperties"]
    [container] = task["Containers"]
    shown = _container(detail)
    assert shown["name"] == container["Name"]
    assert shown["command"] == container["Command"]
    assert [v["name"] for v in shown["environment"]] == [v["Name"] for v in container["Environment"]]
    assert shown["readonlyRootFilesystem"] is container["ReadonlyRootFilesystem"]
    assert shown["stopTimeout"] == container["StopTimeout"]
    assert [e["onExitCode"] for e in detail["retryStrategy"]["evaluateOnExit"]] == [
        e["OnExitCode"] for e in definition["RetryStrategy"]["EvaluateOnExit"]
    ]
