"""The whole application in containers: a dropped file is in the table, with little memory and after a stop too."""

import subprocess
import time
from typing import Any

from local_aws.emulator import PROJECT
from tests.container.engine import LAMBDA
from tests.container.system import MEMORY_MIB, System
from tests.end_to_end.application import Dropped, container_of
from tests.oracle import naive_table

CATALOGUE = (PROJECT / "samples" / "catalogue.csv").read_bytes()
MILLION = 1_000_000

Container = dict[str, Any]


def rows(count: int) -> bytes:
    """A file of so many rows, each with a key of its own."""
    return b"ProductId,Stock\n" + b"".join(b"p%07d,%d\n" % (number, number % 977) for number in range(count))


def exit_codes(system: System, dropped: Dropped) -> list[int]:
    """The exit codes of all attempts of an import's job."""
    (job,) = system.application.ended_jobs_of(dropped.import_id)
    return [attempt["taskProperties"][0]["containers"][0]["exitCode"] for attempt in job["attempts"]]


def test_the_catalogue_is_imported_by_a_lambda_container_and_a_job_container(system: System) -> None:
    application = system.application
    dropped = application.drop("in/catalogue.csv", CATALOGUE)
    assert application.closed(dropped.import_id).state == "DONE"
    assert exit_codes(system, dropped) == [0]
    head = application.aws.client("s3").head_object(Bucket=application.bucket, Key="in/catalogue.csv")
    expected = naive_table(CATALOGUE, bucket_key="in/catalogue.csv", last_modified=head["LastModified"])
    assert application.counts(dropped.import_id)["written"] == expected.rows_written
    assert application.items("in/catalogue.csv") == {key: item for (key,), item in expected.items.items()}
    handlers = {container["Config"]["Cmd"][0] for container in system.containers(LAMBDA)}
    assert handlers == {"trigger.handler", "tracker.handler"}, "each function is a container of its own"


def test_a_job_that_is_told_to_stop_exits_75_in_time_and_goes_on_as_the_definition_says(
    system: System,
) -> None:
    application = system.application
    count = 60_000
    dropped = application.drop("stopped.csv", rows(count))
    container = running_container(system, dropped)
    assert_it_is_as_the_definition_says(container, system.image_uri)
    # After the definition's stop timeout the engine kills, and the code is 137.
    subprocess.run(["docker", "stop", "--time", "120", container["Id"]], check=True, capture_output=True)
    assert application.closed(dropped.import_id).state == "DONE"
    assert exit_codes(system, dropped) == [75, 0]
    counts = application.counts(dropped.import_id)
    assert (counts["read"], counts["written"], counts["rejected"]) == (count, count, 0)
    assert len(application.items("stopped.csv")) == count


def running_container(system: System, dropped: Dropped) -> Container:
    """Wait until the job's container has begun to write."""
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        found = [one for one in system.containers(system.image_uri) if dropped.import_id in one["Args"]]
        if found and has_written(system):
            return found[0]
        time.sleep(0.05)
    raise AssertionError(f"no container of {dropped.import_id} runs and writes")


def has_written(system: System) -> bool:
    application = system.application
    first = application.aws.client("dynamodb").get_item(
        TableName=application.aws.outputs["ItemsTableName"], Key={"ProductId": {"S": "p0000000"}}
    )
    return "Item" in first


def assert_it_is_as_the_definition_says(container: Container, image_uri: str) -> None:
    host, config = container["HostConfig"], container["Config"]
    assert config["Image"] == image_uri
    assert config["User"] == "10001:10001"
    assert host["ReadonlyRootfs"] is True
    assert host["Privileged"] is False
    assert host["Memory"] == host["MemorySwap"] == MEMORY_MIB * 2**20
    assert host["NanoCpus"] == 1_000_000_000
    assert [mount["Destination"] for mount in container["Mounts"] if mount["RW"]] == ["/tmp"]
    variables = dict(pair.split("=", 1) for pair in config["Env"])
    assert {"LEDGER_TABLE", "AWS_BATCH_JOB_ID", "AWS_SESSION_TOKEN"} <= variables.keys()
    assert config["Cmd"][0] == "load"


def test_a_million_rows_fit_into_little_memory(system: System) -> None:
    """A job that held on to its rows would be killed for it, with 137."""
    application = system.application
    dropped = application.drop("million.csv", rows(MILLION))
    assert application.closed(dropped.import_id).state == "DONE"
    assert exit_codes(system, dropped) == [0]
    counts = application.counts(dropped.import_id)
    assert counts == {"read": MILLION, "written": MILLION, "superseded": 0, "skipped": 0, "rejected": 0}
    described = container_of(*application.jobs_of(dropped.import_id))
    assert {"type": "MEMORY", "value": str(MEMORY_MIB)} in described["resourceRequirements"]
