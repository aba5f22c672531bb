from typing import Any

import pytest
from aws_lambda_powertools.utilities.data_classes.s3_event import S3EventRecord

from errors import UnexpectedEventError
from objects import Ignored, ObjectVersion, is_test_event, read_record, records_of


def a_record(
    key: str = "in/sample.csv", event_name: str = "ObjectCreated:Put", **of_object: Any
) -> S3EventRecord:
    thing = {"key": key, "size": 321, "eTag": "abc", "versionId": "v1", "sequencer": "0055"} | of_object
    return S3EventRecord(
        {
            "eventName": event_name,
            "eventTime": "2026-11-23T10:00:00.412Z",
            "s3": {
                "bucket": {"name": "input"},
                "object": {name: value for name, value in thing.items() if value is not None},
            },
        }
    )


def test_a_record_is_read_whole() -> None:
    assert read_record(a_record()) == ObjectVersion(
        bucket="input",
        key="in/sample.csv",
        version_id="v1",
        sequencer="0055",
        etag="abc",
        size=321,
        event_time="2026-11-23T10:00:00.412000Z",
    )


@pytest.mark.parametrize(
    ("encoded", "key"),
    [
        ("a+b.csv", "a b.csv"),
        ("a%2Bb.csv", "a+b.csv"),
        ("%C3%9Cbersicht+M%C3%A4rz/Preise+%2B+Mengen.csv", "Übersicht März/Preise + Mengen.csv"),
        ("100%25.csv", "100%.csv"),
        ("%F0%9F%93%A6.csv", "📦.csv"),
        ("a%2Fb.csv", "a/b.csv"),
    ],
)
def test_keys_are_url_decoded(encoded: str, key: str) -> None:
    found = read_record(a_record(encoded))
    assert isinstance(found, ObjectVersion)
    assert found.key == key


@pytest.mark.parametrize("version_id", [None, "", "null"])
def test_an_object_of_an_unversioned_bucket_has_no_version_id(version_id: str | None) -> None:
    found = read_record(a_record(versionId=version_id))
    assert isinstance(found, ObjectVersion)
    assert found.version_id is None


def test_the_etag_loses_its_quotes() -> None:
    found = read_record(a_record(eTag='"abc-9"'))
    assert isinstance(found, ObjectVersion)
    assert found.etag == "abc-9"


@pytest.mark.parametrize(
    "key", ["a.csv", "A.CSV", "a.Txt", "in/deep/a.b.csv", "in/_folder/.x/a.csv", "%5Fnot%2Fa.csv"]
)
def test_files_of_rows_are_taken(key: str) -> None:
    assert isinstance(read_record(a_record(key)), ObjectVersion)


@pytest.mark.parametrize(
    ("key", "reason"),
    [
        ("in/", "folder marker"),
        ("in%2F", "folder marker"),
        ("folder.csv/", "folder marker"),
        ("in/_import.yaml", "begin with _ or ."),
        ("_draft.csv", "begin with _ or ."),
        ("in/.hidden.csv", "begin with _ or ."),
        (".csv", "begin with _ or ."),
        ("chart.png", "ends in none of .csv .tsv"),
        ("a.gz", "ends in none of .csv .tsv"),
        ("a.csv.zip", "ends in none of .csv .tsv"),
        ("csv", "ends in none of .csv .tsv"),
        ("a.csv/b", "ends in none of .csv .tsv"),
    ],
)
def test_what_is_no_file_of_rows_is_ignored_with_a_reason(key: str, reason: str) -> None:
    found = read_record(a_record(key))
    assert isinstance(found, Ignored)
    assert reason in found.reason


@pytest.mark.parametrize(
    "event_name", ["ObjectRemoved:Delete", "ObjectRestore:Completed", "s3:ObjectRemoved:DeleteMarkerCreated"]
)
def test_events_that_create_no_object_are_ignored(event_name: str) -> None:
    found = read_record(a_record(event_name=event_name, size=None, eTag=None))
    assert isinstance(found, Ignored)
    assert "creates no object" in found.reason


@pytest.mark.parametrize(
    "event_name",
    [
        "ObjectCreated:Put",
        "ObjectCreated:Copy",
        "ObjectCreated:CompleteMultipartUpload",
        "s3:ObjectCreated:Post",
    ],
)
def test_all_ways_to_create_an_object_count(event_name: str) -> None:
    assert isinstance(read_record(a_record(event_name=event_name)), ObjectVersion)


def test_without_version_id_and_sequencer_uploads_cannot_be_told_apart() -> None:
    with pytest.raises(UnexpectedEventError, match="neither version id nor sequencer"):
        read_record(a_record(versionId=None, sequencer=None))


@pytest.mark.parametrize(
    "raw",
    [{}, {"s3": None}, {"s3": {"object": {}}}, a_record(size=None).raw_event, a_record(size="x").raw_event],
)
def test_a_record_that_cannot_be_read_is_an_error(raw: dict[str, Any]) -> None:
    with pytest.raises(UnexpectedEventError):
        read_record(S3EventRecord(raw))


def test_an_event_gives_all_its_records() -> None:
    event = {"Records": [a_record("a.csv").raw_event, a_record("b.csv").raw_event]}
    assert [record.s3.get_object.key for record in records_of(event)] == ["a.csv", "b.csv"]


def test_the_test_event_has_no_records() -> None:
    event = {"Service": "Amazon S3", "Event": "s3:TestEvent", "Bucket": "input"}
    assert is_test_event(event)
    assert list(records_of(event)) == []


@pytest.mark.parametrize("event", [{}, {"Records": None}, {"detail": {}}])
def test_another_event_is_an_error(event: dict[str, Any]) -> None:
    with pytest.raises(UnexpectedEventError, match="no S3 event notification"):
        records_of(event)
