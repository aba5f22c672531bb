import re
from urllib.parse import quote_plus

from aws_lambda_powertools.utilities.data_classes.s3_event import S3EventRecord
from hypothesis import given
from hypothesis import strategies as st

from imports import received
from objects import Ignored, ObjectVersion, read_record
from settings import Settings
from submission import import_of_job, next_job

keys = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=100)
SETTINGS = Settings(
    deployment="test",
    ledger_table="l",
    artifacts_bucket="a",
    table_name="t",
    idempotency_table="i",
    job_queue="q",
    plan_job_definition="p",
    load_job_definition="d",
    split_threshold_bytes=1_000_000,
    submit_grace_s=1,
    cancel_after_s=1,
    ledger_retention_days=365,
)


def found(key: str) -> ObjectVersion | Ignored:
    thing = {"key": quote_plus(key), "size": 1, "eTag": "e", "versionId": "v", "sequencer": "1"}
    return read_record(
        S3EventRecord(
            {
                "eventName": "ObjectCreated:Put",
                "eventTime": "2026-11-23T10:00:00.000Z",
                "s3": {"bucket": {"name": "b"}, "object": thing},
            }
        )
    )


@given(keys)
def test_any_key_comes_out_of_an_event_as_it_went_in(key: str) -> None:
    assert found(key).key == key
    named = found(f"{key}/a.csv")
    assert isinstance(named, ObjectVersion)
    assert named.key == f"{key}/a.csv"


@given(keys)
def test_any_key_gives_an_id_that_fits_and_leads_back_from_the_job(key: str) -> None:
    version = found(f"{key}/{key.replace('/', '')}a.csv".replace("/_", "/").replace("/.", "/"))
    if isinstance(version, Ignored):
        return
    import_ = received(version, at="2026-11-23T10:00:00.000000Z")
    request = next_job(import_, SETTINGS)
    assert re.fullmatch("[a-z0-9-]{22,61}", import_.import_id)
    assert re.fullmatch("[A-Za-z0-9_-]{1,128}", request["jobName"])
    assert import_of_job({"jobName": request["jobName"]}) == import_.import_id
