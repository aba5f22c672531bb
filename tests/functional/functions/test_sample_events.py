"""The sample events of the repository go through the real handlers."""

import json
from pathlib import Path
from typing import Any, cast

import pytest

from tests.functional.functions.world import REGION, World


@pytest.fixture(autouse=True)
def _bucket(world: World) -> None:
    """The bucket that the samples name; it does not hold their objects (any more)."""
    bucket = sample("put-one")["Records"][0]["s3"]["bucket"]["name"]
    world.s3.create_bucket(Bucket=bucket, CreateBucketConfiguration={"LocationConstraint": REGION})


EVENTS = Path(__file__).parents[3] / "events"


def sample(name: str) -> dict[str, Any]:
    return cast(dict[str, Any], json.loads((EVENTS / f"{name}.json").read_text(encoding="utf-8")))


@pytest.mark.parametrize(
    ("name", "keys"),
    [
        ("put-one", ["sample.csv"]),
        ("put-two-records", ["products/2026-11.csv", "products/archive.csv"]),
        ("put-special-key", ["Übersicht März/Preise + Mengen 2026.csv"]),
        ("test-event", []),
        ("not-a-csv", []),
    ],
)
def test_an_s3_event_starts_an_import_for_each_file(world: World, name: str, keys: list[str]) -> None:
    answer = world.trigger(sample(name))
    found = {import_["import_id"]: import_["key"] for import_ in world.imports()}
    assert [found[import_["import_id"]] for import_ in answer["imports"]] == keys
    assert len(found) == len(world.batch.requests) == len(keys)
    assert bool(answer["ignored"]) is (not keys)


@pytest.mark.parametrize(
    ("put", "end", "state"),
    [("put-one", "job-succeeded", "DONE"), ("put-two-records", "job-failed", "FAILED")],
)
def test_a_job_event_belongs_to_a_put_event_and_closes_its_import(
    world: World, put: str, end: str, state: str
) -> None:
    world.trigger(sample(put))
    event = sample(end)
    job_id, import_id = event["detail"]["jobId"], event["detail"]["parameters"]["import_id"]
    world.batch.jobs[job_id] = dict(event["detail"])
    assert world.claim(import_id, job_id), "the job works for none of the imports of the put event"
    if state == "DONE":
        world.write_part(import_id)
    assert [found["state"] for found in world.track_event(event)["imports"]] == [state]
    assert world.report(import_id)["state"] == state


def test_a_failed_job_event_tells_its_exit_code(world: World) -> None:
    world.trigger(sample("put-two-records"))
    event = sample("job-failed")
    import_id = event["detail"]["parameters"]["import_id"]
    world.batch.jobs[event["detail"]["jobId"]] = dict(event["detail"])
    world.claim(import_id, event["detail"]["jobId"])
    world.track_event(event)
    assert "exit code 65" in world.item(import_id)["error"]["message"]
