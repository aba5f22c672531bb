"""Files that are as they should be, and events that come as they like."""

import pytest

from local_aws.emulator import PROJECT
from tests.end_to_end.application import Application, container_of
from tests.oracle import naive_table

SAMPLE = (PROJECT / "samples" / "sample.csv").read_bytes()
SIX = {"read": 6, "written": 6, "superseded": 0, "skipped": 0, "rejected": 0}


def check(application: Application, import_id: str, key: str, content: bytes) -> None:
    """Compare counts and items with what one patient loop would have left."""
    assert application.closed(import_id).state == "DONE"
    report = application.report(import_id)
    s3 = application.aws.client("s3")
    head = s3.head_object(Bucket=application.bucket, Key=key, VersionId=report["object"]["version_id"])
    expected = naive_table(content, bucket_key=key, last_modified=head["LastModified"])
    assert report["equation_holds"]
    assert (report["rows_read"], report["rows_written"]) == (expected.rows_read, expected.rows_written)
    assert application.items(key) == {name: item for (name,), item in expected.items.items()}


def test_the_sample_is_six_rows_and_six_items(application: Application) -> None:
    dropped = application.drop("in/sample.csv", SAMPLE)
    check(application, dropped.import_id, "in/sample.csv", SAMPLE)
    assert application.counts(dropped.import_id) == SIX


@pytest.mark.parametrize(
    "key",
    [
        "a b/my file+1.csv",
        "Größe/ÄÖÜ & 100% №1.csv",
        "📦=1,2;3.csv",
        "UPPER.CSV",
        "a.txt",
        "a/" * 100 + "x.csv",
    ],
    ids=["spaces and plus", "umlauts and percent", "emoji", "upper case", "text", "long"],
)
def test_any_key_is_imported_under_its_own_name(application: Application, key: str) -> None:
    content = b"ProductId,Name\n" + key.encode().replace(b",", b"_") + b",x\n"
    dropped = application.drop(key, content)
    check(application, dropped.import_id, key, content)
    assert application.report(dropped.import_id)["object"]["key"] == key


def test_an_event_that_comes_again_is_the_same_import(application: Application) -> None:
    dropped = application.drop("again.csv", SAMPLE)
    application.closed(dropped.import_id)
    before = application.report(dropped.import_id)
    for _ in range(2):
        application.invoke("TriggerFunctionName", application.event(dropped))
    assert application.imports_of("again.csv") == [dropped.import_id]
    assert len(application.jobs_of(dropped.import_id)) == 1
    assert application.report(dropped.import_id) == before


def test_the_same_file_again_is_an_import_of_its_own(application: Application) -> None:
    first = application.drop("twice.csv", SAMPLE)
    check(application, first.import_id, "twice.csv", SAMPLE)
    second = application.drop("twice.csv", SAMPLE)
    check(application, second.import_id, "twice.csv", SAMPLE)
    assert sorted(application.imports_of("twice.csv")) == sorted([first.import_id, second.import_id])
    assert application.counts(first.import_id) == application.counts(second.import_id) == SIX


def test_every_record_of_an_event_is_an_import(application: Application) -> None:
    one, two = b"ProductId,Name\none,1\n", b"ProductId,Name\ntwo,2\nthree,3\n"
    with application.without_notifications():
        dropped = [application.drop("pair/one.csv", one), application.drop("pair/two.csv", two)]
    answer = application.invoke("TriggerFunctionName", application.event(*dropped))
    assert [started["import_id"] for started in answer["imports"]] == [one.import_id for one in dropped]
    check(application, dropped[0].import_id, "pair/one.csv", one)
    check(application, dropped[1].import_id, "pair/two.csv", two)


def test_what_is_no_csv_starts_nothing(application: Application) -> None:
    with application.without_notifications():
        dropped = [application.drop(key, SAMPLE) for key in ("a.json", "_import.csv")]
    answer = application.invoke("TriggerFunctionName", application.event(*dropped))
    assert [ignored["key"] for ignored in answer["ignored"]] == ["a.json", "_import.csv"]
    assert not application.imports_of("a.json")


def test_a_job_says_in_the_event_what_the_tracker_needs(application: Application) -> None:
    dropped = application.drop("job.csv", SAMPLE)
    application.closed(dropped.import_id)
    (job,) = application.jobs_of(dropped.import_id)
    assert job["status"] == "SUCCEEDED"
    assert job["parameters"] == {
        "import_id": dropped.import_id,
        "stage": "load",
        "run": "1",
        "submission": "1",
    }
    container = container_of(job)
    assert container["exitCode"] == 0
    assert job["jobDefinition"] == application.aws.outputs["LoadJobDefinitionArn"]
    environment = {pair["name"]: pair["value"] for pair in container["environment"]}
    assert environment["TABLE_NAME"] == application.aws.outputs["ItemsTableName"]
